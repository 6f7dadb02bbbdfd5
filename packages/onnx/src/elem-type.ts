/** Element types of ONNX: their numbers in the file format, and the dtype that holds them here. */
import { type DType } from "@jax-js/jax";
import { OnnxUnsupportedError } from "./errors";

export const FLOAT = 1;
export const UINT8 = 2;
export const INT8 = 3;
export const UINT16 = 4;
export const INT16 = 5;
export const INT32 = 6;
export const INT64 = 7;
export const STRING = 8;
export const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;
export const UINT32 = 12;
export const BFLOAT16 = 16;

/** Number of an element type, as in `TensorProto.DataType`. */
export type ElemType = number;

export type ElemKind = "float" | "int" | "uint" | "bool" | "string" | "complex";

interface ElemInfo {
  readonly name: string;
  readonly kind: ElemKind;
  /** Bits in a file. */
  readonly bits: number;
  /** What holds it on the device; null if nothing does. */
  readonly dtype: DType | null;
}

const info = (name: string, kind: ElemKind, bits: number, dtype: DType | null): ElemInfo => ({
  name,
  kind,
  bits,
  dtype,
});

/** int64 and uint64 are clamped to 32 bits on the device; 8-bit and 4-bit floats are widened. */
const table: Readonly<Record<ElemType, ElemInfo>> = {
  [FLOAT]: info("float", "float", 32, "float32"),
  [UINT8]: info("uint8", "uint", 8, "uint8"),
  [INT8]: info("int8", "int", 8, "int8"),
  [UINT16]: info("uint16", "uint", 16, "uint16"),
  [INT16]: info("int16", "int", 16, "int16"),
  [INT32]: info("int32", "int", 32, "int32"),
  [INT64]: info("int64", "int", 64, "int32"),
  [STRING]: info("string", "string", 0, null),
  [BOOL]: info("bool", "bool", 8, "bool"),
  [FLOAT16]: info("float16", "float", 16, "float16"),
  [DOUBLE]: info("double", "float", 64, "float64"),
  [UINT32]: info("uint32", "uint", 32, "uint32"),
  13: info("uint64", "uint", 64, "uint32"),
  14: info("complex64", "complex", 64, null),
  15: info("complex128", "complex", 128, null),
  [BFLOAT16]: info("bfloat16", "float", 16, "bfloat16"),
  17: info("float8e4m3fn", "float", 8, "float32"),
  18: info("float8e4m3fnuz", "float", 8, "float32"),
  19: info("float8e5m2", "float", 8, "float32"),
  20: info("float8e5m2fnuz", "float", 8, "float32"),
  21: info("uint4", "uint", 4, "uint8"),
  22: info("int4", "int", 4, "int8"),
  23: info("float4e2m1", "float", 4, "float32"),
  24: info("float8e8m0", "float", 8, "float32"),
  25: info("uint2", "uint", 2, "uint8"),
  26: info("int2", "int", 2, "int8"),
};

/** What is known of an element type. Errors: OnnxUnsupportedError for numbers that ONNX does not have. */
export function elemInfo(type: ElemType): ElemInfo {
  const found = table[type];
  if (!found) throw new OnnxUnsupportedError(`ONNX element type ${type} is not known`);
  return found;
}

/** The dtype that holds the type on a device. */
export function deviceDType(type: ElemType): DType {
  const { dtype, name } = elemInfo(type);
  if (!dtype) throw new OnnxUnsupportedError(`tensors of ${name} cannot be put on a device`);
  return dtype;
}

export const isFloatType = (type: ElemType): boolean => elemInfo(type).kind === "float";
export const isIntegerType = (type: ElemType): boolean => ["int", "uint"].includes(elemInfo(type).kind);

const byDType: Partial<Record<DType, ElemType>> = {
  float32: FLOAT,
  float16: FLOAT16,
  bfloat16: BFLOAT16,
  float64: DOUBLE,
  int32: INT64,
  uint32: UINT32,
  int16: INT16,
  uint16: UINT16,
  int8: INT8,
  uint8: UINT8,
  bool: BOOL,
};

/** The type that an array without a declared type is taken for; integers of 32 bits are ONNX's int64. */
export function elemTypeOf(dtype: DType): ElemType {
  return byDType[dtype] ?? FLOAT;
}

/** The lowest and highest value of an integer type. */
export function integerRange(type: ElemType): [number, number] {
  const { kind, bits } = elemInfo(type);
  return kind === "uint" ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}
