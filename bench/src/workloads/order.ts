/** Sorting, running sums, and rows by index. */
import { integers } from "../random";
import { tensor, workload } from "../workload";

const M = 1 << 20;
const EXACT = { rtol: 0, atol: 0 };

export const order = [
  workload("sort", "sort_1M", {
    task: { kind: "sort" },
    inputs: () => ({ x: tensor([M], 22) }),
    size: M,
    reference: ({ x }, at) => {
      const sorted = Float32Array.from(x!.data).sort();
      return at.map((i) => sorted[i]!);
    },
    ...EXACT,
    reads: 4 * M,
    writes: 4 * M,
  }),
  workload("sort", "cumsum_1M", {
    task: { kind: "cumsum" },
    inputs: () => ({ x: tensor([M], 23) }),
    size: M,
    reference: ({ x }, at) => {
      const sums = new Float64Array(M);
      let sum = 0;
      x!.data.forEach((value: number, i: number) => (sums[i] = sum += value));
      return at.map((i) => sums[i]!);
    },
    atol: 0.2,
    reads: 4 * M,
    writes: 4 * M,
  }),
  workload("sort", "gather_32000x256_2048", {
    task: { kind: "gather" },
    inputs: () => ({
      table: tensor([32000, 256], 24),
      ids: { shape: [2048], data: integers(2048, 25, 32000) },
    }),
    size: 2048 * 256,
    reference: ({ table, ids }, at) => at.map((i) => table!.data[ids!.data[i >> 8]! * 256 + (i & 255)]!),
    ...EXACT,
    reads: 4 * 2048 * 256,
    writes: 4 * 2048 * 256,
  }),
];
