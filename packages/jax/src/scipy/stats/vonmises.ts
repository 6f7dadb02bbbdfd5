/** The von Mises distribution of angles, concentrated at 0 by kappa. */
import type { Tracer } from "../../core/tracer";
import { exp, log, sin } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import { i0eFormula } from "../bessel";
import { type Formula, compiled, evaluate } from "../formula";

/** `kappa (cos(x) - 1) - log(2 pi exp(-kappa) I_0(kappa))` */
const logDensity: Formula = (x, kappa) => {
  const wave = ops.square(sin(x.mul(0.5))).mul(-2);
  const value = kappa.mul(wave).sub(log(i0eFormula(kappa).mul(2 * Math.PI)));
  return where(kappa.greater(0), value, NaN);
};
const logpdfOf = /* @__PURE__ */ compiled(logDensity);
const pdfOf = /* @__PURE__ */ compiled((x: Tracer, kappa: Tracer): Tracer => exp(logDensity(x, kappa)));

/** Density; NaN unless kappa is above 0. Dtypes: floats. @example scipy.stats.vonmises.pdf(0, 1).js(); // => 0.341710 */
export function pdf(x: ArrayLike, kappa: ArrayLike): Tracer {
  return evaluate("vonmises.pdf", pdfOf, x, kappa);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.vonmises.logpdf(0, 1).js(); // => -1.073793 */
export function logpdf(x: ArrayLike, kappa: ArrayLike): Tracer {
  return evaluate("vonmises.logpdf", logpdfOf, x, kappa);
}
