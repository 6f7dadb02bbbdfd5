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

/** What b^x is 0 below, and infinite above; for |x| up to `normal` it is a normal number. */
interface Range {
  readonly least: number;
  readonly most: number;
  readonly normal: number;
}
const EXP: Range = { least: -104, most: 89, normal: 87 };
const EXP2: Range = { least: -151, most: 129, normal: 126 };

/** y * 2^n for bits with the bias ONE, that is b^x. */
function timesPower(m: Lang, y: Scalar, bits: Scalar, x: Scalar, { least, most, normal }: Range): Scalar {
  const scaled = scale(m, y, m.add(bits, ONE));
  const limited = m.select(m.lt(x, least), 0, m.select(m.gt(x, most), Infinity, scaled));
  return m.rarely(m.gt(m.abs(x), normal), limited, m.mul(y, powerOfTwo(m, bits)));
}

export function exp(m: Lang, x: Scalar): Scalar {
  if (m.isBelowMaximum(x)) return expBelowMaximum(m, x);
  const { n, bits } = nearest(m, x, LOG2E, ONE);
  return timesPower(m, m.add(expm1Reduced(m, less(m, x, n)), 1), bits, x, EXP);
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
function expBelowMaximum(m: Lang, x: Scalar): Scalar {
  const { r, power } = split(m, m.max(x, -88), 0);
  return m.fma(m.mul(r, power), m.poly(r, SHORT), power);
}

/** (e^2x - 1) / 2 for 0 <= x < 40. The float32 next to ln 2 is so near to it that n ln 2 needs no second part here. */
export function expm1TwiceHalved(m: Lang, x: Scalar): Scalar {
  const twice = m.add(x, x);
  const { n, bits } = nearest(m, twice, LOG2E, ONE - 1);
  const half = powerOfTwo(m, bits);
  return m.fma(expm1Reduced(m, m.fma(n, -Math.LN2, twice)), half, m.sub(half, 0.5));
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
  const { n, bits } = nearest(m, x, 1, ONE);
  const r = m.mul(m.sub(x, n), Math.LN2);
  return timesPower(m, m.add(expm1Reduced(m, r), 1), bits, x, EXP2);
}

/** Whether x is written as min(y, 0), or as 0 where y is above. */
function isNotPositive(x: Scalar): boolean {
  if (x.tag !== "op") return false;
  const [a, b, c] = x.args as [Scalar, Scalar, Scalar?];
  if (x.op === "min") return isZero(a) || isZero(b);
  return x.op === "select" && isZero(b) && a.tag === "op" && a.op === "lt" && isZero(a.args[0]!) && a.args[1] === c;
}

const isZero = (x: Scalar): boolean => x.tag === "const" && x.value === 0;

/** exp(x) - 1: 2^n (e^r - 1) + (2^n - 1), halved so that 2^128 does not overflow, but not where that loses bits. */
export function expm1(m: Lang, x: Scalar): Scalar {
  if (isNotPositive(x)) {
    const { r, power } = split(m, m.max(x, -18), 0);
    return m.withSign(m.fma(expm1Reduced(m, r), power, m.sub(power, 1)), x);
  }
  const { r, power: half } = split(m, clampTo(m, x, -18, 89), -1);
  const y = m.fma(expm1Reduced(m, r), half, m.sub(half, 0.5));
  return m.select(m.lt(m.abs(x), 2 ** -26), x, m.add(y, y));
}

/** (e^-r - 1 + r) / -r^2 */
const MIRRORED = /* @__PURE__ */ Q.map((c, k) => (k % 2 === 0 ? -c : c));

/** 1 / (1 + e^-x), both sides times 2^-64, so that nothing overflows where the result is not 0. */
export function logistic(m: Lang, x: Scalar): Scalar {
  const clamped = clampTo(m, x, -104, 40);
  const { n, bits } = nearest(m, clamped, -LOG2E, ONE - 64);
  const r = m.fma(n, LN2_LO, m.fma(n, LN2_HI, clamped));
  const y = m.sub(1, m.fma(m.mul(r, r), m.poly(r, MIRRORED), r));
  return m.div(2 ** -64, m.fma(y, powerOfTwo(m, bits), 2 ** -64));
}
