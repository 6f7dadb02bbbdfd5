/** Other names that NumPy has for the same functions. */
import { type Named, named } from "./arguments";
import type { Tracer } from "../core/tracer";
import { type ComplexPair, isPair } from "./complex-pair";
import {
  arccos, arccosh, arcsin, arcsinh, arctan, arctanh, degrees as toDegrees, radians as toRadians, round as roundOf, trunc as truncOf,
} from "./elementwise"; // prettier-ignore
import { type ArrayLike, constantLike, inexact, lift, own } from "./lift";
import * as ops from "../ops/index";
import { owned } from "./owned";

/** As `arccos`. @example np.acos(1).js(); // => 0 */
export function acos(x: ArrayLike): Tracer {
  return arccos(x);
}
/** As `arccosh`. @example np.acosh(1).js(); // => 0 */
export function acosh(x: ArrayLike): Tracer {
  return arccosh(x);
}
/** As `arcsin`. @example np.asin(0).js(); // => 0 */
export function asin(x: ArrayLike): Tracer {
  return arcsin(x);
}
/** As `arcsinh`. @example np.asinh(0).js(); // => 0 */
export function asinh(x: ArrayLike): Tracer {
  return arcsinh(x);
}
/** As `arctan`. @example np.atan(0).js(); // => 0 */
export function atan(x: ArrayLike): Tracer {
  return arctan(x);
}
/** As `arctanh`. @example np.atanh(0).js(); // => 0 */
export function atanh(x: ArrayLike): Tracer {
  return arctanh(x);
}
/** As `radians`. @example np.deg2rad(0).js(); // => 0 */
export function deg2rad(x: ArrayLike): Tracer {
  return toRadians(x);
}
/** As `degrees`. @example np.rad2deg(0).js(); // => 0 */
export function rad2deg(x: ArrayLike): Tracer {
  return toDegrees(x);
}
/** As `round`. @example np.around(1.5).js(); // => 2 */
export function around(a: ArrayLike, decimals?: number | Named<"decimals", number>): Tracer {
  return roundOf(a, decimals);
}
/** As `trunc`. @example np.fix(-1.5).js(); // => -1 */
export function fix(x: ArrayLike): Tracer {
  return truncOf(x);
}
/** Real part of a pair `{ real, imag }`; an array itself. @example np.real({ real: np.array([1]), imag: np.array([2]) }).js(); // => [1] */
export function real(x: ArrayLike | ComplexPair): Tracer {
  return isPair(x) ? own(x.real, x.real) : own(lift(x), x);
}
/** Imaginary part of a pair `{ real, imag }`; of arrays 0. @example np.imag({ real: np.array([1]), imag: np.array([2]) }).js(); // => [2] */
export function imag(x: ArrayLike | ComplexPair): Tracer {
  return isPair(x) ? own(x.imag, x.imag) : own(constantLike(lift(x), 0));
}
/** A pair with its imaginary part negated; an array itself. @example np.conj({ real: np.array([1]), imag: np.array([2]) }).imag.js(); // => [-2] */
export function conj(x: ArrayLike): Tracer;
export function conj(x: ComplexPair): ComplexPair;
export function conj(x: ArrayLike | ComplexPair): Tracer | ComplexPair {
  return isPair(x) ? { real: own(x.real, x.real), imag: ops.neg(x.imag) } : own(lift(x), x);
}
/** As `conj`. @example np.conjugate(np.ones([1])).js(); // => [1] */
export function conjugate(x: ArrayLike): Tracer;
export function conjugate(x: ComplexPair): ComplexPair;
export function conjugate(x: ArrayLike | ComplexPair): Tracer | ComplexPair {
  return conj(x as ArrayLike);
}
/** Angle of a pair `{ real, imag }`; of real numbers 0, or pi for negative ones. @example np.angle(np.ones([1])).js(); // => [0] */
export function angle(x: ArrayLike | ComplexPair, unit?: boolean | Named<"deg", boolean>): Tracer {
  const deg = named("deg", unit, false);
  return owned(() => {
    const y = inexact(real(x));
    const a = ops.atan2(inexact(imag(x)), y);
    return deg ? toDegrees(a) : a;
  });
}
