/** One kernel as one WGSL module with one entry point: bindings, indices, and the dispatch size. */
import type { DType } from "../../aval/dtype";
import { prod } from "../../base/list";
import type { Axis, Kernel, Program } from "../../kernel/program";
import type { BufferAccess } from "./scalar";
import { WGSL_PRELUDE, wgslType } from "./scalar";

/** What a binding holds: the program's arena, or one of its input or output buffers. */
export type Binding = { readonly kind: "arena" } | { readonly kind: "buffer"; readonly buffer: number };

export interface WgslKernel {
  readonly label: string;
  readonly code: string;
  readonly bindings: readonly Binding[];
  readonly dispatch: readonly [number, number, number];
}

/** Collects the buffers a kernel touches, and says how to load and store their elements. */
export class ModuleBindings implements BufferAccess {
  private readonly program: Program;
  private readonly used = new Map<number, { binding: number; written: boolean }>();
  private arena: { binding: number; written: boolean } | null = null;
  private next = 0;

  constructor(program: Program) {
    this.program = program;
  }

  load(buffer: number, index: string): string {
    const { dtype, place } = this.program.buffers[buffer]!;
    if (place.at === "arena") {
      this.touchArena(false);
      const word = `arena[u32(${place.offsetBytes / 4} + ${index})]`;
      return fromWord(word, dtype);
    }
    this.touch(buffer, false);
    return dtype === "bool" ? `(b${buffer}[u32(${index})] != 0u)` : `b${buffer}[u32(${index})]`;
  }

  store(buffer: number, index: string, value: string): string {
    const { dtype, place } = this.program.buffers[buffer]!;
    if (place.at === "arena") {
      this.touchArena(true);
      return `arena[u32(${place.offsetBytes / 4} + ${index})] = ${toWord(value, dtype)};`;
    }
    this.touch(buffer, true);
    return `b${buffer}[u32(${index})] = ${dtype === "bool" ? `select(0u, 1u, ${value})` : value};`;
  }

  private touch(buffer: number, written: boolean): void {
    const known = this.used.get(buffer);
    if (known === undefined) this.used.set(buffer, { binding: this.next++, written });
    else known.written ||= written;
  }

  private touchArena(written: boolean): void {
    if (this.arena === null) this.arena = { binding: this.next++, written };
    else this.arena.written ||= written;
  }

  /** Declarations, and what to bind in order. */
  declare(): { text: string; bindings: Binding[] } {
    const lines: [number, string, Binding][] = [];
    const mode = (written: boolean): string => (written ? "read_write" : "read");
    if (this.arena !== null) {
      const { binding, written } = this.arena;
      lines.push([binding, `var<storage, ${mode(written)}> arena: array<u32>;`, { kind: "arena" }]);
    }
    for (const [buffer, { binding, written }] of this.used) {
      const { dtype } = this.program.buffers[buffer]!;
      const element = dtype === "bool" ? "u32" : wgslType(dtype);
      lines.push([
        binding,
        `var<storage, ${mode(written)}> b${buffer}: array<${element}>;`,
        { kind: "buffer", buffer },
      ]);
    }
    lines.sort((x, y) => x[0] - y[0]);
    return {
      text: lines.map(([n, line]) => `@group(0) @binding(${n}) ${line}`).join("\n"),
      bindings: lines.map(([, , binding]) => binding),
    };
  }
}

function fromWord(word: string, dtype: DType): string {
  if (dtype === "uint32") return word;
  return dtype === "bool" ? `(${word} != 0u)` : `bitcast<${wgslType(dtype)}>(${word})`;
}

function toWord(value: string, dtype: DType): string {
  if (dtype === "uint32") return value;
  return dtype === "bool" ? `select(0u, 1u, ${value})` : `bitcast<u32>(${value})`;
}

export const WORKGROUP = 64;
const MAX_DISPATCH = 65535;

/** Workgroups in x and y for `n` of them; y is used past the limit of a dimension. */
export function dispatchSize(n: number): [number, number, number] {
  if (n <= MAX_DISPATCH) return [Math.max(1, n), 1, 1];
  return [MAX_DISPATCH, Math.ceil(n / MAX_DISPATCH), 1];
}

/** Assembles the module text. `point` is the index of the invocation or of the workgroup, checked against `count`. */
export function assemble(
  label: string,
  bindings: ModuleBindings,
  body: readonly string[],
  options: { perGroup: boolean; count: number; shared?: readonly string[]; workgroup?: number },
): WgslKernel {
  const { perGroup, count, shared = [], workgroup = WORKGROUP } = options;
  const groups = perGroup ? count : Math.ceil(count / workgroup);
  const dispatch = dispatchSize(groups);
  const point = perGroup
    ? `let point = i32(group.x + group.y * ${dispatch[0]}u);`
    : `let point = i32((group.x + group.y * ${dispatch[0]}u) * ${workgroup}u + lane);`;
  const { text, bindings: list } = bindings.declare();
  const code = [
    text,
    ...shared,
    WGSL_PRELUDE,
    `@compute @workgroup_size(${workgroup})`,
    "fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {",
    point,
    `if (point >= ${count}) { return; }`,
    ...body,
    "}",
  ].join("\n");
  return { label, code, bindings: list, dispatch };
}

/** Statements that set `a<id>` of each axis from a flat row-major index. */
export function unflatten(axes: readonly Axis[], flat: string): string[] {
  const lines: string[] = [];
  let step = prod(axes.map((a) => a.size));
  axes.forEach(({ id, size }, i) => {
    step /= size;
    const high = step === 1 ? flat : `(${flat} / ${step})`;
    lines.push(`let a${id} = ${size === 1 ? "0" : i === 0 ? high : `(${high} % ${size})`};`);
  });
  return lines;
}

export type KernelOf<K extends Kernel["kind"]> = Extract<Kernel, { kind: K }>;
