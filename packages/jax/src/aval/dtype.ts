/** The element types, and facts about each. One row per dtype; nothing else switches on names. */
import { DTypeError } from "../base/errors";

export const DType = {
  Bool: "bool",
  Int8: "int8",
  Int16: "int16",
  Int32: "int32",
  Uint8: "uint8",
  Uint16: "uint16",
  Uint32: "uint32",
  Float16: "float16",
  Bfloat16: "bfloat16",
  Float32: "float32",
  Float64: "float64",
} as const;

/** Name of an element type. Plain strings work wherever a `DType` is asked for. */
export type DType = (typeof DType)[keyof typeof DType];

export type DTypeKind = "bool" | "int" | "uint" | "float";

export interface DTypeInfo {
  /** What kind of number it is. */
  readonly kind: DTypeKind;
  /** Bytes of one stored element; bool is stored as one byte 0 or 1. */
  readonly sizeBytes: number;
  /** Name in printed avals, as JAX prints it: `f32`. */
  readonly short: string;
}

const TABLE: Readonly<Record<DType, DTypeInfo>> = {
  bool: { kind: "bool", sizeBytes: 1, short: "bool" },
  int8: { kind: "int", sizeBytes: 1, short: "i8" },
  int16: { kind: "int", sizeBytes: 2, short: "i16" },
  int32: { kind: "int", sizeBytes: 4, short: "i32" },
  uint8: { kind: "uint", sizeBytes: 1, short: "u8" },
  uint16: { kind: "uint", sizeBytes: 2, short: "u16" },
  uint32: { kind: "uint", sizeBytes: 4, short: "u32" },
  float16: { kind: "float", sizeBytes: 2, short: "f16" },
  bfloat16: { kind: "float", sizeBytes: 2, short: "bf16" },
  float32: { kind: "float", sizeBytes: 4, short: "f32" },
  float64: { kind: "float", sizeBytes: 8, short: "f64" },
};

/** All dtypes, in the order of the table. */
export const DTYPES = /* @__PURE__ */ Object.keys(TABLE) as readonly DType[];

/** Facts about a dtype. Throws `DTypeError` for a name that is none. */
export function dtypeInfo(dtype: DType): DTypeInfo {
  const info = TABLE[dtype];
  if (info === undefined) {
    throw new DTypeError(`dtype: ${String(dtype)} is not a dtype; expected one of ${DTYPES.join(", ")}`);
  }
  return info;
}

export const isFloat = (dtype: DType): boolean => dtypeInfo(dtype).kind === "float";
export const isBool = (dtype: DType): boolean => dtype === "bool";
/** Signed or unsigned integer; bool is neither. */
export const isInteger = (dtype: DType): boolean => {
  const { kind } = dtypeInfo(dtype);
  return kind === "int" || kind === "uint";
};
export const isUnsigned = (dtype: DType): boolean => dtypeInfo(dtype).kind === "uint";
export const sizeBytesOf = (dtype: DType): number => dtypeInfo(dtype).sizeBytes;

/** The dtype in which kernels compute values of `dtype`: narrow types in 32 bits. */
export function computeDType(dtype: DType): DType {
  const { kind, sizeBytes } = dtypeInfo(dtype);
  if (sizeBytes >= 4 || kind === "bool") return dtype;
  return kind === "float" ? "float32" : kind === "int" ? "int32" : "uint32";
}
