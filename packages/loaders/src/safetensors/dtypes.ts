/** Element types of safetensors: how wide they are, and as what typed array their data are given. */
import {
  type Float16Array,
  type SmallFloatName,
  float16ArrayClass,
  widenBF16,
  widenF16,
  widenF8,
  widenPacked,
} from "../bytes/narrow-floats";

/** Name of an element type in a safetensors header. */
export type DType =
  | "BOOL"
  | "U8"
  | "I8"
  | "U16"
  | "I16"
  | "U32"
  | "I32"
  | "U64"
  | "I64"
  | "F16"
  | "BF16"
  | "F32"
  | "F64"
  | "C64"
  | "F8_E4M3"
  | "F8_E5M2"
  | "F8_E4M3FNUZ"
  | "F8_E5M2FNUZ"
  | "F8_E8M0"
  | "F6_E2M3"
  | "F6_E3M2"
  | "F4";

/** Elements of a tensor. Types that JavaScript lacks are widened to float32. */
export type TensorData =
  | Float16Array
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

interface DTypeInfo {
  readonly bits: number;
  /** Elements of a tensor with `length` elements, from exactly its bytes. */
  read(bytes: Uint8Array, length: number): TensorData;
}

interface ViewClass {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TensorData;
}

/** A view where the bytes are aligned, else a copy. */
function view(of: ViewClass, bytes: Uint8Array): TensorData {
  const size = of.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new of(aligned.buffer, aligned.byteOffset, aligned.byteLength / size);
}

const viewed = (of: ViewClass): DTypeInfo => ({ bits: of.BYTES_PER_ELEMENT * 8, read: (bytes) => view(of, bytes) });
const f8 = (name: SmallFloatName): DTypeInfo => ({ bits: 8, read: (bytes) => widenF8(name, bytes) });
const packed = (name: SmallFloatName, bits: number): DTypeInfo => ({
  bits,
  read: (bytes, length) => widenPacked(name, bits, bytes, length),
});

const TABLE: Readonly<Record<DType, DTypeInfo>> = {
  BOOL: viewed(Uint8Array),
  U8: viewed(Uint8Array),
  I8: viewed(Int8Array),
  U16: viewed(Uint16Array),
  I16: viewed(Int16Array),
  U32: viewed(Uint32Array),
  I32: viewed(Int32Array),
  U64: viewed(BigUint64Array),
  I64: viewed(BigInt64Array),
  F16: {
    bits: 16,
    read(bytes) {
      const native = float16ArrayClass();
      return native === null ? widenF16(bytes) : view(native as unknown as ViewClass, bytes);
    },
  },
  BF16: { bits: 16, read: (bytes) => widenBF16(bytes) },
  F32: viewed(Float32Array),
  F64: viewed(Float64Array),
  // Real and imaginary parts in turn.
  C64: { bits: 64, read: (bytes) => view(Float32Array, bytes) },
  F8_E4M3: f8("F8_E4M3"),
  F8_E5M2: f8("F8_E5M2"),
  F8_E4M3FNUZ: f8("F8_E4M3FNUZ"),
  F8_E5M2FNUZ: f8("F8_E5M2FNUZ"),
  F8_E8M0: f8("F8_E8M0"),
  F6_E2M3: packed("F6_E2M3", 6),
  F6_E3M2: packed("F6_E3M2", 6),
  F4: packed("F4", 4),
};

export const DTYPE_NAMES = /* @__PURE__ */ Object.keys(TABLE) as readonly DType[];

export const isDType = (name: unknown): name is DType => typeof name === "string" && Object.hasOwn(TABLE, name);

/** Bits of one element. */
export const bitsOf = (dtype: DType): number => TABLE[dtype].bits;

/** The elements in these bytes, which must be exactly those of the tensor. */
export const readElements = (dtype: DType, bytes: Uint8Array, length: number): TensorData =>
  TABLE[dtype].read(bytes, length);
