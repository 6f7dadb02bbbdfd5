/** Quantized values: small integers (or floats of 8 bits) with a scale and a zero point. */
import { lax, numpy as np } from "@jax-js/jax";
import { type ElemType, UINT8, deviceDType, integerRange, isFloatType } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, type Value } from "../value";
import { convolve, perChannel } from "./conv";
import { minusZeroPoint } from "./linear";
import { type OperatorTable } from "./operator";
import { roundToSmallFloat } from "./small-float";

/** A scale for each element: one for all, one per place of an axis, or one per block along it. */
export function spread(n: NodeContext, scale: NdArray, shape: readonly number[], block: number): NdArray {
  if (scale.size === 1 && scale.ndim <= 1) return scale.reshape([]);
  const axis = n.axis(n.attributes.int("axis", 1), Math.max(shape.length, 1));
  if (scale.ndim === 1 && shape.length !== 1) return scale.reshape(shape.map((_, i) => (i === axis ? scale.size : 1)));
  if (scale.shape.join() === shape.join()) return scale;
  const size = block || Math.ceil(shape[axis]! / scale.shape[axis]!);
  n.allow([scale.size, size]);
  return lax.sliceInDim(np.repeat(scale, size, axis), 0, shape[axis]!, 1, axis);
}

/** Rounded to even, moved by the zero point and clamped to the type. */
export function saturated(x: NdArray, zero: NdArray | null, type: ElemType): NdArray {
  const [low, high] = integerRange(type);
  const whole = np.rint(x);
  const moved = zero ? whole.add(zero.astype(whole.dtype)) : whole;
  return lax.convertElementType(lax.convertElementType(np.clip(moved, low, high), "int32"), deviceDType(type));
}

function quantizeLinear(n: NodeContext): Value {
  const x = n.x(0);
  const block = n.attributes.int("block_size", 0);
  const scale = spread(n, n.x(1), x.shape, block);
  const precision = n.attributes.int("precision", 0);
  const dtype = precision ? deviceDType(precision) : scale.dtype === "float16" || scale.dtype === "bfloat16" ? scale.dtype : "float32"; // prettier-ignore
  const ratio = x.astype(dtype).div(scale.astype(dtype));
  const type = n.attributes.int("output_dtype", 0) || (n.has(2) ? n.type(2) : UINT8);
  if (isFloatType(type))
    return n.as(roundToSmallFloat(ratio.astype("float32"), type, n.attributes.flag("saturate", true)), type);
  const zero = n.has(2) ? spread(n, n.x(2), x.shape, block) : null;
  const rounded = ratio.astype("float32");
  return n.as(saturated(rounded, zero, type), type);
}

function dequantizeLinear(n: NodeContext): Value {
  const block = n.attributes.int("block_size", 0);
  const shape = n.shape(0);
  const scale = spread(n, n.x(1), shape, block);
  const type = n.attributes.int("output_dtype", 0) || n.type(1);
  const dtype = deviceDType(type);
  const wide = isFloatType(n.type(0)) ? n.x(0) : n.x(0).astype("int32");
  const moved = n.has(2) ? wide.sub(spread(n, n.x(2), shape, block).astype(wide.dtype)) : wide;
  return n.as(moved.astype(dtype).mul(scale.astype(dtype)), type);
}

/** Scale and zero point of the tensor's own range, which is made to hold zero. */
function dynamicQuantizeLinear(n: NodeContext): (NdArray | Value)[] {
  const x = n.x(0);
  const low = np.minimum(np.min(x), 0);
  const high = np.maximum(np.max(x), 0);
  const span = high.sub(low);
  const scale = np.where(np.equal(span, 0), np.onesLike(span), span.div(255));
  const zero = np.clip(np.rint(low.div(scale).neg()), 0, 255);
  return [n.as(saturated(x.div(scale), zero, UINT8), UINT8), scale, n.as(zero.astype("int32"), UINT8)];
}

/** Integer products scaled to the output's type. */
function requantized(n: NodeContext, product: NdArray, ratio: NdArray, zero: number): Value {
  const type = n.has(zero) ? n.type(zero) : n.type(0);
  const scaled = product.astype("float32").mul(ratio);
  return n.as(saturated(scaled, n.has(zero) ? n.x(zero).reshape([]) : null, type), type);
}

const scalarOr = (x: NdArray, otherwise: (x: NdArray) => NdArray): NdArray =>
  x.size === 1 ? x.reshape([]) : otherwise(x);

function qLinearMatMul(n: NodeContext): Value {
  const product = np.matmul(minusZeroPoint(n.x(0), n.x(2), -2), minusZeroPoint(n.x(3), n.x(5), -1));
  const rows = scalarOr(n.x(1).astype("float32"), (s) => (s.ndim === 1 ? np.expandDims(s, -1) : s));
  const columns = scalarOr(n.x(4).astype("float32"), (s) => s);
  return requantized(n, product, rows.mul(columns).div(n.x(6).astype("float32").reshape([])), 7);
}

function qLinearConv(n: NodeContext): Value {
  const x = minusZeroPoint(n.x(0), n.x(2).reshape([]), -1);
  const wZero = scalarOr(n.x(5), (z) => z.reshape([-1, ...n.shape(3).slice(1).map(() => 1)])); // prettier-ignore
  const product = convolve(n, x, minusZeroPoint(n.x(3), wZero, -1));
  const sum = n.has(8) ? product.add(perChannel(n.x(8).astype("int32"), product.ndim)) : product;
  const wScale = scalarOr(n.x(4), (s) => perChannel(s, product.ndim));
  return requantized(n, sum, n.x(1).reshape([]).mul(wScale).div(n.x(6).reshape([])), 7);
}

export const quantization: OperatorTable = {
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  QLinearConv: qLinearConv,
  QLinearMatMul: qLinearMatMul,
  QuantizeLinear: quantizeLinear,
};
