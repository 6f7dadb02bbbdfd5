/**
 * A program as one module. It imports its memory, and exports `run(args)`: args is the address of a block of int32
 * words, laid out by `ProgramLayout`, with the addresses of the arguments, of the results and of the arena. For a team of
 * threads it also exports `runTeam(args, thread, threads, block)`, which each of them calls with arguments of its own, and
 * imports `waited()`, which the first thread calls now and then while it waits for the others: it may throw.
 */
import type { DType } from "../../aval/dtype";
import type { LoopKernel, Program } from "../../kernel/program";
import type { Func, Local, Module } from "./assembler";
import { type ModuleOptions, emitLoopFunction, newContext } from "./context";
import { type HostCall, RunEmitter, emitRun, nothingCollected } from "./program-run";
import type { RoutineImports } from "./routines/emit";
import { Team } from "./team";
import { isWorthWaking } from "./team-work";

export interface ProgramModule {
  readonly module: Module;
  readonly hostKernels: readonly HostCall[];
  readonly imports: RoutineImports;
  /** Words of the argument block, with those of nested programs. */
  readonly blockWords: number;
  /** Bytes of scratch memory that a call needs: the first thread's, and each other one's. */
  readonly scratchBytes: number;
  readonly otherScratchBytes: number;
  readonly hasBursts: boolean;
  /** There is a `runTeam`. */
  readonly forTeam: boolean;
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

/** The same for a team: `runTeam(args, thread, threads, block)` finds the arguments of `run` as words at `args`. */
export function emitSharedLoop(kernel: LoopKernel, dtypeOf: (buffer: number) => DType, options: ModuleOptions): Module {
  const plain = newContext(options, dtypeOf);
  const c = { ...plain, team: new Team(plain.module) };
  const { shared, buffers, nParams } = emitLoopFunction(c, kernel, "kernel");
  const { f, args } = teamEntry(c.module, c.team);
  for (let i = 0; i < buffers.length + nParams; i++) f.get(args).mem("i32.load", 4 * i);
  f.call(shared!);
  c.team.emitBarrier(f);
  return c.module;
}

/** All kernels of a program, and a `run` that does them in order. */
export function emitProgram(program: Program, options: ModuleOptions): ProgramModule {
  const plain = newContext(options, (b) => program.buffers[b]!.dtype);
  const forTeam = isWorthWaking(program.kernels, options.shareFrom);
  const c = forTeam ? { ...plain, team: new Team(plain.module) } : plain;
  const out = nothingCollected();
  const { func, blockWords } = emitRun({ ...c, together: false }, program, "", out);
  c.module.export(func, "run");
  if (c.team !== null) {
    const whole = emitRun({ ...c, together: true }, program, "", out);
    const { f, args } = teamEntry(c.module, c.team);
    f.get(args).call(whole.func);
  }
  // A callback may throw, and threads that wait for the thrower would wait for ever.
  return { module: c.module, blockWords, forTeam: forTeam && out.hostKernels.length === 0, ...out };
}

/** The beginning of `runTeam`. */
function teamEntry(module: Module, team: Team): { readonly f: Func; readonly args: Local } {
  const f: Func = module.func("team_entry", { args: "i32", thread: "i32", threads: "i32", block: "i32" }, []);
  const { args, thread, threads, block } = f.params as Record<string, Local>;
  team.emitEnter(f, thread!, threads!, block!);
  module.export(f, "runTeam");
  return { f, args: args! };
}

/**
 * The program in steps, which the host calls one after the other: `step(args, i)` does kernel i. In between the host may
 * do other things.
 */
export function emitSteps(program: Program, options: ModuleOptions): ProgramModule {
  const c = newContext(options, (b) => program.buffers[b]!.dtype);
  const out = nothingCollected();
  const f: Func = c.module.func("step", { args: "i32", number: "i32" }, []);
  const emitter = new RunEmitter({ ...c, together: false }, program, f, "", out);
  program.kernels.forEach((kernel, i) => {
    f.get(f.params["number"]!).i32(i).op("i32.eq");
    f.if(() => emitter.kernel(kernel, i));
  });
  c.module.export(f, "step");
  return { module: c.module, blockWords: emitter.blockWords, forTeam: false, ...out };
}
