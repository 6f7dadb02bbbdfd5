/** Host data: which typed array holds which dtype, and conversions of the 16-bit floats. */
import { DTypeError } from "../base/errors";
import { type DType, sizeBytesOf } from "./dtype";

/** What `data()` gives. bool reads as Int32Array of 0/1; float16 as a Float16Array where the engine has one. */
export type DataArray =
  Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

type FloatArrayConstructor = new (from: ArrayLike<number>) => Float32Array;
const Float16ArrayClass = (): FloatArrayConstructor | undefined =>
  (globalThis as { Float16Array?: FloatArrayConstructor }).Float16Array;

/** The dtype that a typed array keeps in `np.array`. */
export function dtypeOfTypedArray(data: ArrayBufferView): DType | null {
  return BY_NAME[data.constructor.name] ?? null;
}

const BY_NAME: Readonly<Record<string, DType>> = {
  Int8Array: "int8",
  Uint8Array: "uint8",
  Uint8ClampedArray: "uint8",
  Int16Array: "int16",
  Uint16Array: "uint16",
  Int32Array: "int32",
  Uint32Array: "uint32",
  Float16Array: "float16",
  Float32Array: "float32",
  Float64Array: "float64",
};

const scratch = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8));

/** The nearest float16 (ties to even), as its 16 bits. */
export function toFloat16Bits(value: number): number {
  scratch.setFloat64(0, value);
  const hi = scratch.getUint32(0);
  const sign = (hi >>> 16) & 0x8000;
  const abs = Math.abs(value);
  if (value !== value) return 0x7e00;
  if (abs >= 65520) return sign | 0x7c00;
  if (abs < 2 ** -24 / 2) return sign;
  if (abs < 2 ** -14) return sign | roundHalfEven(abs * 2 ** 24);
  const exponent = ((hi >>> 20) & 0x7ff) - 1023;
  const mantissa = roundHalfEven((abs / 2 ** exponent - 1) * 1024);
  return sign | (((exponent + 15) << 10) + mantissa);
}

function roundHalfEven(x: number): number {
  const r = Math.round(x);
  return r - x === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

/** The value of float16 bits. */
export function fromFloat16Bits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** The nearest bfloat16 (ties to even), as its 16 bits. */
export function toBfloat16Bits(value: number): number {
  if (value !== value) return 0x7fc0;
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The value of bfloat16 bits. */
export function fromBfloat16Bits(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

/** Storage view of packed bytes: 16-bit floats as their bits, bool as bytes. Copies if the bytes are misaligned. */
export function storageView(bytes: Uint8Array, dtype: DType): DataArray {
  const size = sizeBytesOf(dtype);
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  const args = [aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / size] as const;
  switch (dtype) {
    case "bool":
    case "uint8":
      return new Uint8Array(...args);
    case "int8":
      return new Int8Array(...args);
    case "int16":
      return new Int16Array(...args);
    case "uint16":
    case "float16":
    case "bfloat16":
      return new Uint16Array(...args);
    case "int32":
      return new Int32Array(...args);
    case "uint32":
      return new Uint32Array(...args);
    case "float32":
      return new Float32Array(...args);
    case "float64":
      return new Float64Array(...args);
    default:
      dtype satisfies never;
      throw new DTypeError(`dtype: ${String(dtype)} is not a dtype`);
  }
}

/**
 * Packed bytes of host values in `dtype`; numbers convert as a cast does in JS typed arrays. Of a typed array of this
 * dtype they are its own.
 */
export function packElements(values: ArrayLike<number | boolean>, dtype: DType): Uint8Array {
  if (ArrayBuffer.isView(values) && dtypeOfTypedArray(values) === dtype)
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bytes = new Uint8Array(values.length * sizeBytesOf(dtype));
  const view = storageView(bytes, dtype);
  const n = values.length;
  if (dtype === "bool") for (let i = 0; i < n; i++) view[i] = values[i] ? 1 : 0;
  else if (dtype === "float16") for (let i = 0; i < n; i++) view[i] = toFloat16Bits(Number(values[i]));
  else if (dtype === "bfloat16") for (let i = 0; i < n; i++) view[i] = toBfloat16Bits(Number(values[i]));
  else (view as Float32Array).set(values as ArrayLike<number>);
  return bytes;
}

/** As `unpackElements`, of memory that will change: the values are a copy. */
export function copyElements(bytes: Uint8Array, dtype: DType): DataArray {
  const converts = dtype === "bool" || dtype === "float16" || dtype === "bfloat16";
  return converts ? unpackElements(bytes, dtype) : storageView(bytes, dtype).slice();
}

/** What `data()` gives for packed bytes. */
export function unpackElements(bytes: Uint8Array, dtype: DType): DataArray {
  const view = storageView(bytes, dtype);
  if (dtype === "bool") return new Int32Array(view as Uint8Array);
  if (dtype === "bfloat16") return widened(view, fromBfloat16Bits);
  if (dtype === "float16") {
    const Float16 = Float16ArrayClass();
    const values = widened(view, fromFloat16Bits);
    return Float16 === undefined ? values : new Float16(values);
  }
  return view;
}

/** As `Float32Array.from(bits, valueOf)`, which goes through an iterator. */
function widened(bits: ArrayLike<number>, valueOf: (bits: number) => number): Float32Array {
  const out = new Float32Array(bits.length);
  for (let i = 0; i < out.length; i++) out[i] = valueOf(bits[i]!);
  return out;
}
