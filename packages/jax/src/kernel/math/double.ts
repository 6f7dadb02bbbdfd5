/**
 * Words for formulas in float64. There is no int64, so bitwise operations and shifts act on the 64 bits of the floats
 * themselves, and an integer n is the float64 MAGIC + n, whose low bits are those of n.
 */
import type { Scalar } from "../scalar";
import type { Lang } from "./lang";

/** Adding it to |x| < 2^51 rounds x to an integer, which is then in the low bits. */
export const MAGIC = 6755399441055744;
/** The exponent of 1, as its bits say it. */
export const ONE = 1023;

/** ln 2 in two parts; n * LN2_HI is exact for |n| < 2^11. */
export const LN2_HI = 0.6931471805598903;
export const LN2_LO = 5.497923018708371e-14;

/** 2^(n - ONE) from MAGIC + n, 0 < n < 2047. */
export const powerOfTwo = (m: Lang, shifted: Scalar): Scalar => m.shl(shifted, 52);

/** The leading 26 bits of the mantissa: products of two such are exact. */
export const truncatedDouble = (m: Lang, x: Scalar): Scalar => m.shl(m.ushr(x, 27), 27);
