/** The gamma distribution, by rejection. */
import type { DType } from "../aval/dtype";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, constantLike } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { divide } from "../numpy/arithmetic";
import * as ops from "../ops/index";
import { withRules } from "../scipy/formula";
import { gammaDensity, gammaSlope } from "../scipy/incomplete-gamma";
import { type SampleOptions, type ShapeArg, floatSample } from "./arguments";
import { type Search, everywhere, keepFirst, repeat, startSearch } from "./accepted";
import { exponentialOf } from "./inverse";
import { type KeyWords, type Keys, splitOver, splitTo } from "./key";
import { normalOf } from "./normal";
import { uniformIn } from "./uniform";

/** Rounds of rejection: at worst (shape 1) a round accepts with chance 0.95, so one sample of 2 * 10^10 runs out of them. */
const ROUNDS = 8;
/** Normal numbers drawn until 1 + c x is positive: at worst one of 10^6 rounds runs out, and counts as rejected. */
const REDRAWS = 3;
/** Samples whose logarithm is smaller are so close to 0 that the first term of a series is all. */
const LEAST_LOG = -30;

/**
 * Floats of the gamma distribution with shape parameter a and scale 1.
 *
 * Shapes: `u32[2] x [...] -> f32[...shape]`, by default the shape of a.
 * Gradient: with respect to a.
 * Source: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000).
 * @example
 * random.gamma(random.key(0), 2, [3]).shape; // => [3]
 */
export function gamma(key: ArrayLike, a: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  return owned(() => {
    const s = floatSample("gamma", key, shape, options, a);
    return gammaOf(s.key, s.params[0]!, s.shape, false);
  });
}

/** Logarithms of gamma samples, also where those are too small for the dtype. As `gamma`. @example random.loggamma(random.key(0), 2, [3]).shape; // => [3] */
export function loggamma(key: ArrayLike, a: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  return owned(() => {
    const s = floatSample("loggamma", key, shape, options, a);
    return gammaOf(s.key, s.params[0]!, s.shape, true);
  });
}

/** Gamma samples of parameters `a` [...batch, ...shape], or their logarithms. */
export function gammaOf(keys: Keys, a: Tracer, shape: readonly number[], logSpace: boolean): Tracer {
  const alpha = ops.stopGradient(a);
  return (logSpace ? logSampleOf : sampleOf)(a, samples(keys, alpha, shape, logSpace));
}

/** The sample as a function of its parameter: where the distribution function of a stays what it is. */
const sampleOf = /* @__PURE__ */ withRules(
  (_a: Tracer, sample: Tracer): Tracer => sample,
  (t, out, a) => ops.neg(ops.div(ops.mul(t, gammaSlope(a, out)), gammaDensity(a, out))),
  null,
);
/** As `sampleOf`, of logarithms: far out the distribution function is `x^a / gamma(a + 1)`. */
const logSampleOf = /* @__PURE__ */ withRules(
  (_a: Tracer, logs: Tracer): Tracer => logs,
  (t, logs, a) => {
    const far = logs.less(LEAST_LOG);
    const x = ops.exp(ops.where(far, constantLike(logs, 0), logs));
    const near = divide(gammaSlope(a, x), gammaDensity(a, x).mul(x));
    const slope = ops.where(far, divide(logs.sub(ops.digamma(a.add(1))), a), near);
    return ops.neg(t.mul(slope));
  },
  null,
);

function samples(keys: Keys, alpha: Tracer, shape: readonly number[], logSpace: boolean): Tracer {
  const dtype = alpha.dtype;
  const c = (value: number): Tracer => constantLike(alpha, value);
  const enough = ops.ge(alpha, c(1));
  // Of a below 1: a sample of a + 1 times u^(1 / a).
  const d = ops.sub(ops.where(enough, alpha, ops.add(alpha, c(1))), c(1 / 3));
  const [loop, last] = splitTo(splitOver(keys, shape), 2) as [KeyWords, KeyWords]; // words [...batch, ...shape]
  const v = acceptedCube(loop, d, ops.div(c(1 / 3), ops.sqrt(d)), dtype);
  const inverse = ops.div(c(1), alpha);
  if (logSpace) {
    const logs = ops.neg(exponentialOf(last, [], dtype));
    const none = ops.or(enough, ops.eq(logs, c(0)));
    const boost = ops.where(none, c(0), ops.mul(logs, inverse));
    return ops.add(ops.add(ops.log(d), ops.log(v)), boost);
  }
  const u = ops.sub(c(1), uniformIn(last, [], dtype, 0, 1));
  return ops.mul(ops.mul(d, v), ops.where(enough, c(1), ops.pow(u, inverse)));
}

interface GammaRound extends Search {
  readonly keys: KeyWords;
}

/** `(1 + c x)^3` of the first normal x that is accepted, for each key. */
function acceptedCube(keys: KeyWords, d: Tracer, c: Tracer, dtype: DType): Tracer {
  const k = (value: number): Tracer => constantLike(d, value);
  const round = (state: GammaRound): GammaRound => {
    const [next, xKeys, uKeys] = splitTo(state.keys, 3) as [KeyWords, KeyWords, KeyWords];
    const { x, v } = drawPositive(xKeys, c, dtype);
    const [x2, v3] = [ops.mul(x, x), ops.mul(ops.mul(v, v), v)];
    const u = owned(() => uniformIn(uKeys, [], dtype, 0, 1));
    const squeezed = ops.lt(u, ops.sub(k(1), ops.mul(k(0.0331), ops.mul(x2, x2))));
    const bound = ops.add(ops.mul(x2, k(0.5)), ops.mul(d, ops.add(ops.sub(k(1), v3), ops.log(v3))));
    // Of v <= 0 (no draw was good) the bound is NaN, but the squeeze may hold.
    const good = ops.and(ops.gt(v, k(0)), ops.or(squeezed, ops.lt(ops.log(u), bound)));
    return { keys: next, ...keepFirst(state, v3, good) };
  };
  return repeat(ROUNDS, { keys, ...startSearch(d) }, ({ accepted }) => everywhere(accepted), round).value;
}

interface Draw {
  readonly keys: KeyWords;
  readonly x: Tracer;
  readonly v: Tracer;
}

/** Draws normal x until v = 1 + c x is positive. */
function drawPositive(keys: KeyWords, c: Tracer, dtype: DType): Draw {
  const zero = ops.full(c.shape, 0, dtype);
  const draw = ({ keys: from, x, v }: Draw): Draw => {
    const [next, use] = splitTo(from, 2) as [KeyWords, KeyWords];
    const fresh = normalOf(use, [], dtype);
    const again = ops.le(v, zero);
    const sum = ops.add(constantLike(c, 1), ops.mul(fresh, c));
    return { keys: next, x: ops.where(again, fresh, x), v: ops.where(again, sum, v) };
  };
  let state: Draw = { keys, x: zero, v: zero };
  for (let i = 0; i < REDRAWS; i++) state = draw(state);
  return state;
}
