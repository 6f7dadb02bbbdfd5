/** The exponential distribution, from loc on. */
import type { Tracer } from "../../core/tracer";
import { exp, log, log1p } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import type { Formula } from "../formula";
import { log1mexp, oneMinusExp } from "./log-terms";
import { type Loc, type Scale, located, placed, standardized } from "./place";

const logDensity: Formula = (z, scale) => where(z.less(0), -Infinity, z.add(log(scale)).neg());
const fromStart = (z: Tracer): Tracer => where(z.less(0), 0, z);

const logpdfOf = /* @__PURE__ */ standardized(logDensity);
const pdfOf = /* @__PURE__ */ standardized((...xs) => exp(logDensity(...xs)));
const cdfOf = /* @__PURE__ */ standardized((z) => oneMinusExp(fromStart(z)));
const sfOf = /* @__PURE__ */ standardized((z) => exp(fromStart(z).neg()));
const logcdfOf = /* @__PURE__ */ standardized((z) => log1mexp(fromStart(z)));
const logsfOf = /* @__PURE__ */ standardized((z) => fromStart(z).neg());
const ppfOf = /* @__PURE__ */ placed((q) => {
  const inside = ops.and(q.greaterEqual(0), q.lessEqual(1));
  return where(inside, log1p(where(inside, q, 0).neg()).neg(), NaN);
});

/** Density. Dtypes: floats. @example scipy.stats.expon.pdf(0).js(); // => 1 */
export function pdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("expon.pdf", pdfOf, [x], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.expon.logpdf(2).js(); // => -2 */
export function logpdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("expon.logpdf", logpdfOf, [x], loc, scale);
}
/** Distribution function. Dtypes: floats. @example scipy.stats.expon.cdf(1).js(); // => 0.632121 */
export function cdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("expon.cdf", cdfOf, [x], loc, scale);
}
/** Logarithm of `cdf`. @example scipy.stats.expon.logcdf(1).js(); // => -0.458675 */
export function logcdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("expon.logcdf", logcdfOf, [x], loc, scale);
}
/** Survival function `1 - cdf`. @example scipy.stats.expon.sf(1).js(); // => 0.367879 */
export function sf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("expon.sf", sfOf, [x], loc, scale);
}
/** Logarithm of `sf`. @example scipy.stats.expon.logsf(1).js(); // => -1 */
export function logsf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("expon.logsf", logsfOf, [x], loc, scale);
}
/** Inverse of `cdf`; NaN outside of [0, 1]. @example scipy.stats.expon.ppf(0.5).js(); // => 0.693147 */
export function ppf(q: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("expon.ppf", ppfOf, [q], loc, scale);
}
