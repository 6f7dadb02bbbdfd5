/** Products of matrices. */
import { type Inputs, tensor, workload } from "../workload";

/** Value `at` of a [batch, m, k] times b [batch, k, n]. */
function product(m: number, k: number, n: number) {
  return ({ a, b }: Inputs, at: readonly number[]): number[] =>
    at.map((place) => {
      const batch = Math.floor(place / (m * n));
      const row = Math.floor(place / n) % m;
      const column = place % n;
      let sum = 0;
      for (let p = 0; p < k; p++) {
        sum += a!.data[(batch * m + row) * k + p]! * b!.data[(batch * k + p) * n + column]!;
      }
      return sum;
    });
}

const square = (n: number, suite = "matmul") =>
  workload(suite, `matmul_${n}`, {
    task: { kind: "matmul", constantB: true },
    inputs: () => ({ a: tensor([n, n], 1), b: tensor([n, n], 2) }),
    size: n * n,
    reference: product(n, n, n),
    atol: 2e-3,
    flops: 2 * n ** 3,
    reads: 4 * 2 * n * n,
    writes: 4 * n * n,
  });

export const matmul = [
  ...[256, 512, 1024, 2048].map((n) => square(n)),
  workload("matmul", "matvec_4096", {
    task: { kind: "matmul", constantB: true },
    inputs: () => ({ a: tensor([1, 4096], 3), b: tensor([4096, 4096], 4) }),
    size: 4096,
    reference: product(1, 4096, 4096),
    atol: 4e-3,
    flops: 2 * 4096 ** 2,
    reads: 4 * 4096 ** 2,
  }),
  workload("matmul", "matmul_1000x10x1000", {
    task: { kind: "matmul", constantB: true },
    inputs: () => ({ a: tensor([1000, 10], 56), b: tensor([10, 1000], 57) }),
    size: 1000 * 1000,
    reference: product(1000, 10, 1000),
    flops: 2 * 1000 * 10 * 1000,
    reads: 4 * 2 * 10 * 1000,
    writes: 4 * 1000 * 1000,
  }),
  workload("matmul", "bmm_attn_12x256x64", {
    task: { kind: "matmul", constantB: false },
    inputs: () => ({ a: tensor([12, 256, 64], 5), b: tensor([12, 64, 256], 6) }),
    size: 12 * 256 * 256,
    reference: product(256, 64, 256),
    atol: 1e-3,
    flops: 2 * 12 * 256 * 64 * 256,
    reads: 4 * 12 * 2 * 256 * 64,
    writes: 4 * 12 * 256 * 256,
  }),
];

/** Small enough for a test of the harness; not part of `all`. */
export const smoke = [square(16, "smoke")];
