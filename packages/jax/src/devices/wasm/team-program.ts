/**
 * A program as the team runs it: the module is given to the workers once, and each thread gets a block of arguments.
 * Where the cores are busy with other things, threads wait for one another longer than they work: so a program is timed
 * with the team and without, and runs as it was faster.
 */
import type { Module } from "../../targets/wasm/assembler";
import type { ProgramLayout } from "../../targets/wasm/module";
import type { WasmDevice } from "./device";
import type { WorkerTeam } from "./team";
import { WORKER_MATH } from "./team-worker";

/** Workers have no functions of the host but those of Math. */
export const workersCanImport = ({ imports }: Module): boolean =>
  imports.every(({ from, name }) => from !== "host" && (from !== "math" || WORKER_MATH.has(name)));

/** Runs of each way before they are compared: the first ones wait for code and for memory. */
const TRIALS = 6;
/** Runs after which the slower way is tried again. */
const TRY_AGAIN = 64;
/**
 * Milliseconds that a run waits for workers, who need some tens of microseconds to wake up: a part of what it would take
 * alone, between these.
 */
const [MIN_PATIENCE, PATIENCE, MAX_PATIENCE] = [0.05, 0.05, 1];
/** How much of an old time is forgotten with every run. */
const FORGET = 0.05;

/** The shortest time lately, in milliseconds. */
class Best {
  value = NaN;
  runs = 0;
  add(time: number): void {
    this.runs++;
    this.value = time < this.value || Number.isNaN(this.value) ? time : this.value + (time - this.value) * FORGET;
  }
}

export class TeamProgram {
  /** Blocks of arguments, and of scratch memory, that a run may need. */
  readonly maxThreads: number;
  private readonly device: WasmDevice;
  private readonly bytes: Uint8Array;
  private readonly entry: (args: number, thread: number, threads: number, block: number) => void;
  private readonly blockBytes: number;
  private readonly alone = new Best();
  private readonly shared = new Best();
  private runs = 0;
  private loaded: { readonly team: WorkerTeam; readonly id: number } | null = null;

  constructor(
    device: WasmDevice,
    bytes: Uint8Array,
    entry: (args: number, thread: number, threads: number, block: number) => void,
    blockBytes: number,
  ) {
    this.device = device;
    this.bytes = bytes;
    this.entry = entry;
    this.blockBytes = blockBytes;
    this.maxThreads = device.numThreads;
  }

  /** Runs the program; `alone` does it with the calling thread. */
  run(args: number, layout: ProgramLayout, threadScratch: number, alone: (args: number) => void): void {
    const wanted = this.isSharingWanted();
    const start = performance.now();
    const threads = wanted ? this.open(args, layout, threadScratch) : 1;
    if (threads === 1) alone(args);
    else this.entry(args, 0, threads, this.loaded!.team.block);
    const time = performance.now() - start;
    if (threads > 1) this.shared.add(time);
    else if (!wanted) this.alone.add(time);
  }

  /** The faster way; each is tried first, and the slower one now and then. */
  private isSharingWanted(): boolean {
    if (!this.device.adaptive) return true;
    const { alone, shared } = this;
    if (shared.runs < TRIALS) return true;
    if (alone.runs < TRIALS) return false;
    return shared.value < alone.value !== (++this.runs % TRY_AGAIN === 0);
  }

  /** Copies the first thread's block for the others, and gathers those that are awake; returns how many there are. */
  private open(args: number, layout: ProgramLayout, threadScratch: number): number {
    const { team, words } = this.device;
    if (team === null || team.maxThreads > this.maxThreads) return 1;
    if (this.loaded?.team !== team) {
      const id = team.load(this.bytes);
      if (id === 0) return 1;
      this.loaded = { team, id };
    }
    const [base, step] = [args >>> 2, this.blockBytes >>> 2];
    const scratch = words[base + layout.scratch]!;
    for (let t = 1; t < team.maxThreads; t++) {
      words.copyWithin(base + t * step, base, base + layout.words);
      words[base + t * step + layout.scratch] = scratch + t * threadScratch;
    }
    const { value: time } = this.alone;
    const patience = Number.isNaN(time) ? MAX_PATIENCE : Math.min(Math.max(PATIENCE * time, MIN_PATIENCE), MAX_PATIENCE);
    return team.open(this.loaded.id, args, this.blockBytes, patience);
  }

  dispose(): void {
    if (this.loaded !== null && this.loaded.team === this.device.team) this.loaded.team.drop(this.loaded.id);
    this.loaded = null;
  }
}
