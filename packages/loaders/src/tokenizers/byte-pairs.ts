/** Byte-pair encoding of pieces with a vocabulary of byte strings, in which a token's id is its rank (as tiktoken). */
import { TokenizerError } from "../errors";
import { utf8String } from "./byte-strings";
import { type Merges, PairTable, mergePairs } from "./merge";

/** Pieces remembered, and their longest. Text is made of the same words again and again. */
const CACHE_PIECES = 100_000;
const CACHE_LENGTH = 64;

/** Bases of two polynomial hashes: that of a + b is hash(a) * base ** length(b) + hash(b). */
const BASES = [0x01000193, 0x5bd1e995] as const;

/** Hashes of all tokens, so that the token of two in a row is found without making its string. */
class TokenHashes {
  readonly #bytes: readonly (string | undefined)[];
  readonly #first: Int32Array;
  readonly #second: Int32Array;
  /** Powers of the bases, by length. */
  readonly #firstPowers: Int32Array;
  readonly #secondPowers: Int32Array;
  readonly #ids: PairTable;
  readonly #longest: number;
  /** Set where two tokens have the same hashes: the second is then looked for as a string. */
  #ranks: ReadonlyMap<string, number> | null = null;

  constructor(ranks: ReadonlyMap<string, number>, bytes: readonly (string | undefined)[]) {
    this.#bytes = bytes;
    this.#first = new Int32Array(bytes.length);
    this.#second = new Int32Array(bytes.length);
    this.#ids = new PairTable(bytes.length);
    let longest = 0;
    bytes.forEach((text, id) => {
      if (text === undefined) return;
      let h = 0;
      let g = 0;
      for (let i = 0; i < text.length; i++) {
        const b = text.charCodeAt(i) + 1;
        h = (Math.imul(h, BASES[0]) + b) | 0;
        g = (Math.imul(g, BASES[1]) + b) | 0;
      }
      this.#first[id] = h;
      this.#second[id] = g;
      longest = Math.max(longest, text.length);
      if (this.#ids.get(h & 0x7fffffff, g, -1) < 0) this.#ids.set(h & 0x7fffffff, g, id);
      else this.#ranks = ranks;
    });
    this.#longest = longest;
    this.#firstPowers = new Int32Array(longest + 1).fill(1);
    this.#secondPowers = new Int32Array(longest + 1).fill(1);
    for (let n = 1; n <= longest; n++) {
      this.#firstPowers[n] = Math.imul(this.#firstPowers[n - 1]!, BASES[0]);
      this.#secondPowers[n] = Math.imul(this.#secondPowers[n - 1]!, BASES[1]);
    }
  }

  /** The token of the bytes of a and b, or -1. */
  joined(a: number, b: number): number {
    const left = this.#bytes[a]!;
    const right = this.#bytes[b]!;
    if (left.length + right.length > this.#longest) return -1;
    const h = (Math.imul(this.#first[a]!, this.#firstPowers[right.length]!) + this.#first[b]!) | 0;
    const g = (Math.imul(this.#second[a]!, this.#secondPowers[right.length]!) + this.#second[b]!) | 0;
    const id = this.#ids.get(h & 0x7fffffff, g, -1);
    if (id < 0) return -1;
    // Other bytes may have the same hashes.
    const whole = this.#bytes[id]!;
    const isSame = whole.length === left.length + right.length && whole.startsWith(left) && whole.endsWith(right);
    return isSame ? id : (this.#ranks?.get(left + right) ?? -1);
  }
}

export class BytePairs implements Merges {
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #hashes: TokenHashes;
  readonly #ofByte: Int32Array;
  readonly #pieces = new Map<string, number | readonly number[]>();

  /** `bytes[id]` is the byte string of a token. */
  constructor(ranks: ReadonlyMap<string, number>, bytes: readonly (string | undefined)[]) {
    this.#ranks = ranks;
    this.#hashes = new TokenHashes(ranks, bytes);
    this.#ofByte = Int32Array.from({ length: 256 }, (_, b) => ranks.get(String.fromCharCode(b)) ?? -1);
  }

  rank(a: number, b: number): number {
    return this.#hashes.joined(a, b);
  }

  merged(rank: number): number {
    return rank;
  }

  /** Appends the tokens of one piece of text. */
  encodePiece(piece: string, out: number[]): void {
    const known = this.#pieces.get(piece);
    if (typeof known === "number") {
      out.push(known);
    } else if (known !== undefined) {
      for (let i = 0; i < known.length; i++) out.push(known[i]!);
    } else {
      this.#encodeNew(piece, out);
    }
  }

  #encodeNew(piece: string, out: number[]): void {
    const bytes = utf8String(piece);
    const whole = this.#ranks.get(bytes);
    const ids = whole ?? this.#merge(bytes);
    if (piece.length <= CACHE_LENGTH) {
      if (this.#pieces.size >= CACHE_PIECES) this.#pieces.clear();
      this.#pieces.set(unsliced(piece), ids);
    }
    if (typeof ids === "number") out.push(ids);
    else for (let i = 0; i < ids.length; i++) out.push(ids[i]!);
  }

  #merge(bytes: string): number[] {
    const ids: number[] = [];
    for (let i = 0; i < bytes.length; i++) {
      const id = this.#ofByte[bytes.charCodeAt(i)]!;
      if (id < 0) throw new TokenizerError(`tokenizer: the vocabulary has no token for byte ${bytes.charCodeAt(i)}`);
      ids.push(id);
    }
    mergePairs(ids, this);
    return ids;
  }
}

/** A copy: a slice as a key would keep all of the text alive. */
function unsliced(piece: string): string {
  // Slices shorter than this are copies in V8 anyway.
  return piece.length < 13 ? piece : (JSON.parse(JSON.stringify(piece)) as string);
}
