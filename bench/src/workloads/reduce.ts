/** Reductions, and functions over the rows of a matrix. */
import { layerNorm, softmax } from "../float64";
import { tensor, workload } from "../workload";

const N = 1024;
const [SHORT_ROWS, SHORT] = [100_000, 4];

export const reduce = [
  workload("reduce", "sum_4M", {
    task: { kind: "sum" },
    inputs: () => ({ x: tensor([1 << 22], 16) }),
    size: 1,
    reference: ({ x }) => {
      let sum = 0;
      for (const value of x!.data) sum += value;
      return [sum];
    },
    atol: 0.5,
    reads: 4 * (1 << 22),
  }),
  workload("reduce", "sum_rows_100000x4", {
    task: { kind: "rowSums" },
    inputs: () => ({ x: tensor([SHORT_ROWS, SHORT], 55) }),
    size: SHORT_ROWS,
    reference: ({ x }, at) =>
      at.map((r) => Array.from(x!.data.subarray(r * SHORT, (r + 1) * SHORT)).reduce((a, b) => a + b)),
    reads: 4 * SHORT_ROWS * SHORT,
    writes: 4 * SHORT_ROWS,
  }),
  workload("reduce", "softmax_1024", {
    task: { kind: "softmax" },
    inputs: () => ({ x: tensor([N, N], 17, 4) }),
    size: N * N,
    reference: ({ x }, at) => {
      const y = softmax(x!.data, N, N);
      return at.map((i) => y[i]!);
    },
    atol: 1e-7,
    flops: 25 * N * N, // an exponential, and the rest
    reads: 4 * N * N,
    writes: 4 * N * N,
  }),
  workload("reduce", "layernorm_1024", {
    task: { kind: "layernorm" },
    inputs: () => ({ x: tensor([N, N], 18, 4), gain: tensor([N], 19), bias: tensor([N], 20) }),
    size: N * N,
    reference: ({ x, gain, bias }, at) => {
      const y = layerNorm(x!.data, gain!.data, bias!.data, N, N);
      return at.map((i) => y[i]!);
    },
    flops: 8 * N * N, // one for the mean, three for the variance, four for the result
    reads: 4 * N * N,
    writes: 4 * N * N,
  }),
  workload("reduce", "argmax_1024", {
    task: { kind: "argmax" },
    inputs: () => ({ x: tensor([N, N], 21) }),
    size: N,
    reference: ({ x }, at) =>
      at.map((r) => {
        const row = Array.from(x!.data.subarray(r * N, (r + 1) * N));
        return row.indexOf(Math.max(...row));
      }),
    rtol: 0,
    atol: 0,
    reads: 4 * N * N,
  }),
];
