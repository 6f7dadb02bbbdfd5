/** The Poisson distribution. */
import { type DType, isFloat, isInteger } from "../aval/dtype";
import { DTypeError } from "../base/errors";
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, broadcastArray, constantLike, convert, lift } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { type SampleOptions, type ShapeArg, liftKey, paramShape, sampleOptions } from "./arguments";
import { lastAccepted } from "./accepted";
import { keyChain } from "./key";
import { uniformIn } from "./uniform";

/** Most events that are counted for rates below 10: more have a chance of 10^-12. */
const MOST_EVENTS = 42;
/** Rounds of rejection for greater rates: each accepts with chance 0.83 or more. */
const ROUNDS = 14;

/**
 * Numbers of events of rate lam.
 *
 * Shapes: `u32[2] x [...] -> i32[...shape]`, by default the shape of lam. Dtypes: int32, or `dtype`.
 * Source: Knuth's product of uniform numbers below 10; above, Hörmann, "The transformed rejection method" (1993).
 * @example
 * random.poisson(random.key(0), 0, [2]).js(); // => [0, 0]
 */
export function poisson(key: ArrayLike, lam: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  const o = sampleOptions(shape, options);
  const dtype = o.dtype ?? "int32";
  if (!isInteger(dtype) && !isFloat(dtype)) throw new DTypeError(`poisson: expected an integer dtype, got ${dtype}`);
  return owned(() => {
    const keys = liftKey("poisson", key);
    const rate = ops.stopGradient(convert(lift(lam), "float32"));
    const size = paramShape("poisson", o.shape, [rate]);
    const wide = broadcastArray(rate, [...keys.shape.slice(0, -1), ...size]);
    const c = (value: number): Tracer => constantLike(wide, value);
    const small = ops.or(ops.ne(wide, wide), ops.lt(wide, c(10)));
    const few = counted(keys, ops.where(small, wide, c(0)), size);
    const many = rejected(keys, ops.where(small, c(1e5), wide), size);
    const out = ops.where(small, few, many);
    return convert(ops.where(ops.eq(wide, c(0)), c(0), out), dtype);
  });
}

/** Repeats x on new leading axes. */
const over = (x: Tracer, shape: readonly number[]): Tracer =>
  ops.broadcastInDim(x, shape, range(shape.length - x.ndim, shape.length));

/** How many products of uniform numbers stay above exp(-lam). */
function counted(keys: Tracer, lam: Tracer, shape: readonly number[]): Tracer {
  const [, draws] = keyChain(keys, MOST_EVENTS, 2) as [Tracer, Tracer];
  const logs = ops.cumsum(ops.log(uniformIn(draws, shape, "float32", 0, 1)), 0);
  const alive = ops.convertElementType(ops.gt(logs, over(ops.neg(lam), logs.shape)), "float32");
  const count = ops.reduceSum(alive, [0]);
  // Of NaN it is -1, as in JAX.
  return ops.where(ops.ne(lam, lam), constantLike(count, -1), count);
}

/** Transformed rejection from a table mountain hat. */
function rejected(keys: Tracer, lam: Tracer, shape: readonly number[]): Tracer {
  const [, uKeys, vKeys] = keyChain(keys, ROUNDS, 3) as [Tracer, Tracer, Tracer];
  const { add, div, mul, sub } = ops;
  const p = (value: number): Tracer => constantLike(lam, value);
  const b = add(p(0.931), mul(p(2.53), ops.sqrt(lam)));
  const a = add(p(-0.059), mul(p(0.02483), b));
  const inverseAlpha = add(p(1.1239), div(p(1.1328), sub(b, p(3.4))));
  const vr = sub(p(0.9277), div(p(3.6224), sub(b, p(2))));
  const u0 = uniformIn(uKeys, shape, "float32", 0, 1);
  const c = (value: number): Tracer => constantLike(u0, value);
  const w = (x: Tracer): Tracer => over(x, u0.shape);
  const u = sub(u0, c(0.5));
  const v = uniformIn(vKeys, shape, "float32", 0, 1);
  const us = sub(c(0.5), ops.abs(u));
  const k = ops.floor(add(add(mul(add(div(mul(c(2), w(a)), us), w(b)), u), w(lam)), c(0.43)));
  const s = ops.log(div(mul(v, w(inverseAlpha)), add(div(w(a), mul(us, us)), w(b))));
  const t = sub(add(w(ops.neg(lam)), mul(k, w(ops.log(lam)))), ops.lgamma(add(k, c(1))));
  const inside = ops.and(ops.ge(us, c(0.07)), ops.le(v, w(vr)));
  const out = ops.or(ops.lt(k, c(0)), ops.and(ops.lt(us, c(0.013)), ops.gt(v, us)));
  return lastAccepted(k, ops.or(inside, ops.and(ops.not(out), ops.le(s, t))), shape.length);
}
