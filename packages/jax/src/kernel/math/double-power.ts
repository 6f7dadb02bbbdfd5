/** x^y in float64 as 2^(y log2 |x|), the logarithm to 2^-65 of itself as a sum of two. */
import type { Scalar } from "../scalar";
import { truncatedDouble } from "./double";
import { exp2SumDouble } from "./double-exponential";
import { LEAST, split } from "./double-logarithm";
import type { Lang } from "./lang";

/** (1.5 log((1 + s) / (1 - s)) - 3 s - s^3) / s^5 in s^2 on |s| < 0.1716, a minimax fit to 2^-66 of the logarithm */
const ATANH = [
  0.6000000000000338, 0.428571428551498, 0.33333333779791, 0.272726765598, 0.23080135537, 0.198852381, 0.1979438,
];
/** 2 / (3 ln 2): 26 bits, and the rest. */
const SCALE_HI = 0.9617966860532761;
const SCALE_LO = 7.872699542894897e-9;

/** log2 of a number from LEAST on; hi has 26 bits. Products of two numbers of 26 bits are exact. */
function log2Sum(m: Lang, a: Scalar): { hi: Scalar; lo: Scalar } {
  const { k, f } = split(m, a);
  const d = m.add(f, 2);
  const s = m.div(f, d);
  const sHi = truncatedDouble(m, s);
  // What s lacks: f - sHi (f + 2), exactly, over f + 2.
  const dHi = truncatedDouble(m, d);
  const dLo = m.sub(f, m.sub(dHi, 2));
  const sLo = m.div(m.sub(m.sub(f, m.mul(sHi, dHi)), m.mul(sHi, dLo)), d);
  // 1.5 log(1 + f) = s g with g = 3 + s^2 + ...
  const s2 = m.mul(s, s);
  const squareHi = m.mul(sHi, sHi);
  const more = m.fma(m.mul(s2, s2), m.poly(s2, ATANH), m.mul(sLo, m.add(sHi, s)));
  const gHi = truncatedDouble(m, m.add(m.add(squareHi, more), 3));
  const gLo = m.add(m.add(m.sub(3, gHi), squareHi), more);
  const high = m.mul(sHi, gHi);
  const low = m.fma(sLo, gHi, m.mul(s, gLo));
  const lnHi = truncatedDouble(m, m.add(high, low));
  const lnLo = m.add(m.sub(high, lnHi), low);
  const top = m.mul(lnHi, SCALE_HI);
  const rest = m.fma(lnHi, SCALE_LO, m.mul(lnLo, SCALE_HI + SCALE_LO));
  const hi = truncatedDouble(m, m.add(k, m.add(top, rest)));
  return { hi, lo: m.add(m.add(m.sub(k, hi), top), rest) };
}

/** The target does what C99 says apart: zero, infinity, NaN, and powers of negative numbers that are not whole. */
export function powDouble(m: Lang, x: Scalar, y: Scalar): Scalar {
  const a = m.abs(x);
  const { hi, lo } = log2Sum(m, a);
  const exponent = m.max(m.min(y, 2 ** 65), -(2 ** 65)); // no product overflows, no result changes
  const yHi = truncatedDouble(m, exponent);
  const rest = m.fma(m.sub(exponent, yHi), hi, m.mul(exponent, lo));
  const magnitude = exp2SumDouble(m, m.mul(yHi, hi), rest);
  const half = m.mul(y, 0.5);
  const isOdd = m.ne(m.trunc(half), half);
  const signed = m.or(magnitude, m.and(m.select(isOdd, x, 0), -0));
  const isReal = m.or(m.gt(x, 0), m.eq(m.trunc(y), y));
  const usual = m.and(m.and(m.ge(a, LEAST), m.lt(a, Infinity)), m.and(m.lt(m.abs(y), Infinity), isReal));
  return m.rarely(m.not(usual), m.op("pow", x.dtype, x, y), signed);
}
