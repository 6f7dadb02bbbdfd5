/** Logarithms in float32: x = 2^k m with m in [sqrt(1/2), sqrt(2)), and a minimax fit of log m. */
import type { Scalar } from "../scalar";
import { LN2_HI, LN2_LO } from "./exponential";
import type { Lang } from "./lang";

const SQRT_HALF_BITS = 0x3f3504f3;
const LEAST_NORMAL = 1.17549435e-38;
/** (log(1 + f) - f + f^2 / 2) / f^3 */
const Q = [
  0.3333331346511841, -0.25000008940696716, 0.2000211924314499, -0.1666799634695053, 0.14219552278518677,
  -0.1240558922290802, 0.11888162791728973, -0.11675651371479034, 0.0674663856625557,
];

/** k (as float) and m - 1 of a positive normal number. */
export function split(m: Lang, x: Scalar): { k: Scalar; f: Scalar } {
  const bits = m.bits(x);
  const k = m.shr(m.sub(bits, SQRT_HALF_BITS), 23);
  return { k: m.cast(k, "float32"), f: m.sub(m.float(m.sub(bits, m.shl(k, 23))), 1) };
}

/** The same, of denormal numbers too. */
export function splitAny(m: Lang, x: Scalar): { k: Scalar; f: Scalar } {
  const tiny = m.lt(x, LEAST_NORMAL);
  const { k, f } = split(m, m.select(tiny, m.mul(x, 2 ** 23), x));
  return { k: m.sub(k, m.select(tiny, m.c(23), 0)), f };
}

/** log(1 + f) + k ln 2 + extra */
function combine(m: Lang, f: Scalar, k: Scalar, extra: Scalar | null): Scalar {
  const f2 = m.mul(f, f);
  const cubic = m.mul(m.mul(m.poly(f, Q), f), f2);
  let low = m.fma(k, LN2_LO, cubic);
  if (extra !== null) low = m.add(low, extra);
  return m.fma(k, LN2_HI, m.add(f, m.fma(f2, -0.5, low)));
}

/** log at 0, below 0, at infinity and NaN. */
const withSpecials = (m: Lang, x: Scalar, zero: number, y: Scalar): Scalar => {
  const finite = m.select(m.lt(x, Infinity), y, x);
  return m.select(m.gt(x, zero), finite, m.select(m.eq(x, zero), m.c(-Infinity), NaN));
};

export function log(m: Lang, x: Scalar): Scalar {
  const { k, f } = splitAny(m, x);
  return withSpecials(m, x, 0, combine(m, f, k, null));
}

/**
 * log of the rounded 1 + x, and what rounding lost over it. Near 0, where that would be all, the fit is taken at x itself:
 * compilers of shaders may take (1 + x) - 1 for x.
 */
export function log1p(m: Lang, x: Scalar): Scalar {
  const u = m.add(x, 1);
  const { k, f } = split(m, u);
  const near = m.eq(k, 0);
  const lost = m.select(m.lt(x, 1), m.sub(x, m.sub(u, 1)), m.sub(1, m.sub(u, x)));
  const extra = m.select(near, m.c(0), m.div(lost, u));
  const y = withSpecials(m, x, -1, combine(m, m.select(near, x, f), k, extra));
  return m.select(m.lt(m.abs(x), 2 ** -25), x, y);
}

const LOG2E_HI = 1.44287109375; // 12 bits
const LOG2E_LO = 1.4426950408889634 - LOG2E_HI;

/** The float32 with the lower 12 bits of the mantissa cleared: products of two such are exact. */
export const truncated = (m: Lang, x: Scalar): Scalar => m.float(m.and(m.bits(x), -4096));

/** k + log(1 + f) / ln 2, the product with 1 / ln 2 in parts. */
export function log2(m: Lang, x: Scalar): Scalar {
  const { k, f } = splitAny(m, x);
  const f2 = m.mul(f, f);
  const rest = m.fma(f2, -0.5, m.mul(m.mul(m.poly(f, Q), f), f2));
  const hi = truncated(m, m.add(f, rest));
  const lo = m.add(m.sub(f, hi), rest);
  const low = m.fma(m.add(lo, hi), LOG2E_LO, m.mul(lo, LOG2E_HI));
  const top = m.mul(hi, LOG2E_HI);
  // Larger first: k is 0 or at least 1.
  const sum = m.add(k, top);
  const error = m.add(m.sub(k, sum), top);
  return withSpecials(m, x, 0, m.add(sum, m.add(low, error)));
}
