/** Iterators over data sets, whose position can be saved and taken up again. */
import { quoted } from "../bytes/quoted";
import { Array as JaxArray, tree } from "@jax-js/jax";
import { LoaderError } from "../errors";
import { stackExamples } from "./examples";
import type { BatchOptions } from "./map-dataset";

/** Where an iterator stands: plain JSON, to be saved with the parameters. */
export type IteratorState = { readonly [key: string]: number | IteratorState };

/** Examples in turn. `return` gives back what was made and not taken. */
export interface DatasetIterator<T> extends AsyncIterableIterator<T> {
  getState(): IteratorState;
  /** Goes on from a state that an iterator of the same data set gave. Errors: LoaderError for another's. */
  setState(state: IteratorState): void;
}

const numberOf = (state: IteratorState, key: string): number => {
  const n = (state as Readonly<Record<string, unknown>> | null)?.[key];
  if (typeof n !== "number" || !Number.isSafeInteger(n) || n < 0) {
    throw new LoaderError(`setState: ${quoted(state)} is not a state of this data set`);
  }
  return n;
};

const innerOf = (state: IteratorState): IteratorState => {
  const inner = (state as Readonly<Record<string, unknown>> | null)?.inner;
  if (typeof inner !== "object" || inner === null) {
    throw new LoaderError(`setState: ${quoted(state)} is not a state of this data set`);
  }
  return inner as IteratorState;
};

/** Arrays of an example that nobody will take. */
function discard(example: unknown): void {
  for (const leaf of tree.leaves(example)) if (leaf instanceof JaxArray) leaf.dispose();
}

/** What iterators have in common: one call of `next` at a time, and an end. */
abstract class BaseIterator<T> implements DatasetIterator<T> {
  #last: Promise<unknown> = Promise.resolve();
  #isEnded = false;

  protected abstract produce(): Promise<IteratorResult<T>>;
  protected abstract close(): Promise<void>;
  abstract getState(): IteratorState;
  protected abstract restore(state: IteratorState): void;

  next(): Promise<IteratorResult<T>> {
    const result = this.#last.then(() => (this.#isEnded ? { done: true as const, value: undefined } : this.produce()));
    this.#last = result.catch(() => {});
    return result;
  }

  async return(): Promise<IteratorResult<T>> {
    this.#isEnded = true;
    await this.#last;
    await this.close();
    return { done: true, value: undefined };
  }

