/** Data sets: examples by number or in turn, shuffled, batched, made ahead, with a position that can be saved. */
export {
  HostArray,
  type HostData,
  type RowsOf,
  type Source,
  arraySource,
  stackExamples,
  stackOnHost,
} from "./examples";
export { IterDataset } from "./iter-dataset";
export type { DatasetIterator, IteratorState } from "./iterators";
export { type BatchOptions, MapDataset } from "./map-dataset";
export type { Seed } from "./permutation";
