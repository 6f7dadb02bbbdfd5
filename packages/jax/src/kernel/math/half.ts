/** float16 and bfloat16 as their bits, by integer operations and one multiplication. Rounding is to nearest even. */
import type { DType } from "../../aval/dtype";
import type { Scalar } from "../scalar";
import type { Lang } from "./lang";

export const isHalf = (dtype: DType): dtype is "float16" | "bfloat16" => dtype === "float16" || dtype === "bfloat16";

/** float32 value of 16 bits (an integer scalar below 2^16). */
export function fromHalfBits(m: Lang, bits: Scalar, dtype: "float16" | "bfloat16"): Scalar {
  const u = m.cast(bits, "int32");
  if (dtype === "bfloat16") return m.float(m.shl(u, 16));
  const magnitude = m.and(u, 0x7fff);
  const sign = m.shl(m.and(u, 0x8000), 16);
  const shifted = m.shl(magnitude, 13);
  // 2^112 moves the exponent's bias, for denormals too.
  const finite = m.bits(m.mul(m.float(shifted), 2 ** 112));
  const special = m.or(shifted, 0x7f800000);
  return m.float(m.or(m.select(m.lt(magnitude, 0x7c00), finite, special), sign));
}

/** The 16 bits (int32, below 2^16) of the nearest half-precision value of a float32. */
export function toHalfBits(m: Lang, x: Scalar, dtype: "float16" | "bfloat16"): Scalar {
  const u = m.bits(x);
  const magnitude = m.and(u, 0x7fffffff);
  const isNaN = m.gt(magnitude, 0x7f800000);
  if (dtype === "bfloat16") {
    const rounded = m.add(m.add(u, 0x7fff), m.and(m.ushr(u, 16), 1));
    return m.select(isNaN, 0x7fc0, m.ushr(rounded, 16));
  }
  // 2^15 times the power of two below x, of 2^-14 at least, has its last bit where 4 x of a float16 has it. The sum keeps
  // the leading 1 of x, which adds to the exponent: so 2^16, which stands for all beyond, becomes infinite.
  const finite = m.min(magnitude, 0x47800000);
  const power = m.add(m.max(m.and(finite, 0x7f800000), (127 - 14) << 23), 15 << 23);
  const sum = m.bits(m.add(m.float(power), m.mul(m.float(finite), 4)));
  const rounded = m.add(m.and(m.ushr(sum, 13), 0x7c00), m.and(sum, 0xfff));
  return m.or(m.select(isNaN, 0x7e00, rounded), m.and(m.ushr(u, 16), 0x8000));
}

/** The nearest half-precision value, as a float32. */
export function roundToHalf(m: Lang, x: Scalar, dtype: "float16" | "bfloat16"): Scalar {
  return fromHalfBits(m, toHalfBits(m, x, dtype), dtype);
}
