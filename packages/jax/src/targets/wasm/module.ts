/**
 * A program as one module. It imports its memory, and exports `run(args)`: args is the address of a block of int32
 * words, laid out by `ProgramLayout`, with the addresses of the arguments, of the results and of the arena.
 */
import { type DType } from "../../aval/dtype";
import { decomposeLoop, memoryDType } from "../../kernel/decompose";
import type {
  CallbackKernel,
  Kernel,
  LoopKernel,
  NestedProgram,
  Program,
  RoutineKernel,
  SortKernel,
} from "../../kernel/program";
import type { ScalarOp } from "../../kernel/scalar-op";
import { type Callable, type Func, Module } from "./assembler";
import { emitContractCall } from "./contract-call";
import { type NestedFunction, emitControl } from "./control";
import { emitCumulative } from "./cumulative";
import type { WasmFeatures } from "./features";
import { type LoopFunction, emitLoop } from "./loop";
import { isNativeOnWasm } from "./native";
import { emitScatter } from "./scatter";

/** Kernels that the host computes: `run` calls the imported `host.run(number, args)` for them. */
export type HostKernel = SortKernel | RoutineKernel | CallbackKernel;

/** A kernel of the host in the program that it belongs to. */
export interface HostCall {
  readonly kernel: HostKernel;
  readonly program: Program;
  readonly layout: ProgramLayout;
}

export interface ProgramModule {
  readonly module: Module;
  readonly hostKernels: readonly HostCall[];
  /** Words of the argument block, with those of nested programs. */
  readonly blockWords: number;
  /** Bytes of scratch memory that a call needs. */
  readonly scratchBytes: number;
}

/** Numbers of the words in the argument block. */
export class ProgramLayout {
  readonly arena: number;
  readonly scratch: number;
  readonly words: number;
  private readonly program: Program;

  constructor(program: Program) {
    this.program = program;
    this.arena = program.inputs.length + program.outputs.length;
    this.scratch = this.arena + 1;
    this.words = this.arena + 2;
  }

  /** Word with the address of a buffer, and bytes to add to it. */
  place(buffer: number): { readonly word: number; readonly offsetBytes: number } {
    const { place } = this.program.buffers[buffer]!;
    if (place.at === "input") return { word: place.index, offsetBytes: 0 };
    if (place.at === "output") return { word: this.program.inputs.length + place.index, offsetBytes: 0 };
    return { word: this.arena, offsetBytes: place.offsetBytes };
  }
}

/** What a kernel's emitter needs to know of its surroundings. */
export interface EmitContext {
  readonly module: Module;
  readonly features: WasmFeatures;
  readonly hostMath: (op: ScalarOp) => Callable;
  /** dtype of a buffer as the program says it. */
  readonly dtypeOf: (buffer: number) => DType;
}

function newContext(features: WasmFeatures, dtypeOf: (buffer: number) => DType): EmitContext {
  const module = new Module();
  module.importMemory({ min: 1, max: 65536 });
  const hostMath = (op: ScalarOp): Callable =>
    module.once(`math.${op}`, () =>
      module.importFunc("math", op, HOST_BINARY.has(op) ? ["f64", "f64"] : ["f64"], ["f64"]),
    );
  return { module, features, hostMath, dtypeOf };
}

const HOST_BINARY: ReadonlySet<ScalarOp> = /* @__PURE__ */ new Set<ScalarOp>(["rem", "pow", "atan2", "nextafter"]);

/** A loop kernel in basic operations, as a function of the module. */
export function emitLoopFunction(c: EmitContext, kernel: LoopKernel, name: string): LoopFunction {
  return emitLoop(c.module, decomposeLoop(kernel, isNativeOnWasm, c.dtypeOf), {
    name,
    relaxed: c.features.relaxed,
    hostMath: c.hostMath,
    dtypeOf: (b) => memoryDType(c.dtypeOf(b)),
  });
}

