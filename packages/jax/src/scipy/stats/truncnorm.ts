/** The normal distribution cut to `[a, b]`, in units of scale from loc. */
import type { Tracer } from "../../core/tracer";
import { exp, log, log1p } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import type { Formula } from "../formula";
import { logNdtrFormula, ndtrFormula } from "../normal";
import { log1mexp } from "./log-terms";
import { type Loc, type Scale, located, standardized } from "./place";

/** `log(cdf(b) - cdf(a))` of the normal distribution for a < b: from the tail that both are in, or from the rest. */
function logMass(a: Tracer, b: Tracer): Tracer {
  const right = a.greater(0);
  const tails = ops.or(right, b.lessEqual(0));
  const low = where(tails, where(right, b.neg(), a), -2);
  const high = where(tails, where(right, a.neg(), b), -1);
  const top = logNdtrFormula(high);
  const part = top.add(log1mexp(top.sub(logNdtrFormula(low))));
  const [c, d] = [where(tails, -1, a), where(tails, 1, b)];
  const rest = log1p(ndtrFormula(c).add(ndtrFormula(d.neg())).neg());
  return where(tails, part, rest);
}

const logDensity: Formula = (z, a, b, scale) => {
  const value = z.mul(z).mul(-0.5).sub(0.5 * Math.log(2 * Math.PI)).sub(log(ops.abs(scale))).sub(logMass(a, b)); // prettier-ignore
  return where(a.less(b), where(ops.or(z.less(a), z.greater(b)), -Infinity, value), NaN);
};
const logBelow: Formula = (z, a, b) => {
  const total = logMass(a, b);
  const inside = ops.and(z.greater(a), z.less(b));
  const at = where(inside, z, a.add(b).mul(0.5));
  const [below, above] = [logMass(a, at).sub(total), logMass(at, b).sub(total)];
  const near = below.greater(-0.1);
  const value = where(near, log1p(exp(where(near, above, -1)).neg()), below);
  const ends = where(z.greaterEqual(b), 0, where(z.lessEqual(a), -Infinity, NaN));
  return where(a.less(b), where(inside, value, ends), NaN);
};
const logAbove: Formula = (z, a, b) => logBelow(z.neg(), b.neg(), a.neg());

const logpdfOf = /* @__PURE__ */ standardized(logDensity);
const pdfOf = /* @__PURE__ */ standardized((...xs) => exp(logDensity(...xs)));
const logcdfOf = /* @__PURE__ */ standardized(logBelow);
const cdfOf = /* @__PURE__ */ standardized((...xs) => exp(logBelow(...xs)));
const logsfOf = /* @__PURE__ */ standardized(logAbove);
const sfOf = /* @__PURE__ */ standardized((...xs) => exp(logAbove(...xs)));

/** Density; NaN unless a < b. Dtypes: floats. @example scipy.stats.truncnorm.pdf(0, -1, 1).js(); // => 0.584369 */
export function pdf(x: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("truncnorm.pdf", pdfOf, [x, a, b], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.truncnorm.logpdf(0, -1, 1).js(); // => -0.537223 */
export function logpdf(x: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("truncnorm.logpdf", logpdfOf, [x, a, b], loc, scale);
}
/** Distribution function. Dtypes: floats. @example scipy.stats.truncnorm.cdf(0, -1, 1).js(); // => 0.5 */
export function cdf(x: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("truncnorm.cdf", cdfOf, [x, a, b], loc, scale);
}
/** Logarithm of `cdf`. @example scipy.stats.truncnorm.logcdf(0, -1, 1).js(); // => -0.693147 */
export function logcdf(x: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("truncnorm.logcdf", logcdfOf, [x, a, b], loc, scale);
}
/** Survival function `1 - cdf`. @example scipy.stats.truncnorm.sf(0, -1, 1).js(); // => 0.5 */
export function sf(x: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("truncnorm.sf", sfOf, [x, a, b], loc, scale);
}
/** Logarithm of `sf`. @example scipy.stats.truncnorm.logsf(0, -1, 1).js(); // => -0.693147 */
export function logsf(x: ArrayLike, a: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("truncnorm.logsf", logsfOf, [x, a, b], loc, scale);
}
