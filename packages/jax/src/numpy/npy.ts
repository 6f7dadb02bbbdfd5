/** The .npy format: a header that says dtype, order and shape, then the elements. */
import { type DType, sizeBytesOf } from "../aval/dtype";
import { DTypeError, JaxError } from "../base/errors";
import { prod } from "../base/list";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/** NumPy's names; bfloat16 has none and is written as two raw bytes, as ml_dtypes does. */
const NAMES: Readonly<Record<DType, string>> = {
  bool: "|b1", int8: "|i1", int16: "<i2", int32: "<i4", uint8: "|u1", uint16: "<u2", uint32: "<u4", float16: "<f2", bfloat16: "<V2",
  float32: "<f4", float64: "<f8",
}; // prettier-ignore

/** An array as it lies in a file. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Packed and little-endian. */
  readonly bytes: Uint8Array;
  /** The first axis runs fastest. */
  readonly fortranOrder: boolean;
}

/** The bytes of a .npy file, version 1.0. */
export function encodeNpy({ shape, dtype, bytes }: Omit<NpyArray, "fortranOrder">): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${NAMES[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // The elements begin at a multiple of 64.
  const start = Math.ceil((10 + text.length + 1) / 64) * 64;
  const out = new Uint8Array(start + bytes.length);
  out.set([...MAGIC, 1, 0]);
  new DataView(out.buffer).setUint16(8, start - 10, true);
  out.set(new TextEncoder().encode(text.padEnd(start - 11) + "\n"), 10);
  out.set(bytes, start);
  return out;
}

export const isNpy = (bytes: Uint8Array): boolean => MAGIC.every((b, i) => bytes[i] === b);

function headerOf(bytes: Uint8Array): { text: string; start: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6]! >= 2;
  const [at, length] = wide ? [12, view.getUint32(8, true)] : [10, view.getUint16(8, true)];
  if (at + length > bytes.length) throw new JaxError("load: the header of the .npy file is cut off");
  return { text: new TextDecoder("latin1").decode(bytes.subarray(at, at + length)), start: at + length };
}

function field(text: string, pattern: RegExp, what: string): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new JaxError(`load: the header of the .npy file has no ${what}: ${text.trim()}`);
  return found;
}

/** How a dtype lies in a file. 64-bit integers are read as 32-bit ones, as JAX does without 64-bit types. */
interface Stored {
  readonly dtype: DType;
  readonly sizeBytes: number;
  readonly bigEndian: boolean;
}

function storedType(descr: string): Stored {
  const [order, name] = [descr[0], descr.slice(1)];
  const bigEndian = order === ">";
  if (name === "i8" || name === "u8") return { dtype: name === "i8" ? "int32" : "uint32", sizeBytes: 8, bigEndian };
  const dtype = (Object.keys(NAMES) as DType[]).find((d) => NAMES[d].slice(1) === name);
  if (dtype === undefined) {
    throw new DTypeError(
      `load: elements of type ${descr} cannot be read; expected numbers or bools of at most 64 bits`,
    );
  }
  return { dtype, sizeBytes: sizeBytesOf(dtype), bigEndian };
}

/** Elements in the order of this library: little-endian, 64-bit integers cut to their lower half. */
function normalized(bytes: Uint8Array, { dtype, sizeBytes, bigEndian }: Stored): Uint8Array {
  const size = sizeBytesOf(dtype);
  if (!bigEndian && size === sizeBytes) return dtype === "bool" ? bytes.map((b) => (b === 0 ? 0 : 1)) : bytes.slice();
  const n = bytes.length / sizeBytes;
  const out = new Uint8Array(n * size);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < size; k++) out[i * size + k] = bytes[i * sizeBytes + (bigEndian ? sizeBytes - 1 - k : k)]!;
  }
  return out;
}

/** Reads a .npy file. Throws JaxError for one that is damaged, DTypeError for elements that no dtype holds. */
export function decodeNpy(bytes: Uint8Array): NpyArray {
  if (!isNpy(bytes)) throw new JaxError("load: these bytes are no .npy file");
  const { text, start } = headerOf(bytes);
  const stored = storedType(field(text, /'descr':\s*'([^']*)'/, "dtype"));
  const fortranOrder = field(text, /'fortran_order':\s*(True|False)/, "order") === "True";
  const shape = field(text, /'shape':\s*\(([^)]*)\)/, "shape")
    .split(",")
    .filter((s) => s.trim() !== "")
    .map(Number);
  const length = prod(shape) * stored.sizeBytes;
  const body = bytes.subarray(start, start + length);
  if (!shape.every((n) => Number.isInteger(n) && n >= 0) || body.length !== length) {
    throw new JaxError(`load: the .npy file holds ${body.length} bytes for shape (${shape.join(", ")})`);
  }
  return { shape, dtype: stored.dtype, bytes: normalized(body, stored), fortranOrder };
}
