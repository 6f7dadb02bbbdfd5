/** Exponentials in float32. 2^n * (1 + r + r^2 q(r)) with x = n ln 2 + r; q are minimax fits. */
import type { Scalar } from "../scalar";
import type { Lang } from "./lang";

const LOG2E = 1.4426950408889634;
/** ln 2 in two parts; n * LN2_HI is exact for |n| < 2^15. */
export const LN2_HI = 0.693359375;
export const LN2_LO = -2.1219444e-4;
/** Adding it to |x| < 2^21 rounds x to an integer, which is then in the low bits. */
const MAGIC = 12582912;
/** (exp(r) - 1 - r) / r^2 on |r| < ln(2) / 2 */
const Q = [0.4999999403953552, 0.1666652113199234, 0.04166838899254799, 0.008368716575205326, 0.001381459878757596];

/** Nearest integer n to x * perStep; `bits` end in those of n + bias. */
function nearest(m: Lang, x: Scalar, perStep: number, bias: number): { n: Scalar; bits: Scalar } {
  const magic = MAGIC + bias;
  const shifted = m.fma(x, perStep, magic);
  return { n: m.sub(shifted, magic), bits: m.bits(shifted) };
}

/** The exponent's bits of 1. */
const ONE = 127;
/** 2^(n + by) from bits with the bias ONE + by, if that is a normal number. */
const powerOfTwo = (m: Lang, bits: Scalar): Scalar => m.float(m.shl(bits, 23));

/** y * 2^(n + by) for |n + by| < 253 from bits with the bias 2 * ONE + by, right for denormal and infinite results. */
function scale(m: Lang, y: Scalar, bits: Scalar): Scalar {
  const half = m.shr(bits, 1);
  return m.mul(m.mul(y, powerOfTwo(m, half)), powerOfTwo(m, m.sub(bits, half)));
}

/** NaN stays: with `lo` and `hi` constants the engine's pseudo-minimum keeps the first operand. */
export const clampTo = (m: Lang, x: Scalar, lo: number, hi: number): Scalar => m.max(m.min(x, hi), lo);

/** exp(r) - 1 for |r| < ln(2) / 2 */
export const expm1Reduced = (m: Lang, r: Scalar): Scalar => m.fma(m.mul(r, r), m.poly(r, Q), r);

/** x - n ln 2 */
const less = (m: Lang, x: Scalar, n: Scalar): Scalar => m.fma(n, -LN2_LO, m.fma(n, -LN2_HI, x));

export function exp(m: Lang, x: Scalar): Scalar {
  if (m.isBelowMaximum(x)) return expBelowMaximum(m, x);
  return expScaled(m, x, 0);
}

/** e^x * 2^by, overflowing only where that does. */
export function expScaled(m: Lang, x: Scalar, by: number): Scalar {
  const clamped = clampTo(m, x, -104, 90);
  const { n, bits } = nearest(m, clamped, LOG2E, 2 * ONE + by);
  return scale(m, m.add(expm1Reduced(m, less(m, clamped, n)), 1), bits);
}

/** x = n ln 2 + r, and 2^(n + by), if that is a normal number. */
function split(m: Lang, x: Scalar, by: number): { r: Scalar; power: Scalar } {
  const { n, bits } = nearest(m, x, LOG2E, ONE + by);
  return { r: less(m, x, n), power: powerOfTwo(m, bits) };
}

/** e^x for x <= 0. */
export function expDown(m: Lang, x: Scalar): Scalar {
  const { r, power } = split(m, m.max(x, -104), 64);
  return m.mul(m.mul(m.add(expm1Reduced(m, r), 1), power), 2 ** -64);
}

/** (e^r - 1) / r on |r| < ln(2) / 2, to 1.5 * 2^-24 of e^r */
const SHORT = [0.9999997, 0.49999148, 0.16667649, 0.04189818, 0.008289638];

/**
 * e^x for x = y - max(y), within 2.5 ulp: the rounding of that difference is an error of |x| / 2 ulp already. Results
 * below 2^-126 are 0, as XLA's: e^-88 gets the exponent bits of 0.
 */
const expBelowMaximum = (m: Lang, x: Scalar): Scalar => expRough(m, m.max(x, -88));

/** e^x for |x| < 87, within 2.5 ulp. */
export function expRough(m: Lang, x: Scalar): Scalar {
  const { r, power } = split(m, x, 0);
  return m.fma(m.mul(r, power), m.poly(r, SHORT), power);
}

/** 2^(hi + lo) for |hi + lo| < 2^22 or infinite. */
export function exp2Sum(m: Lang, hi: Scalar, lo: Scalar): Scalar {
  const sum = m.add(hi, lo);
  const clamped = clampTo(m, sum, -151, 129);
  const { n, bits } = nearest(m, clamped, 1, 2 * ONE);
  const inside = m.eq(sum, clamped);
  const fraction = m.select(inside, m.add(m.sub(hi, n), lo), m.sub(clamped, n));
  return scale(m, m.add(expm1Reduced(m, m.mul(fraction, Math.LN2)), 1), bits);
}

export function exp2(m: Lang, x: Scalar): Scalar {
  const clamped = clampTo(m, x, -151, 129);
  const { n, bits } = nearest(m, clamped, 1, 2 * ONE);
  const r = m.mul(m.sub(clamped, n), Math.LN2);
  return scale(m, m.add(expm1Reduced(m, r), 1), bits);
}

/** exp(x) - 1: 2^n (e^r - 1) + (2^n - 1), halved so that 2^128 does not overflow, but not where that loses bits. */
export function expm1(m: Lang, x: Scalar): Scalar {
  const { r, power: half } = split(m, clampTo(m, x, -18, 89), -1);
  const y = m.fma(expm1Reduced(m, r), half, m.sub(half, 0.5));
  return m.select(m.lt(m.abs(x), 2 ** -26), x, m.add(y, y));
}

/** 1 / (1 + e^-x), both sides times 2^-64, so that nothing overflows where the result is not 0. */
export function logistic(m: Lang, x: Scalar): Scalar {
  const { r, power } = split(m, m.neg(clampTo(m, x, -104, 40)), -64);
  return m.div(2 ** -64, m.add(m.fma(expm1Reduced(m, r), power, power), 2 ** -64));
}
