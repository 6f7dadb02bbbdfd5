/** Error functions and the logarithm of the gamma function with its derivatives. */
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { add, div, mul, neg, sub } from "./arith";
import { fullLike, onesLike } from "./broadcast";
import { lt } from "./compare";
import { exp } from "./exp";
import { type NoParams, smooth, unaryOp } from "./families";
import { square } from "./powers";
import { where } from "./select";
import { sin } from "./trig";

type Record1 = Primitive<NoParams, 1>;

const bell = (x: Tracer): Tracer => mul(fullLike(x, 2 / Math.sqrt(Math.PI)), exp(neg(square(x))));

export const erf_p: Record1 = /* @__PURE__ */ smooth("erf", "erf", (dx, x) => mul(dx, bell(x)));
export const erfc_p: Record1 = /* @__PURE__ */ smooth("erfc", "erfc", (dx, x) => neg(mul(dx, bell(x))));
export const erf_inv_p: Record1 = /* @__PURE__ */ smooth("erf_inv", "erf_inv", (dx, x, y) =>
  mul(dx, mul(fullLike(x, Math.sqrt(Math.PI) / 2), exp(square(y)))),
);
export const lgamma_p: Record1 = /* @__PURE__ */ smooth("lgamma", "lgamma", (dx, x) => mul(dx, digamma(x)));
export const digamma_p: Record1 = /* @__PURE__ */ smooth("digamma", "digamma", (dx, x) => mul(dx, trigamma(x)));

/**
 * Error function.
 * @example
 * lax.erf(np.array([0])).js(); // => [0]
 */
export const erf = /* @__PURE__ */ unaryOp(erf_p);
/**
 * `1 - erf(x)`, exact for large x.
 * @example
 * lax.erfc(np.array([0])).js(); // => [1]
 */
export const erfc = /* @__PURE__ */ unaryOp(erfc_p);
/**
 * Inverse of erf; infinite at -1 and 1.
 * @example
 * lax.erfInv(np.array([0])).js(); // => [0]
 */
export const erfInv = /* @__PURE__ */ unaryOp(erf_inv_p);
/**
 * Logarithm of the absolute value of the gamma function.
 * @example
 * lax.lgamma(np.array([1])).js(); // => [0]
 */
export const lgamma = /* @__PURE__ */ unaryOp(lgamma_p);
/** Derivative of lgamma. */
export const digamma = /* @__PURE__ */ unaryOp(digamma_p);

/** Second derivative of lgamma. Source: Abramowitz and Stegun 6.4.6, 6.4.7 and 6.4.12. */
export function trigamma(x: Tracer): Tracer {
  const one = onesLike(x);
  const left = lt(x, fullLike(x, 0.5));
  // Reflection to the right half, recurrence up to x >= 6, then the asymptotic series.
  let z = where(left, sub(one, x), x);
  let sum = fullLike(x, 0);
  for (let i = 0; i < 6; i++) {
    sum = add(sum, div(one, square(z)));
    z = add(z, one);
  }
  const inverse = div(one, z);
  const w = square(inverse);
  let series = fullLike(x, 5 / 66);
  for (const b of [-1 / 30, 1 / 42, -1 / 30, 1 / 6]) series = add(fullLike(x, b), mul(w, series));
  const right = add(sum, mul(inverse, add(one, add(mul(fullLike(x, 0.5), inverse), mul(w, series)))));
  const sine = sin(mul(fullLike(x, Math.PI), where(left, x, fullLike(x, 0.25))));
  return where(left, sub(div(fullLike(x, Math.PI ** 2), square(sine)), right), right);
}
