/** Quantized operators of com.microsoft: dequantize, compute, quantize. */
import { nn, numpy as np } from "@jax-js/jax";
import { type ElemType, INT32, UINT8 } from "../../elem-type";
import { type NodeContext } from "../../graph/node-context";
import { type NdArray, type Value } from "../../value";
import { leakyRelu } from "../activation";
import { minusZeroPoint } from "../linear";
import { type OperatorTable } from "../operator";
import { averagePool } from "../pool";
import { quantization, saturated } from "../quant";
import { selfAttention } from "./attention";

/** The numbers behind inputs `i` (values), `i + 1` (scale) and `i + 2` (zero point). */
function real(n: NodeContext, i: number): NdArray {
  const whole = n.x(i).astype("int32");
  const moved = n.has(i + 2) ? whole.sub(n.x(i + 2).astype("int32").reshape([])) : whole; // prettier-ignore
  return moved.astype("float32").mul(n.x(i + 1).reshape([]));
}

/** Rounded to the scale and zero point in inputs `i` and `i + 1`. */
function quantized(n: NodeContext, x: NdArray, i: number, type: ElemType = n.type(0)): Value {
  const zero = n.has(i + 1) ? n.x(i + 1).reshape([]) : null;
  return n.as(saturated(x.div(n.x(i).reshape([])), zero, n.has(i + 1) ? n.type(i + 1) : type), type);
}

const unary =
  (f: (x: NdArray, n: NodeContext) => NdArray) =>
  (n: NodeContext): Value =>
    quantized(n, f(real(n, 0), n), 3);

const binary =
  (f: (a: NdArray, b: NdArray) => NdArray) =>
  (n: NodeContext): Value =>
    quantized(n, f(real(n, 0), real(n, 3)), 6);

/** Channels first while `f` works. */
function channelsFirst(n: NodeContext, x: NdArray, f: (x: NdArray) => NdArray): NdArray {
  return n.attributes.flag("channels_last") ? np.moveaxis(f(np.moveaxis(x, -1, 1)), 1, -1) : f(x);
}

function concat(n: NodeContext): Value {
  const count = (n.inputs.length - 2) / 3;
  const parts = Array.from({ length: count }, (_, i) => real(n, 2 + 3 * i));
  return quantized(n, np.concatenate(parts, n.axis(n.attributes.int("axis", 0), n.rank(2))), 0, n.type(1));
}

function softmax(n: NodeContext): Value {
  const x = real(n, 0);
  const axis = n.axis(n.attributes.int("axis", -1));
  const axes = n.attributes.int("opset", 13) >= 13 ? [axis] : x.shape.map((_, i) => i).slice(axis);
  return quantized(n, nn.softmax(x, axes), 3);
}

/** Integer product scaled to floats; `bias` is added at the end. */
function scaledProduct(a: NdArray, b: NdArray, scale: NdArray, bias: NdArray | undefined): NdArray {
  const product = np.matmul(a, b).astype("float32").mul(scale);
  return bias ? product.add(bias) : product;
}

function matMulIntegerToFloat(n: NodeContext): NdArray {
  const a = minusZeroPoint(n.x(0), n.optional(4), -2);
  const b = minusZeroPoint(n.x(1), n.optional(5), -1);
  return scaledProduct(a, b, n.x(2).mul(n.x(3)), n.optional(6));
}

/** The first operand is quantized to its own range first. */
function dynamicQuantizeMatMul(n: NodeContext): NdArray {
  const x = n.x(0);
  const low = np.minimum(np.min(x), 0);
  const scale = np.maximum(np.max(x), 0).sub(low).div(255);
  const zero = np.clip(np.rint(low.div(scale).neg()), 0, 255).astype("int32");
  const a = saturated(x.div(scale), zero, UINT8).astype("int32").sub(zero);
  return scaledProduct(a, minusZeroPoint(n.x(1), n.optional(3), -1), scale.mul(n.x(2)), n.optional(4));
}

function qGemm(n: NodeContext): NdArray | Value {
  const turned = (x: NdArray, name: string): NdArray => (n.attributes.flag(name) ? np.matrixTranspose(x) : x);
  const a = turned(minusZeroPoint(n.x(0), n.optional(2), -2), "transA");
  const zero = n.optional(5);
  const raw = n.x(3);
  const b =
    n.attributes.flag("transB") && zero && zero.size > 1
      ? turned(raw.astype("int32").sub(np.expandDims(zero.astype("int32"), -1)), "transB")
      : turned(minusZeroPoint(raw, zero, -1), "transB");
  const product = np.matmul(a, b);
  const sum = n.has(6) ? product.add(n.x(6)) : product;
  const out = sum.astype("float32").mul(n.x(1).mul(n.x(4)).mul(n.attributes.float("alpha", 1)));
  if (!n.has(7)) return out;
  return quantized(n, out, 7, n.type(8));
}

function qAttention(n: NodeContext): (NdArray | null)[] {
  const a = minusZeroPoint(n.x(0), n.optional(6)?.reshape([]), -1);
  const b = minusZeroPoint(n.x(1), n.optional(7), -1);
  const packed = scaledProduct(a, b, n.x(3).reshape([]).mul(n.x(4)), n.x(2));
  return selfAttention(n, packed, { mask: 5, past: 8, bias: 99 });
}

function mulInteger(n: NodeContext): Value {
  const [a, b] = [minusZeroPoint(n.x(0), n.optional(1), -1), minusZeroPoint(n.x(2), n.optional(3), -1)];
  return n.as(a.mul(b), INT32);
}

function reduceAxes(n: NodeContext): [number[], { keepdims: boolean }] {
  const axes = (n.attributes.ints("axes") ?? n.shape(0).map((_, i) => i)).map((a) => n.axis(a));
  return [axes, { keepdims: n.attributes.flag("keepdims", true) }];
}

/** Where condition, then x and y with their scales and zero points. */
function qLinearWhere(n: NodeContext): Value {
  const out = np.where(n.x(0), real(n, 1), real(n, 4));
  return quantized(n, out, 7, n.type(1));
}

export const contribQuantization: OperatorTable = {
  DequantizeLinear: quantization.DequantizeLinear!,
  DynamicQuantizeMatMul: dynamicQuantizeMatMul,
  MatMulIntegerToFloat: matMulIntegerToFloat,
  MulInteger: mulInteger,
  QAttention: qAttention,
  QGemm: qGemm,
  QLinearAdd: binary(np.add),
  QLinearAveragePool: unary((x, n) => channelsFirst(n, x, (y) => averagePool(n, y))),
  QLinearConcat: concat,
  QLinearConv: quantization.QLinearConv!,
  QLinearGlobalAveragePool: unary(
    (x, n) =>
    channelsFirst(n, x, (y) => np.mean(y, y.shape.slice(2).map((_, i) => i + 2), { keepdims: true })), // prettier-ignore
  ),
  QLinearLeakyRelu: unary((x, n) => leakyRelu(x, n.attributes.float("alpha", 0.01))),
  QLinearMul: binary(np.multiply),
  QLinearReduceMean: unary((x, n) => np.mean(x, ...reduceAxes(n))),
  QLinearSigmoid: unary((x) => nn.sigmoid(x)),
  QLinearSoftmax: softmax,
  QLinearWhere: qLinearWhere,
  QuantizeLinear: quantization.QuantizeLinear!,
  ReduceSumInteger: (n) => n.as(np.sum(n.x(0).astype("int32"), ...reduceAxes(n)), INT32),
};
