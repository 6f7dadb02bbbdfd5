/** The generalized normal distribution with shape beta: `exp(-|x|^beta)` but for a factor. */
import type { Tracer } from "../../core/tracer";
import { divide } from "../../numpy/arithmetic";
import { exp } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import { type Formula, compiled, evaluate } from "../formula";
import { gammaincFormula, gammainccFormula } from "../incomplete-gamma";

const logDensity: Formula = (x, beta) =>
  ops.lgamma(divide(1, beta).add(1)).add(ops.pow(ops.abs(x), beta)).add(Math.LN2).neg(); // prettier-ignore
const logpdfOf = /* @__PURE__ */ compiled(logDensity);
const pdfOf = /* @__PURE__ */ compiled((x: Tracer, beta: Tracer): Tracer => exp(logDensity(x, beta)));
const cdfOf = /* @__PURE__ */ compiled((x: Tracer, beta: Tracer): Tracer => {
  const [shape, power] = [divide(1, beta), ops.pow(ops.abs(x), beta)];
  const left = gammainccFormula(shape, power).mul(0.5);
  return where(x.less(0), left, gammaincFormula(shape, power).mul(0.5).add(0.5));
});

/** Density. Dtypes: floats. @example scipy.stats.gennorm.pdf(0, 1).js(); // => 0.5 */
export function pdf(x: ArrayLike, beta: ArrayLike): Tracer {
  return evaluate("gennorm.pdf", pdfOf, x, beta);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.gennorm.logpdf(0, 1).js(); // => -0.693147 */
export function logpdf(x: ArrayLike, beta: ArrayLike): Tracer {
  return evaluate("gennorm.logpdf", logpdfOf, x, beta);
}
/** Distribution function. Dtypes: floats. @example scipy.stats.gennorm.cdf(-1, 1).js(); // => 0.18394 */
export function cdf(x: ArrayLike, beta: ArrayLike): Tracer {
  return evaluate("gennorm.cdf", cdfOf, x, beta);
}
