/**
 * A program as one module. It imports its memory, and exports `run(args)`: args is the address of a block of int32
 * words, laid out by `ProgramLayout`, with the addresses of the arguments, of the results and of the arena. For a team of
 * threads it also exports `runTeam(args, thread, threads, block)`, which each of them calls with arguments of its own.
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
import { type Callable, type Func, type Local, Module } from "./assembler";
import { emitContractCall } from "./contract-call";
import { type NestedFunction, emitControl } from "./control";
import { emitCumulative } from "./cumulative";
import type { WasmFeatures } from "./features";
import { type LoopFunction, emitLoop } from "./loop";
import { inTwoPasses } from "./loop-two-passes";
import { isNativeOnWasm } from "./native";
import { emitScatter } from "./scatter";
import { type RoutineImports, emitRoutineCall, noRoutines } from "./routines/emit";
import { planRoutine } from "./routines/plan";
import { Team } from "./team";
import { isWorthSharing } from "./team-work";

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
  readonly imports: RoutineImports;
  /** Words of the argument block, with those of nested programs. */
  readonly blockWords: number;
  /** Bytes of scratch memory that a thread's call needs. */
  readonly scratchBytes: number;
  /** There is a `runTeam`. */
  readonly forTeam: boolean;
}

export interface ModuleOptions {
  readonly features: WasmFeatures;
  /** The memory is shared. */
  readonly shared: boolean;
  /** Emit a `runTeam` if the program is worth it. */
  readonly team: boolean;
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
  /** The threads that share large kernels. */
  readonly team: Team | null;
}

function newContext({ features, shared }: ModuleOptions, dtypeOf: (buffer: number) => DType): EmitContext {
  const module = new Module();
  module.importMemory({ min: 1, max: 65536, shared });
  const hostMath = (op: ScalarOp): Callable =>
    module.once(`math.${op}`, () =>
      module.importFunc("math", op, HOST_BINARY.has(op) ? ["f64", "f64"] : ["f64"], ["f64"]),
    );
  return { module, features, hostMath, dtypeOf, team: null };
}

const HOST_BINARY: ReadonlySet<ScalarOp> = /* @__PURE__ */ new Set<ScalarOp>(["rem", "pow", "atan2", "nextafter"]);

/** A loop kernel in basic operations, as a function of the module. */
export function emitLoopFunction(c: EmitContext, kernel: LoopKernel, name: string): LoopFunction {
  return emitLoop(c.module, decomposeLoop(inTwoPasses(kernel), isNativeOnWasm, c.dtypeOf), {
    name,
    relaxed: c.features.relaxed,
    hostMath: c.hostMath,
    dtypeOf: (b) => memoryDType(c.dtypeOf(b)),
    team: isWorthSharing(kernel) ? c.team : null,
  });
}

/** A module for one loop kernel whose sizes are arguments: `run(addresses of buffers..., parameters...)`. */
export function emitGenericLoop(
  kernel: LoopKernel,
  dtypeOf: (buffer: number) => DType,
  options: ModuleOptions,
): { readonly module: Module; readonly buffers: readonly number[]; readonly nParams: number } {
  const c = newContext(options, dtypeOf);
  const { func, buffers, nParams } = emitLoopFunction(c, kernel, "kernel");
  c.module.export(func, "run");
  return { module: c.module, buffers, nParams };
}

/** All kernels of a program, and a `run` that does them in order. */
export function emitProgram(program: Program, options: ModuleOptions): ProgramModule {
  const plain = newContext(options, (b) => program.buffers[b]!.dtype);
  const forTeam = options.team && program.kernels.some(isWorthSharing);
  const c = forTeam ? { ...plain, team: new Team(plain.module) } : plain;
  const out: Collected = { hostKernels: [], imports: noRoutines(), scratchBytes: 0 };
  const { func, blockWords } = emitRun({ ...c, together: false }, program, "", out);
  c.module.export(func, "run");
  if (c.team !== null) {
    const whole = emitRun({ ...c, together: true }, program, "", out);
    const f: Func = c.module.func("team_entry", { args: "i32", thread: "i32", threads: "i32", block: "i32" }, []);
    const { args, thread, threads, block } = f.params as Record<string, Local>;
    c.team.emitEnter(f, thread!, threads!, block!);
    f.get(args!).call(whole.func);
    c.module.export(f, "runTeam");
  }
  // A callback may throw, and threads that wait for the thrower would wait for ever.
  return { module: c.module, blockWords, forTeam: forTeam && out.hostKernels.length === 0, ...out };
}

interface Collected {
  hostKernels: HostCall[];
  readonly imports: RoutineImports;
  scratchBytes: number;
}

/** `together`: the function is for all threads of the team, which meet after each kernel. */
interface RunContext extends EmitContext {
  readonly together: boolean;
}

/** Function (argument block) of a program; blocks of nested programs lie behind its own. */
function emitRun(c: RunContext, program: Program, prefix: string, out: Collected): { func: Func; blockWords: number } {
  const run: Func = c.module.func(`${prefix}${c.together ? "team" : "run"}`, { args: "i32" }, []);
  const emitter = new RunEmitter(c, program, run, prefix, out);
  if (!c.together) program.kernels.forEach((kernel, i) => emitter.kernel(kernel, i));
  else emitter.together();
  return { func: run, blockWords: emitter.blockWords };
}

