/** Protocol buffers, read field by field: enough for the few messages we need, without a schema. */
import { FormatError } from "../errors";

/** A field: its number, and a number (varint, fixed) or bytes. */
export interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
  /** 0 varint, 1 eight bytes, 2 bytes, 5 four bytes. */
  readonly wire: number;
  readonly offset: number;
}

/** Fields of a message in order. Varints above 2**53 lose their lowest bits. Errors: FormatError naming the byte. */
export function* protobufFields(format: string, data: Uint8Array): Generator<Field> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  const fail = (what: string): never => {
    throw new FormatError(format, what, at);
  };
  const varint = (): number => {
    let out = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const b = data[at];
      if (b === undefined) return fail("it ends within a number");
      at++;
      out += (b & 127) * 2 ** shift;
      if (b < 128) return out;
    }
    return fail("a number of more than 10 bytes");
  };
  const take = (n: number): number => {
    if (n > data.length - at) fail(`a field of ${n} bytes, of which ${data.length - at} are there`);
    at += n;
    return at - n;
  };
  while (at < data.length) {
    const offset = at;
    const tag = varint();
    const wire = tag % 8;
    const number = Math.floor(tag / 8);
    if (number === 0) fail("field number 0");
    if (wire === 0) yield { number, wire, offset, value: varint() };
    else if (wire === 1) yield { number, wire, offset, value: Number(view.getBigUint64(take(8), true)) };
    else if (wire === 5) yield { number, wire, offset, value: view.getFloat32(take(4), true) };
    else if (wire === 2) {
      const n = varint();
      const begin = take(n);
      yield { number, wire, offset, value: data.subarray(begin, begin + n) };
    } else fail(`wire type ${wire} is not known`);
  }
}

/** The last number given for a field, or `otherwise`. */
export const numberField = (fields: readonly Field[], number: number, otherwise: number): number => {
  const value = fields.findLast((f) => f.number === number)?.value;
  return typeof value === "number" ? value : otherwise;
};

/** The last bytes given for a field, or none. */
export const bytesField = (fields: readonly Field[], number: number): Uint8Array | undefined => {
  const value = fields.findLast((f) => f.number === number)?.value;
  return value instanceof Uint8Array ? value : undefined;
};
