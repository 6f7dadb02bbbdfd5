/** Special functions of lax: no promotion of dtypes beyond JS numbers. */
import type { Tracer } from "../core/tracer";
import type { ArrayLike } from "../numpy/lift";
import * as ops from "../ops/index";
import { i0e, i1e } from "../scipy/bessel";

import { evaluate } from "../scipy/formula";
import { betainc as betaincOf } from "../scipy/incomplete-beta";
import { gammaDensity, gammaSlope, gammainc, gammaincc } from "../scipy/incomplete-gamma";
import { polygamma as polygammaOf, zeta as zetaOf } from "../scipy/zeta";

/** Regularized incomplete beta function. @example lax.betainc(2, 3, 0.5).js(); // => 0.6875 */
export function betainc(a: ArrayLike, b: ArrayLike, x: ArrayLike): Tracer {
  return betaincOf(a, b, x);
}
/** Lower regularized incomplete gamma function. @example lax.igamma(1, 2).js(); // => 0.864665 */
export function igamma(a: ArrayLike, x: ArrayLike): Tracer {
  return gammainc(a, x);
}
/** Upper regularized incomplete gamma function. @example lax.igammac(1, 2).js(); // => 0.135335 */
export function igammac(a: ArrayLike, x: ArrayLike): Tracer {
  return gammaincc(a, x);
}
/** Derivative of `igamma` with respect to a. @example lax.igammaGradA(1, 2).js(); // => -0.220825 */
export function igammaGradA(a: ArrayLike, x: ArrayLike): Tracer {
  return evaluate("igammaGradA", gammaSlope, a, x);
}
/** Derivative of a sample of the gamma distribution with respect to its parameter. @example lax.randomGammaGrad(1, 2).js(); // => 1.631691 */
export function randomGammaGrad(a: ArrayLike, sample: ArrayLike): Tracer {
  return evaluate("randomGammaGrad", (p, x) => ops.neg(ops.div(gammaSlope(p, x), gammaDensity(p, x))), a, sample);
}
/** Scaled modified Bessel function `exp(-|x|) I0(x)`. @example lax.besselI0e(0).js(); // => 1 */
export function besselI0e(x: ArrayLike): Tracer {
  return i0e(x);
}
/** Scaled modified Bessel function `exp(-|x|) I1(x)`. @example lax.besselI1e(0).js(); // => 0 */
export function besselI1e(x: ArrayLike): Tracer {
  return i1e(x);
}
/** Derivative m of digamma. @example lax.polygamma(1, 1).js(); // => 1.644934 */
export function polygamma(m: ArrayLike, x: ArrayLike): Tracer {
  return polygammaOf(m, x);
}
/** Hurwitz's zeta function. @example lax.zeta(2, 1).js(); // => 1.644934 */
export function zeta(x: ArrayLike, q: ArrayLike): Tracer {
  return zetaOf(x, q);
}
