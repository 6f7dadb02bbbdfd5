/** The beta-binomial distribution: a binomial one whose chance has a beta distribution with shapes a and b. */
import type { Tracer } from "../../core/tracer";
import { exp, floor } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import { type Formula, compiled } from "../formula";
import { betaBinomialLog } from "./log-terms";
import { type Loc, shifted } from "./place";

const logMass: Formula = (k, n, a, b, loc) => {
  const y = floor(k).sub(loc);
  const valid = ops.and(ops.and(n.greaterEqual(0), a.greater(0)), b.greater(0));
  const inside = ops.and(valid, ops.and(y.greaterEqual(0), y.lessEqual(n)));
  const [m, i] = [where(inside, n, 0), where(inside, y, 0)];
  const [p, q] = [where(valid, a, 1), where(valid, b, 1)];
  return where(valid, where(inside, betaBinomialLog(m, i, p, q), -Infinity), NaN);
};
const logpmfOf = /* @__PURE__ */ compiled(logMass);
const pmfOf = /* @__PURE__ */ compiled((...xs: Tracer[]): Tracer => exp(logMass(...xs)));

/** Chance of k successes. Dtypes: floats. @example scipy.stats.betabinom.pmf(1, 2, 1, 1).js(); // => 0.333333 */
export function pmf(k: ArrayLike, n: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc): Tracer {
  return shifted("betabinom.pmf", pmfOf, [k, n, a, b], loc);
}
/** Logarithm of the chance of k successes. Dtypes: floats. @example scipy.stats.betabinom.logpmf(1, 2, 1, 1).js(); // => -1.098612 */
export function logpmf(k: ArrayLike, n: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc): Tracer {
  return shifted("betabinom.logpmf", logpmfOf, [k, n, a, b], loc);
}
