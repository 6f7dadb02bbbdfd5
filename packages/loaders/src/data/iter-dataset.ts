/** Data sets in turn, whose position can be saved and taken up again. */
import { LoaderError } from "../errors";
import type { Batch } from "./examples";
import { BatchIterator, type DatasetIterator, MappedIterator, PrefetchIterator } from "./iterators";
import type { BatchOptions } from "./map-dataset";

/**
 * Examples in turn. Iterators of it know their position: `getState` gives it as plain JSON, to be saved with the
 * parameters, and `setState` goes on from there.
 *
 * Source: grain.IterDataset
 * @example
 * const set = data.MapDataset.range(10).shuffle(1).batch(4).toIterDataset();
 * const iterator = set[Symbol.asyncIterator]();
 * await iterator.next();
 * iterator.getState(); // => { next: 1 }
 * const state = iterator.getState();
 * const again = set[Symbol.asyncIterator]();
 * again.setState(state);
 * const [a, b] = [(await iterator.next()).value, (await again.next()).value];
 * np.arrayEqual(a, b).item(); // => 1
 */
export class IterDataset<T> {
  readonly #start: () => DatasetIterator<T>;

  constructor(start: () => DatasetIterator<T>) {
    this.#start = start;
  }

  [Symbol.asyncIterator](): DatasetIterator<T> {
    return this.#start();
  }

  map<U>(f: (x: T) => U | Promise<U>): IterDataset<U> {
    return new IterDataset<U>(() => new MappedIterator<T, U>(this.#start(), f));
  }

  filter(f: (x: T) => boolean | Promise<boolean>): IterDataset<T> {
    return new IterDataset<T>(() => new MappedIterator<T, T>(this.#start(), async (x) => ((await f(x)) ? x : null)));
  }

  /** Several examples as one: as `MapDataset.batch`, with all batches full but the last. */
  batch<U = Batch>(batchSize: number, options: BatchOptions = {}): IterDataset<U> {
    if (!Number.isSafeInteger(batchSize) || batchSize < 1)
      throw new LoaderError(`batch: ${batchSize} is not a number of examples`);
    return new IterDataset<U>(() => new BatchIterator<T, U>(this.#start(), batchSize, options));
  }

  /** Makes up to n examples before they are asked for. */
  prefetch(n: number): IterDataset<T> {
    if (!Number.isSafeInteger(n) || n < 1) throw new LoaderError(`prefetch: ${n} is not a number of examples`);
    return new IterDataset<T>(() => new PrefetchIterator<T>(this.#start, n));
  }
}
