/** Cholesky, LU, QR and triangular solves on row-major matrices, in float64 inside. Source: Golub and Van Loan, 4th ed. */
import type { Elements } from "./index";

/** Lower factor of a symmetric positive definite n x n matrix at `at`; NaN everywhere if it is not one, as JAX. */
export function cholesky(a: Elements, at: number, out: Elements, n: number): void {
  const l = new Float64Array(n * n);
  let ok = true;
  for (let i = 0; i < n && ok; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[at + i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i === j) {
        ok = sum > 0;
        l[i * n + i] = Math.sqrt(sum);
      } else l[i * n + j] = sum / l[j * n + j]!;
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) out[at + i * n + j] = ok ? l[i * n + j]! : j <= i ? NaN : 0;
  }
}

/** LU with partial pivoting: factors in one matrix, pivots (row exchanged with row i), permutation of rows. */
export function lu(
  a: Elements,
  batch: number,
  out: Elements,
  pivots: Elements,
  permutation: Elements,
  m: number,
  n: number,
): void {
  const k = Math.min(m, n);
  const w = new Float64Array(m * n);
  for (let i = 0; i < m * n; i++) w[i] = a[batch * m * n + i]!;
  const perm = Array.from({ length: m }, (_, i) => i);
  for (let c = 0; c < k; c++) {
    let best = c;
    for (let r = c + 1; r < m; r++) if (Math.abs(w[r * n + c]!) > Math.abs(w[best * n + c]!)) best = r;
    pivots[batch * k + c] = best;
    if (best !== c) {
      for (let j = 0; j < n; j++) [w[c * n + j], w[best * n + j]] = [w[best * n + j]!, w[c * n + j]!];
      [perm[c], perm[best]] = [perm[best]!, perm[c]!];
    }
    const pivot = w[c * n + c]!;
    if (pivot === 0) continue;
    for (let r = c + 1; r < m; r++) {
      const factor = w[r * n + c]! / pivot;
      w[r * n + c] = factor;
      if (factor === 0) continue;
      for (let j = c + 1; j < n; j++) w[r * n + j]! -= factor * w[c * n + j]!;
    }
  }
  for (let i = 0; i < m * n; i++) out[batch * m * n + i] = w[i]!;
  for (let i = 0; i < m; i++) permutation[batch * m + i] = perm[i]!;
}

export interface TriangularOptions {
  readonly lower: boolean;
  readonly transpose: boolean;
  readonly unitDiagonal: boolean;
}

/** Solves op(A) X = B for X; A is n x n triangular, B is n x m. */
export function triangularSolve(
  a: Elements,
  aAt: number,
  b: Elements,
  bAt: number,
  out: Elements,
  n: number,
  m: number,
  { lower, transpose, unitDiagonal }: TriangularOptions,
): void {
  const entry = (i: number, j: number): number => a[aAt + (transpose ? j * n + i : i * n + j)]!;
  const forward = lower !== transpose;
  const x = new Float64Array(n * m);
  for (let step = 0; step < n; step++) {
    const i = forward ? step : n - 1 - step;
    for (let c = 0; c < m; c++) x[i * m + c] = b[bAt + i * m + c]!;
    for (let s = 0; s < step; s++) {
      const j = forward ? s : n - 1 - s;
      const factor = entry(i, j);
      if (factor !== 0) for (let c = 0; c < m; c++) x[i * m + c]! -= factor * x[j * m + c]!;
    }
    if (!unitDiagonal) {
      const d = entry(i, i);
      for (let c = 0; c < m; c++) x[i * m + c]! /= d;
    }
  }
  for (let i = 0; i < n * m; i++) out[bAt + i] = x[i]!;
}

/** Householder QR with LAPACK's signs. q is m x k (m x m if full), r is k x n (m x n if full), k = min(m, n). */
export function qr(a: Elements, batch: number, q: Elements, r: Elements, m: number, n: number, full: boolean): void {
  const k = Math.min(m, n);
  const cols = full ? m : k;
  const w = new Float64Array(m * n);
  for (let i = 0; i < m * n; i++) w[i] = a[batch * m * n + i]!;
  const taus = new Float64Array(k);
  for (let c = 0; c < k; c++) {
    let tail = 0;
    for (let i = c + 1; i < m; i++) tail = Math.hypot(tail, w[i * n + c]!);
    const alpha = w[c * n + c]!;
    if (tail === 0) continue;
    const beta = -Math.sign(alpha || 1) * Math.hypot(alpha, tail);
    const tau = (beta - alpha) / beta;
    taus[c] = tau;
    for (let i = c + 1; i < m; i++) w[i * n + c]! /= alpha - beta;
    w[c * n + c] = beta;
    for (let j = c + 1; j < n; j++) {
      let dot = w[c * n + j]!;
      for (let i = c + 1; i < m; i++) dot += w[i * n + c]! * w[i * n + j]!;
      w[c * n + j]! -= tau * dot;
      for (let i = c + 1; i < m; i++) w[i * n + j]! -= tau * dot * w[i * n + c]!;
    }
  }
  const qq = new Float64Array(m * cols);
  for (let i = 0; i < cols; i++) qq[i * cols + i] = 1;
  for (let c = k - 1; c >= 0; c--) {
    const tau = taus[c]!;
    for (let j = 0; j < cols; j++) {
      let dot = qq[c * cols + j]!;
      for (let i = c + 1; i < m; i++) dot += w[i * n + c]! * qq[i * cols + j]!;
      qq[c * cols + j]! -= tau * dot;
      for (let i = c + 1; i < m; i++) qq[i * cols + j]! -= tau * dot * w[i * n + c]!;
    }
  }
  for (let i = 0; i < m * cols; i++) q[batch * m * cols + i] = qq[i]!;
  for (let i = 0; i < cols; i++) {
    for (let j = 0; j < n; j++) r[(batch * cols + i) * n + j] = j >= i ? w[i * n + j]! : 0;
  }
}
