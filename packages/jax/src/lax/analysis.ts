/** Elementary and special functions of lax, on floats. */
import { DTypeError } from "../base/errors";
import { isFloat } from "../aval/dtype";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, inexact, lift } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

function real(op: string, x: ArrayLike, f: (a: Tracer) => Tracer): Tracer {
  const y = typeof x === "number" ? inexact(x) : lift(x);
  if (!isFloat(y.dtype))
    throw new DTypeError(`${op}: expected floats, got ${y.aval}; use the function of np, or convert`);
  return owned(() => f(y));
}

/** Square root. @example lax.sqrt(4).js(); // => 2 */
export function sqrt(x: ArrayLike): Tracer {
  return real("sqrt", x, ops.sqrt);
}

/** `1 / sqrt(x)`. @example lax.rsqrt(4).js(); // => 0.5 */
export function rsqrt(x: ArrayLike): Tracer {
  return real("rsqrt", x, ops.rsqrt);
}

/** Cube root. @example lax.cbrt(8).js(); // => 2 */
export function cbrt(x: ArrayLike): Tracer {
  return real("cbrt", x, ops.cbrt);
}

/** Exponential. @example lax.exp(0).js(); // => 1 */
export function exp(x: ArrayLike): Tracer {
  return real("exp", x, ops.exp);
}

/** 2 to the power x. @example lax.exp2(3).js(); // => 8 */
export function exp2(x: ArrayLike): Tracer {
  return real("exp2", x, ops.exp2);
}

/** `exp(x) - 1`. @example lax.expm1(0).js(); // => 0 */
export function expm1(x: ArrayLike): Tracer {
  return real("expm1", x, ops.expm1);
}

/** Natural logarithm. @example lax.log(1).js(); // => 0 */
export function log(x: ArrayLike): Tracer {
  return real("log", x, ops.log);
}

/** `log(1 + x)`. @example lax.log1p(0).js(); // => 0 */
export function log1p(x: ArrayLike): Tracer {
  return real("log1p", x, ops.log1p);
}

/** `1 / (1 + exp(-x))`. @example lax.logistic(0).js(); // => 0.5 */
export function logistic(x: ArrayLike): Tracer {
  return real("logistic", x, ops.logistic);
}

/** Sine. @example lax.sin(0).js(); // => 0 */
export function sin(x: ArrayLike): Tracer {
  return real("sin", x, ops.sin);
}

/** Cosine. @example lax.cos(0).js(); // => 1 */
export function cos(x: ArrayLike): Tracer {
  return real("cos", x, ops.cos);
}

/** Tangent. @example lax.tan(0).js(); // => 0 */
export function tan(x: ArrayLike): Tracer {
  return real("tan", x, ops.tan);
}

/** Angle whose sine is x. @example lax.asin(0).js(); // => 0 */
export function asin(x: ArrayLike): Tracer {
  return real("asin", x, ops.asin);
}

/** Angle whose cosine is x. @example lax.acos(1).js(); // => 0 */
export function acos(x: ArrayLike): Tracer {
  return real("acos", x, ops.acos);
}

/** Angle whose tangent is x. @example lax.atan(0).js(); // => 0 */
export function atan(x: ArrayLike): Tracer {
  return real("atan", x, ops.atan);
}

/** Hyperbolic sine. @example lax.sinh(0).js(); // => 0 */
export function sinh(x: ArrayLike): Tracer {
  return real("sinh", x, ops.sinh);
}

/** Hyperbolic cosine. @example lax.cosh(0).js(); // => 1 */
export function cosh(x: ArrayLike): Tracer {
  return real("cosh", x, ops.cosh);
}

/** Hyperbolic tangent. @example lax.tanh(0).js(); // => 0 */
export function tanh(x: ArrayLike): Tracer {
  return real("tanh", x, ops.tanh);
}

/** Inverse of sinh. @example lax.asinh(0).js(); // => 0 */
export function asinh(x: ArrayLike): Tracer {
  return real("asinh", x, ops.asinh);
}

/** Inverse of cosh. @example lax.acosh(1).js(); // => 0 */
export function acosh(x: ArrayLike): Tracer {
  return real("acosh", x, ops.acosh);
}

/** Inverse of tanh. @example lax.atanh(0).js(); // => 0 */
export function atanh(x: ArrayLike): Tracer {
  return real("atanh", x, ops.atanh);
}

/** Error function. @example lax.erf(0).js(); // => 0 */
export function erf(x: ArrayLike): Tracer {
  return real("erf", x, ops.erf);
}

/** `1 - erf(x)`. @example lax.erfc(0).js(); // => 1 */
export function erfc(x: ArrayLike): Tracer {
  return real("erfc", x, ops.erfc);
}

/** Inverse of erf. @example lax.erfInv(0).js(); // => 0 */
export function erfInv(x: ArrayLike): Tracer {
  return real("erfInv", x, ops.erfInv);
}

/** Logarithm of the absolute gamma function. @example lax.lgamma(1).js(); // => 0 */
export function lgamma(x: ArrayLike): Tracer {
  return real("lgamma", x, ops.lgamma);
}

/** Derivative of lgamma. @example lax.digamma(1).js(); // => -0.577216 */
export function digamma(x: ArrayLike): Tracer {
  return real("digamma", x, ops.digamma);
}
