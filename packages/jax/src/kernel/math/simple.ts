/** Operations of a line or two. */
import { isFloat, isUnsigned } from "../../aval/dtype";
import type { Scalar } from "../scalar";
import type { Lang } from "./lang";

/** -1, 0 or 1; of floats 0, -0 and NaN stay. */
export function sign(m: Lang, x: Scalar): Scalar {
  const { dtype } = x;
  if (isUnsigned(dtype) || dtype === "bool") return m.cast(m.ne(x, 0), dtype);
  if (!isFloat(dtype)) return m.select(m.lt(x, 0), -1, m.cast(m.gt(x, 0), dtype));
  return m.select(m.gt(x, 0), 1, m.select(m.lt(x, 0), m.c(-1), x));
}

export const rsqrt = (m: Lang, x: Scalar): Scalar => m.div(1, m.sqrt(x));

export const isFinite = (m: Lang, x: Scalar): Scalar => m.lt(m.abs(x), Infinity);

/** Number of ones: sums of neighbours, in fields of 2, 4, 8 bits. */
export function popcount(m: Lang, x: Scalar): Scalar {
  const pairs = m.sub(x, m.and(m.ushr(x, 1), 0x55555555));
  const nibbles = m.add(m.and(pairs, 0x33333333), m.and(m.ushr(pairs, 2), 0x33333333));
  const bytes = m.and(m.add(nibbles, m.ushr(nibbles, 4)), 0x0f0f0f0f);
  return m.ushr(m.mul(bytes, 0x01010101), 24);
}

/** Number of leading zeros: all bits below the highest one are set, then counted. */
export function clz(m: Lang, x: Scalar): Scalar {
  let filled = x;
  for (const by of [1, 2, 4, 8, 16]) filled = m.or(filled, m.ushr(filled, by));
  return m.op("popcount", x.dtype, m.not(filled));
}

/** The next value after x in the direction of y; float32. */
export function nextafter(m: Lang, x: Scalar, y: Scalar): Scalar {
  const bits = m.bits(x);
  const towardsZero = m.xor(m.lt(y, x), m.lt(x, 0));
  const step = m.float(m.add(bits, m.select(towardsZero, m.i(-1), 1)));
  const smallest = m.float(m.or(m.and(m.bits(y), -0x80000000), 1));
  const moved = m.select(m.eq(x, 0), smallest, step);
  const isNaN = m.or(m.ne(x, x), m.ne(y, y));
  return m.select(isNaN, NaN, m.select(m.eq(x, y), y, moved));
}

/**
 * Remainder with the sign of x. In float64 the quotient of float32 numbers is exact enough below 2^28; above, the
 * float64 remainder of the target does it.
 */
export function rem(m: Lang, x: Scalar, y: Scalar): Scalar {
  const [a, b] = [m.cast(x, "float64"), m.cast(y, "float64")];
  const q = m.trunc(m.div(a, b));
  const fast = m.and(m.lt(m.abs(q), 2 ** 28), m.lt(m.abs(y), Infinity));
  const slow = m.cast(m.op("rem", "float64", a, b), "float32");
  const r = m.cast(m.sub(a, m.mul(q, b)), "float32");
  return m.rarely(m.not(fast), slow, m.withSign(r, x));
}
