/** Activations of com.microsoft, and sums that end in one. */
import { nn, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../../graph/node-context";
import { type NdArray } from "../../value";
import { hardSigmoid, leakyRelu, swish } from "../activation";
import { type OperatorTable } from "../operator";

const plusBias = (n: NodeContext): NdArray => (n.has(1) ? n.x(0).add(n.x(1)) : n.x(0));

/** The right half, activated, times the left half. */
function biasSplitGelu(n: NodeContext): NdArray {
  const [left, right] = np.split(plusBias(n), 2, -1) as [NdArray, NdArray];
  return left.mul(nn.gelu(right, false));
}

/** An activation by name with up to three numbers, as fused nodes carry it. */
export function fused(n: NodeContext, x: NdArray): NdArray {
  const name = n.attributes.string("activation", "");
  const list = n.attributes.floats("activation_params");
  const number = (i: number, key: string, otherwise: number): number =>
    list?.[i] ?? n.attributes.float(`activation_${key}`, otherwise);
  switch (name) {
    case "":
      return x;
    case "Relu":
      return np.maximum(x, 0);
    case "Tanh":
      return np.tanh(x);
    case "Sigmoid":
      return nn.sigmoid(x);
    case "LeakyRelu":
      return leakyRelu(x, number(0, "alpha", 0.01));
    case "Clip":
      return np.clip(x, number(0, "alpha", -Infinity), number(1, "beta", Infinity));
    case "HardSigmoid":
      return hardSigmoid(x, number(0, "alpha", 0.2), number(1, "beta", 0.5));
    default:
      return n.fail(`the activation "${name}" is not known`);
  }
}

export const contribActivation: OperatorTable = {
  BiasAdd: (n) => n.x(0).add(n.x(1)).add(n.x(2)),
  BiasGelu: (n) => nn.gelu(plusBias(n), false),
  BiasSplitGelu: biasSplitGelu,
  FastGelu: (n) => nn.gelu(plusBias(n), true),
  Gelu: (n) => nn.gelu(n.x(0), false),
  GemmFastGelu: (n) => {
    const product = np.matmul(n.x(0), n.x(1));
    return nn.gelu(n.has(2) ? product.add(n.x(2)) : product, true);
  },
  QuickGelu: (n) => swish(n.x(0), n.attributes.float("alpha", 1.702)),
};
