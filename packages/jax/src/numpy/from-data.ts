/** Arrays from bytes, texts and iterables. */
import { dtypeOfTypedArray } from "../aval/data-array";
import { type DType, isInteger, sizeBytesOf } from "../aval/dtype";
import { ShapedArray } from "../aval/shaped-array";
import { DTypeError, ShapeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { arrayFromBytes } from "../runtime/create";
import { byPosition } from "./arguments";
import { arrayFromHost } from "./host";

export interface FromBufferOptions {
  /** float32 by default, or the dtype of the typed array that is given. */
  dtype?: DType | undefined;
  /** Number of elements; -1 (default) for all. */
  count?: number | undefined;
  /** Where the first element begins, in bytes. */
  offset?: number | undefined;
}

/**
 * A vector of elements that lie in bytes one after another, little-endian.
 *
 * Differs from JAX: float32 by default; a typed array says its own dtype.
 * Errors: ShapeError if the bytes do not hold the elements; DTypeError for a typed array of no dtype.
 * Source: numpy.frombuffer
 * @example
 * np.frombuffer(new Uint8Array([1, 0, 2, 0]), { dtype: "int16" }).js(); // => [1, 2]
 */
export function frombuffer(
  buffer: ArrayBuffer | ArrayBufferView,
  ...rest: readonly (DType | number | FromBufferOptions | undefined)[]
): Tracer {
  const o = byPosition<FromBufferOptions>(["dtype", "count", "offset"], rest);
  const view = ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
  const own = ArrayBuffer.isView(buffer) ? dtypeOfTypedArray(buffer) : null;
  const dtype = o.dtype ?? (own === null || own === "uint8" ? "float32" : own);
  const size = sizeBytesOf(dtype);
  const { offset = 0, count = -1 } = o;
  const left = view.byteLength - offset;
  if (offset < 0 || left < 0)
    throw new ShapeError(`frombuffer: offset ${offset} is outside of ${view.byteLength} bytes`);
  if (count < 0 && left % size !== 0)
    throw new ShapeError(`frombuffer: ${left} bytes are not a whole number of ${dtype} of ${size} bytes`);
  const n = count < 0 ? left / size : count;
  if (n * size > left) throw new ShapeError(`frombuffer: ${left} bytes do not hold ${n} elements of ${dtype}`);
  return arrayFromBytes(packed(view.slice(offset, offset + n * size), dtype), ShapedArray.of([n], dtype));
}

/** bool is stored as 0 or 1, whatever byte says true. */
const packed = (bytes: Uint8Array, dtype: DType): Uint8Array =>
  dtype === "bool" ? bytes.map((b) => (b === 0 ? 0 : 1)) : bytes;

export interface FromIterOptions {
  dtype?: DType | undefined;
  /** How many to take; -1 (default) for all. */
  count?: number | undefined;
}

/**
 * A vector of what an iterable gives: float32 unless `dtype` is given.
 *
 * Errors: ShapeError if it gives fewer than `count`.
 * Source: numpy.fromiter
 * @example
 * np.fromiter(new Set([3, 4]), "int32").js(); // => [3, 4]
 */
export function fromiter(
  iter: Iterable<number | boolean>,
  ...rest: readonly (DType | number | FromIterOptions | undefined)[]
): Tracer {
  const { dtype = "float32", count = -1 } = byPosition<FromIterOptions>(["dtype", "count"], rest);
  const values: (number | boolean)[] = [];
  for (const value of iter) {
    if (values.length === count) break;
    values.push(value);
  }
  if (count > values.length) throw new ShapeError(`fromiter: ${values.length} elements came, not ${count}`);
  return arrayFromHost("fromiter", values, { dtype, shape: [values.length] });
}

export interface FromStringOptions extends FromIterOptions {
  /** What stands between the numbers; white space around it does not count. */
  sep?: string | undefined;
}

/**
 * A vector of the numbers in a text: float32 unless `dtype` is given.
 *
 * Errors: ShapeError without `sep` or with fewer than `count` numbers; DTypeError for what is no number.
 * Source: numpy.fromstring
 * @example
 * np.fromstring("1 2 3", { dtype: "int32", sep: " " }).js(); // => [1, 2, 3]
 */
export function fromstring(text: string, ...rest: readonly (DType | number | FromStringOptions | undefined)[]): Tracer {
  const o = byPosition<FromStringOptions>(["dtype", "count"], rest, ["sep"]);
  const { dtype = "float32", count = -1, sep = "" } = o;
  if (sep === "")
    throw new ShapeError("fromstring: give sep, what stands between the numbers; for bytes use frombuffer");
  const pieces = sep.trim() === "" ? text.trim().split(/\s+/) : text.split(sep.trim());
  const words = pieces.map((w) => w.trim()).filter((w, i, all) => w !== "" || (i > 0 && i < all.length - 1));
  const values = words.slice(0, count < 0 ? undefined : count).map((word) => {
    const value = /^[-+]?inf(inity)?$/i.test(word) ? (word[0] === "-" ? -Infinity : Infinity) : Number(word);
    const missing = word === "" || (Number.isNaN(value) && !/^[-+]?nan$/i.test(word));
    if (missing || (isInteger(dtype) && !Number.isInteger(value)))
      throw new DTypeError(`fromstring: ${JSON.stringify(word)} is no number of ${dtype}`);
    return value;
  });
  if (count > values.length) throw new ShapeError(`fromstring: ${values.length} numbers are there, not ${count}`);
  return arrayFromHost("fromstring", values, { dtype, shape: [values.length] });
}
