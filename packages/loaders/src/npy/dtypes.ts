/** NumPy's type strings, and the dtypes of safetensors that they are. */
import { quoted } from "../bytes/quoted";
import { FormatError } from "../errors";
import type { DType } from "../safetensors/dtypes";

/** Without the mark of byte order. */
const DTYPES: Readonly<Record<string, DType>> = {
  b1: "BOOL",
  i1: "I8",
  u1: "U8",
  i2: "I16",
  u2: "U16",
  i4: "I32",
  u4: "U32",
  i8: "I64",
  u8: "U64",
  f2: "F16",
  f4: "F32",
  f8: "F64",
  c8: "C64",
};

/** Errors: FormatError for a type that is not one of numbers. */
export function dtypeOf(descr: string): { dtype: DType; isBigEndian: boolean; unitBytes: number } {
  const name = descr.slice(1);
  const dtype = Object.hasOwn(DTYPES, name) ? DTYPES[name] : undefined;
  if (dtype === undefined || !/^[<>|=]/.test(descr)) {
    const hint = name.startsWith("O") ? "; pickled objects are not read" : "";
    throw new FormatError(
      "npy",
      `dtype ${quoted(descr)} is not supported${hint}; expected one of ${Object.keys(DTYPES).join(", ")}`,
    );
  }
  const sizeBytes = Number(name.slice(1));
  // A complex number is two floats, each of which is turned round.
  return { dtype, isBigEndian: descr.startsWith(">"), unitBytes: dtype === "C64" ? 4 : sizeBytes };
}

/** Errors: FormatError for a dtype that NumPy does not have. */
export function descrOf(dtype: DType): string {
  const name = Object.keys(DTYPES).find((key) => DTYPES[key] === dtype);
  if (name === undefined) throw new FormatError("npy", `NumPy has no dtype for ${dtype}`);
  return (name.endsWith("1") ? "|" : "<") + name;
}

/** A copy with the bytes of each unit in reverse. */
export function swapped(bytes: Uint8Array, unitBytes: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += unitBytes)
    for (let k = 0; k < unitBytes; k++) out[i + k] = bytes[i + unitBytes - 1 - k]!;
  return out;
}

/** A copy of a column-major array in row-major order. */
export function rowMajor(bytes: Uint8Array, shape: readonly number[], sizeBytes: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length);
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((n, size) => n * size, sizeBytes));
  for (let to = 0; to < bytes.length; to += sizeBytes) {
    let from = 0;
    for (let axis = 0; axis < index.length; axis++) from += index[axis]! * strides[axis]!;
    for (let k = 0; k < sizeBytes; k++) out[to + k] = bytes[from + k]!;
    for (let axis = index.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return out;
}
