/** Modified Bessel functions of the first kind. */
import type { Tracer } from "../core/tracer";
import { type ArrayLike, constantLike, floatUnary } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { type Series, chebyshev, sumSeries } from "./chebyshev";

/** `exp(-x) I_order(x)` for x > 0: the power series, which has positive terms only, or Hankel's expansion. */
function scaled(order: number, x: number): number {
  if (x > 500) {
    let [sum, term] = [1, 1];
    for (let k = 1; k < 12; k++) {
      term *= -(4 * order * order - (2 * k - 1) ** 2) / (8 * k * x);
      sum += term;
    }
    return sum / Math.sqrt(2 * Math.PI * x);
  }
  let term = order === 0 ? 1 : x / 2;
  let sum = term;
  for (let k = 1; term > 1e-18 * sum; k++) sum += term *= (x * x) / 4 / (k * (k + order));
  return sum * Math.exp(-x);
}

interface Fits {
  /** `exp(-x) I(x) / x^order` for x in [0, 8]. */
  readonly near: Series;
  /** `exp(-x) sqrt(x) I(x)` for x above 8, as a function of 16/x - 1. */
  readonly far: Series;
}

function fits(order: number): Fits {
  const limit = 1 / Math.sqrt(2 * Math.PI);
  return {
    near: chebyshev((x) => scaled(order, Math.max(x, 1e-30)) / Math.max(x, 1e-30) ** order, 0, 8),
    far: chebyshev((t) => (t < 1e-9 ? limit : Math.sqrt(8 / t) * scaled(order, 8 / t)), 0, 1),
  };
}

let known: readonly [Fits, Fits] | null = null;

/** `exp(-|x|) I_order(|x|)`, over |x| for order 1 where `|x| <= 8`. */
function bessel(order: 0 | 1, x: Tracer): Tracer {
  known ??= [fits(0), fits(1)];
  const { near, far } = known[order];
  const c = (value: number): Tracer => constantLike(x, value);
  const size = ops.abs(x);
  const small = ops.le(size, c(8));
  const inside = ops.min(size, c(8));
  const outside = ops.max(size, c(8));
  const low = sumSeries(near, ops.sub(ops.div(inside, c(4)), c(1)));
  const high = ops.div(sumSeries(far, ops.sub(ops.div(c(16), outside), c(1))), ops.sqrt(outside));
  if (order === 0) return ops.where(small, low, high);
  return ops.where(small, ops.mul(low, x), ops.mul(high, ops.sign(x)));
}

const unscaled =
  (order: 0 | 1) =>
  (x: Tracer): Tracer =>
    owned(() => ops.mul(ops.exp(ops.abs(x)), bessel(order, x)));

/** Modified Bessel function of order 0. Dtypes: floats. @example scipySpecial.i0(0).js(); // => 1 */
export function i0(x: ArrayLike): Tracer {
  return floatUnary(x, unscaled(0));
}
/** `exp(-|x|) i0(x)`. @example scipySpecial.i0e(0).js(); // => 1 */
export function i0e(x: ArrayLike): Tracer {
  return floatUnary(x, (y) => owned(() => bessel(0, y)));
}
/** Modified Bessel function of order 1. Dtypes: floats. @example scipySpecial.i1(0).js(); // => 0 */
export function i1(x: ArrayLike): Tracer {
  return floatUnary(x, unscaled(1));
}
/** `exp(-|x|) i1(x)`. @example scipySpecial.i1e(0).js(); // => 0 */
export function i1e(x: ArrayLike): Tracer {
  return floatUnary(x, (y) => owned(() => bessel(1, y)));
}
