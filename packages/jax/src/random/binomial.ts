/** The binomial and multinomial distributions. */
import type { DType } from "../aval/dtype";
import { ShapeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, broadcastArray, constantLike, convert, promoteInexactDTypes } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { stack } from "../numpy/joining";
import * as ops from "../ops/index";
import { type SampleOptions, type ShapeArg, floatDType, liftKey, paramShape, sampleOptions } from "./arguments";
import { type Search, everywhere, keepLast, repeat, startSearch } from "./accepted";
import { type KeyWords, type Keys, splitTo, wordsOf } from "./key";
import { uniformIn } from "./uniform";

/** Most successes that are counted where n p is at most 10: more have a chance of 10^-12. */
const MOST_SUCCESSES = 42;
/** Rounds of rejection where n p is greater: each accepts with chance 0.79 or more. */
const ROUNDS = 16;

/**
 * Numbers of successes among n trials of chance p.
 *
 * Shapes: `u32[2] x [...] x [...] -> f32[...shape]`, by default the shape that n and p broadcast to.
 * Dtypes: float32, or `dtype`. NaN where n is negative or p is no probability.
 * Source: sums of geometric waiting times where n p <= 10; Hörmann, "The generation of binomial random variates" (1993).
 * @example
 * random.binomial(random.key(0), 5, 1, [2]).js(); // => [5, 5]
 */
export function binomial(
  key: ArrayLike,
  n: ArrayLike,
  p: ArrayLike,
  shape?: ShapeArg,
  options?: SampleOptions | DType,
): Tracer {
  const o = sampleOptions(shape, options);
  const dtype = floatDType("binomial", o.dtype);
  return owned(() => {
    const keys = liftKey("binomial", key);
    const [trials, chance] = promoteInexactDTypes([n, p]).map(ops.stopGradient) as [Tracer, Tracer];
    const size = paramShape("binomial", o.shape, [trials, chance]);
    const full = [...keys.shape.slice(0, -1), ...size];
    return convert(binomialOf(keys, broadcastArray(trials, full), broadcastArray(chance, full), size), dtype);
  });
}

function binomialOf(keys: Keys, trials: Tracer, chance: Tracer, shape: readonly number[]): Tracer {
  const c = (value: number): Tracer => constantLike(chance, value);
  const nan = (x: Tracer): Tracer => ops.ne(x, x);
  const lesser = ops.lt(chance, c(0.5));
  const q0 = ops.where(lesser, chance, ops.sub(c(1), chance));
  const badCount = ops.or(nan(trials), ops.lt(trials, c(0)));
  const badChance = ops.or(nan(q0), ops.lt(q0, c(0)));
  const infinite = ops.eq(ops.abs(trials), c(Infinity));
  const q = ops.where(badChance, c(0.01), q0);
  const small = ops.or(badCount, ops.le(ops.mul(trials, q), c(10)));
  const count = ops.floor(trials);
  const few = inverted(keys, ops.where(small, count, c(0)), q, shape);
  const many = rejected(keys, ops.where(small, c(1e4), count), ops.where(small, c(0.5), q), small, shape);
  const invalid = ops.or(badChance, badCount);
  let out = ops.where(small, few, many);
  out = ops.where(invalid, c(NaN), out);
  out = ops.where(ops.and(infinite, ops.not(invalid)), c(Infinity), out);
  const direct = ops.or(ops.or(lesser, badCount), ops.or(nan(chance), infinite));
  return ops.where(direct, out, ops.sub(count, out));
}

interface Fit {
  readonly keys: KeyWords;
  readonly time: Tracer;
  readonly fits: Tracer;
}

/** How many geometric waiting times fit into the trials. */
function inverted(keys: Keys, count: Tracer, q: Tracer, shape: readonly number[]): Tracer {
  const logOfFailure = ops.log1p(ops.neg(q));
  const next = ({ keys: from, time, fits }: Fit): Fit => {
    const [use, onward] = splitTo(from, 2) as [KeyWords, KeyWords];
    const wait = ops.ceil(ops.div(ops.log(uniformIn(use, shape, q.dtype, 0, 1)), logOfFailure));
    const sum = ops.add(time, wait);
    return { keys: onward, time: sum, fits: ops.add(fits, ops.convertElementType(ops.le(sum, count), q.dtype)) };
  };
  const zero = ops.full(q.shape, 0, q.dtype);
  const over = ({ time }: Fit): Tracer => everywhere(ops.not(ops.le(time, count)));
  return repeat(MOST_SUCCESSES, { keys: wordsOf(keys), time: zero, fits: zero }, over, next).fits;
}

interface Round extends Search {
  readonly keys: KeyWords;
}

