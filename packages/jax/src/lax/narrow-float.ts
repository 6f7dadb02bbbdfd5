/** float32 rounded to floats of fewer bits, ties to even. */
import type { Tracer } from "../core/tracer";
import { literal } from "../core/tracer";
import { broadcastArray, constantLike } from "../numpy/lift";
import * as ops from "../ops/index";

const word = (like: Tracer, value: number): Tracer => broadcastArray(literal(value >>> 0, "uint32"), like.shape);

/** The float32 `x` with `mantissaBits` (below 23) after the leading one. NaN stays NaN. */
export function roundMantissa(x: Tracer, mantissaBits: number): Tracer {
  const drop = 23 - mantissaBits;
  const bits = ops.bitcastConvertType(x, "uint32");
  const c = (value: number): Tracer => word(bits, value);
  const sign = ops.and(bits, c(0x80000000));
  const size = ops.and(bits, c(0x7fffffff));
  const odd = ops.and(ops.shiftRightLogical(size, c(drop)), c(1));
  const rounded = ops.and(ops.add(ops.add(size, c(2 ** (drop - 1) - 1)), odd), c(-(2 ** drop)));
  const out = ops.bitcastConvertType(ops.or(rounded, sign), "float32");
  return ops.where(ops.ne(x, x), x, out);
}

/** `x` rounded to multiples of the power of two that its size has in a float with subnormals from `minExponent` down. */
export function roundToFloat(x: Tracer, mantissaBits: number, minExponent: number): Tracer {
  const size = ops.abs(x);
  const small = ops.lt(size, constantLike(x, 2 ** minExponent));
  const step = constantLike(x, 2 ** (minExponent - mantissaBits));
  return ops.where(small, ops.mul(ops.round(ops.div(x, step), 1), step), roundMantissa(x, mantissaBits));
}

/** As XLA's reduce_precision: numbers too large become infinite, those too small 0. */
export function reducedFloat(x: Tracer, exponentBits: number, mantissaBits: number): Tracer {
  const rounded = mantissaBits < 23 ? roundMantissa(x, mantissaBits) : x;
  if (exponentBits >= 8) return rounded;
  const bias = 2 ** (exponentBits - 1) - 1;
  const size = ops.abs(rounded);
  const zero = ops.mul(rounded, constantLike(x, 0));
  const infinite = ops.mul(rounded, constantLike(x, Infinity));
  const out = ops.where(ops.lt(size, constantLike(x, 2 ** (1 - bias))), zero, rounded);
  return ops.where(ops.ge(size, constantLike(x, 2 ** (bias + 1))), infinite, out);
}
