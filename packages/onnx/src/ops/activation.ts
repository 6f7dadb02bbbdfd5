/** Activations, and the softmax family. */
import { lax, nn, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../graph/node-context";
import { type NdArray } from "../value";
import { type OperatorTable } from "./operator";

/** `max(0, min(1, alpha x + beta))`. */
export const hardSigmoid = (x: NdArray, alpha: number, beta: number): NdArray => np.clip(x.mul(alpha).add(beta), 0, 1);

/** `x` where it is positive, else `alpha (exp(x) - 1)`. */
export const elu = (x: NdArray, alpha: number): NdArray =>
  np.where(np.greater(x, 0), x, np.expm1(np.minimum(x, 0)).mul(alpha));

export const leakyRelu = (x: NdArray, alpha: number): NdArray => np.where(np.less(x, 0), x.mul(alpha), x);

export const swish = (x: NdArray, alpha: number): NdArray => x.mul(nn.sigmoid(alpha === 1 ? x : x.mul(alpha)));

/** By name, with the numbers that a node gives in the order of `numbers`. */
const parametric =
  (numbers: readonly (readonly [string, number])[], f: (x: NdArray, ...numbers: number[]) => NdArray) =>
  (n: NodeContext): NdArray =>
    f(n.x(0), ...numbers.map(([name, value]) => n.attributes.float(name, value)));

/** Slopes broadcast to x; before operator set 7 they were one per channel. */
function pRelu(n: NodeContext): NdArray {
  const x = n.x(0);
  let slope = n.x(1);
  if (n.version < 7 && slope.ndim === 1 && x.ndim > 2)
    slope = slope.reshape([slope.size, ...x.shape.slice(2).map(() => 1)]);
  return np.where(np.less(x, 0), x.mul(slope), x);
}

/** Integers are moved as floats and truncated. */
function shrink(x: NdArray, lambd: number, bias: number): NdArray {
  const above = np.where(np.greater(x, lambd), x.sub(bias), np.zerosLike(x));
  return np.where(np.less(x, -lambd), x.add(bias), above).astype(x.dtype);
}

/** The axes of a softmax: before operator set 13 all from `axis` on, with another default. */
function softmaxAxes(n: NodeContext): number[] {
  const rank = n.rank();
  const old = n.version < 13;
  const axis = n.axis(n.attributes.int("axis", old ? 1 : -1));
  return old ? Array.from({ length: rank - axis }, (_, i) => axis + i) : [axis];
}

/** One at the first largest element along the axes, else zero. */
function hardmax(n: NodeContext): NdArray {
  const x = n.x(0);
  const axes = softmaxAxes(n);
  if (x.size === 0) return x;
  const [axis] = axes as [number];
  const flat = axes.length === 1 ? x : x.reshape([...x.shape.slice(0, axis), -1]);
  const at = np.argmax(flat, axis, { keepdims: true });
  return np
    .equal(lax.broadcastedIota("int32", flat.shape, axis), at)
    .astype(x.dtype)
    .reshape(x.shape);
}

export const activation: OperatorTable = {
  Celu: parametric([["alpha", 1]], (x, alpha) =>
    np.maximum(x, 0).add(np.minimum(np.expm1(np.minimum(x, 0).div(alpha)).mul(alpha), 0)),
  ),
  Elu: parametric([["alpha", 1]], elu),
  Gelu: (n) => nn.gelu(n.x(0), n.attributes.string("approximate", "none") === "tanh"),
  HardSigmoid: parametric([["alpha", 0.2], ["beta", 0.5]], hardSigmoid), // prettier-ignore
  HardSwish: (n) => n.x(0).mul(hardSigmoid(n.x(0), 1 / 6, 0.5)),
  Hardmax: hardmax,
  LeakyRelu: parametric([["alpha", 0.01]], leakyRelu),
  LogSoftmax: (n) => nn.logSoftmax(n.x(0), softmaxAxes(n)),
  Mish: (n) => n.x(0).mul(np.tanh(nn.softplus(n.x(0)))),
  PRelu: pRelu,
  Relu: (n) => np.maximum(n.x(0), 0),
  Selu: parametric([["alpha", 1.67326319217681884765625], ["gamma", 1.05070102214813232421875]], (x, alpha, gamma) =>
    elu(x, alpha).mul(gamma),
  ), // prettier-ignore
  Shrink: parametric([["lambd", 0.5], ["bias", 0]], shrink), // prettier-ignore
  Softmax: (n) => nn.softmax(n.x(0), softmaxAxes(n)),
  Softplus: (n) => nn.softplus(n.x(0)),
  Softsign: (n) => nn.softSign(n.x(0)),
  SwiGLU: (n) => swish(n.x(0), n.attributes.float("alpha", 1)).mul(n.x(1)),
  Swish: parametric([["alpha", 1]], swish),
  ThresholdedRelu: parametric([["alpha", 1]], (x, alpha) => np.where(np.greater(x, alpha), x, np.zerosLike(x))),
};
