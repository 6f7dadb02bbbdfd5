/**
 * Runs in the background: one after the other, in the order they were given. A program is run by the driver; one that
 * needs the host (callbacks, functions that workers have not), or where there is no driver, runs on the calling thread,
 * kernel by kernel, and the event loop turns in between.
 */

/** Milliseconds that a piece of a run may take before the event loop turns. */
const SLICE = 8;

export class Background {
  private last: Promise<unknown> = Promise.resolve();
  /** Runs that are not done. */
  pending = 0;

  /** Does the job when all before it are done, and never in this turn of the event loop. */
  add(job: () => Promise<void>): Promise<void> {
    this.pending++;
    const done = this.last.then(job).finally(() => this.pending--);
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Resolves when all given so far are done. */
  async settled(): Promise<void> {
    await this.last;
  }
}

/** Does the steps; a long one is not interrupted. */
export async function inSlices(count: number, step: (i: number) => void): Promise<void> {
  await turn();
  let start = performance.now();
  for (let i = 0; i < count; i++) {
    if (performance.now() - start > SLICE) {
      await turn();
      start = performance.now();
    }
    step(i);
  }
}

/** Lets the event loop do what else there is. A message comes sooner than a timer, which browsers hold back for 4 ms. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
