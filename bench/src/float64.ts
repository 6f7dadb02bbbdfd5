/** Plain float64 arithmetic for the references: slow, short, and independent of every library that is measured. */

type Numbers = ArrayLike<number>;

/** a [m, k] times b [k, n], plus a bias [n]. */
export function matmul(a: Numbers, b: Numbers, m: number, k: number, n: number, bias?: Numbers): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    const row = out.subarray(i * n, (i + 1) * n);
    if (bias) row.set(bias);
    for (let p = 0; p < k; p++) {
      const factor = a[i * k + p]!;
      for (let j = 0; j < n; j++) row[j]! += factor * b[p * n + j]!;
    }
  }
  return out;
}

/** The transpose of a [rows, columns]. */
export function transpose(a: Numbers, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j]!;
  return out;
}

/** Sums over the rows of a [rows, columns]. */
export function columnSums(a: Numbers, rows: number, columns: number): Float64Array {
  const out = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j]! += a[i * columns + j]!;
  return out;
}

/** Every row of x [rows, n] to mean 0 and variance 1, times a gain [n], plus a bias [n]. */
export function layerNorm(x: Numbers, gain: Numbers, bias: Numbers, rows: number, n: number): Float64Array {
  const out = new Float64Array(rows * n);
  for (let r = 0; r < rows; r++) {
    let mean = 0;
    let variance = 0;
    for (let j = 0; j < n; j++) mean += x[r * n + j]! / n;
    for (let j = 0; j < n; j++) variance += (x[r * n + j]! - mean) ** 2 / n;
    const scale = 1 / Math.sqrt(variance + 1e-5);
    for (let j = 0; j < n; j++) out[r * n + j] = (x[r * n + j]! - mean) * scale * gain[j]! + bias[j]!;
  }
  return out;
}

/** Softmax of every row of x [rows, n]. */
export function softmax(x: Numbers, rows: number, n: number): Float64Array {
  const out = new Float64Array(rows * n);
  for (let r = 0; r < rows; r++) {
    let greatest = -Infinity;
    let sum = 0;
    for (let j = 0; j < n; j++) greatest = Math.max(greatest, x[r * n + j]!);
    for (let j = 0; j < n; j++) sum += out[r * n + j] = Math.exp(x[r * n + j]! - greatest);
    for (let j = 0; j < n; j++) out[r * n + j]! /= sum;
  }
  return out;
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The form with tanh, as transformers have it. */
export const gelu = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** Mean, variance and kurtosis. */
export function moments(x: Numbers): Float64Array {
  const n = x.length;
  let mean = 0;
  let second = 0;
  let fourth = 0;
  for (let i = 0; i < n; i++) mean += x[i]! / n;
  for (let i = 0; i < n; i++) {
    const square = (x[i]! - mean) ** 2;
    second += square / n;
    fourth += square ** 2 / n;
  }
  return Float64Array.of(mean, second, fourth / second ** 2);
}
