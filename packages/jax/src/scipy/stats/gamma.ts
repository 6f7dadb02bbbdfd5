/** The gamma distribution with shape a. */
import type { Tracer } from "../../core/tracer";
import { exp, log } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import type { Formula } from "../formula";
import { gammaincFormula, gammainccFormula } from "../incomplete-gamma";
import { gammaLog, logOf } from "./log-terms";
import { type Loc, type Scale, located, standardized } from "./place";

const logDensity: Formula = (y, a, scale) => {
  const inside = y.greaterEqual(0);
  const value = gammaLog(a, where(inside, y, 1)).sub(log(scale));
  return where(inside, value, where(y.less(0), -Infinity, NaN));
};
const below: Formula = (y, a) => gammaincFormula(a, where(y.less(0), 0, y));
const above: Formula = (y, a) => where(y.less(0), 1, gammainccFormula(a, where(y.less(0), 0, y)));

const logpdfOf = /* @__PURE__ */ standardized(logDensity);
const pdfOf = /* @__PURE__ */ standardized((...xs) => exp(logDensity(...xs)));
const cdfOf = /* @__PURE__ */ standardized(below);
const sfOf = /* @__PURE__ */ standardized(above);
const logcdfOf = /* @__PURE__ */ standardized((...xs) => logOf(below(...xs), above(...xs)));
const logsfOf = /* @__PURE__ */ standardized((...xs) => logOf(above(...xs), below(...xs)));

/** Density. Dtypes: floats. @example scipy.stats.gamma.pdf(1, 1).js(); // => 0.367879 */
export function pdf(x: ArrayLike, a: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gamma.pdf", pdfOf, [x, a], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.gamma.logpdf(1, 1).js(); // => -1 */
export function logpdf(x: ArrayLike, a: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gamma.logpdf", logpdfOf, [x, a], loc, scale);
}
/** Distribution function. Dtypes: floats. @example scipy.stats.gamma.cdf(2, 1).js(); // => 0.864665 */
export function cdf(x: ArrayLike, a: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gamma.cdf", cdfOf, [x, a], loc, scale);
}
/** Logarithm of `cdf`. @example scipy.stats.gamma.logcdf(2, 1).js(); // => -0.145413 */
export function logcdf(x: ArrayLike, a: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gamma.logcdf", logcdfOf, [x, a], loc, scale);
}
/** Survival function `1 - cdf`, also where that is small. @example scipy.stats.gamma.sf(2, 1).js(); // => 0.135335 */
export function sf(x: ArrayLike, a: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gamma.sf", sfOf, [x, a], loc, scale);
}
/** Logarithm of `sf`. @example scipy.stats.gamma.logsf(2, 1).js(); // => -2 */
export function logsf(x: ArrayLike, a: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gamma.logsf", logsfOf, [x, a], loc, scale);
}
