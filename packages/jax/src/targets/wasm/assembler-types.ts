/** What an assembled module consists of. */
import type { Bytes } from "./assembler-bytes";

export const VAL_TYPES = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValType = keyof typeof VAL_TYPES;

/** Named parameters of a function, in order. */
export type Params = Readonly<Record<string, ValType>>;

export interface Local {
  readonly index: number;
  readonly type: ValType;
  readonly name: string;
}

/** Target of a branch: the end of a block or if, or the start of a loop. */
export interface Label {
  readonly depth: number;
}

export interface Global {
  readonly name: string;
  readonly type: ValType;
  readonly mutable: boolean;
  /** Initial value; null for an imported global. */
  readonly init: number | null;
}

/** Something that `call` can name: a function of this module, or an imported one. */
export interface Callable {
  readonly name: string;
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
  /** An imported function's module; null when defined here. */
  readonly from: string | null;
}

export interface MemoryImport {
  readonly module?: string;
  readonly name?: string;
  /** Pages of 64 KiB. */
  readonly min: number;
  readonly max?: number;
  readonly shared?: boolean;
}

/** A place in a function's code where the number of a function or global is due: five bytes at `at`. */
export interface Fixup {
  readonly at: number;
  readonly target: Callable | Global;
}

export interface FuncParts {
  readonly name: string;
  readonly callable: Callable;
  /** Parameters first. */
  readonly locals: readonly Local[];
  /** Instructions without the final `end`. */
  readonly code: Bytes;
  readonly fixups: readonly Fixup[];
}

export interface ModuleParts {
  readonly memory: MemoryImport | null;
  readonly imports: readonly Callable[];
  readonly globals: readonly Global[];
  readonly globalImports: readonly { readonly from: string; readonly global: Global }[];
  readonly funcs: readonly FuncParts[];
  readonly exports: readonly { readonly name: string; readonly func: FuncParts }[];
}
