/** Exponential integrals and the dilogarithm. */
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { exp, log, log1p } from "../numpy/elementwise";
import type { ArrayLike } from "../numpy/lift";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { type Series, chebyshev, sumSeries } from "./chebyshev";
import { compiled, evaluate, withRules } from "./formula";

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

/** `x exp(x) E1(x)` for x >= 1, by its continued fraction. */
function scaledE1(x: number): number {
  let rest = 0;
  for (let k = 600; k >= 1; k--) rest = k / (1 + k / (x + rest));
  return x / (x + rest);
}

interface Fits {
  /** `ein(x) exp(-x) / x` on [0, 8]. */
  readonly nearEi: Series;
  /** `x exp(-x) Ei(x)` in 8 / x on [1/4, 1], and in 32 / x on [0, 1]. */
  readonly middleEi: Series;
  readonly farEi: Series;
  /** `-ein(-x) / x` on [0, 1], and `x exp(x) E1(x)` in 1 / x on [0, 1]. */
  readonly nearE1: Series;
  readonly farE1: Series;
  /** `spence(x) / (1 - x)` on [1/2, 3/2]. */
  readonly dilogarithm: Series;
}

let known: Fits | null = null;
function fits(): Fits {
  known ??= {
    nearEi: chebyshev((x) => (x < 1e-9 ? 1 : (ein(x) / x) * Math.exp(-x)), 0, 8),
    middleEi: chebyshev((t) => scaledEi(8 / t), 0.25, 1),
    farEi: chebyshev((t) => (t < 1e-12 ? 1 : scaledEi(32 / t)), 0, 1),
    nearE1: chebyshev((x) => (x < 1e-9 ? 1 : -ein(-x) / x), 0, 1),
    farE1: chebyshev((t) => (t < 1e-12 ? 1 : scaledE1(1 / t)), 0, 1),
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
  const near = x.lessEqual(1);
  const low = where(near, x, 1);
  const high = where(near, 1, x);
  const series = low.mul(sumSeries(fits().nearE1, low.mul(2).sub(1)));
  const small = series.sub(EULER).sub(log(low));
  const large = divide(exp(high.neg()), high).mul(sumSeries(fits().farE1, divide(2, high).sub(1)));
  return where(near, small, where(x.equal(Infinity), 0, large));
}

/** The principal value of the integral of `exp(t) / t` from -infinity to x > 0. */
function ei(x: Tracer): Tracer {
  const near = x.lessEqual(8);
  const far = x.greater(32);
  const low = where(near, x, 1);
  const middle = where(near, 8, where(far, 32, x));
  const high = where(far, x, 32);
  const series = low.mul(exp(low)).mul(sumSeries(fits().nearEi, low.mul(0.25).sub(1)));
  const small = series.add(EULER).add(log(low));
  // 8 / x in [1/4, 1] and 32 / x in [0, 1], moved to [-1, 1].
  const inMiddle = sumSeries(fits().middleEi, divide(divide(16, middle).sub(1.25), 0.75));
  const inFar = sumSeries(fits().farEi, divide(64, high).sub(1));
  const beyond = where(near, 8, x);
  const large = divide(exp(beyond), beyond).mul(where(far, inFar, inMiddle));
  return where(near, small, where(x.equal(Infinity), x, large));
}

function principal(x: Tracer): Tracer {
  const negative = x.less(0);
  const zero = x.equal(0);
  const left = e1(where(negative, x.neg(), 1)).neg();
  const right = ei(where(ops.or(negative, zero), 1, x));
  return where(negative, left, where(zero, -Infinity, right));
}
const expiFormula = /* @__PURE__ */ withRules(/* @__PURE__ */ compiled(principal), (t, _out, x) =>
  t.mul(divide(exp(x), x)),
);

/** Exponential integral: of `exp(t) / t` from -infinity to x. Dtypes: floats. @example scipy.special.expi(1).js(); // => 1.895118 */
export function expi(x: ArrayLike): Tracer {
  return evaluate("expi", expiFormula, x);
}

const exp1Formula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled((x: Tracer): Tracer => {
    const inside = x.greater(0);
    return where(inside, e1(where(inside, x, 1)), where(x.equal(0), Infinity, NaN));
  }),
  (t, _out, x) => t.mul(where(x.less(0), NaN, divide(exp(x.neg()), x).neg())),
);

/** Exponential integral: of `exp(-t) / t` from x to infinity; NaN below 0. Dtypes: floats. @example scipy.special.exp1(1).js(); // => 0.219384 */
export function exp1(x: ArrayLike): Tracer {
  return evaluate("exp1", exp1Formula, x);
}

function dilogarithm(x: Tracer): Tracer {
  const [above, below] = [x.greater(1.5), x.less(0.5)];
  const big = where(above, x, 1);
  // f(x) = -f(1/x) - log(x)^2 / 2; f(x) = pi^2/6 - log(x) log(1 - x) - f(1 - x).
  const folded = where(above, divide(1, big), x);
  const low = folded.less(0.5);
  const positive = where(ops.and(low, folded.greater(0)), folded, 0.25);
  const w = where(low, folded.neg().add(1), folded);
  const inside = where(ops.and(w.greaterEqual(0.5), w.lessEqual(1.5)), w, 1);
  const core = inside
    .neg()
    .add(1)
    .mul(sumSeries(fits().dilogarithm, inside.sub(1).mul(2)));
  const product = where(folded.equal(0), 0, log(positive).mul(log1p(positive.neg())));
  const value = where(
    low,
    product
      .neg()
      .add(Math.PI ** 2 / 6)
      .sub(core),
    core,
  );
  const out = where(above, value.neg().sub(ops.square(log(big)).mul(0.5)), value);
  const valid = ops.and(x.greaterEqual(0), x.less(Infinity));
  return where(valid, where(ops.or(above, below), out, core), NaN);
}
const spenceFormula = /* @__PURE__ */ withRules(/* @__PURE__ */ compiled(dilogarithm), (t, _out, x) => {
  const one = x.equal(1);
  return t.mul(where(one, -1, divide(log(x), where(one, 1, x.neg().add(1)))));
});

/** Spence's function, a dilogarithm: the integral of `log(t) / (1 - t)` from 1 to x; NaN below 0. Dtypes: floats. @example scipy.special.spence(1).js(); // => 0 */
export function spence(x: ArrayLike): Tracer {
  return evaluate("spence", spenceFormula, x);
}
