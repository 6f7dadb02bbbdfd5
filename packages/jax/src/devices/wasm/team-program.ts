/**
 * A program as the team runs it: the module is given to the workers once, and each thread gets a block of arguments.
 * Where the cores are busy with other things, threads wait for one another longer than they work: so a program is timed
 * with the team and without, and runs as it was faster.
 */
import type { Module } from "../../targets/wasm/assembler";
import type { ProgramLayout } from "../../targets/wasm/program-layout";
import type { WasmDevice } from "./device";
import { type TeamContent, WorkerLost, type WorkerTeam } from "./team";
import { TeamChoice } from "./team-choice";
import { WORKER_MATH } from "./team-worker";

/** Workers have no functions of the host but those of Math. */
export const workersCanImport = ({ imports }: Module): boolean =>
  imports.every(({ from, name }) => from !== "host" && (from !== "math" || WORKER_MATH.has(name)));

/**
 * Milliseconds that a run waits for workers, who need some tens of microseconds to wake up: a part of what it would take
 * alone, between these.
 */
const [MIN_PATIENCE, PATIENCE, MAX_PATIENCE] = [0.05, 0.05, 1];
/** Milliseconds that a run waits where it shall be shared whatever that costs. */
const PATIENCE_OF_TESTS = 500;

export class TeamProgram {
  /** Blocks of arguments, and of scratch memory, that a run may need. */
  readonly maxThreads: number;
  private readonly device: WasmDevice;
  private readonly content: () => TeamContent;
  private readonly blockBytes: number;
  /** Of runs that the calling thread takes part in, and of those in the background. */
  private readonly choices = { called: new TeamChoice(), background: new TeamChoice() };
  private loaded: { readonly team: WorkerTeam; readonly id: number } | null = null;

  constructor(device: WasmDevice, content: () => TeamContent, blockBytes: number) {
    this.device = device;
    this.content = content;
    this.blockBytes = blockBytes;
    this.maxThreads = device.numThreads;
  }

  /**
   * Runs the program: `together` with the team, or `alone` does it with the calling thread. False if it came to no end
   * because a worker is gone: nothing that the run has written to may be used then before the device says so.
   */
  run(
    args: number,
    layout: ProgramLayout,
    threadScratch: number,
    alone: (args: number) => void,
    together: (args: number, thread: number, threads: number, block: number) => void,
  ): boolean {
    const choice = this.choices.called;
    const wanted = !this.device.adaptive || choice.wantsTeam();
    const start = performance.now();
    const threads = wanted ? this.open(choice, args, layout, threadScratch) : 1;
    if (threads === 1) alone(args);
    else {
      const { team } = this.loaded!;
      try {
        together(args, 0, threads, team.block);
        this.device.lostTeams = 0;
      } catch (error) {
        void this.device.abandonTeam(team);
        if (error instanceof WorkerLost) return false;
        throw error;
      }
    }
    if (threads > 1 || !wanted) choice.add(performance.now() - start, threads > 1);
    return true;
  }

  /** Gathers the team for a run in the background, whose first thread is `first`. */
  async runBehind(
    args: number,
    layout: ProgramLayout,
    threadScratch: number,
    first: (team: WorkerTeam | null, threads: number) => Promise<boolean>,
  ): Promise<boolean> {
    const choice = this.choices.background;
    const wanted = !this.device.adaptive || choice.wantsTeam();
    const start = performance.now();
    const threads = wanted ? this.open(choice, args, layout, threadScratch) : 1;
    const done = await first(threads > 1 ? this.loaded!.team : null, threads);
    if (done && (threads > 1 || !wanted)) choice.add(performance.now() - start, threads > 1);
    return done;
  }

  /** Copies the first thread's block for the others, and gathers those that are awake; returns how many there are. */
  private open(choice: TeamChoice, args: number, layout: ProgramLayout, threadScratch: number): number {
    const { team, words } = this.device;
    if (team === null || team.isBusy || team.maxThreads > this.maxThreads) return 1;
    if (this.loaded?.team !== team) {
      const id = team.load(this.content());
      if (id === 0) return 1;
      this.loaded = { team, id };
    }
    const [base, step] = [args >>> 2, this.blockBytes >>> 2];
    const scratch = words[base + layout.scratch]!;
    for (let t = 1; t < team.maxThreads; t++) {
      words.copyWithin(base + t * step, base, base + layout.words);
      words[base + t * step + layout.scratch] = scratch + t * threadScratch;
    }
    return team.open(this.loaded.id, args, this.blockBytes, this.patience(choice.aloneTime));
  }

  private patience(time: number): number {
    if (!this.device.adaptive) return PATIENCE_OF_TESTS;
    if (Number.isNaN(time)) return MAX_PATIENCE;
    return Math.min(Math.max(PATIENCE * time, MIN_PATIENCE), MAX_PATIENCE);
  }

  dispose(): void {
    if (this.loaded !== null && this.loaded.team === this.device.team) this.loaded.team.drop(this.loaded.id);
    this.loaded = null;
  }
}
