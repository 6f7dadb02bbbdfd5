/**
 * The team of workers: threads that help the calling one with programs that are large enough. They start in the
 * background, and take part when they are there; a worker that is asleep, late, or dead is left out of a run, and the
 * results are the same.
 */
import { range } from "../../base/list";
import { TEAM } from "../../targets/wasm/team";
import { COMMAND, MAX_WORKERS, RING, WORKER } from "./team-layout";
import { workerSource } from "./team-worker";
import { type NodeProcess, type WorkerHandle, nodeThreads, startWorker } from "./worker";

/** Looks at the workers' states between two looks at the clock. */
const JOIN_SPINS = 200;

/**
 * A worker that is waited for is taken for dead when the team has not moved for this long: milliseconds, and a multiple of
 * what the run has taken until then, since a worker may have a long piece of work and a busy core.
 */
const [SILENCE, SLOWNESS] = [3000, 4];

/** A run came to no end, because a worker is gone. */
export class WorkerLost extends Error {}

/** What the team needs of the device. */
export interface TeamHost {
  readonly memoryObject: WebAssembly.Memory;
  mallocOwn(bytes: number): number;
  freeOwn(address: number): void;
}

/** A program's module, and what it imports: routines by key, null for one that only the first thread calls. */
export interface TeamContent {
  readonly bytes: Uint8Array;
  readonly routines: readonly (readonly [key: string, bytes: Uint8Array | null])[];
  readonly tables: Readonly<Record<string, number>>;
}

interface PendingBytes {
  readonly address: number;
  /** Commands given when these bytes were; workers that have done as many do not need them any more. */
  readonly sequence: number;
}

export class WorkerTeam {
  private readonly host: TeamHost;
  private readonly ring: number;
  private readonly base: number;
  private words: Int32Array;
  private readonly nWorkers: number;
  private readonly workers: (WorkerHandle | null)[] = [];
  /** Runs that workers took part in. */
  nShared = 0;
  /** While a run goes on in the background: what to do when a worker dies. */
  private onLost: (() => void) | null = null;
  /** When the run began, where the team was when it was last looked at, and since when. */
  private watched = { start: 0, place: "", since: 0 };
  private state: "live" | "ending" | "ended" = "live";
  private sequence = 0;
  /** How often a program was to be loaded. */
  private nAsked = 0;
  private nextModule = 1;
  /** Numbers of the routines that the workers have. */
  private readonly routines = new Map<string, number>();
  private pending: PendingBytes[] = [];
  /** Modules that no longer are needed, while the ring was full. */
  private dropped: number[] = [];

  constructor(host: TeamHost, nWorkers: number) {
    this.host = host;
    this.ring = host.mallocOwn(RING.BYTES);
    this.base = this.ring >>> 2;
    this.words = new Int32Array(host.memoryObject.buffer);
    this.words.fill(0, this.base, this.base + RING.BYTES / 4);
    this.nWorkers = Math.min(nWorkers, MAX_WORKERS);
    // Making workers takes some milliseconds, which the call that wants them first need not wait for.
    setTimeout(() => this.start());
  }

  private start(): void {
    if (this.state !== "live" || this.workers.length > 0) return;
    for (const number of range(this.nWorkers)) {
      const settings = { memory: this.host.memoryObject, ring: this.ring, number };
      this.workers.push(startWorker(workerSource(), settings, { onEnd: () => this.lose(number) }));
    }
  }

  /** Address of the block where threads meet. */
  get block(): number {
    return this.ring + 4 * RING.TEAM;
  }

  /** All workers that live take commands. */
  get isReady(): boolean {
    let some = false;
    for (let i = 0; i < this.workers.length; i++) {
      if (this.workers[i] === null) continue;
      if (this.of(i, WORKER.READY) !== 1) return false;
      some = true;
    }
    return some;
  }

  /** Most threads that a run may have. */
  get maxThreads(): number {
    return 1 + this.nWorkers;
  }

  /** Gives the workers a program. Returns its number; 0 if they cannot take it now. */
  load({ bytes, routines, tables }: TeamContent): number {
    this.tidy();
    // In Node a loop that never waits for anything gets its workers too.
    if (++this.nAsked === 2 && nodeThreads() !== null) this.start();
    const fresh = routines.filter(([key, code]) => code !== null && !this.routines.has(key));
    if (!this.isReady || this.sequence - this.doneByAll() + fresh.length >= RING.LENGTH - 1) return 0;
    for (const [key, code] of fresh) this.routines.set(key, this.giveModule(code!, {}));
    const numbers = routines.map(([key, code]) => [key, code === null ? 0 : this.routines.get(key)!]);
    return this.giveModule(bytes, { routines: Object.fromEntries(numbers) as object, tables });
  }

  /** A module with the text of what it imports before it. */
  private giveModule(bytes: Uint8Array, imports: object): number {
    const text = new TextEncoder().encode(JSON.stringify(imports));
    const length = 4 + text.length + bytes.length;
    const address = this.host.mallocOwn(length);
    const { buffer } = this.host.memoryObject;
    new DataView(buffer).setUint32(address, text.length, true);
    const all = new Uint8Array(buffer);
    all.set(text, address + 4);
    all.set(bytes, address + 4 + text.length);
    const id = this.nextModule++;
    this.give(COMMAND.LOAD, id, address, length);
    this.pending.push({ address, sequence: this.sequence });
    return id;
  }

  drop(id: number): void {
    this.dropped.push(id);
    this.tidy();
  }

