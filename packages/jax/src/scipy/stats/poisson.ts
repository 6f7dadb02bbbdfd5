/** The Poisson distribution of mean mu. */
import { range } from "../../base/list";
import type { Tracer } from "../../core/tracer";
import { divide } from "../../numpy/arithmetic";
import { exp, floor, log, rint } from "../../numpy/elementwise";
import { type ArrayLike, constantLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import { type Formula, compiled } from "../formula";
import { gammainccFormula } from "../incomplete-gamma";
import { poissonLog } from "./log-terms";
import { type Loc, shifted } from "./place";

const logMass: Formula = (k, mu, loc) => {
  const x = k.sub(loc);
  const outside = ops.or(x.less(0), rint(k).notEqual(k));
  return where(outside, -Infinity, poissonLog(where(outside, 0, x), mu));
};
const logpmfOf = /* @__PURE__ */ compiled(logMass);
const pmfOf = /* @__PURE__ */ compiled((...xs: Tracer[]): Tracer => exp(logMass(...xs)));
const cdfOf = /* @__PURE__ */ compiled((k: Tracer, mu: Tracer, loc: Tracer): Tracer => {
  const x = k.sub(loc);
  const below = x.less(0);
  return where(below, 0, gammainccFormula(floor(where(below, 0, x).add(1)), mu));
});

/** Means from which on the entropy is asymptotic, and how many outcomes have a chance below that. */
const LARGE = 60;
const OUTCOMES = 140;

const entropyOf = /* @__PURE__ */ compiled((mu: Tracer): Tracer => {
  const large = mu.greater(LARGE);
  const mean = where(ops.or(large, mu.lessEqual(0)), 1, mu);
  const shape = [OUTCOMES, ...mu.shape];
  const wide = ops.broadcastInDim(mean, shape, range(1, shape.length));
  const k = ops.iota(mu.dtype, shape, 0);
  const logs = poissonLog(k, wide);
  const sum = exp(logs).mul(logs).sum(0).neg();
  const inverse = divide(1, where(large, mu, LARGE));
  const series = inverse.mul(-19 / 360).add(-1 / 24).mul(inverse).add(-1 / 12).mul(inverse); // prettier-ignore
  const far = log(where(large, mu, LARGE).mul(2 * Math.PI * Math.E)).mul(0.5).add(series); // prettier-ignore
  const value = where(large, far, sum);
  return where(mu.less(0), NaN, where(mu.equal(0), 0, value));
});

/** Chance of k events. Dtypes: floats. @example scipy.stats.poisson.pmf(0, 1).js(); // => 0.367879 */
export function pmf(k: ArrayLike, mu: ArrayLike, loc?: Loc): Tracer {
  return shifted("poisson.pmf", pmfOf, [k, mu], loc);
}
/** Logarithm of the chance of k events. Dtypes: floats. @example scipy.stats.poisson.logpmf(0, 1).js(); // => -1 */
export function logpmf(k: ArrayLike, mu: ArrayLike, loc?: Loc): Tracer {
  return shifted("poisson.logpmf", logpmfOf, [k, mu], loc);
}
/** Distribution function: the chance of at most k events. Dtypes: floats. @example scipy.stats.poisson.cdf(1, 1).js(); // => 0.735759 */
export function cdf(k: ArrayLike, mu: ArrayLike, loc?: Loc): Tracer {
  return shifted("poisson.cdf", cdfOf, [k, mu], loc);
}
/** Entropy, in units of e; loc has no effect but on the shape. Dtypes: floats. @example scipy.stats.poisson.entropy(1).js(); // => 1.304842 */
export function entropy(mu: ArrayLike, loc?: Loc): Tracer {
  return shifted("poisson.entropy", (m, l) => entropyOf(m).add(constantLike(l, 0)), [mu], loc);
}
