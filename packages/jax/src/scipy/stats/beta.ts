/** The beta distribution with shapes a and b on `[loc, loc + scale]`. */
import type { Tracer } from "../../core/tracer";
import { exp, log } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { clip, where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import type { Formula } from "../formula";
import { betaincFormula, betainccFormula } from "../incomplete-beta";
import { betaLog, logOf } from "./log-terms";
import { type Loc, type Scale, located, standardized } from "./place";

const logDensity: Formula = (y, a, b, scale) => {
  const inside = ops.and(y.greaterEqual(0), y.lessEqual(1));
  const outside = ops.or(y.less(0), y.greater(1));
  const value = betaLog(a, b, where(inside, y, 0.5)).sub(log(scale));
  const positive = ops.and(ops.and(a.greater(0), b.greater(0)), scale.greater(0));
  return where(positive, where(inside, value, where(outside, -Infinity, NaN)), NaN);
};
const below: Formula = (y, a, b) => betaincFormula(a, b, clip(y, 0, 1));
const above: Formula = (y, a, b) => betainccFormula(a, b, clip(y, 0, 1));

const logpdfOf = /* @__PURE__ */ standardized(logDensity);
const pdfOf = /* @__PURE__ */ standardized((...xs) => exp(logDensity(...xs)));
const cdfOf = /* @__PURE__ */ standardized(below);
const sfOf = /* @__PURE__ */ standardized(above);
const logcdfOf = /* @__PURE__ */ standardized((...xs) => logOf(below(...xs), above(...xs)));
const logsfOf = /* @__PURE__ */ standardized((...xs) => logOf(above(...xs), below(...xs)));

/** Density. Dtypes: floats. @example scipy.stats.beta.pdf(0.5, 2, 2).js(); // => 1.5 */
export function pdf(x: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("beta.pdf", pdfOf, [x, a, b], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.beta.logpdf(0.5, 2, 2).js(); // => 0.405465 */
export function logpdf(x: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("beta.logpdf", logpdfOf, [x, a, b], loc, scale);
}
/** Distribution function. Dtypes: floats. @example scipy.stats.beta.cdf(0.5, 2, 3).js(); // => 0.6875 */
export function cdf(x: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("beta.cdf", cdfOf, [x, a, b], loc, scale);
}
/** Logarithm of `cdf`. @example scipy.stats.beta.logcdf(0.5, 2, 2).js(); // => -0.693147 */
export function logcdf(x: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("beta.logcdf", logcdfOf, [x, a, b], loc, scale);
}
/** Survival function `1 - cdf`. @example scipy.stats.beta.sf(0.5, 2, 3).js(); // => 0.3125 */
export function sf(x: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("beta.sf", sfOf, [x, a, b], loc, scale);
}
/** Logarithm of `sf`. @example scipy.stats.beta.logsf(0.5, 2, 2).js(); // => -0.693147 */
export function logsf(x: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("beta.logsf", logsfOf, [x, a, b], loc, scale);
}
