/** The GGUF format of llama.cpp: reading, and quantised tensors packed or widened. */
export { DEQUANTIZED, dequantize } from "./dequantize";
export { PackedArray, isPackable, toArray, toPacked } from "./packed";
export { type GgufFile, type GgufTensor, type LazyGgufFile, open, parse } from "./parse";
export type { MetadataValue } from "./reader";
export type { GgufType } from "./types";
