/** Elementwise functions of 4 Mi elements. An exponential counts as 20 operations. */
import { sigmoid } from "../float64";
import { tensor, workload } from "../workload";

const N = 1 << 22;

export const elementwise = [
  workload("elementwise", "chain_4M", {
    task: { kind: "chain" },
    inputs: () => ({ x: tensor([N], 11, 2), y: tensor([N], 12), z: tensor([N], 13) }),
    size: N,
    reference: ({ x, y, z }, at) =>
      at.map((i) => Math.tanh(x!.data[i]! * y!.data[i]! + z!.data[i]!) * sigmoid(x!.data[i]!)),
    flops: 60 * N, // two exponentials, two quotients, and the rest
    reads: 4 * 3 * N,
    writes: 4 * N,
  }),
  workload("elementwise", "exp_4M", {
    task: { kind: "exp" },
    inputs: () => ({ x: tensor([N], 14, 4) }),
    size: N,
    reference: ({ x }, at) => at.map((i) => Math.exp(x!.data[i]!)),
    flops: 20 * N,
    reads: 4 * N,
    writes: 4 * N,
  }),
  workload("elementwise", "add_4M", {
    task: { kind: "add" },
    inputs: () => ({ x: tensor([N], 14, 4), y: tensor([N], 15) }),
    size: N,
    reference: ({ x, y }, at) => at.map((i) => x!.data[i]! + y!.data[i]!),
    reads: 4 * 2 * N,
    writes: 4 * N,
  }),
];
