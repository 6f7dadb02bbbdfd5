/** Exponentials in float64, as those of float32: x = n ln 2 + r. */
import type { Scalar } from "../scalar";
import { LN2_HI, LN2_LO, MAGIC, ONE, powerOfTwo } from "./double";
import { clampTo } from "./exponential";
import type { Lang } from "./lang";

const LOG2E = 1.4426950408889634;
/** (e^r - 1 - r) / r^2 on |r| < 0.347, a minimax fit to 2^-57 of e^r - 1 */
const Q = [
  0.5000000000000013, 0.166666666666667, 0.041666666666514036, 0.008333333333306981, 0.0013888888947412713,
  0.00019841269917876295, 2.480148949975385e-5, 2.755721585311648e-6, 2.763144821726912e-7, 2.51180052324578e-8,
];
/** The same on |r| < 1/2 */
const WIDE_Q = [
  0.5, 0.16666666666666666, 0.04166666666666766, 0.008333333333333536, 0.0013888888888570693, 0.00019841269840812866,
  2.480158773871312e-5, 2.755731970843015e-6, 2.7557027562668523e-7, 2.5051844478646835e-8, 2.0970098543702912e-9,
  1.6130600189014753e-10,
];

/** Nearest integer n to x * perStep, and MAGIC + bias + n. */
function nearest(m: Lang, x: Scalar, perStep: number, bias: number): { n: Scalar; shifted: Scalar } {
  const magic = MAGIC + bias;
  const shifted = m.fma(x, perStep, magic);
  return { n: m.sub(shifted, magic), shifted };
}

/** x - n ln 2 */
const less = (m: Lang, x: Scalar, n: Scalar): Scalar => m.fma(n, -LN2_LO, m.fma(n, -LN2_HI, x));

const expm1Reduced = (m: Lang, r: Scalar, q: readonly number[]): Scalar => m.fma(m.mul(r, r), m.poly(r, q), r);

/** y * 2^n from n + 2 * ONE, by two halves, so that denormal and infinite results are right. */
function scale(m: Lang, y: Scalar, shifted: Scalar): Scalar {
  const half = (x: Scalar): Scalar => powerOfTwo(m, m.ushr(x, 1));
  return m.mul(m.mul(y, half(shifted)), half(m.add(shifted, 1)));
}

/** e^x * 2^by, overflowing only where that does. */
export function expScaledDouble(m: Lang, x: Scalar, by: number): Scalar {
  const clamped = clampTo(m, x, -746, 711);
  const { n, shifted } = nearest(m, clamped, LOG2E, 2 * ONE + by);
  return scale(m, m.add(expm1Reduced(m, less(m, clamped, n), Q), 1), shifted);
}

export const expDouble = (m: Lang, x: Scalar): Scalar => expScaledDouble(m, x, 0);

export function exp2Double(m: Lang, x: Scalar): Scalar {
  const clamped = clampTo(m, x, -1076, 1025);
  const { n, shifted } = nearest(m, clamped, 1, 2 * ONE);
  const r = m.mul(m.sub(clamped, n), Math.LN2);
  return scale(m, m.add(expm1Reduced(m, r, Q), 1), shifted);
}

/** 2^(hi + lo), lo being small. */
export function exp2SumDouble(m: Lang, hi: Scalar, lo: Scalar): Scalar {
  const { n, shifted } = nearest(m, clampTo(m, m.add(hi, lo), -1076, 1025), 1, 2 * ONE);
  // Where that was clamped, any fraction will do.
  const r = m.mul(clampTo(m, m.add(m.sub(hi, n), lo), -1, 1), Math.LN2);
  return scale(m, m.add(expm1Reduced(m, r, Q), 1), shifted);
}

/** x = n ln 2 + r, and 2^(n + by), if that is a normal number. */
function split(m: Lang, x: Scalar, by: number): { r: Scalar; power: Scalar } {
  const { n, shifted } = nearest(m, x, LOG2E, ONE + by);
  return { r: less(m, x, n), power: powerOfTwo(m, shifted) };
}

/** 2^n (e^r - 1) + (2^n - 1), halved so that 2^1024 does not overflow; -0 keeps its sign. */
export function expm1Double(m: Lang, x: Scalar): Scalar {
  const { r, power: half } = split(m, clampTo(m, x, -38, 710), -1);
  const y = m.fma(expm1Reduced(m, r, Q), half, m.sub(half, 0.5));
  const small = m.lt(m.abs(x), 0.5);
  const result = m.select(small, expm1Reduced(m, x, WIDE_Q), m.add(y, y));
  return m.select(m.eq(x, 0), x, result);
}

/**
 * 1 / (1 + e^-x), both sides times 2^-64, so that nothing overflows where the result is not 0. 1 + 2^n is exact for
 * |n| < 53.
 */
export function logisticDouble(m: Lang, x: Scalar): Scalar {
  const { r, power } = split(m, m.neg(clampTo(m, x, -746, 40)), -64);
  const one = 2 ** -64;
  return m.div(one, m.fma(expm1Reduced(m, r, Q), power, m.add(power, one)));
}

/** e^x - 1 for -40 <= x <= 0 as a sum of two. */
export function expm1Sum(m: Lang, x: Scalar): { hi: Scalar; lo: Scalar } {
  const { r, power } = split(m, x, 0);
  const curve = m.mul(m.mul(r, r), m.poly(r, Q));
  const p = m.add(r, curve);
  const first = m.sub(power, 1);
  const second = m.mul(p, power);
  const hi = m.add(first, second);
  const lost = m.sub(curve, m.sub(p, r));
  return { hi, lo: m.fma(lost, power, m.sub(second, m.sub(hi, first))) };
}

/** e^x for -700 <= x <= 0. */
export function expDownDouble(m: Lang, x: Scalar): Scalar {
  const { r, power } = split(m, x, 0);
  return m.fma(expm1Reduced(m, r, Q), power, power);
}
