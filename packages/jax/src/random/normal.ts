/** Normally distributed floats, and relatives of one parameter. */
import { type DType, sizeBytesOf } from "../aval/dtype";
import type { Tracer } from "../core/tracer";
import { multiply } from "../numpy/arithmetic";
import { sqrt } from "../numpy/elementwise";
import { type ArrayLike, constantLike } from "../numpy/lift";
import { isOptions } from "../numpy/options";
import { owned } from "../numpy/owned";
import { sum } from "../numpy/reductions";
import * as ops from "../ops/index";
import { eagerProgram } from "../transforms/eager-program";
import {
  type SampleOptions,
  type ShapeArg,
  floatDType,
  floatSample,
  liftKey,
  sampleOptions,
  sampleShape,
} from "./arguments";
import { signsOf } from "./integers";
import { type KeyWords, type Keys, splitTo } from "./key";
import { uniformIn } from "./uniform";

/** -1 and the next number in each dtype: the open lower limit. */
const ABOVE_MINUS_ONE: Partial<Record<DType, number>> = {
  float16: -1 + 2 ** -11,
  bfloat16: -1 + 2 ** -8,
  float32: -1 + 2 ** -24,
  float64: -1 + 2 ** -53,
};

/**
 * Floats of the standard normal distribution: `sqrt(2) erfInv(u)`, u uniform over (-1, 1).
 *
 * Shapes: `u32[2] -> f32[...shape]`. Dtypes: float32, or `dtype`.
 * Differs from JAX: in the rounding of erfInv only.
 * @example
 * random.normal(random.key(0), [3]).js(); // => [1.62265, 2.02526, -0.43359]
 */
export function normal(key: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  const o = sampleOptions(shape, options);
  const dtype = floatDType("normal", o.dtype);
  const size = sampleShape("normal", o.shape);
  // Floats of 16 bits are rounded after every operation, as in JAX; a program would keep them wider in between.
  const make = sizeBytesOf(dtype) < 4 ? normalOf : normals;
  return owned(() => make(liftKey("normal", key), size, dtype));
}

const normals = /* @__PURE__ */ eagerProgram(function normal(
  key: Tracer,
  shape: readonly number[],
  dtype: DType,
): Tracer {
  return owned(() => normalOf(key, shape, dtype));
});

/** Standard normal floats for each key and each position of `shape`. */
export function normalOf(keys: Keys, shape: readonly number[], dtype: DType): Tracer {
  const u = uniformIn(keys, shape, dtype, ABOVE_MINUS_ONE[dtype]!, 1);
  const z = ops.erfInv(u);
  return ops.mul(z, constantLike(z, Math.SQRT2));
}

/**
 * Floats of the standard normal distribution between two limits.
 *
 * Shapes: `u32[2] -> f32[...shape]`, by default the shape that the limits broadcast to.
 * Gradient: with respect to the limits.
 * @example
 * random.truncatedNormal(random.key(0), -2, 2, [3]).shape; // => [3]
 */
export function truncatedNormal(
  key: ArrayLike,
  lower: ArrayLike,
  upper: ArrayLike,
  shape?: ShapeArg,
  options?: SampleOptions | DType,
): Tracer {
  return owned(() => {
    const s = floatSample("truncatedNormal", key, shape, options, lower, upper);
    const [low, high] = s.params as [Tracer, Tracer];
    const ofErf = (x: Tracer): Tracer => ops.erf(ops.div(x, constantLike(x, Math.SQRT2)));
    const u = uniformOfAll(s.key, s.shape, s.dtype, ofErf(low), ofErf(high));
    const out = ops.mul(ops.erfInv(u), constantLike(u, Math.SQRT2));
    const beside = (x: Tracer, side: number): Tracer => {
      const limit = ops.stopGradient(x);
      return ops.nextafter(limit, constantLike(limit, side));
    };
    return ops.min(ops.max(beside(low, Infinity), out), beside(high, -Infinity));
  });
}

/** Uniform floats between limits in the shape of the sample of all keys. */
function uniformOfAll(keys: Keys, shape: readonly number[], dtype: DType, low: Tracer, high: Tracer): Tracer {
  const unit = uniformIn(keys, shape, dtype, 0, 1);
  return ops.max(low, ops.add(ops.mul(unit, ops.sub(high, low)), low));
}

