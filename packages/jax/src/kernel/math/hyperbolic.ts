/** Hyperbolic functions and their inverses in float32. */
import type { Scalar } from "../scalar";
import { expm1TwiceHalved, expScaled } from "./exponential";
import type { Lang } from "./lang";

/** (sinh x - x) / x^3 in x^2, |x| < 1 */
const SINH = [0.1666666716337204, 0.008333315141499043, 0.00019841664470732212, 2.7899995984626003e-6];

/** h / (h + 1) with h = (e^2x - 1) / 2; near 0 as h - h * that, where errors of the quotient hardly count. */
export function tanh(m: Lang, x: Scalar): Scalar {
  const a = m.abs(x);
  const h = expm1TwiceHalved(m, m.min(a, 10));
  const quotient = m.div(h, m.add(h, 1));
  return m.withSign(m.select(m.lt(a, 0.35), m.sub(h, m.mul(h, quotient)), quotient), x);
}

export function sinh(m: Lang, x: Scalar): Scalar {
  const a = m.abs(x);
  const a2 = m.mul(a, a);
  const near = m.fma(m.mul(a2, a), m.poly(a2, SINH), a);
  const half = expScaled(m, a, -1);
  return m.withSign(m.select(m.lt(a, 1), near, m.sub(half, m.div(0.25, half))), x);
}

export function cosh(m: Lang, x: Scalar): Scalar {
  const half = expScaled(m, m.abs(x), -1);
  return m.add(half, m.div(0.25, half));
}

const BIG = 1e9;

/** log(x + sqrt(x^2 + 1)) as log1p(x + x^2 / (1 + sqrt(x^2 + 1))). */
export function asinh(m: Lang, x: Scalar): Scalar {
  const a = m.abs(x);
  const a2 = m.mul(a, a);
  const t = m.add(a, m.div(a2, m.add(m.sqrt(m.add(a2, 1)), 1)));
  return m.withSign(log1pOr2x(m, a, t), x);
}

/** log(x + sqrt(x^2 - 1)) with x = 1 + t. */
export function acosh(m: Lang, x: Scalar): Scalar {
  const t = m.sub(x, 1);
  const y = log1pOr2x(m, x, m.add(t, m.sqrt(m.fma(t, t, m.add(t, t)))));
  return m.select(m.lt(x, 1), NaN, y);
}

/** log(1 + t), or log(2x) where x is so big that its square may overflow. */
function log1pOr2x(m: Lang, x: Scalar, t: Scalar): Scalar {
  const big = m.gt(x, BIG);
  const y = m.op("log1p", "float32", m.select(big, x, t));
  return m.add(y, m.select(big, m.c(Math.LN2), 0));
}

export function atanh(m: Lang, x: Scalar): Scalar {
  const a = m.abs(x);
  const y = m.op("log1p", "float32", m.div(m.add(a, a), m.sub(1, a)));
  return m.withSign(m.mul(y, 0.5), x);
}
