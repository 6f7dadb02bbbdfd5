/** The logistic distribution. */
import type { Tracer } from "../../core/tracer";
import { exp, log, log1p } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import * as ops from "../../ops/index";
import type { Formula } from "../formula";
import { logitFormula } from "../logarithmic";
import { type Loc, type Scale, located, placed, standardized } from "./place";

const logDensity: Formula = (z, scale) => {
  const size = ops.abs(z);
  return size
    .add(log1p(exp(size.neg())).mul(2))
    .add(log(scale))
    .neg();
};

const logpdfOf = /* @__PURE__ */ standardized(logDensity);
const pdfOf = /* @__PURE__ */ standardized((...xs) => exp(logDensity(...xs)));
const cdfOf = /* @__PURE__ */ standardized((z) => ops.logistic(z));
const sfOf = /* @__PURE__ */ standardized((z) => ops.logistic(z.neg()));
const ppfOf = /* @__PURE__ */ placed((q) => logitFormula(q));
const isfOf = /* @__PURE__ */ placed((q) => logitFormula(q).neg());

/** Density. Dtypes: floats. @example scipy.stats.logistic.pdf(0).js(); // => 0.25 */
export function pdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("logistic.pdf", pdfOf, [x], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.logistic.logpdf(0).js(); // => -1.386294 */
export function logpdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("logistic.logpdf", logpdfOf, [x], loc, scale);
}
/** Distribution function. Dtypes: floats. @example scipy.stats.logistic.cdf(0).js(); // => 0.5 */
export function cdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("logistic.cdf", cdfOf, [x], loc, scale);
}
/** Survival function `1 - cdf`. @example scipy.stats.logistic.sf(0).js(); // => 0.5 */
export function sf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("logistic.sf", sfOf, [x], loc, scale);
}
/** Inverse of `cdf`. @example scipy.stats.logistic.ppf(0.5).js(); // => 0 */
export function ppf(q: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("logistic.ppf", ppfOf, [q], loc, scale);
}
/** Inverse of `sf`. @example scipy.stats.logistic.isf(0.5).js(); // => 0 */
export function isf(q: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("logistic.isf", isfOf, [q], loc, scale);
}
