/** Exponentials in float64, as those of float32: x = n ln 2 + r. */
import type { Scalar } from "../scalar";
import { LN2_HI, LN2_LO, MAGIC, ONE, powerOfTwo } from "./double";
import { clampTo } from "./exponential";
import type { Lang } from "./lang";

const LOG2E = 1.4426950408889634;
/** (e^r - 1 - r) / r^2 on |r| < 0.347, a minimax fit to 2^-57 of e^r - 1 */
const Q = [
  0.5000000000000013, 0.166666666666667, 0.04166666666651404, 0.008333333333307, 0.0013888888947413, 0.000198412699179,
  2.48014895e-5, 2.755721585e-6, 2.7631448e-7, 2.5118e-8,
];

/** Nearest integer n to x * perStep, and MAGIC + bias + n. */
function nearest(m: Lang, x: Scalar, perStep: number, bias: number): { n: Scalar; shifted: Scalar } {
  const magic = MAGIC + bias;
  const shifted = m.fma(x, perStep, magic);
  return { n: m.sub(shifted, magic), shifted };
}

/** x - n ln 2 */
const less = (m: Lang, x: Scalar, n: Scalar): Scalar => m.fma(n, -LN2_LO, m.fma(n, -LN2_HI, x));

const expm1Reduced = (m: Lang, r: Scalar): Scalar => m.fma(m.mul(r, r), m.poly(r, Q), r);

/** y * 2^n from n + 2 * ONE, by two halves, so that denormal and infinite results are right. */
function scale(m: Lang, y: Scalar, shifted: Scalar): Scalar {
  const half = (x: Scalar): Scalar => powerOfTwo(m, m.ushr(x, 1));
  return m.mul(m.mul(y, half(shifted)), half(m.add(shifted, 1)));
}

/** e^x * 2^by, overflowing only where that does. */
export function expScaledDouble(m: Lang, x: Scalar, by: number): Scalar {
  const clamped = clampTo(m, x, -746, 711);
  const { n, shifted } = nearest(m, clamped, LOG2E, 2 * ONE + by);
  return scale(m, m.add(expm1Reduced(m, less(m, clamped, n)), 1), shifted);
}

export const expDouble = (m: Lang, x: Scalar): Scalar => expScaledDouble(m, x, 0);

/** 2^(hi + lo), lo being small. */
export function exp2SumDouble(m: Lang, hi: Scalar, lo: Scalar): Scalar {
  const { n, shifted } = nearest(m, clampTo(m, m.add(hi, lo), -1076, 1025), 1, 2 * ONE);
  // Where that was clamped, any fraction will do.
  const r = m.mul(clampTo(m, m.add(m.sub(hi, n), lo), -1, 1), Math.LN2);
  return scale(m, m.add(expm1Reduced(m, r), 1), shifted);
}

export const exp2Double = (m: Lang, x: Scalar): Scalar => exp2SumDouble(m, x, m.c(0));

/** x = n ln 2 + r, and 2^(n + by), if that is a normal number. */
function split(m: Lang, x: Scalar, by: number): { r: Scalar; power: Scalar } {
  const { n, shifted } = nearest(m, x, LOG2E, ONE + by);
  return { r: less(m, x, n), power: powerOfTwo(m, shifted) };
}

/** 1 / (1 + e^-x), both sides times 2^-64, so that nothing overflows where the result is not 0. */
export function logisticDouble(m: Lang, x: Scalar): Scalar {
  const { r, power } = split(m, m.neg(clampTo(m, x, -746, 40)), -64);
  const one = 2 ** -64;
  const sum = m.add(power, one);
  const lost = m.sub(one, m.sub(sum, power));
  return m.div(one, m.add(m.fma(expm1Reduced(m, r), power, lost), sum));
}

/** e^x - 1 for -40 <= x < 709.4 as a sum of two: 2^n (e^r - 1) + (2^n - 1). */
export function expm1Sum(m: Lang, x: Scalar): { hi: Scalar; lo: Scalar } {
  const { r, power } = split(m, x, 0);
  const curve = m.mul(m.mul(r, r), m.poly(r, Q));
  const p = m.add(r, curve);
  const lost = m.sub(curve, m.sub(p, r));
  const second = m.mul(p, power);
  const first = m.sub(power, 1);
  const hi = m.add(first, second);
  return { hi, lo: m.fma(lost, power, m.sub(second, m.sub(hi, first))) };
}

/** The target does arguments whose result may overflow. */
export function expm1Double(m: Lang, x: Scalar): Scalar {
  const { hi, lo } = expm1Sum(m, m.max(x, -40));
  return m.rarely(m.not(m.lt(x, 709)), m.op("expm1", x.dtype, x), m.withSign(m.add(hi, lo), x));
}

/** e^x for -700 <= x <= 0. */
export function expDownDouble(m: Lang, x: Scalar): Scalar {
  const { r, power } = split(m, x, 0);
  return m.fma(expm1Reduced(m, r), power, power);
}
