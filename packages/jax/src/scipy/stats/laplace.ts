/** The Laplace distribution. */
import type { Tracer } from "../../core/tracer";
import { exp, log } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import type { Formula } from "../formula";
import { type Loc, located, standardized } from "./place";

const logDensity: Formula = (z, scale) => ops.abs(z).add(log(scale.mul(2))).neg(); // prettier-ignore
const logpdfOf = /* @__PURE__ */ standardized(logDensity);
const pdfOf = /* @__PURE__ */ standardized((...xs) => exp(logDensity(...xs)));
const cdfOf = /* @__PURE__ */ standardized((z) => {
  const tail = exp(ops.abs(z).neg()).mul(0.5);
  return where(z.lessEqual(0), tail, tail.neg().add(1));
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
