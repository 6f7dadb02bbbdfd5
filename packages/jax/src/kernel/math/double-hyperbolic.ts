/** Hyperbolic functions in float64. */
import type { Scalar } from "../scalar";
import { expScaledDouble, expm1Sum } from "./double-exponential";
import type { Lang } from "./lang";

/** (sinh x - x) / x^3 in x^2, |x| < 1, a minimax fit to 2^-56 of sinh x */
const SINH = [
  0.16666666666666669, 0.008333333333333139, 0.000198412698414377, 2.755731915534e-6, 2.5052123399e-8, 1.60572403e-10,
  7.75931e-13,
];

/** -t / d with t = e^(-2 |x|) - 1 and d = t + 2, and to first order what the rounded t and d lack. */
export function tanhDouble(m: Lang, x: Scalar): Scalar {
  const { hi: t, lo } = expm1Sum(m, m.mul(m.min(m.abs(x), 20), -2));
  const d = m.add(t, 2);
  const y = m.neg(m.div(t, d));
  const lost = m.add(m.sub(t, m.sub(d, 2)), lo);
  const overD = m.fma(y, 0.5, 0.5); // 1 / d
  return m.withSign(m.abs(m.sub(y, m.mul(m.fma(y, lost, lo), overD))), x);
}

export function sinhDouble(m: Lang, x: Scalar): Scalar {
  const a = m.abs(x);
  const a2 = m.mul(a, a);
  const near = m.fma(m.mul(a2, a), m.poly(a2, SINH), a);
  const half = expScaledDouble(m, a, -1);
  return m.withSign(m.select(m.lt(a, 1), near, m.sub(half, m.div(0.25, half))), x);
}

export function coshDouble(m: Lang, x: Scalar): Scalar {
  const half = expScaledDouble(m, m.abs(x), -1);
  return m.add(half, m.div(0.25, half));
}
