/** `jax.dtypes`: facts about dtypes, for code that is translated from JAX. */
import { type DType, dtypeInfo, isBool, isInteger } from "../aval/dtype";
import { Tracer } from "../core/tracer";
import { type ArrayLike, lift } from "./lift";
import { dtype as dtypeOf } from "./type-tests";

export { bfloat16 } from "./constants";
export { finfo, iinfo, issubdtype, resultType } from "./dtypes";

/** What stands in for integers of 64 bits, which no device has. */
const NARROWED: Readonly<Record<string, DType>> = { int64: "int32", i8: "int32", uint64: "uint32", u8: "uint32" };

/**
 * The dtype that arrays have which are asked for in this one, which may be spelled as NumPy does.
 *
 * Dtypes: int64 and uint64 become int32 and uint32.
 * Errors: DTypeError for what names none.
 * Differs from JAX: float64 stays what it is.
 * @example
 * [dtypes.canonicalizeDtype("int64"), dtypes.canonicalizeDtype("f4")]; // => ["int32", "float32"]
 */
export function canonicalizeDtype(dtype: Tracer | string): DType {
  if (dtype instanceof Tracer) return dtype.dtype;
  return NARROWED[dtype.replace(/^[<>=|]/, "")] ?? dtypeOf(dtype);
}

/** Bits of one stored element. Errors: DTypeError. @example dtypes.itemsizeBits("bfloat16"); // => 16 */
export function itemsizeBits(dtype: DType): number {
  return 8 * dtypeInfo(dtype).sizeBytes;
}

/** What Python calls the numbers of an array: "bool", "int" or "float". @example dtypes.scalarTypeOf(np.ones([2])); // => "float" */
export function scalarTypeOf(x: ArrayLike): "bool" | "int" | "float" {
  const { dtype } = lift(x);
  return isBool(dtype) ? "bool" : isInteger(dtype) ? "int" : "float";
}
