/** pow and cbrt in float32, pow of integers. */
import { isFloat, isUnsigned } from "../../aval/dtype";
import type { Scalar } from "../scalar";
import { exp2Sum } from "./exponential";
import type { Lang } from "./lang";
import { splitAny, truncated } from "./logarithm";

/** (log(1 + f) - 2s) / s^3 in s^2, with s = f / (2 + f) */
const ATANH = [0.6666666269302368, 0.40000852942466736, 0.28509894013404846, 0.24034160375595093];
const LOG2E = 1.4426950408889634;
const LOG2E_HI = 1.44287109375; // 12 bits
const LOG2E_LO = LOG2E - LOG2E_HI;

/** x^y = 2^(y log2 x) with log2 x as a sum of two floats; C99's special cases. */
export function pow(m: Lang, x: Scalar, y: Scalar): Scalar {
  if (!isFloat(x.dtype)) return intPow(m, x, y);
  const a = m.abs(x);
  const { hi, lo } = log2Sum(m, a);
  const exponent = m.max(m.min(y, 2 ** 34), -(2 ** 34)); // no product overflows, no result changes
  const yHi = truncated(m, exponent);
  const top = m.mul(yHi, hi);
  const rest = m.fma(m.sub(exponent, yHi), hi, m.mul(exponent, lo));
  const finite = exp2Sum(m, top, rest);
  // 0 and infinity to a power, and powers of +-infinity
  const grows = m.eq(m.gt(a, 1), m.gt(y, 0));
  const extreme = m.or(m.or(m.eq(a, 0), m.eq(a, Infinity)), m.eq(m.abs(y), Infinity));
  const magnitude = m.select(extreme, m.select(grows, m.c(Infinity), 0), finite);
  const isInteger = m.eq(m.trunc(y), y);
  const half = m.mul(y, 0.5);
  const isOdd = m.and(isInteger, m.ne(m.trunc(half), half));
  const negative = m.lt(m.bits(x), 0);
  const signed = m.select(m.and(negative, isOdd), m.neg(magnitude), magnitude);
  const domain = m.and(m.and(negative, m.not(isInteger)), m.and(m.ne(x, 0), m.lt(a, Infinity)));
  const isNaN = m.or(domain, m.or(m.ne(x, x), m.ne(y, y)));
  const one = m.or(m.or(m.eq(x, 1), m.eq(y, 0)), m.and(m.eq(x, -1), m.eq(m.abs(y), Infinity)));
  return m.select(one, m.c(1), m.select(isNaN, NaN, signed));
}

/** log2 of a positive number: hi has 12 bits. */
function log2Sum(m: Lang, a: Scalar): { hi: Scalar; lo: Scalar } {
  const { k, f } = splitAny(m, a);
  const d = m.add(f, 2);
  const s = m.div(f, d);
  const sHi = truncated(m, s);
  // What s lacks: f - sHi * (f + 2), exactly, over f + 2.
  const dHi = truncated(m, d);
  const dLo = m.sub(f, m.sub(dHi, 2));
  const sLo = m.div(m.sub(m.sub(f, m.mul(sHi, dHi)), m.mul(sHi, dLo)), d);
  const s2 = m.mul(s, s);
  const low = m.fma(m.mul(s2, s), m.poly(s2, ATANH), m.add(sLo, sLo));
  const high = m.add(sHi, sHi);
  const lnHi = truncated(m, m.add(high, low));
  const lnLo = m.add(m.sub(high, lnHi), low);
  const top = m.mul(lnHi, LOG2E_HI);
  const rest = m.fma(lnHi, LOG2E_LO, m.mul(lnLo, LOG2E));
  const hi = truncated(m, m.add(k, m.add(top, rest)));
  return { hi, lo: m.add(m.add(m.sub(k, hi), top), rest) };
}

/** A start from the exponent divided by 3, Halley's step, then Newton's. */
export function cbrt(m: Lang, x: Scalar): Scalar {
  const a = m.abs(x);
  // Cubes and their multiples must stay normal numbers.
  const tiny = m.lt(a, 2 ** -100);
  const huge = m.gt(a, 2 ** 100);
  const b = m.mul(a, m.select(tiny, m.c(2 ** 72), m.select(huge, m.c(2 ** -72), 1)));
  const third = m.cast(m.mul(m.cast(m.bits(b), "float32"), 1 / 3), "int32");
  let t = m.float(m.add(third, 0x2a5119f2));
  const cube = m.mul(m.mul(t, t), t);
  t = m.mul(t, m.div(m.fma(b, 2, cube), m.fma(cube, 2, b)));
  const square = m.mul(t, t);
  t = m.sub(t, m.div(m.fma(square, t, m.neg(b)), m.mul(square, 3)));
  const scaled = m.mul(t, m.select(tiny, m.c(2 ** -24), m.select(huge, m.c(2 ** 24), 1)));
  const ordinary = m.and(m.gt(a, 0), m.lt(a, Infinity));
  return m.select(ordinary, m.withSign(scaled, x), x);
}

/** By squaring; negative exponents give 1. */
function intPow(m: Lang, x: Scalar, y: Scalar): Scalar {
  let result: Scalar = m.b.const(1, x.dtype);
  let base = x;
  const exponent = isUnsigned(y.dtype) ? y : m.max(y, 0);
  for (let bit = 0; bit < (isUnsigned(y.dtype) ? 32 : 31); bit++) {
    const set = m.ne(m.and(exponent, bit === 31 ? 2 ** 31 : 1 << bit), 0);
    result = m.select(set, m.mul(result, base), result);
    base = m.mul(base, base);
  }
  return result;
}
