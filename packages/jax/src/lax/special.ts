/** Special functions of lax: no promotion of dtypes beyond JS numbers. */
import { jvp } from "../transforms/jvp";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, constantLike, promoteInexact } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { i0e, i1e } from "../scipy/bessel";
import { polygamma as polygammaOf, zeta as zetaOf } from "../scipy/gamma";
import { incompleteBeta } from "../scipy/incomplete-beta";
import { gammainc, gammaincc } from "../scipy/incomplete-gamma";

/** Regularized incomplete beta function. @example lax.betainc(2, 3, 0.5).js(); // => 0.6875 */
export function betainc(a: ArrayLike, b: ArrayLike, x: ArrayLike): Tracer {
  return owned(() => {
    const [p, q, y] = promoteInexact("betainc", a, b, x) as [Tracer, Tracer, Tracer];
    return incompleteBeta(p, q, y);
  });
}
/** Lower regularized incomplete gamma function. @example lax.igamma(1, 2).js(); // => 0.864665 */
export function igamma(a: ArrayLike, x: ArrayLike): Tracer {
  return gammainc(a, x);
}
/** Upper regularized incomplete gamma function. @example lax.igammac(1, 2).js(); // => 0.135335 */
export function igammac(a: ArrayLike, x: ArrayLike): Tracer {
  return gammaincc(a, x);
}
/** Derivative of `igamma` with respect to a. @example lax.igammaGradA(1, 2).js(); // => -0.256134 */
export function igammaGradA(a: ArrayLike, x: ArrayLike): Tracer {
  return owned(() => {
    const [p, y] = promoteInexact("igammaGradA", a, x) as [Tracer, Tracer];
    return gradA(p, y);
  });
}
const gradA = (a: Tracer, x: Tracer): Tracer =>
  (jvp((v: Tracer) => gammainc(v, x), [a], [constantLike(a, 1)]) as unknown as Tracer[])[1]!;

/** Derivative of a sample of the gamma distribution with respect to its parameter. @example lax.randomGammaGrad(1, 2).js(); // => 1.892592 */
export function randomGammaGrad(a: ArrayLike, sample: ArrayLike): Tracer {
  return owned(() => {
    const [p, x] = promoteInexact("randomGammaGrad", a, sample) as [Tracer, Tracer];
    const logs = ops.sub(ops.sub(ops.mul(ops.sub(p, constantLike(p, 1)), ops.log(x)), x), ops.lgamma(p));
    return ops.neg(ops.div(gradA(p, x), ops.exp(logs)));
  });
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
