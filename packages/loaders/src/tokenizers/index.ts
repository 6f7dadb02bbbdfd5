/** Text to tokens and back. */
export { BpeEncoding } from "./bpe-encoding";
export type { DecodeStream } from "./decode-stream";
export { type BpeEncodingName, getBpe } from "./get-bpe";
export type { AddedToken } from "./pipeline/added-tokens";
export { parseRanks } from "./rank-file";
export { SentencePiece, SentencePiece as Unigram, loadSentencePiece } from "./sentencepiece";
export { type DecodeOptions, type EncodeOptions, Tokenizer } from "./tokenizer";
