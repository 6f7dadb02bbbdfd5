/** Reading the fields of a GGUF header one after another, with every length checked before anything is made of it. */
import { FormatError } from "../errors";

export const FORMAT = "gguf";

/** The bytes end within the header; more of the file may help. */
export class HeaderCutOff extends FormatError {}

/** A value of the metadata; lists of numbers are typed arrays, of 64-bit integers lists. */
export type MetadataValue =
  number | bigint | boolean | string | Float32Array | Float64Array | IntegerArray | readonly MetadataValue[];
type IntegerArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

interface ArrayClass {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): Float32Array | Float64Array | IntegerArray;
}

/** Numbers of a kind: how wide, how one is read, and what many of them are. */
interface NumberKind {
  readonly sizeBytes: number;
  readonly read: (view: DataView, at: number) => number | bigint;
  readonly list: ArrayClass | null;
}

/** An integer as a number where it is exact. */
const exact = (n: bigint): number | bigint =>
  BigInt(Number(n)) === n && Number.isSafeInteger(Number(n)) ? Number(n) : n;

const NUMBERS: Readonly<Record<number, NumberKind>> = {
  0: { sizeBytes: 1, read: (v, at) => v.getUint8(at), list: Uint8Array },
  1: { sizeBytes: 1, read: (v, at) => v.getInt8(at), list: Int8Array },
  2: { sizeBytes: 2, read: (v, at) => v.getUint16(at, true), list: Uint16Array },
  3: { sizeBytes: 2, read: (v, at) => v.getInt16(at, true), list: Int16Array },
  4: { sizeBytes: 4, read: (v, at) => v.getUint32(at, true), list: Uint32Array },
  5: { sizeBytes: 4, read: (v, at) => v.getInt32(at, true), list: Int32Array },
  6: { sizeBytes: 4, read: (v, at) => v.getFloat32(at, true), list: Float32Array },
  10: { sizeBytes: 8, read: (v, at) => exact(v.getBigUint64(at, true)), list: null },
  11: { sizeBytes: 8, read: (v, at) => exact(v.getBigInt64(at, true)), list: null },
  12: { sizeBytes: 8, read: (v, at) => v.getFloat64(at, true), list: Float64Array },
};
const BOOL = 7;
const STRING = 8;
const ARRAY = 9;
const MAX_DEPTH = 4;

export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Lengths are 32 bits wide in version 1. */
  lengthBytes: 4 | 8 = 8;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(what: string, offset = this.at): never {
    throw new FormatError(FORMAT, what, offset);
  }

  /** The offset of the next n bytes, which are there. */
  take(n: number): number {
    if (n > this.#bytes.length - this.at) {
      throw new HeaderCutOff(FORMAT, `the header ends after ${this.#bytes.length - this.at} of ${n} bytes`, this.at);
    }
    this.at += n;
    return this.at - n;
  }

  u32(): number {
    return this.#view.getUint32(this.take(4), true);
  }

  /** A length or offset. */
  length(): number {
    if (this.lengthBytes === 4) return this.u32();
    const at = this.take(8);
    const n = this.#view.getBigUint64(at, true);
    return n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : this.fail(`a length of ${n}`, at);
  }

  string(): string {
    const n = this.length();
    const at = this.take(n);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#bytes.subarray(at, at + n));
  }

  value(kind = this.u32(), depth = 0): MetadataValue {
    const number = Object.hasOwn(NUMBERS, kind) ? NUMBERS[kind] : undefined;
    if (number !== undefined) return number.read(this.#view, this.take(number.sizeBytes));
    if (kind === BOOL) return this.#view.getUint8(this.take(1)) !== 0;
    if (kind === STRING) return this.string();
    if (kind === ARRAY && depth < MAX_DEPTH) return this.#array(depth);
    return this.fail(kind === ARRAY ? "lists are nested too deeply" : `a value of unknown kind ${kind}`, this.at - 4);
  }

  #array(depth: number): MetadataValue {
    const kind = this.u32();
    const n = this.length();
    const number = Object.hasOwn(NUMBERS, kind) ? NUMBERS[kind] : undefined;
    if (number !== undefined && number.list !== null) {
      const at = this.take(n * number.sizeBytes);
      return new number.list(this.#bytes.slice(at, this.at).buffer as ArrayBuffer);
    }
    // The list grows with what is read: its length is only a promise.
    const out: MetadataValue[] = [];
    for (let i = 0; i < n; i++) out.push(this.value(kind, depth + 1));
    return out;
  }
}
