/** Factorizations, and the Fourier transform. */
import { matmul, transpose } from "../float64";
import { uniform } from "../random";
import { type Inputs, type Tensor, tensor, workload } from "../workload";

/** A A^T / n + 1 of a random A: symmetric and positive definite. */
function positive(n: number, seed: number): Tensor {
  const a = uniform(n * n, seed);
  const product = matmul(a, transpose(a, n, n), n, n, n);
  return { shape: [n, n], data: Float32Array.from(product, (value, i) => value / n + (i % (n + 1) === 0 ? 1 : 0)) };
}

function cholesky({ a }: Inputs, at: readonly number[]): number[] {
  const n = a!.shape[0]!;
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = a!.data[i * n + j]!;
      for (let k = 0; k < j; k++) rest -= l[i * n + k]! * l[j * n + k]!;
      l[i * n + j] = i === j ? Math.sqrt(rest) : rest / l[j * n + j]!;
    }
  }
  return at.map((i) => l[i]!);
}

/** Gauss-Jordan elimination with pivots. */
function solve({ a, b }: Inputs, at: readonly number[]): number[] {
  const [n, m] = b!.shape as [number, number];
  const rows = Array.from({ length: n }, (_, i) =>
    Float64Array.from([...a!.data.subarray(i * n, (i + 1) * n), ...b!.data.subarray(i * m, (i + 1) * m)]),
  );
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    const top = rows[k]!;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]! / top[k]!;
      for (let j = k; j < n + m; j++) rows[i]![j]! -= factor * top[j]!;
    }
  }
  return at.map((i) => {
    const r = Math.floor(i / m);
    return rows[r]![n + (i % m)]! / rows[r]![r]!;
  });
}

/** The sum of the definition, at the probed places alone. */
function fourier({ re, im }: Inputs, at: readonly number[]): number[] {
  const n = re!.data.length;
  const cos = Float64Array.from({ length: n }, (_, i) => Math.cos((2 * Math.PI * i) / n));
  const sin = Float64Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * i) / n));
  return at.map((place) => {
    const k = place % n;
    let [real, imag] = [0, 0];
    for (let j = 0, angle = 0; j < n; j++, angle = (angle + k) % n) {
      const [x, y] = [re!.data[j]!, im!.data[j]!];
      real += x * cos[angle]! + y * sin[angle]!;
      imag += y * cos[angle]! - x * sin[angle]!;
    }
    return place < n ? real : imag;
  });
}

const SVD = 128;

export const linalg = [
  workload("linalg", "cholesky_256", {
    task: { kind: "cholesky" },
    inputs: () => ({ a: positive(256, 80) }),
    size: 256 ** 2,
    reference: cholesky,
    flops: 256 ** 3 / 3,
  }),
  workload("linalg", "svd_128", {
    task: { kind: "svd" },
    inputs: () => ({ a: tensor([SVD, SVD], 81) }),
    // U diag(s) V^T is the matrix, U^T U the identity: with s in order, nothing else is a decomposition.
    size: 2 * SVD ** 2,
    probes: 2 * SVD ** 2,
    reference: ({ a }, at) =>
      at.map((i) => (i < SVD ** 2 ? a!.data[i]! : i % (SVD + 1) === SVD ** 2 % (SVD + 1) ? 1 : 0)),
    atol: 1e-2,
  }),
  workload("linalg", "solve_256", {
    task: { kind: "solve" },
    inputs: () => {
      const a = tensor([256, 256], 82);
      for (let i = 0; i < 256; i++) a.data[i * 257]! += 20;
      return { a, b: tensor([256, 16], 83) };
    },
    size: 256 * 16,
    reference: solve,
    flops: (2 * 256 ** 3) / 3 + 2 * 256 * 256 * 16,
  }),
  workload("linalg", "fft_2e18", {
    task: { kind: "fft" },
    inputs: () => ({ re: tensor([1 << 18], 84), im: tensor([1 << 18], 85) }),
    size: 1 << 19,
    probes: 32,
    reference: fourier,
    atol: 0.05,
    flops: 5 * 2 ** 18 * 18,
    reads: 8 * 2 ** 18,
    writes: 8 * 2 ** 18,
  }),
];
