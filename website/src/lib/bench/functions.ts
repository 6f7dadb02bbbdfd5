/** The workloads as functions of arrays, for this library. */
import { type Array, lax, nn, numpy as np } from "@jax-js/jax";
import type { WorkloadName } from "./workload";

type Computation = (...inputs: Array[]) => Array;

export const FUNCTIONS: Readonly<Record<WorkloadName, Computation>> = {
  matmul: (a, b) => np.matmul(a!, b!),
  matvec: (x, w) => np.matmul(x!, w!),
  conv2d: (x, w) => lax.convGeneralDilated(x!, w!, [1, 1], "SAME"),
  attention: (...heads) => {
    const [q, k, v] = heads.map((x) => np.swapaxes(x, 0, 1)) as [Array, Array, Array]; // [length, heads, size]
    return np.swapaxes(nn.dotProductAttention(q, k, v), 0, 1);
  },
};

/** The same in few operations, to be written as an ONNX model. */
export const PLAIN_FUNCTIONS: Readonly<Record<WorkloadName, Computation>> = {
  ...FUNCTIONS,
  attention: (q, k, v) => {
    const scores = np.matmul(q!, np.swapaxes(k!, 1, 2)).mul(1 / Math.sqrt(q!.shape[2]!)); // [heads, length, length]
    return np.matmul(nn.softmax(scores), v!);
  },
};