export interface LognormalOptions extends SampleOptions {
  /** Standard deviation of the logarithms; 1 by default. */
  sigma?: ArrayLike | undefined;
}

/**
 * `exp(sigma z)` of standard normal z.
 *
 * Shapes: `u32[2] x [...] -> f32[...shape]`, by default the shape of sigma.
 * Gradient: with respect to sigma.
 * @example
 * random.lognormal(random.key(0), 0.5, [2]).shape; // => [2]
 */
export function lognormal(
  key: ArrayLike,
  sigma?: ArrayLike | LognormalOptions,
  shape?: ShapeArg,
  options?: SampleOptions | DType,
): Tracer {
  return owned(() => {
    const size = isOptions(sigma) ? sigma : shape;
    const width = isOptions(sigma) ? (sigma as LognormalOptions).sigma : (sigma as ArrayLike | undefined);
    const s = floatSample("lognormal", key, size, options, width ?? 1);
    return ops.exp(ops.mul(normalOf(s.key, s.shape, s.dtype), s.params[0]!));
  });
}

/** Lengths of vectors of three standard normal numbers. Shapes: `u32[2] -> f32[...shape]`. @example random.maxwell(random.key(0), [2]).shape; // => [2] */
export function maxwell(key: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  const o = sampleOptions(shape, options);
  const dtype = floatDType("maxwell", o.dtype);
  return owned(() => {
    return maxwellOf(liftKey("maxwell", key), sampleShape("maxwell", o.shape), dtype);
  });
}

function maxwellOf(keys: Keys, shape: readonly number[], dtype: DType): Tracer {
  const z = normalOf(keys, [...shape, 3], dtype);
  return sqrt(sum(multiply(z, z), -1));
}

/** Floats of the Maxwell distribution with a random sign, times scale, plus loc. Shapes: `u32[2] x [...] x [...] -> f32[...shape]`. Gradient: with respect to loc and scale. @example random.doubleSidedMaxwell(random.key(0), 0, 1, [2]).shape; // => [2] */
export function doubleSidedMaxwell(
  key: ArrayLike,
  loc: ArrayLike,
  scale: ArrayLike,
  shape?: ShapeArg,
  options?: SampleOptions | DType,
): Tracer {
  return owned(() => {
    const s = floatSample("doubleSidedMaxwell", key, shape, options, loc, scale);
    const [k1, k2] = splitTo(s.key, 2) as [KeyWords, KeyWords];
    const length = maxwellOf(k1, s.shape, s.dtype);
    const sign = signsOf(k2, s.shape, s.dtype);
    return ops.add(ops.mul(ops.mul(sign, length), s.params[1]!), s.params[0]!);
  });
}

/**
 * Floats of the inverse Gaussian distribution with shape parameter 1.
 *
 * Shapes: `u32[2] x [...] -> f32[...shape]`, by default the shape of mean.
 * Source: Michael, Schucany and Haas, "Generating random variates using transformations with multiple roots" (1976).
 * @example
 * random.wald(random.key(0), 1, [2]).shape; // => [2]
 */
export function wald(key: ArrayLike, mean: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  return owned(() => {
    const s = floatSample("wald", key, shape, options, mean);
    const m = s.params[0]!;
    const [k1, k2] = splitTo(s.key, 2) as [KeyWords, KeyWords];
    const y = ops.square(normalOf(k1, s.shape, s.dtype));
    const z = uniformIn(k2, s.shape, s.dtype, 0, 1);
    const c = (v: number): Tracer => constantLike(m, v);
    const m2 = ops.square(m);
    const root = ops.sqrt(ops.add(ops.mul(ops.mul(c(4), m), y), ops.mul(m2, ops.square(y))));
    // The smaller root x of the quadratic, or m^2 / x with the complementary probability.
    const x = ops.sub(ops.add(m, ops.div(ops.mul(m2, y), c(2))), ops.mul(ops.div(m, c(2)), root));
    return ops.where(ops.le(z, ops.div(m, ops.add(m, x))), x, ops.div(m2, x));
  });
}
