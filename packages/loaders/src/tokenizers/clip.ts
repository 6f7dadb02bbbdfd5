/** The encoding of CLIP: small letters, a mark at the end of each word, always 77 tokens. */
import { quoted } from "../bytes/quoted";
import { FormatError } from "../errors";
import { type CachedFetchInit, cachedFetch } from "../fetch/cached-fetch";
import { BpeEncoding } from "./bpe-encoding";
import { BYTE_CHARS, fromByteChars } from "./byte-strings";

const MERGES_URL =
  "https://cdn.jsdelivr.net/gh/mlfoundations/open_clip@v3.2.0/src/open_clip/bpe_simple_vocab_16e6.txt.gz";
const N_MERGES = 48894;
const CONTEXT_LENGTH = 77;
/** Stands for `</w>`: words have no spaces in them, so a space can mark their end. */
const WORD_END = " ";
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu;

class ClipEncoding extends BpeEncoding {
  readonly #start: number;
  readonly #end: number;

  constructor(encoder: Map<string, number>) {
    const start = encoder.size;
    super(encoder, { "<|startoftext|>": start, "<|endoftext|>": start + 1 }, /[^ ]+ /gu);
    this.#start = start;
    this.#end = start + 1;
  }

  override _beforeEncode(text: string): string {
    return (text.toLowerCase().match(WORDS) ?? []).map((word) => word + WORD_END).join("");
  }

  override _afterEncode(tokens: number[]): number[] {
    const out = [this.#start, ...tokens, this.#end].slice(0, CONTEXT_LENGTH);
    if (tokens.length + 2 > CONTEXT_LENGTH) out[CONTEXT_LENGTH - 1] = this.#end;
    while (out.length < CONTEXT_LENGTH) out.push(0);
    return out;
  }

  /** Without the padding after the end. */
  override _beforeDecode(tokens: number[]): number[] {
    const end = tokens.indexOf(this.#end);
    return end < 0 ? tokens : tokens.slice(0, end + 1);
  }
}

/** The vocabulary that a list of merges makes: bytes, bytes at the end of a word, then each merge. */
export function clipVocabulary(lines: readonly string[]): Map<string, number> {
  const bytes = (part: string): string => {
    const atEnd = part.endsWith("</w>");
    const decoded = fromByteChars(atEnd ? part.slice(0, -4) : part);
    if (decoded === null) throw new FormatError("CLIP merges", `${quoted(part)} is not a symbol`);
    return decoded + (atEnd ? WORD_END : "");
  };
  const order = BYTE_CHARS.map((_, b) => b).sort((a, b) => (BYTE_CHARS[a]! < BYTE_CHARS[b]! ? -1 : 1));
  const singles = order.map((b) => String.fromCharCode(b));
  const vocabulary = new Map<string, number>();
  const define = (token: string) =>
    vocabulary.set(token, vocabulary.has(token) ? vocabulary.get(token)! : vocabulary.size);
  for (const single of singles) define(single);
  for (const single of singles) define(single + WORD_END);
  for (const line of lines) {
    const [a, b] = line.trim().split(/\s+/);
    if (a === undefined || b === undefined) throw new FormatError("CLIP merges", `${quoted(line)} is not a pair`);
    define(bytes(a) + bytes(b));
  }
  return vocabulary;
}

/** Downloads the merges of CLIP. */
export async function clipEncoding(init: CachedFetchInit): Promise<BpeEncoding> {
  const bytes = await cachedFetch(MERGES_URL, init);
  const stream = new Blob([bytes]).stream();
  // A server may have unpacked it already.
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = await new Response(isPacked ? stream.pipeThrough(new DecompressionStream("gzip")) : stream).text();
  return new ClipEncoding(clipVocabulary(text.split("\n").slice(1, N_MERGES + 1)));
}