/** A module for one loop kernel whose sizes are arguments: `run(addresses of buffers..., parameters...)`. */
export function emitGenericLoop(
  kernel: LoopKernel,
  dtypeOf: (buffer: number) => DType,
  features: WasmFeatures,
): { readonly module: Module; readonly buffers: readonly number[]; readonly nParams: number } {
  const c = newContext(features, dtypeOf);
  const { func, buffers, nParams } = emitLoopFunction(c, kernel, "kernel");
  c.module.export(func, "run");
  return { module: c.module, buffers, nParams };
}

/** All kernels of a program, and a `run` that does them in order. */
export function emitProgram(program: Program, features: WasmFeatures): ProgramModule {
  const c = newContext(features, (b) => program.buffers[b]!.dtype);
  const out = { hostKernels: [], scratchBytes: 0 };
  const { func, blockWords } = emitRun(c, program, "", out);
  c.module.export(func, "run");
  return { module: c.module, blockWords, ...out };
}

interface Collected {
  hostKernels: HostCall[];
  scratchBytes: number;
}

/** Function (argument block) of a program; blocks of nested programs lie behind its own. */
function emitRun(c: EmitContext, program: Program, prefix: string, out: Collected): { func: Func; blockWords: number } {
  const layout = new ProgramLayout(program);
  let blockWords = layout.words;
  const run: Func = c.module.func(`${prefix}run`, { args: "i32" }, []);
  const args = run.params["args"]!;
  const pushPointer = (f: Func, base: typeof args, buffer: number): void => {
    const { word, offsetBytes } = layout.place(buffer);
    f.get(base).mem("i32.load", 4 * word);
    if (offsetBytes !== 0) f.i32(offsetBytes).op("i32.add");
  };
  program.kernels.forEach((kernel, i) => {
    const name = `${prefix}kernel${i}_${kernel.kind}`;
    switch (kernel.kind) {
      case "loop":
      case "cumulative":
      case "scatter": {
        const { func, buffers } = emitSimple(c, kernel, name);
        for (const b of buffers) pushPointer(run, args, b);
        run.call(func);
        break;
      }
      case "contract":
        out.scratchBytes = Math.max(
          out.scratchBytes,
          emitContractCall(c, kernel, name, run, args, 4 * layout.scratch, pushPointer),
        );
        break;
      case "sort":
      case "routine":
      case "callback": {
        const host = c.module.once("host", () => c.module.importFunc("host", "run", ["i32", "i32"], []));
        run.i32(out.hostKernels.length).get(args).call(host);
        out.hostKernels.push({ kernel, program, layout });
        break;
      }
      case "scan":
      case "while":
      case "switch": {
        let part = 0;
        const nested = ({ program: inner }: NestedProgram): NestedFunction => {
          const innerLayout = new ProgramLayout(inner);
          const context = { ...c, dtypeOf: (b: number) => inner.buffers[b]!.dtype };
          const emitted = emitRun(context, inner, `${name}_${part++}_`, out);
          const offset = 4 * blockWords;
          blockWords += emitted.blockWords;
          return { func: emitted.func, offset, arenaWord: innerLayout.arena, scratchWord: innerLayout.scratch };
        };
        const push = (buffer: number): void => pushPointer(run, args, buffer);
        emitControl({ run, args, nested, pushPointer: push, scratchWord: layout.scratch }, kernel);
        break;
      }
      default:
        kernel satisfies never;
    }
  });
  return { func: run, blockWords };
}

function emitSimple(
  c: EmitContext,
  kernel: Extract<Kernel, { kind: "loop" | "cumulative" | "scatter" }>,
  name: string,
): { readonly func: Func; readonly buffers: readonly number[] } {
  if (kernel.kind === "loop") return emitLoopFunction(c, kernel, name);
  if (kernel.kind === "cumulative") return emitCumulative(c, kernel, name);
  return emitScatter(c, kernel, name);
}