class RunEmitter {
  blockWords: number;
  private readonly c: RunContext;
  private readonly program: Program;
  private readonly layout: ProgramLayout;
  private readonly run: Func;
  private readonly args: Local;
  private readonly prefix: string;
  private readonly out: Collected;

  constructor(c: RunContext, program: Program, run: Func, prefix: string, out: Collected) {
    this.c = c;
    this.program = program;
    this.layout = new ProgramLayout(program);
    this.blockWords = this.layout.words;
    this.run = run;
    this.args = run.params["args"]!;
    this.prefix = prefix;
    this.out = out;
  }

  private readonly pushPointer = (f: Func, base: Local, buffer: number): void => {
    const { word, offsetBytes } = this.layout.place(buffer);
    f.get(base).mem("i32.load", 4 * word);
    if (offsetBytes !== 0) f.i32(offsetBytes).op("i32.add");
  };

  /** Shared kernels by all threads; those between them by the first one alone. All meet in between. */
  together(): void {
    const { run, c } = this;
    const team = c.team!;
    let alone: [Kernel, number][] = [];
    const flush = (): void => {
      if (alone.length === 0) return;
      const kernels = alone;
      alone = [];
      run.getGlobal(team.thread).op("i32.eqz");
      run.if(() => {
        const single = new RunEmitter({ ...c, together: false }, this.program, run, this.prefix, this.out);
        single.blockWords = this.blockWords;
        for (const [kernel, i] of kernels) single.kernel(kernel, i);
        this.blockWords = single.blockWords;
      });
      team.emitBarrier(run);
    };
    this.program.kernels.forEach((kernel, i) => {
      if (!isWorthSharing(kernel)) {
        alone.push([kernel, i]);
        return;
      }
      flush();
      this.kernel(kernel, i);
      team.emitBarrier(run);
    });
    flush();
  }

  kernel(kernel: Kernel, i: number): void {
    const { c, run, args, layout, out } = this;
    const name = `${this.prefix}kernel${i}_${kernel.kind}`;
    switch (kernel.kind) {
      case "loop":
      case "cumulative":
      case "scatter": {
        const { func, shared, buffers } = c.module.once(`simple.${name}`, () => emitSimple(c, kernel, name));
        for (const b of buffers) this.pushPointer(run, args, b);
        run.call(c.together && shared !== null ? shared : func);
        break;
      }
      case "contract": {
        const team = c.together ? c.team : null;
        const scratch = emitContractCall(c, kernel, name, run, args, 4 * layout.scratch, this.pushPointer, team);
        out.scratchBytes = Math.max(out.scratchBytes, scratch);
        break;
      }
      case "sort":
      case "routine": {
        const call = planRoutine(kernel);
        if (call === null) {
          this.callHost(kernel);
          break;
        }
        out.scratchBytes = Math.max(out.scratchBytes, call.scratchBytes);
        const push = (buffer: number): void => this.pushPointer(run, args, buffer);
        emitRoutineCall(c, call, out.imports, run, args, 4 * layout.scratch, push);
        break;
      }
      case "callback":
        this.callHost(kernel);
        break;
      case "scan":
      case "while":
      case "switch": {
        let part = 0;
        const nested = ({ program: inner }: NestedProgram): NestedFunction => {
          const innerLayout = new ProgramLayout(inner);
          const context = { ...c, dtypeOf: (b: number) => inner.buffers[b]!.dtype };
          const emitted = emitRun(context, inner, `${name}_${part++}_`, out);
          const offset = 4 * this.blockWords;
          this.blockWords += emitted.blockWords;
          return { func: emitted.func, offset, arenaWord: innerLayout.arena, scratchWord: innerLayout.scratch };
        };
        const push = (buffer: number): void => this.pushPointer(run, args, buffer);
        const meet = c.together ? () => c.team!.emitBarrier(run) : null;
        emitControl({ run, args, nested, pushPointer: push, scratchWord: layout.scratch, meet }, kernel);
        break;
      }
      default:
        kernel satisfies never;
    }
  }

  private callHost(kernel: HostKernel): void {
    const { c, run, args, out, program, layout } = this;
    const host = c.module.once("host", () => c.module.importFunc("host", "run", ["i32", "i32"], []));
    run.i32(out.hostKernels.length).get(args).call(host);
    out.hostKernels.push({ kernel, program, layout });
  }
}

function emitSimple(
  c: EmitContext,
  kernel: Extract<Kernel, { kind: "loop" | "cumulative" | "scatter" }>,
  name: string,
): { readonly func: Func; readonly shared: Func | null; readonly buffers: readonly number[] } {
  if (kernel.kind === "loop") return emitLoopFunction(c, kernel, name);
  const emitted = kernel.kind === "cumulative" ? emitCumulative(c, kernel, name) : emitScatter(c, kernel, name);
  return { ...emitted, shared: null };
}
