/**
 * Threads that run one program together: each has its own instance of the module, with its own globals, on one memory.
 * They meet at barriers, and claim ranges of a kernel's items from a counter.
 */
import type { Callable, Func, Global, Local, Module } from "./assembler";

/** Words of the team's block of memory. */
export const TEAM = {
  /** Threads that have come to the barrier. */
  ARRIVED: 0,
  /** Number of the last barrier that all have passed; on a cache line of its own. */
  GENERATION: 16,
  /** The next item that nobody has claimed. */
  CLAIMED: 32,
  WORDS: 48,
} as const;

/** Claims that each thread makes at least of a kernel's items, so that none waits long for the last one. */
export const CLAIMS = 4;
/** Looks at the generation before a worker goes to sleep, or the calling thread asks after it: some hundred microseconds. */
const SPINS = 100_000;
/** Sleepers look again after a millisecond, in case nobody wakes them. */
const SLEEP_NANOSECONDS = 1_000_000n;

export class Team {
  /** Number of this thread: 0 is the one that called, and may not sleep. */
  readonly thread: Global;
  readonly threads: Global;
  private readonly block: Global;
  private readonly barrier: Callable;
  private readonly waited: Callable;

  constructor(module: Module) {
    this.thread = module.global("thread", "i32", 0);
    this.threads = module.global("threads", "i32", 1);
    this.block = module.global("team", "i32", 0);
    this.waited = module.importFunc("env", "waited", [], []);
    this.barrier = module.helper("team_barrier", {}, [], (f) => this.emitBarrierBody(f));
  }

  /** Takes the three values from these locals. */
  emitEnter(f: Func, thread: Local, threads: Local, block: Local): void {
    f.get(thread).setGlobal(this.thread).get(threads).setGlobal(this.threads).get(block).setGlobal(this.block);
  }

  /** Pushes what `emitEnter` takes, for a function of another module. */
  emitPlace(f: Func): void {
    f.getGlobal(this.thread).getGlobal(this.threads).getGlobal(this.block);
  }

  /** All threads wait for the last one. What they wrote is seen by all afterwards; the counter of claims is 0 again. */
  emitBarrier(f: Func): void {
    f.call(this.barrier);
  }

  /** Pushes the first of `count` items that are this thread's now. */
  emitClaim(f: Func, count: Local): void {
    f.getGlobal(this.block)
      .get(count)
      .mem("i32.atomic.rmw.add", 4 * TEAM.CLAIMED);
  }

  private emitBarrierBody(f: Func): void {
    const generation = f.local("i32", "generation");
    const spins = f.local("i32", "spins");
    const at = (word: number): number => 4 * word;
    f.getGlobal(this.block).mem("i32.atomic.load", at(TEAM.GENERATION)).set(generation);
    f.getGlobal(this.block).i32(1).mem("i32.atomic.rmw.add", at(TEAM.ARRIVED)).i32(1).op("i32.add");
    f.getGlobal(this.threads).op("i32.eq");
    f.if(
      () => {
        f.getGlobal(this.block).i32(0).mem("i32.atomic.store", at(TEAM.CLAIMED));
        f.getGlobal(this.block).i32(0).mem("i32.atomic.store", at(TEAM.ARRIVED));
        f.getGlobal(this.block).get(generation).i32(1).op("i32.add").mem("i32.atomic.store", at(TEAM.GENERATION));
        f.getGlobal(this.block).i32(-1).mem("memory.atomic.notify", at(TEAM.GENERATION)).op("drop");
      },
      () => {
        f.i32(0).set(spins);
        f.loop((again) => {
          f.get(spins).i32(1).op("i32.add").tee(spins).i32(SPINS).op("i32.gt_u");
          f.if(() => {
            f.getGlobal(this.thread).if(
              () => {
                f.getGlobal(this.block).get(generation).i64(SLEEP_NANOSECONDS);
                f.mem("memory.atomic.wait32", at(TEAM.GENERATION)).op("drop");
              },
              () => f.i32(0).set(spins).call(this.waited),
            );
          });
          f.getGlobal(this.block).mem("i32.atomic.load", at(TEAM.GENERATION)).get(generation).op("i32.eq").brIf(again);
        });
      },
    );
  }
}
