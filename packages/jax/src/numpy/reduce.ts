/** What reductions share: the axes, dtypes and the `where`/`initial` options of JAX. */
import { type DType, computeDType, dtypeInfo, isBool, isFloat } from "../aval/dtype";
import { canonicalAxes } from "../aval/promote";
import { type Tracer, literal } from "../core/tracer";
import * as ops from "../ops/index";
import { type ArrayLike, type Axis, broadcastArray, convert, truth } from "./lift";

/** The axes to reduce, sorted. */
export function reduceAxes(op: string, axis: Axis, x: Tracer): number[] {
  return canonicalAxes(op, axis, x.ndim);
}

/** Puts reduced axes back with size 1. */
export function keepAxes(out: Tracer, shape: readonly number[], axes: readonly number[]): Tracer {
  return ops.reshape(
    out,
    shape.map((n, i) => (axes.includes(i) ? 1 : n)),
  );
}

/** Number of elements that are reduced into one. */
export function countOf(shape: readonly number[], axes: readonly number[]): number {
  return axes.reduce((n, a) => n * shape[a]!, 1);
}

/** Dtype in which sums and products of `dtype` are taken: narrow integers and bool count in 32 bits. */
export function sumDType(dtype: DType): DType {
  const { kind, sizeBytes } = dtypeInfo(dtype);
  if (kind === "float" || sizeBytes === 4) return dtype;
  return kind === "uint" ? "uint32" : "int32";
}

/** `x` where the mask is true, else `fill` (in the dtype of x). */
export function masked(x: Tracer, where: ArrayLike | undefined, fill: number): Tracer {
  if (where === undefined) return x;
  const mask = broadcastArray(truth(where), x.shape);
  return ops.where(mask, x, ops.full(x.shape, fill, x.dtype));
}

/** Smallest (`sign` -1) or largest (1) value of a dtype. */
export function extremeOf(dtype: DType, sign: 1 | -1): number {
  const { kind, sizeBytes } = dtypeInfo(dtype);
  if (kind === "float") return sign * Infinity;
  if (kind === "bool") return sign > 0 ? 1 : 0;
  const bits = 8 * sizeBytes;
  if (kind === "uint") return sign > 0 ? 2 ** bits - 1 : 0;
  return sign > 0 ? 2 ** (bits - 1) - 1 : -(2 ** (bits - 1));
}

/** True if all elements of a bool array are. */
export function reduceAnd(x: Tracer): Tracer {
  return ops.reduceAnd(x, canonicalAxes("all", null, x.ndim));
}

/** Floats of 16 bits as float32, to compute in; others as they are. */
export function widen(x: Tracer): Tracer {
  return isFloat(x.dtype) && dtypeInfo(x.dtype).sizeBytes === 2 ? convert(x, "float32", x.weakType) : x;
}

/** A scalar to divide by in a mean of `dtype`. It follows from a shape, so programs take it as an operand. */
export function divisorOf(n: number, dtype: DType): Tracer {
  return convert(literal(n, dtype === "float64" ? dtype : "float32"), isFloat(dtype) ? computeDType(dtype) : dtype);
}

/** Integers and bools as float32; floats as they are. */
export function asFloat(x: Tracer): Tracer {
  return isFloat(x.dtype) ? x : convert(x, "float32", isBool(x.dtype) ? false : x.weakType);
}
