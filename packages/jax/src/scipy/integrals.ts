/** Exponential integrals and the dilogarithm. */
import type { Tracer } from "../core/tracer";
import { type ArrayLike, constantLike, floatUnary } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { type Series, chebyshev, sumSeries } from "./chebyshev";

const EULER = 0.5772156649015329;

/** `sum over k >= 1 of x^k / (k k!)`. */
function ein(x: number): number {
  let [sum, power] = [0, 1];
  for (let k = 1; k < 400; k++) {
    power *= x / k;
    sum += power / k;
    if (Math.abs(power) < 1e-18 * Math.abs(sum)) break;
  }
  return sum;
}

/** `x exp(-x) Ei(x)` for x >= 8: from the series, or for large x asymptotically. */
function scaledEi(x: number): number {
  if (x < 60) return x * Math.exp(-x) * (EULER + Math.log(x) + ein(x));
  let [sum, term] = [1, 1];
  for (let k = 1; k < Math.min(x, 60); k++) sum += term *= k / x;
  return sum;
}

/** `x exp(x) E1(x)` for x >= 2, by its continued fraction. */
function scaledE1(x: number): number {
  let rest = 0;
  for (let k = 200; k >= 1; k--) rest = k / (1 + k / (x + rest));
  return x / (x + rest);
}

interface Fits {
  /** `ein(x) / (x exp(max(x, 0)))`-like pieces; see the callers. */
  readonly nearEi: Series;
  readonly middleEi: Series;
  readonly farEi: Series;
  readonly nearE1: Series;
  readonly farE1: Series;
  readonly dilogarithm: Series;
}

let known: Fits | null = null;
function fits(): Fits {
  known ??= {
    nearEi: chebyshev((x) => (x < 1e-9 ? 1 : (ein(x) / x) * Math.exp(-x)), 0, 8),
    middleEi: chebyshev((t) => scaledEi(8 / t), 0.25, 1),
    farEi: chebyshev((t) => (t < 1e-12 ? 1 : scaledEi(32 / t)), 0, 1),
    nearE1: chebyshev((x) => (x < 1e-9 ? 1 : -ein(-x) / x), 0, 2),
    farE1: chebyshev((t) => (t < 1e-12 ? 1 : scaledE1(2 / t)), 0, 1),
    dilogarithm: chebyshev(
      (x) => {
        let [sum, power] = [0, 1];
        for (let k = 1; k < 80; k++, power *= 1 - x) sum += power / (k * k);
        return sum;
      },
      0.5,
      1.5,
    ),
  };
  return known;
}

/** The integral of `exp(-t) / t` from x > 0 to infinity. */
function e1(x: Tracer): Tracer {
  const c = (value: number): Tracer => constantLike(x, value);
  const near = ops.le(x, c(2));
  const low = ops.where(near, x, c(1));
  const high = ops.where(near, c(2), x);
  const series = ops.mul(low, sumSeries(fits().nearE1, ops.sub(low, c(1))));
  const small = ops.sub(ops.sub(series, c(EULER)), ops.log(low));
  const large = ops.mul(
    ops.div(ops.exp(ops.neg(high)), high),
    sumSeries(fits().farE1, ops.sub(ops.div(c(4), high), c(1))),
  );
  return ops.where(near, small, ops.where(ops.eq(x, c(Infinity)), c(0), large));
}

/** The principal value of the integral of `exp(t) / t` from -infinity to x > 0. */
function ei(x: Tracer): Tracer {
  const c = (value: number): Tracer => constantLike(x, value);
  const near = ops.le(x, c(8));
  const far = ops.gt(x, c(32));
  const low = ops.where(near, x, c(1));
  const middle = ops.min(ops.max(x, c(8)), c(32));
  const high = ops.max(x, c(32));
  const series = ops.mul(ops.mul(low, ops.exp(low)), sumSeries(fits().nearEi, ops.sub(ops.div(low, c(4)), c(1))));
  const small = ops.add(ops.add(series, c(EULER)), ops.log(low));
  // 8 / x in [1/4, 1] and 32 / x in [0, 1], moved to [-1, 1].
  const inMiddle = sumSeries(fits().middleEi, ops.div(ops.sub(ops.div(c(16), middle), c(1.25)), c(0.75)));
  const inFar = sumSeries(fits().farEi, ops.sub(ops.div(c(64), high), c(1)));
  const beyond = ops.where(near, c(8), x);
  const large = ops.mul(ops.div(ops.exp(beyond), beyond), ops.where(far, inFar, inMiddle));
  return ops.where(near, small, ops.where(ops.eq(x, c(Infinity)), x, large));
}

/** Exponential integral: of `exp(t) / t` from -infinity to x. Dtypes: floats. @example scipySpecial.expi(1).js(); // => 1.895118 */
export function expi(x: ArrayLike): Tracer {
  return floatUnary(x, (y) =>
    owned(() => {
      const c = (value: number): Tracer => constantLike(y, value);
      const negative = ops.lt(y, c(0));
      const zero = ops.eq(y, c(0));
      const left = ops.neg(e1(ops.where(negative, ops.neg(y), c(1))));
      const right = ei(ops.where(ops.or(negative, zero), c(1), y));
      return ops.where(negative, left, ops.where(zero, c(-Infinity), right));
    }),
  );
}

/** Exponential integral: of `exp(-t) / t` from x to infinity; NaN below 0. Dtypes: floats. @example scipySpecial.exp1(1).js(); // => 0.219384 */
export function exp1(x: ArrayLike): Tracer {
  return floatUnary(x, (y) =>
    owned(() => {
      const c = (value: number): Tracer => constantLike(y, value);
      const value = e1(ops.where(ops.gt(y, c(0)), y, c(1)));
      const below = ops.where(ops.eq(y, c(0)), c(Infinity), c(NaN));
      return ops.where(ops.gt(y, c(0)), value, below);
    }),
  );
}

/** Spence's function, a dilogarithm: the integral of `log(t) / (1 - t)` from 1 to x; NaN below 0. Dtypes: floats. @example scipySpecial.spence(1).js(); // => 0 */
export function spence(x: ArrayLike): Tracer {
  return floatUnary(x, (y) =>
    owned(() => {
      const c = (value: number): Tracer => constantLike(y, value);
      const [above, below] = [ops.gt(y, c(1.5)), ops.lt(y, c(0.5))];
      const big = ops.where(above, y, c(1));
      const small = ops.where(ops.and(below, ops.gt(y, c(0))), y, c(0.5));
      // f(x) = -f(1/x) - log(x)^2 / 2; f(x) = pi^2/6 - log(x) log(1 - x) - f(1 - x).
      const inverse = ops.div(c(1), big);
      const folded = ops.where(above, ops.max(inverse, c(0)), y);
      const low = ops.lt(folded, c(0.5));
      const w = ops.where(low, ops.sub(c(1), folded), folded);
      const core = ops.mul(ops.sub(c(1), w), sumSeries(fits().dilogarithm, ops.mul(c(2), ops.sub(w, c(1)))));
      const positive = ops.where(ops.and(low, ops.gt(folded, c(0))), folded, small);
      const product = ops.mul(ops.log(positive), ops.log1p(ops.neg(positive)));
      const atZero = ops.where(ops.eq(folded, c(0)), c(0), product);
      const inside = ops.where(low, ops.sub(ops.sub(c(Math.PI ** 2 / 6), atZero), core), core);
      const logs = ops.log(big);
      const out = ops.where(above, ops.sub(ops.neg(inside), ops.mul(c(0.5), ops.square(logs))), inside);
      return ops.where(ops.lt(y, c(0)), c(NaN), out);
    }),
  );
}
