/** The Bernoulli distribution: 1 with chance p, else 0. */
import type { Tracer } from "../../core/tracer";
import { exp } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import { type Formula, compiled, evaluate } from "../formula";
import { xlog1pyFormula, xlogyFormula } from "../logarithmic";
import { type Loc, shifted } from "./place";

const logMass: Formula = (k, p, loc) => {
  const x = k.sub(loc);
  const value = xlogyFormula(x, p).add(xlog1pyFormula(x.neg().add(1), p.neg()));
  return where(ops.or(x.less(0), x.greater(1)), -Infinity, value);
};
const isChance = (p: Tracer): Tracer => ops.and(p.greaterEqual(0), p.lessEqual(1));

const logpmfOf = /* @__PURE__ */ compiled(logMass);
const pmfOf = /* @__PURE__ */ compiled((...xs: Tracer[]): Tracer => exp(logMass(...xs)));
const cdfOf = /* @__PURE__ */ compiled((k: Tracer, p: Tracer): Tracer => {
  const value = where(k.less(0), 0, where(k.less(1), p.neg().add(1), 1));
  return where(ops.and(isChance(p), k.equal(k)), value, NaN);
});
const ppfOf = /* @__PURE__ */ compiled((q: Tracer, p: Tracer): Tracer => {
  const value = ops.convertElementType(q.greater(p.neg().add(1)), q.dtype);
  return where(ops.and(isChance(p), isChance(q)), value, NaN);
});

/** Chance of k. Dtypes: floats. @example scipy.stats.bernoulli.pmf(1, 0.25).js(); // => 0.25 */
export function pmf(k: ArrayLike, p: ArrayLike, loc?: Loc): Tracer {
  return shifted("bernoulli.pmf", pmfOf, [k, p], loc);
}
/** Logarithm of the chance of k. Dtypes: floats. @example scipy.stats.bernoulli.logpmf(1, 0.25).js(); // => -1.386294 */
export function logpmf(k: ArrayLike, p: ArrayLike, loc?: Loc): Tracer {
  return shifted("bernoulli.logpmf", logpmfOf, [k, p], loc);
}
/** Distribution function: the chance of at most k. Dtypes: floats. @example scipy.stats.bernoulli.cdf(0, 0.25).js(); // => 0.75 */
export function cdf(k: ArrayLike, p: ArrayLike): Tracer {
  return evaluate("bernoulli.cdf", cdfOf, k, p);
}
/** Inverse of `cdf`: 0 up to `1 - p`, then 1. Dtypes: floats. @example scipy.stats.bernoulli.ppf(0.8, 0.25).js(); // => 1 */
export function ppf(q: ArrayLike, p: ArrayLike): Tracer {
  return evaluate("bernoulli.ppf", ppfOf, q, p);
}
