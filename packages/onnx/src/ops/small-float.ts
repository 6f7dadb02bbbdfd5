/** Floats of 8 and 4 bits, which are held as float32: rounding to the values that they have. */
import { lax, numpy as np } from "@jax-js/jax";
import { type ElemType } from "../elem-type";
import { OnnxParseError } from "../errors";
import { smallFloat } from "../proto/number-formats";
import { type NdArray } from "../value";

/** Where float8e8m0 goes from values between two powers of two. */
export type RoundMode = "up" | "down" | "nearest";

export function roundMode(name: string): RoundMode {
  if (name === "up" || name === "down" || name === "nearest") return name;
  throw new OnnxParseError(`round_mode must be up, down or nearest, got "${name}"`);
}

/** float32 rounded to the nearest value of the type, ties to even. `saturate` clamps to the largest. */
export function roundToSmallFloat(x: NdArray, type: ElemType, saturate: boolean, mode: RoundMode = "up"): NdArray {
  const format = smallFloat(type);
  if (!format) return powerOfTwo(x, saturate, mode);
  const { mantissa, bias, special, largest } = format;
  // Normal values: the mantissa is rounded in the bits of the float32.
  const bits = lax.bitcastConvertType(x, "int32");
  const drop = 23 - mantissa;
  const odd = np.bitwiseAnd(np.rightShift(bits, drop), 1);
  const sum = bits.add(2 ** (drop - 1) - 1).add(odd);
  const normal = lax.bitcastConvertType(np.leftShift(np.rightShift(sum, drop), drop), "float32");
  const step = 2 ** (1 - bias - mantissa);
  const tiny = np.less(np.abs(x), 2 ** (1 - bias));
  const rounded = np.where(tiny, np.rint(x.div(step)).mul(step), normal);
  const beyond = np.greater(np.abs(rounded), largest);
  const bound = np.sign(x).mul(largest);
  const infinite = special === "ieee" ? np.sign(x).mul(Infinity) : np.fullLike(x, NaN);
  const finite = np.where(beyond, saturate || special === "none" ? bound : infinite, rounded);
  const kept =
    saturate && special !== "none" ? finite : np.where(np.isinf(x), special === "none" ? bound : infinite, finite);
  // Four bits have no NaN: it becomes a zero.
  return np.where(np.isnan(x), special === "none" ? 0 : x, kept);
}

/** What is added to the bits of a float32 before its mantissa is cut off. */
const carry: Readonly<Record<RoundMode, number>> = { up: 2 ** 23 - 1, nearest: 2 ** 22, down: 0 };

/** float8e8m0 is an exponent alone: a power of two, from 2^-127 to 2^127. What it cannot hold is NaN. */
function powerOfTwo(x: NdArray, saturate: boolean, mode: RoundMode): NdArray {
  const bits = lax.bitcastConvertType(np.abs(x), "int32"); // abs: negative values are left open by ONNX
  const highest = 254 << 23;
  const infinite = np.greaterEqual(bits, 255 << 23);
  const rounded = np.bitwiseAnd(np.minimum(bits, highest + 2 ** 23 - 1).add(carry[mode]), 255 << 23);
  const held = saturate ? np.minimum(rounded, highest) : rounded;
  const beyond = np.logicalOr(np.isnan(x), saturate ? false : np.logicalOr(infinite, np.greater(rounded, highest)));
  const subnormal = 2 ** 22; // the bits of 2^-127
  return np.where(beyond, NaN, lax.bitcastConvertType(np.where(np.equal(held, 0), subnormal, held), "float32"));
}
