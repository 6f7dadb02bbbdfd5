/** Decompression of DEFLATE data (RFC 1951). */
import { JaxError } from "../base/errors";

/** A code book: how many codes have each length, and their symbols in order. */
interface Book {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

function bookOf(lengths: ArrayLike<number>): Book {
  const counts = new Uint16Array(16);
  for (let i = 0; i < lengths.length; i++) counts[lengths[i]!]!++;
  counts[0] = 0;
  const starts = new Uint16Array(17);
  for (let bits = 1; bits < 16; bits++) starts[bits + 1] = starts[bits]! + counts[bits]!;
  const symbols = new Uint16Array(lengths.length);
  for (let i = 0; i < lengths.length; i++) if (lengths[i] !== 0) symbols[starts[lengths[i]!]!++] = i;
  return { counts, symbols };
}

/** Lengths and distances: the first value of each code, and how many bits follow. */
const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258]; // prettier-ignore
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577]; // prettier-ignore
const DISTANCE_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13]; // prettier-ignore
/** The order in which lengths of the codes for code lengths are written. */
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const damaged = (): never => {
  throw new JaxError("load: the compressed data is damaged");
};

class Reader {
  private readonly bytes: Uint8Array;
  private at = 0;
  private held = 0;
  private nHeld = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The next bits, the lowest first. */
  bits(n: number): number {
    while (this.nHeld < n) {
      if (this.at >= this.bytes.length) damaged();
      this.held |= this.bytes[this.at++]! << this.nHeld;
      this.nHeld += 8;
    }
    const value = this.held & ((1 << n) - 1);
    this.held >>>= n;
    this.nHeld -= n;
    return value;
  }

  symbol({ counts, symbols }: Book): number {
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length < 16; length++) {
      code |= this.bits(1);
      const count = counts[length]!;
      if (code - count < first) return symbols[index + code - first]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return damaged();
  }

  /** Bytes that are not compressed, from the next whole one on. */
  stored(): Uint8Array {
    this.held = this.nHeld = 0;
    const length = this.bits(16);
    this.bits(16); // its complement
    const out = this.bytes.subarray(this.at, this.at + length);
    if (out.length !== length) damaged();
    this.at += length;
    return out;
  }
}

const FIXED = (): [Book, Book] => {
  const lengths = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
  return [bookOf(lengths), bookOf(new Array<number>(30).fill(5))];
};

function writtenBooks(reader: Reader): [Book, Book] {
  const nLengths = reader.bits(5) + 257;
  const nDistances = reader.bits(5) + 1;
  const nCodes = reader.bits(4) + 4;
  const codes = new Array<number>(19).fill(0);
  for (let i = 0; i < nCodes; i++) codes[CODE_ORDER[i]!] = reader.bits(3);
  const book = bookOf(codes);
  const lengths: number[] = [];
  while (lengths.length < nLengths + nDistances) {
    const symbol = reader.symbol(book);
    if (symbol < 16) lengths.push(symbol);
    else {
      const value = symbol === 16 ? (lengths[lengths.length - 1] ?? damaged()) : 0;
      const times = symbol === 16 ? 3 + reader.bits(2) : symbol === 17 ? 3 + reader.bits(3) : 11 + reader.bits(7);
      for (let i = 0; i < times; i++) lengths.push(value);
    }
  }
  return [bookOf(lengths.slice(0, nLengths)), bookOf(lengths.slice(nLengths))];
}

/** Decompresses to `size` bytes. Throws JaxError for damaged data. */
export function inflate(bytes: Uint8Array, size: number): Uint8Array {
  const reader = new Reader(bytes);
  const out = new Uint8Array(size);
  let at = 0;
  const copy = (books: [Book, Book]): void => {
    for (;;) {
      const symbol = reader.symbol(books[0]);
      if (symbol === 256) return;
      if (symbol < 256) out[at++] = symbol;
      else {
        const length = LENGTH_BASE[symbol - 257]! + reader.bits(LENGTH_BITS[symbol - 257]!);
        const code = reader.symbol(books[1]);
        const distance = DISTANCE_BASE[code]! + reader.bits(DISTANCE_BITS[code]!);
        if (distance > at || at + length > size) damaged();
        for (let i = 0; i < length; i++, at++) out[at] = out[at - distance]!;
      }
    }
  };
  for (let last = 0; last === 0;) {
    last = reader.bits(1);
    const kind = reader.bits(2);
    if (kind === 0) {
      const plain = reader.stored();
      if (at + plain.length > size) damaged();
      out.set(plain, at);
      at += plain.length;
    } else if (kind === 3) damaged();
    else copy(kind === 1 ? FIXED() : writtenBooks(reader));
  }
  return at === size ? out : damaged();
}
