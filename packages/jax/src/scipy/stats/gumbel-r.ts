/** Gumbel's distribution of largest values. */
import type { Tracer } from "../../core/tracer";
import { exp, log } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import type { Formula } from "../formula";
import { log1mexp, oneMinusExp } from "./log-terms";
import { type Loc, type Scale, located, placed, standardized } from "./place";

/** NaN unless the scale is above 0. */
const scaled = (f: Formula): Formula =>
  standardized((z, scale) => where(scale.greater(0), f(z, scale), NaN)); // prettier-ignore

const logDensity: Formula = (z, scale) => z.add(exp(z.neg())).add(log(scale)).neg(); // prettier-ignore
const logpdfOf = /* @__PURE__ */ scaled(logDensity);
const pdfOf = /* @__PURE__ */ scaled((z, scale) => exp(logDensity(z, scale)));
const cdfOf = /* @__PURE__ */ scaled((z) => exp(exp(z.neg()).neg()));
const logcdfOf = /* @__PURE__ */ scaled((z) => exp(z.neg()).neg());
const sfOf = /* @__PURE__ */ scaled((z) => oneMinusExp(exp(z.neg())));
const logsfOf = /* @__PURE__ */ scaled((z) => log1mexp(exp(z.neg())));
const ppfOf = /* @__PURE__ */ placed((p) => {
  const inside = ops.and(p.greater(0), p.less(1));
  return where(inside, log(log(where(inside, p, 0.5)).neg()).neg(), NaN);
});

/** Density. Dtypes: floats. @example scipy.stats.gumbelR.pdf(0).js(); // => 0.367879 */
export function pdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelR.pdf", pdfOf, [x], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.gumbelR.logpdf(0).js(); // => -1 */
export function logpdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelR.logpdf", logpdfOf, [x], loc, scale);
}
/** Distribution function. Dtypes: floats. @example scipy.stats.gumbelR.cdf(0).js(); // => 0.367879 */
export function cdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelR.cdf", cdfOf, [x], loc, scale);
}
/** Logarithm of `cdf`. @example scipy.stats.gumbelR.logcdf(0).js(); // => -1 */
export function logcdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelR.logcdf", logcdfOf, [x], loc, scale);
}
/** Survival function `1 - cdf`. @example scipy.stats.gumbelR.sf(0).js(); // => 0.632121 */
export function sf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelR.sf", sfOf, [x], loc, scale);
}
/** Logarithm of `sf`. @example scipy.stats.gumbelR.logsf(0).js(); // => -0.458675 */
export function logsf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelR.logsf", logsfOf, [x], loc, scale);
}
/** Inverse of `cdf`; NaN unless 0 < p < 1. @example scipy.stats.gumbelR.ppf(0.5).js(); // => 0.366513 */
export function ppf(p: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelR.ppf", ppfOf, [p], loc, scale);
}
