/** The Poisson distribution. */
import { type DType, isFloat, isInteger } from "../aval/dtype";
import { DTypeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, broadcastArray, constantLike, convert, lift } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { type SampleOptions, type ShapeArg, liftKey, paramShape, sampleOptions } from "./arguments";
import { type Search, everywhere, keepLast, repeat, startSearch } from "./accepted";
import { type KeyWords, splitTo, wordsOf } from "./key";
import { uniformIn } from "./uniform";

/** Most events that are counted for rates below 10: more have a chance of 10^-12. */
const MOST_EVENTS = 42;
/** Rounds of rejection for greater rates: each accepts with chance 0.83 or more. */
const ROUNDS = 14;

/**
 * Numbers of events of rate lam; -1 where that is negative or NaN.
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
    const many = rejected(keys, ops.where(small, c(1e5), wide), small, size);
    const out = ops.where(small, few, many);
    return convert(ops.where(ops.eq(wide, c(0)), c(0), out), dtype);
  });
}

interface Count {
  readonly keys: KeyWords;
  readonly logs: Tracer;
  readonly count: Tracer;
}

/** How many products of uniform numbers stay above exp(-lam). */
function counted(keys: Tracer, lam: Tracer, shape: readonly number[]): Tracer {
  const limit = ops.neg(lam);
  const next = ({ keys: from, logs, count }: Count): Count => {
    const [onward, use] = splitTo(from, 2) as [KeyWords, KeyWords];
    const sum = ops.add(logs, ops.log(uniformIn(use, shape, "float32", 0, 1)));
    const alive = ops.convertElementType(ops.gt(sum, limit), "float32");
    return { keys: onward, logs: sum, count: ops.add(count, alive) };
  };
  const zero = ops.full(lam.shape, 0, "float32");
  const over = ({ logs }: Count): Tracer => everywhere(ops.not(ops.gt(logs, limit)));
  const { count } = repeat(MOST_EVENTS, { keys: wordsOf(keys), logs: zero, count: zero }, over, next);
  // Of NaN and of negative rates it is -1, as in JAX.
  return ops.where(ops.ge(lam, zero), count, constantLike(count, -1));
}

interface Round extends Search {
  readonly keys: KeyWords;
}

/** Transformed rejection from a table mountain hat; nothing is done where all places are `unwanted`. */
function rejected(keys: Tracer, lam: Tracer, unwanted: Tracer, shape: readonly number[]): Tracer {
  const { add, div, mul, sub } = ops;
  const c = (value: number): Tracer => constantLike(lam, value);
  const logLam = ops.log(lam);
  const b = add(c(0.931), mul(c(2.53), ops.sqrt(lam)));
  const a = add(c(-0.059), mul(c(0.02483), b));
  const inverseAlpha = add(c(1.1239), div(c(1.1328), sub(b, c(3.4))));
  const vr = sub(c(0.9277), div(c(3.6224), sub(b, c(2))));
  const round = (state: Round): Round => {
    const [next, uKeys, vKeys] = splitTo(state.keys, 3) as [KeyWords, KeyWords, KeyWords];
    const u = sub(uniformIn(uKeys, shape, "float32", 0, 1), c(0.5));
    const v = uniformIn(vKeys, shape, "float32", 0, 1);
    const us = sub(c(0.5), ops.abs(u));
    const k = ops.floor(add(add(mul(add(div(mul(c(2), a), us), b), u), lam), c(0.43)));
    const s = ops.log(div(mul(v, inverseAlpha), add(div(a, mul(us, us)), b)));
    const t = sub(add(ops.neg(lam), mul(k, logLam)), ops.lgamma(add(k, c(1))));
    const inside = ops.and(ops.ge(us, c(0.07)), ops.le(v, vr));
    const out = ops.or(ops.lt(k, c(0)), ops.and(ops.lt(us, c(0.013)), ops.gt(v, us)));
    const good = ops.or(inside, ops.and(ops.not(out), ops.le(s, t)));
    return { keys: next, ...keepLast(state, k, good, shape.length) };
  };
  const needless = everywhere(unwanted);
  const over = ({ accepted }: Round): Tracer => ops.or(needless, everywhere(accepted));
  return repeat(ROUNDS, { keys: wordsOf(keys), ...startSearch(lam) }, over, round).value;
}