  setState(state: IteratorState): void {
    this.restore(state);
    this.#isEnded = false;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Examples by number, some made ahead. */
export class IndexIterator<T> extends BaseIterator<T> {
  readonly #length: number;
  readonly #at: (i: number) => T | null | Promise<T | null>;
  readonly #nAhead: number;
  /** The number of the next example to give. */
  #next = 0;
  /** Examples from `#next` on that are being made. */
  #begun: Promise<T | null>[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(length: number, at: (i: number) => T | null | Promise<T | null>, nAhead: number) {
    super();
    this.#length = length;
    this.#at = at;
    this.#nAhead = nAhead;
  }

  protected async produce(): Promise<IteratorResult<T>> {
    while (this.#next < this.#length) {
      if (this.#begun.length === 0) this.#begin();
      const example = await this.#begun[0]!;
      this.#begun.shift();
      this.#next++;
      // When this turn of the event loop is over, so that the taker goes on first.
      if (this.#nAhead > 0) this.#timer ??= setTimeout(() => this.#fill());
      if (example !== null) return { done: false, value: example };
    }
    return { done: true, value: undefined };
  }

  #begin(): void {
    const i = this.#next + this.#begun.length;
    const promise = (async () => this.#at(i))();
    // An error is told when its turn comes.
    promise.catch(() => {});
    this.#begun.push(promise);
  }

  #fill(): void {
    this.#timer = undefined;
    while (this.#begun.length < this.#nAhead && this.#next + this.#begun.length < this.#length) this.#begin();
  }

  #drop(): Promise<unknown> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return Promise.all(this.#begun.splice(0).map((promise) => promise.then(discard, () => {})));
  }

  protected async close(): Promise<void> {
    await this.#drop();
  }

  getState(): IteratorState {
    return { next: this.#next };
  }

  protected restore(state: IteratorState): void {
    const next = numberOf(state, "next");
    void this.#drop();
    this.#next = next;
  }
}

/** Each example of another iterator as another, or as none. */
export class MappedIterator<T, U> extends BaseIterator<U> {
  readonly #inner: DatasetIterator<T>;
  readonly #f: (x: T) => U | null | Promise<U | null>;

  constructor(inner: DatasetIterator<T>, f: (x: T) => U | null | Promise<U | null>) {
    super();
    this.#inner = inner;
    this.#f = f;
  }

  protected async produce(): Promise<IteratorResult<U>> {
    for (;;) {
      const step = await this.#inner.next();
      if (step.done) return step;
      const example = await this.#f(step.value);
      if (example !== null) return { done: false, value: example };
    }
  }

  protected async close(): Promise<void> {
    await this.#inner.return?.();
  }

  getState(): IteratorState {
    return { inner: this.#inner.getState() };
  }

  protected restore(state: IteratorState): void {
    this.#inner.setState(innerOf(state));
  }
}

export class BatchIterator<T, U> extends BaseIterator<U> {
  readonly #inner: DatasetIterator<T>;
  readonly #batchSize: number;
  readonly #options: BatchOptions;

  constructor(inner: DatasetIterator<T>, batchSize: number, options: BatchOptions) {
    super();
    this.#inner = inner;
    this.#batchSize = batchSize;
    this.#options = options;
  }

  protected async produce(): Promise<IteratorResult<U>> {
    const examples: T[] = [];
    while (examples.length < this.#batchSize) {
      const step = await this.#inner.next();
      if (step.done) break;
      examples.push(step.value);
    }
    if (examples.length === 0 || (this.#options.dropRemainder && examples.length < this.#batchSize)) {
      return { done: true, value: undefined };
    }
    return { done: false, value: (this.#options.collate ?? stackExamples)(examples) as U };
  }

  protected async close(): Promise<void> {
    await this.#inner.return?.();
  }

  getState(): IteratorState {
    return { inner: this.#inner.getState() };
  }

  protected restore(state: IteratorState): void {
    this.#inner.setState(innerOf(state));
  }
}

/** Takes from another iterator before it is asked. The state is that of the example last given, not last taken. */
export class PrefetchIterator<T> extends BaseIterator<T> {
  readonly #start: () => DatasetIterator<T>;
  readonly #nAhead: number;
  #inner: DatasetIterator<T>;
  #ahead: Promise<{ step: IteratorResult<T>; state: IteratorState }>[] = [];
  #state: IteratorState;

  constructor(start: () => DatasetIterator<T>, nAhead: number) {
    super();
    this.#start = start;
    this.#nAhead = nAhead;
    this.#inner = start();
    this.#state = this.#inner.getState();
  }

  protected async produce(): Promise<IteratorResult<T>> {
    while (this.#ahead.length <= this.#nAhead) {
      // One after another: the state is then of the example that was just given.
      const last = this.#ahead.at(-1) ?? Promise.resolve();
      const inner = this.#inner;
      const taken = last
        .catch(() => {})
        .then(() => inner.next())
        .then((step) => ({ step, state: inner.getState() }));
      taken.catch(() => {});
      this.#ahead.push(taken);
    }
    const { step, state } = await this.#ahead.shift()!;
    this.#state = state;
    return step;
  }

  protected async close(): Promise<void> {
    const ahead = this.#ahead.splice(0);
    const inner = this.#inner;
    for (const result of await Promise.allSettled(ahead)) {
      if (result.status === "fulfilled" && !result.value.step.done) discard(result.value.step.value);
    }
    await inner.return?.();
  }

  getState(): IteratorState {
    return this.#state;
  }

  protected restore(state: IteratorState): void {
    const fresh = this.#start();
    fresh.setState(state);
    // The old one may be in the middle of an example.
    void this.close();
    this.#inner = fresh;
    this.#state = state;
  }
}
