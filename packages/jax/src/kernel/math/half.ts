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
  const sign = m.and(m.ushr(u, 16), 0x8000);
  // Adding 0.5 puts the last bit of a denormal float16, 2^-24, into the last bit of the float32.
  const denormal = m.sub(m.bits(m.add(m.float(magnitude), 0.5)), 0x3f000000);
  const odd = m.and(m.ushr(magnitude, 13), 1);
  const normal = m.ushr(m.add(m.add(magnitude, ((15 - 127) << 23) + 0xfff), odd), 13);
  const finite = m.select(m.lt(magnitude, 0x38800000), denormal, normal);
  const special = m.select(isNaN, m.i(0x7e00), 0x7c00);
  return m.or(m.select(m.lt(magnitude, 0x47800000), finite, special), sign);
}

/** The nearest half-precision value, as a float32. */
export function roundToHalf(m: Lang, x: Scalar, dtype: "float16" | "bfloat16"): Scalar {
  return fromHalfBits(m, toHalfBits(m, x, dtype), dtype);
}
