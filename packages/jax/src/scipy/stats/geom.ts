/** The geometric distribution: trials of chance p up to the first success. */
import type { Tracer } from "../../core/tracer";
import { exp, log } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import { type Formula, compiled } from "../formula";
import { xlog1pyFormula } from "../logarithmic";
import { type Loc, shifted } from "./place";

const logMass: Formula = (k, p, loc) => {
  const x = k.sub(loc);
  return where(x.lessEqual(0), -Infinity, xlog1pyFormula(x.sub(1), p.neg()).add(log(p)));
};
const logpmfOf = /* @__PURE__ */ compiled(logMass);
const pmfOf = /* @__PURE__ */ compiled((...xs: Tracer[]): Tracer => exp(logMass(...xs)));

/** Chance of k trials. Dtypes: floats. @example scipy.stats.geom.pmf(2, 0.5).js(); // => 0.25 */
export function pmf(k: ArrayLike, p: ArrayLike, loc?: Loc): Tracer {
  return shifted("geom.pmf", pmfOf, [k, p], loc);
}
/** Logarithm of the chance of k trials. Dtypes: floats. @example scipy.stats.geom.logpmf(1, 0.5).js(); // => -0.693147 */
export function logpmf(k: ArrayLike, p: ArrayLike, loc?: Loc): Tracer {
  return shifted("geom.logpmf", logpmfOf, [k, p], loc);
}
