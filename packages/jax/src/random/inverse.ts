/** Floats of distributions by a formula in one uniform number: the inverse of their distribution function. */
import { JaxError } from "../base/errors";
import type { DType } from "../aval/dtype";
import type { Tracer } from "../core/tracer";
import { divide, multiply, power } from "../numpy/arithmetic";
import { type ArrayLike, constantLike, convert, lift } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import {
  type SampleOptions,
  type ShapeArg,
  floatDType,
  floatSample,
  liftKey,
  sampleOptions,
  sampleShape,
} from "./arguments";
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

/** How many random bits a float has: "low" (default) those of one number, "high" of two, which reach farther out. */
export type BitsMode = "low" | "high";

export interface GumbelOptions extends SampleOptions {
  readonly mode?: BitsMode | undefined;
}

/** Errors: JaxError for a mode that is none. */
export function checkMode(op: string, mode: BitsMode = "low"): BitsMode {
  if (mode !== "low" && mode !== "high") {
    throw new JaxError(`${op}: mode must be "low" or "high", got ${JSON.stringify(mode)}`);
  }
  return mode;
}

/** Two uniform numbers for each key and each position of `shape`. */
export function twoUniforms(keys: Keys, shape: readonly number[], dtype: DType): [Tracer, Tracer] {
  const both = uniformIn(keys, [2, ...shape], dtype, 0, 1);
  const axis = both.ndim - shape.length - 1;
  const part = (k: number): Tracer => {
    const limits = both.shape.map((n, i) => (i === axis ? k + 1 : n));
    const starts = both.shape.map((_, i) => (i === axis ? k : 0));
    return ops.reshape(
      ops.slice(both, starts, limits),
      both.shape.filter((_, i) => i !== axis),
    );
  };
  return [part(0), part(1)];
}

/** Floats of the standard Gumbel distribution: `-log(-log(u))`. Mode "high" reaches 32 where "low" (default) reaches 16. Shapes: `u32[2] -> f32[...shape]`. @example random.gumbel(random.key(0), [2]).shape; // => [2] */
export function gumbel(key: ArrayLike, shape?: ShapeArg<GumbelOptions>, options?: GumbelOptions | DType): Tracer {
  return owned(() => {
    const s = floatSample("gumbel", key, shape, options);
    return gumbelOf(s.key, s.shape, s.dtype, checkMode("gumbel", sampleOptions(shape, options).mode));
  });
}

/** Floats of the Gumbel distribution for each key and each position of `shape`. */
export function gumbelOf(keys: Keys, shape: readonly number[], dtype: DType, mode: BitsMode = "low"): Tracer {
  if (mode === "high") {
    const [high, low] = twoUniforms(keys, shape, dtype);
    const { tiny, eps } = LIMITS[dtype]!;
    const fine = ops.add(ops.add(high, ops.mul(low, constantLike(low, eps))), constantLike(low, tiny));
    const x = ops.where(ops.ge(high, constantLike(high, 0.5)), high, fine);
    return ops.neg(ops.log(ops.neg(log1mOf(x))));
  }
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

/** Floats of the Weibull distribution: `scale (-log(1 - u))^(1 / concentration)`. Shapes: the parameters broadcast with a sample of shape `shape`, one number unless it is given. Gradient: with respect to both parameters. @example random.weibullMin(random.key(0), 2, 1.5, [2]).shape; // => [2] */
export function weibullMin(
  key: ArrayLike,
  scale: ArrayLike,
  concentration: ArrayLike,
  shape?: ShapeArg,
  options?: SampleOptions | DType,
): Tracer {
  return owned(() => {
    const o = sampleOptions(shape, options);
    const dtype = floatDType("weibullMin", o.dtype);
    const e = exponentialOf(liftKey("weibullMin", key), sampleShape("weibullMin", o.shape), dtype);
    return multiply(power(e, divide(1, convert(lift(concentration), dtype))), convert(lift(scale), dtype));
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
