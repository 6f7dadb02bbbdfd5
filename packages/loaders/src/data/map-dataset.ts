/** Data sets whose examples are found by number: every step is a function of the number, so a position is a number. */
import { LoaderError } from "../errors";
import { type Batch, type Source, stackExamples } from "./examples";
import { IterDataset } from "./iter-dataset";
import { IndexIterator } from "./iterators";
import { type Seed, mix, permuted, seedWords } from "./permutation";

type MaybePromise<T> = T | Promise<T>;

/** Calls f at once where x is there at once: most data sets lie in memory. */
const then = <T, U>(x: MaybePromise<T>, f: (x: T) => MaybePromise<U>): MaybePromise<U> =>
  x instanceof Promise ? x.then(f) : f(x);

export interface BatchOptions {
  /** Leaves out a last batch that is not full, so that all have one shape. Default false. */
  dropRemainder?: boolean;
  /** Makes a batch of examples. Default: `stackExamples`. */
  collate?: (examples: Batch[]) => Batch;
}

/** Example by number; numbers of `length` and above are of later epochs. Null is an example that was filtered out. */
type At<T> = (i: number) => MaybePromise<T | null>;

const whole = (op: string, n: number, least: number): number => {
  if (!Number.isSafeInteger(n) || n < least)
    throw new LoaderError(`${op}: expected a whole number from ${least} up, got ${n}`);
  return n;
};

/**
 * Examples by number, and what is done to them: each method gives a new data set, and does nothing yet.
 *
 * Source: grain.MapDataset
 * @example
 * const set = data.MapDataset.source([1, 2, 3, 4, 5]).map((x) => 10 * x).batch(2);
 * set.length; // => 3
 * (await set.at(1)).js(); // => [30, 40]
 */
export class MapDataset<T> {
  readonly length: number;
  readonly #at: At<T>;

  private constructor(length: number, at: At<T>) {
    this.length = length;
    this.#at = at;
  }

  /** The examples of a list, or of anything that gives them by number. */
  static source<T>(source: readonly T[]): MapDataset<T>;
  static source<T>(source: Source<T>): MapDataset<T>;
  static source<T>(source: readonly T[] | Source<T>): MapDataset<T> {
    const { length } = source;
    if (Array.isArray(source)) return new MapDataset<T>(length, (i) => source[i % length] as T);
    return new MapDataset<T>(length, (i) => (source as Source<T>).at(i % length));
  }

  /** The numbers from 0 (or `start`) to `stop`. */
  static range(start: number, stop?: number): MapDataset<number> {
    const [from, to] = stop === undefined ? [0, start] : [start, stop];
    const length = Math.max(0, to - from);
    return new MapDataset(length, (i) => from + (i % length));
  }

  /** Example i; null if it was filtered out. Numbers from `length` on are of later epochs. */
  at(i: number): MaybePromise<T | null> {
    whole("at", i, 0);
    if (this.length === 0) throw new LoaderError("at: the data set is empty");
    return this.#at(i);
  }

  map<U>(f: (x: T) => MaybePromise<U>): MapDataset<U> {
    return new MapDataset<U>(this.length, (i) => then(this.#at(i), (x) => (x === null ? null : f(x))));
  }

  mapWithIndex<U>(f: (i: number, x: T) => MaybePromise<U>): MapDataset<U> {
    return new MapDataset<U>(this.length, (i) => then(this.#at(i), (x) => (x === null ? null : f(i, x))));
  }

  /** As `map`, with a random number of 32 bits for each example and epoch, as for `random.key`. */
  randomMap<U>(f: (x: T, seed: number) => MaybePromise<U>, seed: Seed): MapDataset<U> {
    const [high, low] = seedWords(seed);
    return this.mapWithIndex((i, x) => f(x, mix(mix(high, low), i)));
  }

  /** Keeps examples for which f is true. The length stays: others are null, and iterators leave them out. */
  filter(f: (x: T) => MaybePromise<boolean>): MapDataset<T> {
    return new MapDataset<T>(this.length, (i) =>
      then(this.#at(i), (x) => (x === null ? null : then(f(x), (keep) => (keep ? x : null)))),
    );
  }

  /** In random order, another in each epoch. The same seed, or key, gives the same orders. */
  shuffle(seed: Seed): MapDataset<T> {
    const words = seedWords(seed);
    const n = this.length;
    if (n === Infinity)
      throw new LoaderError(
        "shuffle: the data set is endless; shuffle before repeat, which gives each epoch its order",
      );
    return new MapDataset<T>(n, (i) => {
      const epoch = Math.floor(i / n);
      return this.#at(epoch * n + permuted(i % n, n, [words[0] ^ mix(epoch, 1), words[1] ^ epoch]));
    });
  }

  /** Examples from `begin` to `end`, as `Array.slice`, every `step`-th: `slice(worker, undefined, nWorkers)` is a share. */
  slice(begin = 0, end?: number, step = 1): MapDataset<T> {
    whole("slice", step, 1);
    const n = this.length;
    const place = (k: number) => (k < 0 ? Math.max(0, n + k) : Math.min(k, n));
    const from = place(begin);
    const length = Math.max(0, Math.ceil((place(end ?? n) - from) / step));
    return new MapDataset<T>(length, (i) => this.#at(Math.floor(i / length) * n + from + (i % length) * step));
  }

  /** Several epochs, or endless ones. */
  repeat(nEpochs = Infinity): MapDataset<T> {
    if (nEpochs !== Infinity) whole("repeat", nEpochs, 1);
    return new MapDataset<T>(this.length * nEpochs, this.#at);
  }

  /** Several examples as one. Filtered ones are missing in their batch; to fill batches up, filter and batch the iterator. */
  batch<U = Batch>(batchSize: number, options: BatchOptions = {}): MapDataset<U> {
    whole("batch", batchSize, 1);
    const n = this.length;
    const nBatches = options.dropRemainder ? Math.floor(n / batchSize) : Math.ceil(n / batchSize);
    const collate = options.collate ?? stackExamples;
    return new MapDataset<U>(nBatches, (i) => {
      const begin = (i % nBatches) * batchSize;
      const first = n === Infinity ? i * batchSize : Math.floor(i / nBatches) * n + begin;
      const size = n === Infinity ? batchSize : Math.min(batchSize, n - begin);
      const examples = Array.from({ length: size }, (_, k) => this.#at(first + k));
      const isLater = examples.some((x) => x instanceof Promise);
      const collected = (list: (T | null)[]): U | null => {
        const kept = list.filter((x) => x !== null);
        return kept.length === 0 ? null : (collate(kept) as U);
      };
      return isLater ? Promise.all(examples).then(collected) : collected(examples as (T | null)[]);
    });
  }

  /** The examples in turn; up to `prefetch` of them are made before they are asked for. */
  toIterDataset(options: { prefetch?: number } = {}): IterDataset<T> {
    const prefetch = whole("toIterDataset", options.prefetch ?? 0, 0);
    return new IterDataset<T>(() => new IndexIterator<T>(this.length, this.#at, prefetch));
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.toIterDataset()[Symbol.asyncIterator]();
  }
}
