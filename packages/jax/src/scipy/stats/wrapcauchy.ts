/** The wrapped Cauchy distribution of angles in [0, 2 pi], concentrated at 0 by c. */
import type { Tracer } from "../../core/tracer";
import { exp, log, sin } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import { type Formula, compiled, evaluate } from "../formula";

/** `log((1 - c^2) / (2 pi (1 + c^2 - 2 c cos(x))))` */
const logDensity: Formula = (x, c) => {
  const valid = ops.and(c.greater(0), c.less(1));
  const k = where(valid, c, 0.5);
  const distance = ops.square(k.neg().add(1)).add(
    ops
      .square(sin(x.mul(0.5)))
      .mul(k)
      .mul(4),
  );
  const value = log(k.neg().add(1).mul(k.add(1))).sub(log(distance.mul(2 * Math.PI)));
  const inside = ops.and(x.greaterEqual(0), x.lessEqual(2 * Math.PI));
  return where(valid, where(inside, value, -Infinity), NaN);
};
const logpdfOf = /* @__PURE__ */ compiled(logDensity);
const pdfOf = /* @__PURE__ */ compiled((x: Tracer, c: Tracer): Tracer => exp(logDensity(x, c)));

/** Density; NaN unless 0 < c < 1. Dtypes: floats. @example scipy.stats.wrapcauchy.pdf(0, 0.5).js(); // => 0.477465 */
export function pdf(x: ArrayLike, c: ArrayLike): Tracer {
  return evaluate("wrapcauchy.pdf", pdfOf, x, c);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.wrapcauchy.logpdf(0, 0.5).js(); // => -0.739265 */
export function logpdf(x: ArrayLike, c: ArrayLike): Tracer {
  return evaluate("wrapcauchy.logpdf", logpdfOf, x, c);
}
