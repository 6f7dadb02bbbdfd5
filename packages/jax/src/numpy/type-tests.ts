/** What kind of thing a value is. */
import { DTYPES, DType } from "../aval/dtype";
import { DTypeError } from "../base/errors";
import { Tracer } from "../core/tracer";

/** Whether a value has a complex dtype, or is a pair `{ real, imag }`. Source: numpy.iscomplexobj @example np.iscomplexobj(np.ones([1])); // => false */
export function iscomplexobj(x: unknown): boolean {
  return typeof x === "object" && x !== null && !(x instanceof Tracer) && "real" in x && "imag" in x;
}

/** Whether a value is not complex. Source: numpy.isrealobj @example np.isrealobj(np.ones([1])); // => true */
export function isrealobj(x: unknown): boolean {
  return !iscomplexobj(x);
}

/** Whether a value can be gone through: an array with axes, a list, a string. Source: numpy.iterable @example np.iterable([1]); // => true */
export function iterable(y: unknown): boolean {
  if (y instanceof Tracer) return y.ndim > 0;
  return typeof y === "string" || (typeof y === "object" && y !== null && Symbol.iterator in y);
}

/** NumPy's letters of kinds, and Python's names. */
const SPELLINGS: Readonly<Record<string, DType>> = {
  b1: "bool", bool_: "bool", "?": "bool", i1: "int8", i2: "int16", i4: "int32", u1: "uint8", u2: "uint16", u4: "uint32",
  f2: "float16", f4: "float32", f8: "float64", bf16: "bfloat16", half: "float16", single: "float32", double: "float64",
  float: "float32", int: "int32", uint: "uint32", int_: "int32", float_: "float32",
}; // prettier-ignore

/**
 * The dtype of an array, or the one that a spelling of NumPy stands for, such as "f4" or "<i2".
 *
 * Errors: DTypeError for what names none.
 * Source: numpy.dtype
 * @example
 * np.dtype("f4"); // => "float32"
 */
export function dtype(of: Tracer | string): DType {
  if (of instanceof Tracer) return of.dtype;
  const name = of.replace(/^[<>=|]/, "");
  const found = DTYPES.find((d) => d === name) ?? SPELLINGS[name];
  if (found === undefined)
    throw new DTypeError(
      `dtype: ${JSON.stringify(of)} is not a dtype; expected one of ${Object.values(DType).join(", ")}`,
    );
  return found;
}
