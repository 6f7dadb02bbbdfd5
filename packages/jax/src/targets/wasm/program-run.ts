/** The driver of a program: a function that does its kernels in order, with one thread or with all of the team. */
import { sizeBytesOf } from "../../aval/dtype";
import type { CallbackKernel, Kernel, NestedProgram, Program, RoutineKernel, SortKernel } from "../../kernel/program";
import type { Func, Local } from "./assembler";
import { type EmitContext, emitLoopFunction } from "./context";
import { emitContractCall } from "./contract-call";
import { type NestedFunction, emitControl } from "./control";
import { type SimpleFunction, emitCumulative } from "./cumulative";
import { inAlikeRows } from "./loop-alike-rows";
import { piecesOf } from "./loop-pieces";
import { ProgramLayout } from "./program-layout";
import { emitScatter } from "./scatter";
import { type RoutineImports, emitRoutineCall, noRoutines } from "./routines/emit";
import { planRoutine, planTogether } from "./routines/plan";
import { isWorthSharing } from "./team-work";

/** Kernels that the host computes: `run` calls the imported `host.run(number, args)` for them. */
export type HostKernel = SortKernel | RoutineKernel | CallbackKernel;

/** A kernel of the host in the program that it belongs to. */
export interface HostCall {
  readonly kernel: HostKernel;
  readonly program: Program;
  readonly layout: ProgramLayout;
}

export interface Collected {
  hostKernels: HostCall[];
  readonly imports: RoutineImports;
  /** Of the first thread, and of each other one. */
  scratchBytes: number;
  otherScratchBytes: number;
  /** There are maps that write in bursts if they shall. */
  hasBursts: boolean;
}

export const nothingCollected = (): Collected => ({
  hostKernels: [],
  imports: noRoutines(),
  scratchBytes: 0,
  otherScratchBytes: 0,
  hasBursts: false,
});

/** `together`: the function is for all threads of the team, which meet after each kernel. */
interface RunContext extends EmitContext {
  readonly together: boolean;
}

/** Function (argument block) of a program; blocks of nested programs lie behind its own. */
export function emitRun(
  c: RunContext,
  program: Program,
  prefix: string,
  out: Collected,
): { func: Func; blockWords: number } {
  const run: Func = c.module.func(`${prefix}${c.together ? "team" : "run"}`, { args: "i32" }, []);
  const emitter = new RunEmitter(c, program, run, prefix, out);
  if (!c.together) program.kernels.forEach((kernel, i) => emitter.kernel(kernel, i));
  else emitter.together();
  return { func: run, blockWords: emitter.blockWords };
}

export class RunEmitter {
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
      if (!isWorthSharing(kernel, c.shareFrom)) {
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
        const functions = c.module.once(`simple.${name}`, () => emitSimple(c, kernel, name));
        functions.forEach(({ func, shared, buffers, scratchBytes }, piece) => {
          if (piece > 0 && c.together) c.team!.emitBarrier(run); // it resets the claims
          for (const b of buffers) this.pushPointer(run, args, b);
          if (scratchBytes > 0) {
            run.get(args).mem("i32.load", 4 * layout.bursts);
            this.needScratch(scratchBytes);
            out.hasBursts = true;
          }
          run.call(c.together && shared !== null ? shared : func);
        });
        break;
      }
      case "contract": {
        const team = c.together ? c.team : null;
        const scratch = emitContractCall(c, kernel, name, run, args, 4 * layout.scratch, this.pushPointer, team);
        this.needScratch(scratch);
        break;
      }
      case "sort":
      case "routine": {
        const whole = c.together ? planTogether(kernel, c.maxThreads) : null;
        const call = whole ?? planRoutine(kernel);
        if (call === null) {
          this.callHost(kernel);
          break;
        }
        this.needScratch(call.scratchBytes, whole !== null);
        const push = (buffer: number): void => this.pushPointer(run, args, buffer);
        const bytesOf = (b: number): number => sizeBytesOf(c.dtypeOf(b)) * this.program.buffers[b]!.length;
        const share = c.together ? { team: c.team!, bytesOf } : null;
        emitRoutineCall(c, call, out.imports, run, args, layout, push, share);
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
          return { func: emitted.func, offset, words: innerLayout };
        };
        const push = (buffer: number): void => this.pushPointer(run, args, buffer);
        const meet = c.together ? () => c.team!.emitBarrier(run) : null;
        emitControl({ run, args, nested, pushPointer: push, layout, meet }, kernel);
        break;
      }
      default:
        kernel satisfies never;
    }
  }

  /** `common`: for all threads together. */
  private needScratch(bytes: number, common = false): void {
    const { out } = this;
    out.scratchBytes = Math.max(out.scratchBytes, bytes);
    if (this.c.together && !common) out.otherScratchBytes = Math.max(out.otherScratchBytes, bytes);
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
): readonly SimpleFunction[] {
  if (kernel.kind === "cumulative") return [emitCumulative(c, kernel, name)];
  if (kernel.kind === "scatter") return [emitScatter(c, kernel, name)];
  const team = isWorthSharing(kernel, c.shareFrom) ? c.team : null;
  const pieces = piecesOf(kernel).flatMap(inAlikeRows);
  return pieces.map((piece, i) => emitLoopFunction({ ...c, team }, piece, i === 0 ? name : `${name}_${i}`));
}
