/** Gumbel's distribution of smallest values. */
import type { Tracer } from "../../core/tracer";
import { exp, log, log1p } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import type { Formula } from "../formula";
import { log1mexp, oneMinusExp } from "./log-terms";
import { type Loc, type Scale, located, placed, standardized } from "./place";

/** NaN unless the scale is above 0. */
const scaled = (f: Formula): Formula =>
  standardized((z, scale) => where(scale.greater(0), f(z, scale), NaN)); // prettier-ignore

const logDensity: Formula = (z, scale) => z.sub(exp(z)).sub(log(scale));
const logpdfOf = /* @__PURE__ */ scaled(logDensity);
const pdfOf = /* @__PURE__ */ scaled((z, scale) => exp(logDensity(z, scale)));
const cdfOf = /* @__PURE__ */ scaled((z) => oneMinusExp(exp(z)));
const logcdfOf = /* @__PURE__ */ scaled((z) => log1mexp(exp(z)));
const sfOf = /* @__PURE__ */ scaled((z) => exp(exp(z).neg()));
const logsfOf = /* @__PURE__ */ scaled((z) => exp(z).neg());
const ppfOf = /* @__PURE__ */ placed((p) => {
  const inside = ops.and(p.greater(0), p.less(1));
  return where(inside, log(log1p(where(inside, p, 0.5).neg()).neg()), NaN);
});

/** Density. Dtypes: floats. @example scipy.stats.gumbelL.pdf(0).js(); // => 0.367879 */
export function pdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelL.pdf", pdfOf, [x], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.gumbelL.logpdf(0).js(); // => -1 */
export function logpdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelL.logpdf", logpdfOf, [x], loc, scale);
}
/** Distribution function. Dtypes: floats. @example scipy.stats.gumbelL.cdf(0).js(); // => 0.632121 */
export function cdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelL.cdf", cdfOf, [x], loc, scale);
}
/** Logarithm of `cdf`. @example scipy.stats.gumbelL.logcdf(0).js(); // => -0.458675 */
export function logcdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelL.logcdf", logcdfOf, [x], loc, scale);
}
/** Survival function `1 - cdf`. @example scipy.stats.gumbelL.sf(0).js(); // => 0.367879 */
export function sf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelL.sf", sfOf, [x], loc, scale);
}
/** Logarithm of `sf`. @example scipy.stats.gumbelL.logsf(0).js(); // => -1 */
export function logsf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelL.logsf", logsfOf, [x], loc, scale);
}
/** Inverse of `cdf`; NaN unless 0 < p < 1. @example scipy.stats.gumbelL.ppf(0.5).js(); // => -0.366513 */
export function ppf(p: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("gumbelL.ppf", ppfOf, [p], loc, scale);
}
