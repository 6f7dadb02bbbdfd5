/** The negative binomial distribution: failures before n successes of chance p. */
import type { Tracer } from "../../core/tracer";
import { divide } from "../../numpy/arithmetic";
import { exp, log } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import { type Formula, compiled } from "../formula";
import { binomialLog } from "./log-terms";
import { type Loc, shifted } from "./place";

/** `n / (n + y)` times the chance of n successes among n + y. */
const logMass: Formula = (k, n, p, loc) => {
  const below = k.less(loc);
  const y = where(below, 0, k.sub(loc));
  const both = n.add(y);
  return where(below, -Infinity, binomialLog(both, n, p).add(log(divide(n, both))));
};
const logpmfOf = /* @__PURE__ */ compiled(logMass);
const pmfOf = /* @__PURE__ */ compiled((...xs: Tracer[]): Tracer => exp(logMass(...xs)));

/** Chance of k failures. Dtypes: floats. @example scipy.stats.nbinom.pmf(0, 2, 0.5).js(); // => 0.25 */
export function pmf(k: ArrayLike, n: ArrayLike, p: ArrayLike, loc?: Loc): Tracer {
  return shifted("nbinom.pmf", pmfOf, [k, n, p], loc);
}
/** Logarithm of the chance of k failures. Dtypes: floats. @example scipy.stats.nbinom.logpmf(0, 2, 0.5).js(); // => -1.386294 */
export function logpmf(k: ArrayLike, n: ArrayLike, p: ArrayLike, loc?: Loc): Tracer {
  return shifted("nbinom.logpmf", logpmfOf, [k, n, p], loc);
}
