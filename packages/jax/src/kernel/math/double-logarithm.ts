/** Logarithms in float64: x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)). */
import type { Scalar } from "../scalar";
import { LN2_HI, LN2_LO, MAGIC, ONE, powerOfTwo, truncatedDouble } from "./double";
import type { ScalarOp } from "../scalar-op";
import type { Lang } from "./lang";

/** (log((1 + s) / (1 - s)) / s - 2) / s^2 in s^2 on |s| < 0.1716, a minimax fit to 2^-58 of the logarithm */
const ATANH = [
  0.6666666666666734, 0.399999999994146, 0.2857142874241, 0.22222198571, 0.1818356446, 0.15314047, 0.1479599,
];
/** The target does smaller numbers, zero, infinity, negative numbers and NaN. */
export const LEAST = 2 ** -1020;

const LEAST_ABOVE_MINUS_1 = -1 + 2 ** -53;

/** y, but f(x) where x is not in [least, infinity) */
const unless = (m: Lang, op: ScalarOp, x: Scalar, least: number, y: Scalar): Scalar =>
  m.rarely(m.not(m.and(m.ge(x, least), m.lt(x, Infinity))), m.op(op, x.dtype, x), y);

/** k and f of a finite number of at least LEAST: k is the exponent of x / sqrt(2), and one more. */
export function split(m: Lang, x: Scalar): { k: Scalar; f: Scalar } {
  // 2^52 and the exponent's bits as an integer
  const exponent = m.or(m.ushr(m.mul(x, Math.SQRT1_2), 52), 2 ** 52);
  const k = m.sub(exponent, 2 ** 52 + ONE - 1);
  // 2^-k may be denormal.
  const four = m.mul(x, powerOfTwo(m, m.sub(MAGIC + ONE + 2, k)));
  return { k, f: m.fma(four, 0.25, -1) };
}

/** log(1 + f) - f = s (R - f) with s = f / (2 + f), as log(1 + f) = 2 s + s R. */
function rest(m: Lang, f: Scalar): Scalar {
  const s = m.div(f, m.add(f, 2));
  const s2 = m.mul(s, s);
  return m.mul(s, m.sub(m.mul(s2, m.poly(s2, ATANH)), f));
}

export function logDouble(m: Lang, x: Scalar): Scalar {
  const { k, f } = split(m, x);
  return unless(m, "log", x, LEAST, m.fma(k, LN2_HI, m.add(f, m.fma(k, LN2_LO, rest(m, f)))));
}

/** log of the rounded 1 + x, and what rounding lost over it; the sign is that of x, for -0. */
export function log1pDouble(m: Lang, x: Scalar): Scalar {
  const u = m.add(x, 1);
  const { k, f } = split(m, u);
  const one = m.sub(u, x);
  const lost = m.add(m.sub(x, m.sub(u, one)), m.sub(1, one));
  const low = m.add(m.fma(k, LN2_LO, rest(m, f)), m.div(lost, u));
  const y = m.fma(k, LN2_HI, m.add(f, low));
  return unless(m, "log1p", x, LEAST_ABOVE_MINUS_1, m.or(y, m.and(x, -0)));
}

const LOG2E_HI = 1.4426950216293335; // 26 bits
const LOG2E_LO = 1.9259629911266175e-8;

/** k + log(1 + f) / ln 2, the product with 1 / ln 2 in parts. */
export function log2Double(m: Lang, x: Scalar): Scalar {
  const { k, f } = split(m, x);
  const r = rest(m, f);
  const hi = truncatedDouble(m, m.add(f, r));
  const lo = m.add(m.sub(f, hi), r);
  const low = m.fma(m.add(lo, hi), LOG2E_LO, m.mul(lo, LOG2E_HI));
  const top = m.mul(hi, LOG2E_HI);
  // Larger first: k is 0 or at least 1.
  const sum = m.add(k, top);
  const error = m.add(m.sub(k, sum), top);
  return unless(m, "log2", x, LEAST, m.add(sum, m.add(low, error)));
}
