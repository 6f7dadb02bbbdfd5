/** Changes of dtype, and values without gradient. */
import { type DType, computeDType, isBool, sizeBytesOf } from "../aval/dtype";
import { DTypeError, ShapeError } from "../base/errors";
import { range } from "../base/list";
import { type Tracer, literal } from "../core/tracer";
import { type ArrayLike, lift, own } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { customJvp } from "../transforms/custom-jvp";
import { customLinearSolve } from "./linear-solve";
import { reducedFloat } from "./narrow-float";

/**
 * The same bits read as another dtype. A narrower one gives a new last axis of the parts, the lowest bits first; a wider
 * one takes the last axis as such parts.
 *
 * Errors: ShapeError if the last axis does not hold the parts; DTypeError for bool, and for float64 and another size.
 * @example
 * lax.bitcastConvertType(np.array([1]), "int32").js(); // => [1065353216]
 */
export function bitcastConvertType(x: ArrayLike, newDtype: DType): Tracer {
  const y = lift(x);
  const [from, to] = [sizeBytesOf(y.dtype), sizeBytesOf(newDtype)];
  if (y.dtype === newDtype) return own(y, x);
  if (isBool(y.dtype) || isBool(newDtype) || (from !== to && Math.max(from, to) > 4)) {
    throw new DTypeError(`bitcastConvertType: the bits of ${y.aval} cannot be read as ${newDtype}`);
  }
  return owned(() => {
    // Narrow floats are computed in float32: their bits are read as words.
    if (from === to) return ops.bitcastConvertType(from === 2 ? asWords(y) : y, newDtype);
    return from > to ? bitParts(y, newDtype, from / to) : joinedBits(y, newDtype, to / from);
  });
}

const WORDS: Readonly<Record<number, DType>> = { 1: "uint8", 2: "uint16", 4: "uint32" };

/** `x` as unsigned integers of its size, or those as `dtype`. */
const asWords = (x: Tracer): Tracer => sameSize(x, WORDS[sizeBytesOf(x.dtype)]!);
const sameSize = (x: Tracer, dtype: DType): Tracer => (x.dtype === dtype ? x : ops.bitcastConvertType(x, dtype));

/** By how many bits each of n parts is shifted, along the last axis of a shape. */
function partShifts(shape: readonly number[], bits: number): Tracer {
  const part = ops.iota("uint32", shape, shape.length - 1);
  return ops.mul(part, ops.broadcastInDim(literal(bits, "uint32"), shape, []));
}

function bitParts(x: Tracer, dtype: DType, n: number): Tracer {
  const bits = 8 * sizeBytesOf(dtype);
  const shape = [...x.shape, n];
  const words = ops.convertElementType(asWords(x), "uint32");
  const spread = ops.broadcastInDim(words, shape, range(x.ndim));
  const mask = ops.broadcastInDim(literal(2 ** bits - 1, "uint32"), shape, []);
  const parts = ops.and(ops.shiftRightLogical(spread, partShifts(shape, bits)), mask);
  return sameSize(ops.convertElementType(parts, WORDS[bits / 8]!), dtype);
}

function joinedBits(x: Tracer, dtype: DType, n: number): Tracer {
  if (x.shape[x.ndim - 1] !== n) {
    throw new ShapeError(
      `bitcastConvertType: ${dtype} is made of ${n} parts, which the last axis of ${x.aval} must hold`,
    );
  }
  const words = ops.convertElementType(asWords(x), "uint32");
  const placed = ops.shiftLeft(words, partShifts(x.shape, 8 * sizeBytesOf(x.dtype)));
  const joined = ops.reduceSum(placed, [x.ndim - 1]);
  return sameSize(ops.convertElementType(joined, WORDS[sizeBytesOf(dtype)]!), dtype);
}

/** Values converted to another dtype. @example lax.convertElementType(np.array([1.5]), "int32").js(); // => [1] */
export function convertElementType(x: ArrayLike, newDtype: DType): Tracer {
  const y = lift(x);
  return y.dtype === newDtype && !y.weakType ? own(y, x) : owned(() => ops.convertElementType(y, newDtype));
}

/** The value as a constant for differentiation: no gradient flows through. @example grad((x) => lax.stopGradient(x).mul(x))(3).js(); // => 3 */
export function stopGradient(x: ArrayLike): Tracer {
  const y = lift(x);
  return own(ops.stopGradient(y), x, y);
}

/**
 * Rounds to a float with fewer bits of exponent and mantissa, ties to even, and back. Numbers too large for it become
 * infinite, those below its least normal number 0.
 *
 * Gradient: that of the identity, rounded too.
 * Errors: DTypeError for float64, and for less than one bit of exponent.
 * @example
 * lax.reducePrecision(np.array([1.1]), 8, 7).js(); // => [1.1015625]
 */
export function reducePrecision(operand: ArrayLike, exponentBits: number, mantissaBits: number): Tracer {
  const x = lift(operand);
  if (computeDType(x.dtype) !== "float32" || !(exponentBits >= 1) || !(mantissaBits >= 0))
    throw new DTypeError(`reducePrecision: cannot round ${x.aval} to (${exponentBits}, ${mantissaBits}) bits`);
  if (exponentBits >= 8 && mantissaBits >= 23) return own(x, operand);
  const reduce = (y: Tracer): Tracer =>
    owned(() => {
      const single = ops.convertElementType(y, "float32");
      return ops.convertElementType(reducedFloat(single, exponentBits, mantissaBits), x.dtype);
    });
  const rounding = customJvp(reduce);
  // As a solution of the identity, which has a transpose: cotangents are rounded as tangents are.
  const round = (_: unknown, t: Tracer): Tracer => reduce(t);
  rounding.defjvp(([y]: [Tracer], [t]: [Tracer]) => [reduce(y), customLinearSolve((v: Tracer) => v, t, round, round)]);
  return rounding(x);
}