/** Transformed rejection with squeeze; nothing is done where all places are `unwanted`. */
function rejected(keys: Keys, n: Tracer, q: Tracer, unwanted: Tracer, shape: readonly number[]): Tracer {
  const { add, div, log, mul, sub } = ops;
  const c = (value: number): Tracer => constantLike(q, value);
  const [one, np] = [c(1), mul(n, q)];
  const stddev = ops.sqrt(mul(np, sub(one, q)));
  const b = add(c(1.15), mul(c(2.53), stddev));
  const a = add(add(c(-0.0873), mul(c(0.0248), b)), mul(c(0.01), q));
  const centre = add(np, c(0.5));
  const vr = sub(c(0.92), div(c(4.2), b));
  const alpha = mul(add(c(2.83), div(c(5.1), b)), stddev);
  const m = ops.floor(mul(add(n, one), q));
  const r = div(q, sub(one, q));
  const restM = add(sub(n, m), one);
  const atMode = mul(add(m, c(0.5)), log(div(add(m, one), mul(r, restM))));
  const [tailM, tailRest] = [stirlingTail(m), stirlingTail(sub(n, m))];
  const round = (state: Round): Round => {
    const [next, uKeys, vKeys] = splitTo(state.keys, 3) as [KeyWords, KeyWords, KeyWords];
    const u = sub(uniformIn(uKeys, shape, q.dtype, 0, 1), c(0.5));
    const v = uniformIn(vKeys, shape, q.dtype, 0, 1);
    const us = sub(c(0.5), ops.abs(u));
    const k = ops.floor(add(mul(add(div(mul(c(2), a), us), b), u), centre));
    const inside = ops.and(ops.ge(us, c(0.07)), ops.le(v, vr));
    const outside = ops.or(ops.lt(k, c(0)), ops.gt(k, n));
    const height = log(div(mul(v, alpha), add(div(a, mul(us, us)), b)));
    const restK = add(sub(n, k), one);
    const bound = [
      atMode,
      mul(add(n, one), log(div(restM, restK))),
      mul(add(k, c(0.5)), log(div(mul(r, restK), add(k, one)))),
      tailM,
      tailRest,
      ops.neg(stirlingTail(k)),
      ops.neg(stirlingTail(sub(n, k))),
    ].reduce(add);
    const good = ops.or(inside, ops.and(ops.not(outside), ops.le(height, bound)));
    return { keys: next, ...keepLast(state, k, good, shape.length) };
  };
  const needless = everywhere(unwanted);
  const over = ({ accepted }: Round): Tracer => ops.or(needless, everywhere(accepted));
  return repeat(ROUNDS, { keys: wordsOf(keys), ...startSearch(q) }, over, round).value;
}

/** What `log(k!)` is above Stirling's formula in k + 1: a table up to 9, then its asymptotic series. */
const TAIL = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.010411265261972, 0.00925546218271273, 0.00833056343336287,
];

function stirlingTail(k: Tracer): Tracer {
  const c = (value: number): Tracer => constantLike(k, value);
  const j = ops.min(ops.max(k, c(0)), c(9));
  const next = ops.add(j, c(1));
  const square = ops.mul(next, next);
  const inner = ops.sub(c(1 / 360), ops.div(c(1 / 1260), square));
  const series = ops.div(ops.sub(c(1 / 12), ops.div(inner, square)), next);
  let table = c(TAIL[9]!);
  for (let i = 8; i >= 0; i--) table = ops.where(ops.le(j, c(i)), c(TAIL[i]!), table);
  return ops.where(ops.le(k, c(9)), table, series);
}

/**
 * How n trials fall on categories of chances p.
 *
 * Shapes: `u32[2] x [...] x [..., k] -> f32[..., k]`. Dtypes: float32, or `dtype`. Errors: ShapeError without categories.
 * @example
 * random.multinomial(random.key(0), 4, np.array([1, 0])).js(); // => [4, 0]
 */
export function multinomial(
  key: ArrayLike,
  n: ArrayLike,
  p: ArrayLike,
  shape?: ShapeArg,
  options?: SampleOptions | DType,
): Tracer {
  const o = sampleOptions(shape, options);
  const dtype = floatDType("multinomial", o.dtype);
  return owned(() => {
    const keys = liftKey("multinomial", key);
    const [trials, chance] = promoteInexactDTypes([n, p]) as [Tracer, Tracer];
    const size = paramShape("multinomial", o.shape, [chance]);
    const k = size[size.length - 1] ?? 0;
    if (k === 0 || keys.ndim > 1)
      throw new ShapeError(`multinomial: expected one key and categories, got ${keys.aval} and ${chance.aval}`);
    const batch = size.slice(0, -1);
    const wide = broadcastArray(chance, size);
    const rest = ops.cumsum(wide, size.length - 1, true);
    const ratios = ops.div(wide, ops.where(ops.eq(rest, constantLike(rest, 0)), constantLike(rest, 1), rest));
    let remaining = broadcastArray(trials, batch);
    const counts = splitTo(keys, k).map((one, i) => {
      const at = batch.map(() => 0);
      const ratio = ops.reshape(ops.slice(ratios, [...at, i], [...batch, i + 1]), batch);
      const inside = ops.min(ops.max(ratio, constantLike(ratio, 0)), constantLike(ratio, 1));
      const count = binomialOf(one, remaining, inside, batch);
      remaining = ops.sub(remaining, count);
      return count;
    });
    return convert(stack(counts, -1), dtype);
  });
}
