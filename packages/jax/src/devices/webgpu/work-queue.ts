/**
 * The order of work. Most work is given to the GPU at once; a loop whose condition the GPU computes goes on over several
 * turns of the event loop, and everything that comes after it waits.
 */
export class WorkQueue {
  /** What waits for the work that is going on; null when none is. */
  private waiting: (() => void | Promise<void>)[] | null = null;
  private end: Promise<void> = Promise.resolve();
  private readonly onError: (error: unknown) => void;

  /** `onError` gets what work that went on later threw. */
  constructor(onError: (error: unknown) => void) {
    this.onError = onError;
  }

  get isBusy(): boolean {
    return this.waiting !== null;
  }

  /** Does the work now, or after what is going on. Errors of work that is done now are the caller's. */
  run(work: () => void | Promise<void>): void {
    if (this.waiting !== null) {
      this.waiting.push(work);
      return;
    }
    const more = work();
    if (more === undefined) return;
    this.waiting = [];
    this.end = this.goOn(more);
  }

  /** Resolves when nothing is going on. */
  async settled(): Promise<void> {
    while (this.waiting !== null) await this.end;
  }

  private async goOn(first: Promise<void>): Promise<void> {
    await first.catch(this.onError);
    for (let next = this.waiting!.shift(); next !== undefined; next = this.waiting!.shift()) {
      try {
        await next();
      } catch (error) {
        this.onError(error);
      }
    }
    this.waiting = null;
  }
}
