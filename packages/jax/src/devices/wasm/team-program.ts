/**
 * A program as the team runs it, each thread with a block of arguments.
 * Where the cores are busy with other things, threads wait for one another longer than they work: so a program is timed
 * with the team and without, and runs as it was faster.
 */
import type { WasmDevice } from "./device";
import { WorkerLost, type WorkerTeam } from "./team";
import { TeamChoice } from "./team-choice";
import type { TeamModule } from "./team-module";

/**
 * Milliseconds that a run waits for workers, who need some tens of microseconds to wake up: a part of what it would take
 * alone, between these.
 */
const [MIN_PATIENCE, PATIENCE, MAX_PATIENCE] = [0.05, 0.05, 1];
/** Milliseconds that a run waits where it shall be shared whatever that costs. */
const PATIENCE_OF_TESTS = 500;

/** The blocks of arguments of a program, of which thread t has the one at `args + t * bytes`. */
export interface ArgumentBlocks {
  readonly bytes: number;
  /** Fills those of the other threads when the team is about to be opened. */
  spread(args: number, threads: number): void;
}

export class TeamProgram {
  /** Blocks of arguments, and of scratch memory, that a run may need. */
  readonly maxThreads: number;
  private readonly device: WasmDevice;
  private readonly module: TeamModule;
  private readonly blocks: ArgumentBlocks;
  /** Of runs that the calling thread takes part in, and of those in the background. */
  private readonly choices = { called: new TeamChoice(), background: new TeamChoice() };

  constructor(device: WasmDevice, module: TeamModule, blocks: ArgumentBlocks) {
    this.device = device;
    this.module = module;
    this.blocks = blocks;
    this.maxThreads = device.numThreads;
  }

  /**
   * Runs the program: `together` with the team, or `alone` does it with the calling thread. False if it came to no end
   * because a worker is gone: nothing that the run has written to may be used then before the device says so.
   */
  run(
    args: number,
    alone: () => void,
    together: (args: number, thread: number, threads: number, block: number) => void,
  ): boolean {
    const choice = this.choices.called;
    const wanted = !this.device.adaptive || choice.wantsTeam();
    const start = performance.now();
    const { team } = this.device;
    const threads = wanted && team !== null ? this.open(team, choice, args) : 1;
    if (threads === 1) alone();
    else {
      try {
        together(args, 0, threads, team!.block);
        this.device.lostTeams = 0;
      } catch (error) {
        void this.device.abandonTeam(team!);
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
    first: (team: WorkerTeam | null, threads: number) => Promise<boolean>,
  ): Promise<boolean> {
    const choice = this.choices.background;
    const wanted = !this.device.adaptive || choice.wantsTeam();
    const start = performance.now();
    const { team } = this.device;
    const threads = wanted && team !== null ? this.open(team, choice, args) : 1;
    const done = await first(threads > 1 ? team : null, threads);
    if (done && (threads > 1 || !wanted)) choice.add(performance.now() - start, threads > 1);
    return done;
  }

  /** Gathers those that are awake; returns how many threads there are. */
  private open(team: WorkerTeam, choice: TeamChoice, args: number): number {
    if (team.isBusy || !team.isReady || team.maxThreads > this.maxThreads) return 1;
    const id = this.module.idIn(team);
    if (id === 0) return 1;
    this.blocks.spread(args, team.maxThreads);
    const threads = team.open(id, args, this.blocks.bytes, this.patience(choice.aloneTime));
    if (threads === 1) choice.miss();
    return threads;
  }

  private patience(time: number): number {
    if (!this.device.adaptive) return PATIENCE_OF_TESTS;
    if (Number.isNaN(time)) return MAX_PATIENCE;
    return Math.min(Math.max(PATIENCE * time, MIN_PATIENCE), MAX_PATIENCE);
  }
}
