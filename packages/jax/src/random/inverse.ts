/** Floats of distributions by a formula in one uniform number: the inverse of their distribution function. */
import type { DType } from "../aval/dtype";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, constantLike } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { type SampleOptions, type ShapeArg, floatSample } from "./arguments";
import type { Keys } from "./key";
import { uniformIn } from "./uniform";

/** Smallest normal number, distance from 1 to the next number, and half of it (the distance below 1), of each float dtype. */
const LIMITS: Partial<Record<DType, { tiny: number; eps: number }>> = {
  float16: { tiny: 2 ** -14, eps: 2 ** -10 },
  bfloat16: { tiny: 2 ** -126, eps: 2 ** -7 },
  float32: { tiny: 2 ** -126, eps: 2 ** -23 },
  float64: { tiny: 2 ** -1022, eps: 2 ** -52 },
};

const log1mOf = (u: Tracer): Tracer => ops.log1p(ops.neg(u));

/**
 * Floats of the exponential distribution with mean 1: `-log(1 - u)`.
 *
 * Shapes: `u32[2] -> f32[...shape]`.
 * @example
 * random.exponential(random.key(0), [2]).js(); // => [2.9501355, 3.843439]
 */
export function exponential(key: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  return owned(() => {
    const s = floatSample("exponential", key, shape, options);
    return exponentialOf(s.key, s.shape, s.dtype);
  });
}

/** Exponentially distributed floats for each key and each position of `shape`. */
export function exponentialOf(keys: Keys, shape: readonly number[], dtype: DType): Tracer {
  return ops.neg(log1mOf(uniformIn(keys, shape, dtype, 0, 1)));
}

/** Floats of the standard Gumbel distribution: `-log(-log(u))`. Shapes: `u32[2] -> f32[...shape]`. @example random.gumbel(random.key(0), [2]).shape; // => [2] */
export function gumbel(key: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  return owned(() => {
    const s = floatSample("gumbel", key, shape, options);
    return gumbelOf(s.key, s.shape, s.dtype);
  });
}

/** Floats of the Gumbel distribution for each key and each position of `shape`. */
export function gumbelOf(keys: Keys, shape: readonly number[], dtype: DType): Tracer {
  const u = uniformIn(keys, shape, dtype, LIMITS[dtype]!.tiny, 1);
  return ops.neg(ops.log(ops.neg(ops.log(u))));
}

/** Floats of the standard Laplace distribution. Shapes: `u32[2] -> f32[...shape]`. @example random.laplace(random.key(0), [2]).shape; // => [2] */
export function laplace(key: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  return owned(() => {
    const s = floatSample("laplace", key, shape, options);
    const u = uniformIn(s.key, s.shape, s.dtype, -1 + LIMITS[s.dtype]!.eps / 2, 1);
    return ops.mul(ops.sign(u), log1mOf(ops.abs(u)));
  });
}

/** Floats of the standard logistic distribution: `log(u / (1 - u))`. Shapes: `u32[2] -> f32[...shape]`. @example random.logistic(random.key(0), [2]).shape; // => [2] */
export function logistic(key: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  return owned(() => {
    const s = floatSample("logistic", key, shape, options);
    const u = uniformIn(s.key, s.shape, s.dtype, LIMITS[s.dtype]!.tiny, 1);
    return ops.sub(ops.log(u), log1mOf(u));
  });
}

/** Floats of the standard Cauchy distribution: `tan(pi (u - 1/2))`. Shapes: `u32[2] -> f32[...shape]`. @example random.cauchy(random.key(0), [2]).shape; // => [2] */
export function cauchy(key: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  return owned(() => {
    const s = floatSample("cauchy", key, shape, options);
    const u = uniformIn(s.key, s.shape, s.dtype, LIMITS[s.dtype]!.eps, 1);
    return ops.tan(ops.mul(ops.sub(u, constantLike(u, 0.5)), constantLike(u, Math.PI)));
  });
}

/** Floats of the Pareto distribution with least value 1 and exponent b. Shapes: `u32[2] x [...] -> f32[...shape]`. Gradient: with respect to b. @example random.pareto(random.key(0), 3, [2]).shape; // => [2] */
export function pareto(key: ArrayLike, b: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  return owned(() => {
    const s = floatSample("pareto", key, shape, options, b);
    return ops.exp(ops.div(exponentialOf(s.key, s.shape, s.dtype), s.params[0]!));
  });
}

/** Floats of the Weibull distribution: `scale (-log(1 - u))^(1 / concentration)`. Shapes: `u32[2] x [...] x [...] -> f32[...shape]`. Gradient: with respect to both parameters. @example random.weibullMin(random.key(0), 2, 1.5, [2]).shape; // => [2] */
export function weibullMin(
  key: ArrayLike,
  scale: ArrayLike,
  concentration: ArrayLike,
  shape?: ShapeArg,
  options?: SampleOptions | DType,
): Tracer {
  return owned(() => {
    const s = floatSample("weibullMin", key, shape, options, scale, concentration);
    const [size, exponent] = s.params as [Tracer, Tracer];
    const e = exponentialOf(s.key, s.shape, s.dtype);
    return ops.mul(ops.pow(e, ops.div(constantLike(exponent, 1), exponent)), size);
  });
}

/** Floats of the Rayleigh distribution: `scale sqrt(-2 log(u))`. Shapes: `u32[2] x [...] -> f32[...shape]`. Gradient: with respect to scale. @example random.rayleigh(random.key(0), 2, [2]).shape; // => [2] */
export function rayleigh(
  key: ArrayLike,
  scale: ArrayLike = 1,
  shape?: ShapeArg,
  options?: SampleOptions | DType,
): Tracer {
  return owned(() => {
    const s = floatSample("rayleigh", key, shape, options, scale);
    const u = uniformIn(s.key, s.shape, s.dtype, 0, 1);
    const radius = ops.sqrt(ops.mul(ops.log(u), constantLike(u, -2)));
    return ops.mul(s.params[0]!, radius);
  });
}

/** Floats of the triangular distribution from left to right with its peak at mode. Shapes: `u32[2] x [...] x [...] x [...] -> f32[...shape]`. Gradient: with respect to the parameters. @example random.triangular(random.key(0), 0, 1, 4, [2]).shape; // => [2] */
export function triangular(
  key: ArrayLike,
  left: ArrayLike,
  mode: ArrayLike,
  right: ArrayLike,
  shape?: ShapeArg,
  options?: SampleOptions | DType,
): Tracer {
  return owned(() => {
    const s = floatSample("triangular", key, shape, options, left, mode, right);
    const [low, peak, high] = s.params as [Tracer, Tracer, Tracer];
    const width = ops.sub(high, low);
    const [rise, fall] = [ops.sub(peak, low), ops.sub(high, peak)];
    const u = uniformIn(s.key, s.shape, s.dtype, 0, 1);
    const up = ops.add(low, ops.sqrt(ops.mul(ops.mul(u, width), rise)));
    const rest = ops.sub(constantLike(u, 1), u);
    const down = ops.sub(high, ops.sqrt(ops.mul(ops.mul(rest, width), fall)));
    return ops.where(ops.lt(u, ops.div(rise, width)), up, down);
  });
}
