/** Uniformly distributed floats. */
import { type DType, sizeBytesOf } from "../aval/dtype";
import type { Tracer } from "../core/tracer";
import { add, maximum, multiply, subtract } from "../numpy/arithmetic";
import { type ArrayLike, broadcastArray, constantLike, convert, lift } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { eagerProgram } from "../transforms/eager-program";
import { type SampleOptions, type ShapeArg, floatDType, liftKey, paramShape, sampleOptions } from "./arguments";
import { randomWords } from "./bits";
import { type Keys, hashCounters } from "./key";

export interface UniformOptions extends SampleOptions {
  /** Least value; 0 by default. */
  minval?: ArrayLike | undefined;
  /** Upper limit; 1 by default. */
  maxval?: ArrayLike | undefined;
}

/**
 * Floats distributed uniformly over `[minval, maxval)`.
 *
 * Shapes: `u32[2] -> f32[...shape]`.
 * Dtypes: float32, or `dtype`, with as many random bits as its fraction holds.
 * Gradient: with respect to minval and maxval.
 * @example
 * random.uniform(random.key(0), [3]).js(); // => [0.947667, 0.97858, 0.332291]
 */
export function uniform(
  key: ArrayLike,
  shape?: ShapeArg<UniformOptions>,
  options?: UniformOptions | DType,
  minval?: ArrayLike,
  maxval?: ArrayLike,
): Tracer {
  const o = sampleOptions(shape, options);
  const dtype = floatDType("uniform", o.dtype);
  const [low, high] = [o.minval ?? minval ?? 0, o.maxval ?? maxval ?? 1];
  return owned(() => uniformIn(liftKey("uniform", key), o.shape, dtype, low, high));
}

/** Floats from `low` up to `high`. */
export function uniformIn(
  keys: Keys,
  shape: readonly number[] | undefined,
  dtype: DType,
  low: ArrayLike,
  high: ArrayLike,
): Tracer {
  const [least, limit] = [convert(lift(low), dtype), convert(lift(high), dtype)];
  const size = paramShape("uniform", shape, [least, limit]);
  const unit = unitFloats(keys, size, dtype);
  if (low === 0 && high === 1) return unit;
  const wide = broadcastArray(least, unit.shape);
  const inside = add(multiply(unit, rangeOf(low, high, least, limit, dtype)), wide);
  const ascending = typeof low === "number" && typeof high === "number" && low <= high;
  return ascending ? inside : maximum(wide, inside);
}

/** `limit - least` in `dtype`; of numbers it is computed now. */
function rangeOf(low: ArrayLike, high: ArrayLike, least: Tracer, limit: Tracer, dtype: DType): Tracer | number {
  if (typeof low === "number" && typeof high === "number") {
    if (dtype === "float64") return high - low;
    if (dtype === "float32") return Math.fround(Math.fround(high) - Math.fround(low));
  }
  return subtract(limit, least);
}

/** Bits of the fraction of each float dtype. */
const FRACTION_BITS: Partial<Record<DType, number>> = { float16: 10, bfloat16: 7, float32: 23, float64: 52 };

/** Floats in [0, 1): random fractions of numbers in [1, 2), minus 1. */
const unitFloats = /* @__PURE__ */ eagerProgram(function uniform(
  keys: Keys,
  shape: readonly number[],
  dtype: DType,
): Tracer {
  return owned(() => unitFloatsOf(keys, shape, dtype));
});

function unitFloatsOf(keys: Keys, shape: readonly number[], dtype: DType): Tracer {
  const fraction = FRACTION_BITS[dtype]!;
  if (dtype === "float64") {
    // Two words give 52 bits: 2^-32 first + 2^-52 (second >> 12). Both terms and the sum are exact.
    const [first, second] = hashCounters(keys, shape);
    const low = ops.shiftRightLogical(second, constantLike(second, 12));
    const high = convert(first, dtype);
    return ops.add(
      ops.mul(high, constantLike(high, 2 ** -32)),
      ops.mul(convert(low, dtype), constantLike(high, 2 ** -52)),
    );
  }
  const words = randomWords(keys, shape);
  if (dtype === "float32") {
    const ones = ops.or(ops.shiftRightLogical(words, constantLike(words, 9)), constantLike(words, 0x3f800000));
    const floats = ops.bitcastConvertType(ones, "float32");
    return ops.sub(floats, constantLike(floats, 1));
  }
  // JAX draws as many bits as the dtype is wide, the low ones of the word, but 8 if the fraction has fewer.
  const drawn = fraction < 8 ? 8 : 8 * sizeBytesOf(dtype);
  const kept = ops.shiftRightLogical(
    ops.and(words, constantLike(words, 2 ** drawn - 1)),
    constantLike(words, drawn - fraction),
  );
  const floats = convert(kept, dtype);
  return ops.mul(floats, constantLike(floats, 2 ** -fraction));
}
