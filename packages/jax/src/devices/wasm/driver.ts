/**
 * The driver: one worker that runs programs in the background, with the team if there is one. It starts with the first
 * such run. Where it cannot start, or dies, it says so, and the caller does the run by itself.
 */
import { InternalError } from "../../base/errors";
import { type DriverAnswer, type DriverMessage, driverSource } from "./driver-worker";
import type { WorkerTeam } from "./team";
import { type WorkerHandle, startWorker } from "./worker";

/** A program as the driver takes it. */
export interface DriverProgram {
  /** The driver's number for it, and which driver that was. */
  loaded: { readonly driver: WorkerHandle; readonly id: number } | null;
  content(): Omit<Extract<DriverMessage, { kind: "load" }>, "kind" | "id">;
}

/** How a run ended. */
type End = { readonly error: string | null } | "lost";

/** Drivers that died one after the other, without a run done, after which no other is started. */
const MAX_LOST = 2;

export class Driver {
  private readonly memory: WebAssembly.Memory;
  private worker: WorkerHandle | null = null;
  private nextProgram = 1;
  private nLost = 0;
  private isReady = false;
  private end: ((how: End) => void) | null = null;
  /** Runs that it has done. */
  nRuns = 0;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  /**
   * Runs a program; nothing else may be running here. False if it was not run, or not to its end, because the driver or a
   * thread of the team is gone.
   */
  async run(program: DriverProgram, args: number, team: WorkerTeam | null, threads: number): Promise<boolean> {
    const worker = this.start();
    if (worker === null) return false;
    const give = (message: DriverMessage): void => worker.postMessage(message);
    if (program.loaded?.driver !== worker) {
      const id = this.nextProgram++;
      give({ kind: "load", id, ...program.content() });
      program.loaded = { driver: worker, id };
    }
    worker.ref?.();
    const end = await new Promise<End>((resolve) => {
      this.end = resolve;
      team?.begin(() => this.lose());
      give({ kind: "run", id: program.loaded!.id, args, threads, block: team?.block ?? 0 });
    });
    this.end = null;
    worker.unref?.();
    team?.finish();
    if (end === "lost") {
      // A worker that has never answered has not begun.
      await (this.isReady ? worker.terminate() : undefined);
      return false;
    }
    if (end.error !== null) throw new InternalError(`wasm: a program failed in a worker: ${end.error}`);
    this.nRuns++;
    this.nLost = 0;
    return true;
  }

  drop(program: DriverProgram): void {
    const { loaded } = program;
    program.loaded = null;
    if (loaded === null || loaded.driver !== this.worker) return;
    const message: DriverMessage = { kind: "drop", id: loaded.id };
    this.worker.postMessage(message);
  }

  /** Ends the worker, as if it had died. */
  terminate(): void {
    this.lose();
  }

  private start(): WorkerHandle | null {
    if (this.worker !== null || this.nLost > MAX_LOST) return this.worker;
    this.isReady = false;
    const worker: WorkerHandle | null = startWorker(
      driverSource(),
      { memory: this.memory },
      {
        onEnd: () => this.worker === worker && this.lose(),
        onMessage: (message) => {
          const answer = message as DriverAnswer;
          if (this.worker !== worker) return;
          if (answer === "ready") this.isReady = true;
          else this.end?.(answer);
        },
      },
    );
    if (worker === null) this.nLost = Infinity;
    return (this.worker = worker);
  }

  private lose(): void {
    const { worker } = this;
    if (worker === null) return;
    this.worker = null;
    this.nLost++;
    void worker.terminate();
    this.end?.("lost");
  }
}
