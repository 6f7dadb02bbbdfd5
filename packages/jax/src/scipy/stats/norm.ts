/** The normal distribution. */
import type { Tracer } from "../../core/tracer";
import { divide } from "../../numpy/arithmetic";
import { log } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import * as ops from "../../ops/index";
import { bell, logNdtrFormula, ndtrFormula, ndtriFormula } from "../normal";
import { type Loc, type Scale, located, placed, standardized } from "./place";

const pdfOf = /* @__PURE__ */ standardized((z, scale) => divide(bell(z), ops.abs(scale)));
const logpdfOf = /* @__PURE__ */ standardized((z, scale) =>
  z.mul(z).mul(-0.5).sub(0.5 * Math.log(2 * Math.PI)).sub(log(ops.abs(scale))),
); // prettier-ignore
const cdfOf = /* @__PURE__ */ standardized((z) => ndtrFormula(z));
const sfOf = /* @__PURE__ */ standardized((z) => ndtrFormula(z.neg()));
const logcdfOf = /* @__PURE__ */ standardized((z) => logNdtrFormula(z));
const logsfOf = /* @__PURE__ */ standardized((z) => logNdtrFormula(z.neg()));
const ppfOf = /* @__PURE__ */ placed((q) => ndtriFormula(q));
const isfOf = /* @__PURE__ */ placed((q) => ndtriFormula(q).neg());

/** Density. Dtypes: floats. @example scipy.stats.norm.pdf(0).js(); // => 0.398942 */
export function pdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("norm.pdf", pdfOf, [x], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.norm.logpdf(1, { loc: 1, scale: 2 }).js(); // => -1.612086 */
export function logpdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("norm.logpdf", logpdfOf, [x], loc, scale);
}
/** Distribution function: the chance of at most x. Dtypes: floats. @example scipy.stats.norm.cdf(0).js(); // => 0.5 */
export function cdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("norm.cdf", cdfOf, [x], loc, scale);
}
/** Logarithm of `cdf`, also where that is too small for a float. @example scipy.stats.norm.logcdf(0).js(); // => -0.693147 */
export function logcdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("norm.logcdf", logcdfOf, [x], loc, scale);
}
/** Survival function `1 - cdf`, also where that is small. @example scipy.stats.norm.sf(0).js(); // => 0.5 */
export function sf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("norm.sf", sfOf, [x], loc, scale);
}
/** Logarithm of `sf`. @example scipy.stats.norm.logsf(0).js(); // => -0.693147 */
export function logsf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("norm.logsf", logsfOf, [x], loc, scale);
}
/** Inverse of `cdf`: the quantile. @example scipy.stats.norm.ppf(0.975).js(); // => 1.959964 */
export function ppf(q: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("norm.ppf", ppfOf, [q], loc, scale);
}
/** Inverse of `sf`. @example scipy.stats.norm.isf(0.025).js(); // => 1.959964 */
export function isf(q: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("norm.isf", isfOf, [q], loc, scale);
}
