/** The chi-squared distribution with df degrees of freedom: twice a gamma distribution of shape df / 2. */
import type { Tracer } from "../../core/tracer";
import { exp, log } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import type { Formula } from "../formula";
import { gammaincFormula, gammainccFormula } from "../incomplete-gamma";
import { gammaLog, logOf } from "./log-terms";
import { type Loc, type Scale, located, standardized } from "./place";

const logDensity: Formula = (y, df, scale) => {
  const inside = y.greaterEqual(0);
  const value = gammaLog(df.mul(0.5), where(inside, y, 1).mul(0.5)).sub(log(scale.mul(2)));
  return where(inside, value, where(y.less(0), -Infinity, NaN));
};
const half = (y: Tracer): Tracer => where(y.less(0), 0, y).mul(0.5);
const below: Formula = (y, df) => gammaincFormula(df.mul(0.5), half(y));
const above: Formula = (y, df) => gammainccFormula(df.mul(0.5), half(y));

const logpdfOf = /* @__PURE__ */ standardized(logDensity);
const pdfOf = /* @__PURE__ */ standardized((...xs) => exp(logDensity(...xs)));
const cdfOf = /* @__PURE__ */ standardized(below);
const sfOf = /* @__PURE__ */ standardized(above);
const logcdfOf = /* @__PURE__ */ standardized((...xs) => logOf(below(...xs), above(...xs)));
const logsfOf = /* @__PURE__ */ standardized((...xs) => logOf(above(...xs), below(...xs)));

/** Density. Dtypes: floats. @example scipy.stats.chi2.pdf(2, 2).js(); // => 0.18394 */
export function pdf(x: ArrayLike, df: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("chi2.pdf", pdfOf, [x, df], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.chi2.logpdf(2, 2).js(); // => -1.693147 */
export function logpdf(x: ArrayLike, df: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("chi2.logpdf", logpdfOf, [x, df], loc, scale);
}
/** Distribution function. Dtypes: floats. @example scipy.stats.chi2.cdf(2, 2).js(); // => 0.632121 */
export function cdf(x: ArrayLike, df: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("chi2.cdf", cdfOf, [x, df], loc, scale);
}
/** Logarithm of `cdf`. @example scipy.stats.chi2.logcdf(2, 2).js(); // => -0.458675 */
export function logcdf(x: ArrayLike, df: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("chi2.logcdf", logcdfOf, [x, df], loc, scale);
}
/** Survival function `1 - cdf`, also where that is small. @example scipy.stats.chi2.sf(2, 2).js(); // => 0.367879 */
export function sf(x: ArrayLike, df: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("chi2.sf", sfOf, [x, df], loc, scale);
}
/** Logarithm of `sf`. @example scipy.stats.chi2.logsf(2, 2).js(); // => -1 */
export function logsf(x: ArrayLike, df: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("chi2.logsf", logsfOf, [x, df], loc, scale);
}
