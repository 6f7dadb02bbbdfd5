/** The safetensors format: reading all dtypes, from memory, files, streams and shards; and writing. */
export { fromArray, loadArrays, saveArrays, toArray } from "./arrays";
export type { DType, TensorData } from "./dtypes";
export type { Header, TensorEntry } from "./header";
export { type LazyFile, type ShardFetcher, load, loadSharded, open, stream } from "./load";
export { fromNested, toNested } from "./nested";
export { type File, type Tensor, parse } from "./parse";
export { type ShardedFiles, type TensorInput, serialize, serializeSharded } from "./serialize";
