/** Byte-pair encoding of pieces with a vocabulary of byte strings, in which a token's id is its rank (as tiktoken). */
import { TokenizerError } from "../errors";
import { utf8String } from "./byte-strings";
import { type Merges, PairTable, mergePairs } from "./merge";

/** Pieces remembered, and their longest. Text is made of the same words again and again. */
const CACHE_PIECES = 100_000;
const CACHE_LENGTH = 64;
/** Pairs remembered; 12 bytes each. */
const CACHE_PAIRS = 2_000_000;

const UNKNOWN = -2;

export class BytePairs implements Merges {
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #bytes: readonly (string | undefined)[];
  readonly #ofByte: Int32Array;
  #pairs = new PairTable();
  #pieces = new Map<string, number | readonly number[]>();

  /** `bytes[id]` is the byte string of a token. */
  constructor(ranks: ReadonlyMap<string, number>, bytes: readonly (string | undefined)[]) {
    this.#ranks = ranks;
    this.#bytes = bytes;
    this.#ofByte = Int32Array.from({ length: 256 }, (_, b) => ranks.get(String.fromCharCode(b)) ?? -1);
  }

  rank(a: number, b: number): number {
    let r = this.#pairs.get(a, b, UNKNOWN);
    if (r !== UNKNOWN) return r;
    r = this.#ranks.get(this.#bytes[a]! + this.#bytes[b]!) ?? -1;
    if (this.#pairs.size >= CACHE_PAIRS) this.#pairs = new PairTable();
    this.#pairs.set(a, b, r);
    return r;
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
    const ids = whole === undefined ? this.#merge(bytes) : [whole];
    if (piece.length <= CACHE_LENGTH) {
      if (this.#pieces.size >= CACHE_PIECES) this.#pieces.clear();
      this.#pieces.set(unsliced(piece), ids.length === 1 ? ids[0]! : ids);
    }
    for (let i = 0; i < ids.length; i++) out.push(ids[i]!);
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
