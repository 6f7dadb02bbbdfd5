/** Floats of 8 and 4 bits, which are held as float32: rounding to the values that they have. */
import { lax, numpy as np } from "@jax-js/jax";
import { type ElemType } from "../elem-type";
import { smallFloat } from "../proto/number-formats";
import { type NdArray } from "../value";

/** float32 rounded to the nearest value of the type, ties to even. `saturate` clamps to the largest. */
export function roundToSmallFloat(x: NdArray, type: ElemType, saturate: boolean): NdArray {
  const format = smallFloat(type);
  if (!format) return powerOfTwo(x);
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
  return np.where(np.isnan(x), x, kept);
}

/** float8e8m0 is an exponent alone: the nearest power of two. */
function powerOfTwo(x: NdArray): NdArray {
  return np.where(np.isnan(x), x, np.exp2(np.clip(np.rint(np.log2(np.abs(x))), -127, 127)));
}
