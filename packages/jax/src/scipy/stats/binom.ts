/** The binomial distribution: successes among n trials of chance p. */
import type { Tracer } from "../../core/tracer";
import { exp } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import { type Formula, compiled } from "../formula";
import { binomialLog } from "./log-terms";
import { type Loc, shifted } from "./place";

const logMass: Formula = (k, n, p, loc) => {
  const y = k.sub(loc);
  const inside = ops.and(y.greaterEqual(0), y.less(n.add(1)));
  return where(inside, binomialLog(where(inside, n, 0), where(inside, y, 0), p), -Infinity);
};
const logpmfOf = /* @__PURE__ */ compiled(logMass);
const pmfOf = /* @__PURE__ */ compiled((...xs: Tracer[]): Tracer => exp(logMass(...xs)));

/** Chance of k successes. Dtypes: floats. @example scipy.stats.binom.pmf(1, 2, 0.5).js(); // => 0.5 */
export function pmf(k: ArrayLike, n: ArrayLike, p: ArrayLike, loc?: Loc): Tracer {
  return shifted("binom.pmf", pmfOf, [k, n, p], loc);
}
/** Logarithm of the chance of k successes. Dtypes: floats. @example scipy.stats.binom.logpmf(1, 2, 0.5).js(); // => -0.693147 */
export function logpmf(k: ArrayLike, n: ArrayLike, p: ArrayLike, loc?: Loc): Tracer {
  return shifted("binom.logpmf", logpmfOf, [k, n, p], loc);
}