  /**
   * Opens a run of a module for the workers that come within `patience` milliseconds, and returns how many threads it has,
   * with the caller's; 1 if none came. Thread t finds its arguments at `args + t * blockBytes`.
   */
  open(id: number, args: number, blockBytes: number, patience: number): number {
    if (this.isFull() || !this.isReady) return 1;
    const run = this.sequence + 1;
    const states = this.workers.map((w, i) => (w === null ? -1 : this.at(i, WORKER.STATE)));
    for (const s of states) if (s >= 0) Atomics.store(this.words, s, 2 * run);
    this.give(COMMAND.RUN, id, args, blockBytes);
    const joined = (s: number): boolean => Atomics.load(this.words, s) === 2 * run + 1;
    const until = performance.now() + patience;
    let all = false;
    do for (let i = 0; i < JOIN_SPINS && !(all = states.every((s) => s < 0 || joined(s))); i++);
    while (!all && performance.now() < until);
    let threads = 1;
    const ranks: [number, number][] = [];
    states.forEach((s, i) => {
      if (s >= 0 && Atomics.exchange(this.words, s, 0) === 2 * run + 1)
        ranks.push([this.at(i, WORKER.RANK), threads++]);
    });
    Atomics.store(this.words, this.base + RING.THREADS, threads);
    for (const [at, rank] of ranks) Atomics.store(this.words, at, rank);
    if (threads > 1) this.nShared++;
    this.watched = { start: performance.now(), place: "", since: 0 };
    return threads;
  }

  /** The calling thread has waited for the others for some time. Throws `WorkerLost` if one of them will not come. */
  watch(): void {
    const { watched } = this;
    const now = performance.now();
    const place = [TEAM.GENERATION, TEAM.ARRIVED, TEAM.CLAIMED]
      .map((word) => Atomics.load(this.words, this.base + RING.TEAM + word))
      .join();
    if (place !== watched.place) this.watched = { ...watched, place, since: now };
    const { start, since } = this.watched;
    const failed = this.workers.some((w, i) => w !== null && this.of(i, WORKER.FAILED) === 1);
    if (failed || now - since > Math.max(SILENCE, SLOWNESS * (since - start))) throw new WorkerLost();
  }

  /** A run goes on in the background. */
  get isBusy(): boolean {
    return this.onLost !== null;
  }

  /** The run that was opened goes on in the background, until `finish`. */
  begin(onLost: () => void): void {
    this.onLost = onLost;
  }

  finish(): void {
    this.onLost = null;
    if (this.state === "ending") void this.dispose();
  }

  /** Ends the workers, as if they had died; resolves when they have. */
  async terminateWorkers(): Promise<void> {
    const workers = [...this.workers];
    workers.forEach((_, i) => this.lose(i));
    await Promise.all(workers.map((worker) => worker?.terminate()));
  }

  /** Put off while a run goes on in the background. The memory is given back when no worker can write to it any more. */
  async dispose(): Promise<void> {
    if (this.state === "ended") return;
    this.state = this.isBusy ? "ending" : "ended";
    if (this.isBusy) return;
    await this.terminateWorkers();
    for (const { address } of this.pending) this.host.freeOwn(address);
    this.pending = [];
    this.host.freeOwn(this.ring);
  }

  private lose(number: number): void {
    this.workers[number] = null;
    this.onLost?.();
  }

  private at(worker: number, word: number): number {
    return this.base + RING.WORKERS + worker * WORKER.WORDS + word;
  }

  private of(worker: number, word: number): number {
    return Atomics.load(this.words, this.at(worker, word));
  }

  /** Commands that all ready workers have done. */
  private doneByAll(): number {
    let done = this.sequence;
    this.workers.forEach((w, i) => {
      if (w !== null && this.of(i, WORKER.READY) === 1) done = Math.min(done, this.of(i, WORKER.CURSOR));
    });
    return done;
  }

  private isFull(): boolean {
    return this.sequence - this.doneByAll() >= RING.LENGTH - 1;
  }

  private give(kind: number, a: number, b: number, c: number): void {
    const at = this.base + RING.COMMANDS + (this.sequence % RING.LENGTH) * COMMAND.WORDS;
    this.words[at] = kind;
    this.words[at + 1] = a;
    this.words[at + 2] = b;
    this.words[at + 3] = c;
    Atomics.store(this.words, this.base + RING.SEQUENCE, ++this.sequence);
    Atomics.notify(this.words, this.base + RING.SEQUENCE);
  }

  /** Frees bytes that all have read, and passes on what was to be dropped. */
  private tidy(): void {
    const done = this.doneByAll();
    this.pending = this.pending.filter(({ address, sequence }) => {
      if (sequence > done) return true;
      this.host.freeOwn(address);
      return false;
    });
    while (this.dropped.length > 0 && !this.isFull()) this.give(COMMAND.DROP, this.dropped.pop()!, 0, 0);
  }
}

const MAX_DEFAULT_THREADS = 8;

/** As many as the machine has, up to a limit; in Node the variable ML_THREADS says otherwise. */
export function defaultThreads(): number {
  const { process, navigator } = globalThis as { process?: NodeProcess; navigator?: { hardwareConcurrency?: number } };
  const wanted = Number(process?.env?.["ML_THREADS"]);
  if (wanted >= 1) return Math.floor(wanted);
  const os = process?.getBuiltinModule?.("node:os") as { availableParallelism?(): number } | undefined;
  return Math.min(os?.availableParallelism?.() ?? navigator?.hardwareConcurrency ?? 1, MAX_DEFAULT_THREADS);
}

/** True where a memory can be shared with workers. */
export function canShareMemory(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  if (nodeThreads() !== null) return true;
  return (
    typeof Worker !== "undefined" && (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true
  );
}
