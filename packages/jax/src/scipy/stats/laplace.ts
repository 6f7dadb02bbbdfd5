/** The Laplace distribution. */
import type { Tracer } from "../../core/tracer";
import { exp, log } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import type { Formula } from "../formula";
import { type Loc, located, standardized } from "./place";

/** |z|, with jax's slope of 1 at 0. */
const size = (z: Tracer): Tracer => where(z.less(0), z.neg(), z);
const logDensity: Formula = (z, scale) => size(z).add(log(scale.mul(2))).neg(); // prettier-ignore
const logpdfOf = /* @__PURE__ */ standardized(logDensity);
const pdfOf = /* @__PURE__ */ standardized((...xs) => exp(logDensity(...xs)));
const cdfOf = /* @__PURE__ */ standardized((z) => {
  const left = exp(where(z.greater(0), 0, z)).mul(0.5);
  const right = exp(where(z.greater(0), z, 0).neg()).mul(0.5);
  return where(z.greater(0), right.neg().add(1), left);
});

/** Density. Dtypes: floats. @example scipy.stats.laplace.pdf(0).js(); // => 0.5 */
export function pdf(x: ArrayLike, loc?: Loc, scale?: ArrayLike): Tracer {
  return located("laplace.pdf", pdfOf, [x], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.laplace.logpdf(0).js(); // => -0.693147 */
export function logpdf(x: ArrayLike, loc?: Loc, scale?: ArrayLike): Tracer {
  return located("laplace.logpdf", logpdfOf, [x], loc, scale);
}
/** Distribution function. Dtypes: floats. @example scipy.stats.laplace.cdf(0).js(); // => 0.5 */
export function cdf(x: ArrayLike, loc?: Loc, scale?: ArrayLike): Tracer {
  return located("laplace.cdf", cdfOf, [x], loc, scale);
}
