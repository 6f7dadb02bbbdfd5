/** Distributions made of gamma samples. */
import { byPosition } from "../numpy/arguments";
import type { DType } from "../aval/dtype";
import { ShapeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { softmax } from "../nn/softmax";
import { abs } from "../numpy/elementwise";
import { add, divide, power } from "../numpy/arithmetic";
import { type ArrayLike, constantLike, convert, lift } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { sum } from "../numpy/reductions";
import { expandDims } from "../numpy/shape";
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
import { gammaOf } from "./gamma";
import { signsOf } from "./integers";
import { exponentialOf } from "./inverse";
import { type KeyWords, type Keys, splitTo } from "./key";
import { normalOf } from "./normal";

/** Floats of the beta distribution. Shapes: `u32[2] x [...] x [...] -> f32[...shape]`. Gradient: with respect to a and b. @example random.beta(random.key(0), 2, 3, [2]).shape; // => [2] */
export function beta(
  key: ArrayLike,
  a: ArrayLike,
  b: ArrayLike,
  shape?: ShapeArg,
  options?: SampleOptions | DType,
): Tracer {
  return owned(() => {
    const s = floatSample("beta", key, shape, options, a, b);
    const [keyA, keyB] = splitTo(s.key, 2) as [KeyWords, KeyWords];
    const logA = gammaOf(keyA, s.params[0]!, s.shape, true);
    const logB = gammaOf(keyB, s.params[1]!, s.shape, true);
    const top = ops.max(logA, logB);
    const [x, y] = [ops.exp(ops.sub(logA, top)), ops.exp(ops.sub(logB, top))];
    return ops.div(x, ops.add(x, y));
  });
}

/**
 * Floats of the Dirichlet distribution: shares that sum to 1.
 *
 * Shapes: `u32[2] x [..., n] -> f32[...shape, n]`. Gradient: with respect to alpha.
 * @example
 * random.dirichlet(random.key(0), np.ones([3]), [2]).shape; // => [2, 3]
 */
export function dirichlet(key: ArrayLike, alpha: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  const o = sampleOptions(shape, options);
  return owned(() => {
    const a = lift(alpha);
    if (a.ndim === 0) throw new ShapeError("dirichlet: alpha needs an axis of categories");
    const n = a.shape[a.ndim - 1]!;
    const size = sampleShape("dirichlet", o.shape ?? a.shape.slice(0, -1));
    const s = floatSample("dirichlet", key, { ...o, shape: [...size, n] }, undefined, a);
    return softmax(gammaOf(s.key, s.params[0]!, s.shape, true), -1);
  });
}

/** Floats of the chi-square distribution with df degrees of freedom. Shapes: `u32[2] x [...] -> f32[...shape]`. Gradient: with respect to df. @example random.chisquare(random.key(0), 3, [2]).shape; // => [2] */
export function chisquare(key: ArrayLike, df: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  return owned(() => {
    const s = floatSample("chisquare", key, shape, options, df);
    return chisquareOf(s.key, s.params[0]!, s.shape);
  });
}

function chisquareOf(keys: Keys, df: Tracer, shape: readonly number[]): Tracer {
  const two = constantLike(df, 2);
  return ops.mul(ops.exp(gammaOf(keys, ops.div(df, two), shape, true)), two);
}

/** Floats of the F distribution. Shapes: `u32[2] x [...] x [...] -> f32[...shape]`. Gradient: with respect to both. @example random.f(random.key(0), 2, 3, [2]).shape; // => [2] */
export function f(
  key: ArrayLike,
  dfnum: ArrayLike,
  dfden: ArrayLike,
  shape?: ShapeArg,
  options?: SampleOptions | DType,
): Tracer {
  return owned(() => {
    const s = floatSample("f", key, shape, options, dfnum, dfden);
    const [num, den] = s.params as [Tracer, Tracer];
    const [keyDen, keyNum] = splitTo(s.key, 2) as [KeyWords, KeyWords];
    const above = ops.div(chisquareOf(keyNum, num, s.shape), num);
    return ops.div(above, ops.div(chisquareOf(keyDen, den, s.shape), den));
  });
}

/** Floats of Student's t distribution with df degrees of freedom. Shapes: `u32[2] x [...] -> f32[...shape]`. Gradient: with respect to df. @example random.t(random.key(0), 5, [2]).shape; // => [2] */
export function t(key: ArrayLike, df: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  return owned(() => {
    const s = floatSample("t", key, shape, options, df);
    const [keyN, keyG] = splitTo(s.key, 2) as [KeyWords, KeyWords];
    const half = ops.div(s.params[0]!, constantLike(s.params[0]!, 2));
    const g = gammaOf(keyG, half, s.shape, false);
    return ops.mul(normalOf(keyN, s.shape, s.dtype), ops.sqrt(ops.div(half, g)));
  });
}

/** Floats of density proportional to `exp(-|x|^p)`. Shapes: `u32[2] -> f32[...shape]`. Gradient: none. @example random.generalizedNormal(random.key(0), 2, [2]).shape; // => [2] */
export function generalizedNormal(
  key: ArrayLike,
  p: number,
  shape?: ShapeArg,
  options?: SampleOptions | DType,
): Tracer {
  const o = sampleOptions(shape, options);
  const dtype = floatDType("generalizedNormal", o.dtype);
  return owned(() => {
    const size = sampleShape("generalizedNormal", o.shape);
    return generalizedNormalOf(liftKey("generalizedNormal", key), p, size, dtype);
  });
}

function generalizedNormalOf(keys: Keys, p: number, shape: readonly number[], dtype: DType): Tracer {
  const [k1, k2] = splitTo(keys, 2) as [KeyWords, KeyWords];
  const full = [...k1[0].shape, ...shape];
  const g = gammaOf(k1, ops.full(full, 1 / p, dtype), shape, false);
  return ops.mul(signsOf(k2, shape, dtype), convert(power(g, 1 / p), dtype));
}

export interface BallOptions extends SampleOptions {
  /** Exponent of the norm; 2 by default. */
  p?: number | undefined;
}

/**
 * Points distributed uniformly over the unit ball of the p-norm in d dimensions.
 *
 * Shapes: `u32[2] -> f32[...shape, d]`; also called as `ball(key, d, p, shape)`. Gradient: none.
 * @example
 * random.ball(random.key(0), 3, { shape: [2] }).shape; // => [2, 3]
 */
export function ball(key: ArrayLike, d: number, p?: number | BallOptions, shape?: ShapeArg): Tracer {
  const o = byPosition<BallOptions>(["p", "shape"], [p, shape ?? undefined], ["dtype"]);
  const dtype = floatDType("ball", o.dtype);
  const exponent = o.p ?? 2;
  return owned(() => {
    const size = sampleShape("ball", o.shape);
    const [k1, k2] = splitTo(liftKey("ball", key), 2) as [KeyWords, KeyWords];
    const g = generalizedNormalOf(k1, exponent, [...size, d], dtype);
    const e = exponentialOf(k2, size, dtype);
    const radius = power(add(sum(power(abs(g), exponent), -1), e), 1 / exponent);
    return convert(divide(g, expandDims(radius, -1)), dtype);
  });
}
