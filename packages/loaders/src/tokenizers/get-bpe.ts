/** The published encodings, by name. */
import { TokenizerError } from "../errors";
import { type CachedFetchInit, cachedFetch } from "../fetch/cached-fetch";
import { BpeEncoding } from "./bpe-encoding";
import { clipEncoding } from "./clip";
import { parseRanks } from "./rank-file";
import { CL100K_PATTERN, GPT2_PATTERN, O200K_PATTERN } from "./scanners";

export type BpeEncodingName =
  "clip" | "r50k_base" | "p50k_base" | "p50k_edit" | "cl100k_base" | "o200k_base" | "o200k_harmony" | (string & {});

/** What tells encodings apart. Source: tiktoken_ext/openai_public.py of openai/tiktoken */
interface EncodingInfo {
  readonly file: string;
  readonly pattern: string;
  readonly special: () => Record<string, number>;
}

const END = "<|endoftext|>";

function harmonyTokens(): Record<string, number> {
  const named: Record<number, string> = {
    199998: "startoftext",
    199999: "endoftext",
    200002: "return",
    200003: "constrain",
    200005: "channel",
    200006: "start",
    200007: "end",
    200008: "message",
    200012: "call",
  };
  const out: Record<string, number> = {};
  for (let i = 199998; i < 201088; i++) out[`<|${named[i] ?? `reserved_${i}`}|>`] = i;
  return out;
}

const ENCODINGS: Readonly<Record<string, EncodingInfo>> = {
  r50k_base: { file: "r50k_base", pattern: GPT2_PATTERN, special: () => ({ [END]: 50256 }) },
  p50k_base: { file: "p50k_base", pattern: GPT2_PATTERN, special: () => ({ [END]: 50256 }) },
  p50k_edit: {
    file: "p50k_base",
    pattern: GPT2_PATTERN,
    special: () => ({ [END]: 50256, "<|fim_prefix|>": 50281, "<|fim_middle|>": 50282, "<|fim_suffix|>": 50283 }),
  },
  cl100k_base: {
    file: "cl100k_base",
    pattern: CL100K_PATTERN,
    special: () => ({
      [END]: 100257,
      "<|fim_prefix|>": 100258,
      "<|fim_middle|>": 100259,
      "<|fim_suffix|>": 100260,
      "<|endofprompt|>": 100276,
    }),
  },
  o200k_base: {
    file: "o200k_base",
    pattern: O200K_PATTERN,
    special: () => ({ [END]: 199999, "<|endofprompt|>": 200018 }),
  },
  o200k_harmony: { file: "o200k_base", pattern: O200K_PATTERN, special: harmonyTokens },
};

// OpenAI's own server sends no CORS headers.
const urlOf = (file: string) => `https://cdn.jsdelivr.net/npm/gpt-tokenizer@3.0.1/data/${file}.tiktoken`;

/**
 * Loads an encoding by its name; its file of ranks is downloaded once, and kept. `init` is that of `cachedFetch`.
 *
 * Errors: TokenizerError for an unknown name; FetchError, as `cachedFetch`.
 */
export async function getBpe(name: BpeEncodingName, init: CachedFetchInit = {}): Promise<BpeEncoding> {
  if (name === "clip") return clipEncoding(init);
  const info = Object.hasOwn(ENCODINGS, name) ? ENCODINGS[name] : undefined;
  if (info === undefined) {
    throw new TokenizerError(`getBpe: no encoding ${name}; expected one of clip, ${Object.keys(ENCODINGS).join(", ")}`);
  }
  return new BpeEncoding(parseRanks(await cachedFetch(urlOf(info.file), init)), info.special(), info.pattern);
}
