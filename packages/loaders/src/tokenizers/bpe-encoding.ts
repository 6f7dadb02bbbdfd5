/** Byte-pair encodings in the manner of tiktoken. */
import { TokenizerError } from "../errors";
import { BytePairs } from "./byte-pairs";
import { byteString, bytesOfStrings } from "./byte-strings";
import { compilePattern, escapePattern } from "./patterns";
import { type Scanner, scannerOf } from "./scanners";
import type { DecodeStream } from "./decode-stream";

const NONE: ReadonlySet<string> = new Set();

/**
 * A byte-pair encoding: text to tokens and back. Sub-classes may override the three hooks whose names begin with `_`.
 *
 * Source: https://github.com/openai/tiktoken
 * @example
 * const enc = new tokenizers.BpeEncoding(new Map([["a", 0], ["b", 1], ["ab", 2]]), { "<end>": 3 }, /[ab]+/gu);
 * enc.encode("abab"); // => [2, 2]
 * enc.encode("ab<end>", new Set(["<end>"])); // => [2, 3]
 * enc.decode([2, 0, 3]); // => "aba<end>"
 */
export class BpeEncoding {
  /** Byte string (a character per byte) to token. */
  readonly encoder: Map<string, number>;
  readonly specialTokensEncoder: Map<string, number>;
  /** Splits text into the pieces within which pairs are merged. */
  readonly regex: RegExp;
  /** Matches every special token. */
  readonly specialRegex: RegExp;
  readonly #bytes: (string | undefined)[] = [];
  readonly #pairs: BytePairs;
  readonly #scanner: Scanner | undefined;
  readonly #specialPatterns = new Map<string, RegExp>();

  /** `pattern` is a regular expression, or its source in the syntax of Rust. */
  constructor(encoder: Map<string, number>, specialTokens: Record<string, number>, pattern: RegExp | string) {
    this.encoder = encoder;
    this.specialTokensEncoder = new Map(Object.entries(specialTokens));
    this.#scanner = typeof pattern === "string" ? scannerOf(pattern) : undefined;
    if (typeof pattern !== "string" && !pattern.global) {
      throw new TokenizerError("BpeEncoding: the pattern needs the flag g");
    }
    this.regex = typeof pattern === "string" ? compilePattern(pattern) : pattern;
    this.specialRegex = patternOf(this.specialTokensEncoder.keys());
    for (const [bytes, rank] of encoder) this.#define(rank, bytes);
    this.#pairs = new BytePairs(encoder, this.#bytes.slice());
    for (const [token, rank] of this.specialTokensEncoder) {
      this.#define(rank, byteString(new TextEncoder().encode(token)));
    }
  }

  #define(rank: number, bytes: string): void {
    if (!Number.isInteger(rank) || rank < 0 || rank >= 2 ** 22) {
      throw new TokenizerError(`BpeEncoding: ${rank} is not a rank below 2**22`);
    }
    if (this.#bytes[rank] !== undefined) throw new TokenizerError(`BpeEncoding: rank ${rank} is given twice`);
    this.#bytes[rank] = bytes;
  }

  /** Token to byte string, of ordinary tokens. A copy. */
  get decoder(): Map<number, string> {
    return new Map([...this.encoder].map(([bytes, rank]) => [rank, bytes]));
  }

  /** Token to byte string, of special tokens. A copy. */
  get specialTokensDecoder(): Map<number, string> {
    return new Map([...this.specialTokensEncoder.values()].map((rank) => [rank, this.#bytes[rank]!]));
  }

  /**
   * Tokens of a text. Special tokens in it are ordinary text, except those of `allowedSpecial`.
   * Lone surrogates are encoded as U+FFFD.
   */
  encode(text: string, allowedSpecial: ReadonlySet<string> = NONE): number[] {
    const whole = this._beforeEncode(text);
    const out: number[] = [];
    let start = 0;
    const allowed = [...this.specialTokensEncoder.keys()].filter((token) => allowedSpecial.has(token));
    if (allowed.length > 0) {
      for (const match of whole.matchAll(this.#patternOf(allowed))) {
        this.#encodeOrdinary(whole.slice(start, match.index), out);
        out.push(this.specialTokensEncoder.get(match[0])!);
        start = match.index + match[0].length;
      }
    }
    this.#encodeOrdinary(start === 0 ? whole : whole.slice(start), out);
    return this._afterEncode(out);
  }

  #patternOf(allowed: readonly string[]): RegExp {
    const key = allowed.join("\0");
    let pattern = this.#specialPatterns.get(key);
    if (pattern === undefined) this.#specialPatterns.set(key, (pattern = patternOf(allowed)));
    return pattern;
  }

  #encodeOrdinary(text: string, out: number[]): void {
    const scan = this.#scanner;
    if (scan === undefined) {
      for (const match of text.matchAll(this.regex)) this.#pairs.encodePiece(match[0], out);
      return;
    }
    for (let at = 0; at < text.length;) {
      const end = scan(text, at);
      this.#pairs.encodePiece(text.slice(at, end), out);
      at = end;
    }
  }

  /** As `encode`, with all special tokens allowed. */
  encodeWithSpecialTokens(text: string): number[] {
    return this.encode(text, this.specialTokens());
  }

  specialTokens(): Set<string> {
    return new Set(this.specialTokensEncoder.keys());
  }

  /** Text of tokens. Bytes that are no UTF-8 become U+FFFD. Errors: TokenizerError for an unknown token. */
  decode(tokens: readonly number[]): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.decodeBytes(tokens));
  }

  /** Bytes of tokens, which may end within a character. */
  decodeBytes(tokens: readonly number[]): Uint8Array<ArrayBuffer> {
    return bytesOfStrings(this._beforeDecode([...tokens]).map((token) => this.#bytesOf(token)));
  }

  #bytesOf(token: number): string {
    const bytes = this.#bytes[token];
    if (bytes === undefined) throw new TokenizerError(`decode: ${token} is not a token of this encoding`);
    return bytes;
  }

  /**
   * A decoder of tokens that come one by one: it holds back the bytes of a character until it is whole.
   * @example
   * const enc = new tokenizers.BpeEncoding(new Map([["\xc3", 0], ["\xa9", 1]]), {}, /.+/gu);
   * const stream = enc.decodeStream();
   * stream.push(0); // => ""
   * stream.push(1); // => "é"
   */
  decodeStream(): DecodeStream {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return {
      push: (token) => decoder.decode(bytesOfStrings([this.#bytesOf(token)]), { stream: true }),
      end: () => decoder.decode(),
    };
  }

  /** Changes tokens before they are decoded. */
  _beforeDecode(tokens: number[]): number[] {
    return tokens;
  }

  /** Changes text before it is encoded. */
  _beforeEncode(text: string): string {
    return text;
  }

  /** Changes tokens after a text is encoded. */
  _afterEncode(tokens: number[]): number[] {
    return tokens;
  }
}

/** Longest first, so that no token hides one that begins like it. */
function patternOf(tokens: Iterable<string>): RegExp {
  const list = [...tokens].sort((a, b) => b.length - a.length).map(escapePattern);
  return new RegExp(list.length === 0 ? "(?!)" : list.join("|"), "g");
}
