/**
 * Reductions by reflections H = I - tau v vᵀ, v[first] = 1, with LAPACK's signs; the rest of each v is stored where zeros
 * come to be. In float64 inside. Source: Golub and Van Loan, 4th ed., 5.2, 5.4, 7.4, 8.3.
 */
import type { Elements } from "./index";

/** Reflection that takes (alpha, x) to (beta, 0): gives [beta, tau], and scales x to the rest of v. */
function reflector(alpha: number, x: Float64Array, from: number, to: number): [beta: number, tau: number] {
  let tail = 0;
  for (let i = from; i < to; i++) tail = Math.hypot(tail, x[i]!);
  if (tail === 0) return [alpha, 0];
  const beta = -(alpha < 0 || Object.is(alpha, -0) ? -1 : 1) * Math.hypot(alpha, tail);
  for (let i = from; i < to; i++) x[i]! /= alpha - beta;
  return [beta, (beta - alpha) / beta];
}

/** A matrix of the batch as float64 numbers. */
const load = (a: Elements, at: number, size: number): Float64Array =>
  Float64Array.from({ length: size }, (_, i) => a[at + i]!);

/**
 * QR factors of the m x n matrix number `batch`: r on and above the diagonal, reflections below, their taus, and the
 * order of the columns, in which with `pivoting` each has the longest rest of those left.
 */
export function geqrf(
  a: Elements,
  batch: number,
  out: Elements,
  taus: Elements,
  order: Elements,
  m: number,
  n: number,
  pivoting: boolean,
): void {
  const k = Math.min(m, n);
  const columns = Array.from({ length: n }, (_, j) =>
    Float64Array.from({ length: m }, (_, i) => a[(batch * m + i) * n + j]!),
  );
  const places = columns.map((_, j) => j);
  for (let c = 0; c < k; c++) {
    if (pivoting) {
      const best = longest(columns, c);
      [columns[c], columns[best]] = [columns[best]!, columns[c]!];
      [places[c], places[best]] = [places[best]!, places[c]!];
    }
    const v = columns[c]!;
    const [beta, tau] = reflector(v[c]!, v, c + 1, m);
    v[c] = beta;
    taus[batch * k + c] = tau;
    for (const x of columns.slice(c + 1)) {
      let dot = x[c]!;
      for (let i = c + 1; i < m; i++) dot += v[i]! * x[i]!;
      x[c]! -= tau * dot;
      for (let i = c + 1; i < m; i++) x[i]! -= tau * dot * v[i]!;
    }
  }
  columns.forEach((x, j) => x.forEach((value, i) => (out[(batch * m + i) * n + j] = value)));
  places.forEach((from, j) => (order[batch * n + j] = from));
}

/** The column from `first` on that is longest from row `first` on; of equal ones the first. */
function longest(columns: readonly Float64Array[], first: number): number {
  let [best, most] = [first, -1];
  for (let j = first; j < columns.length; j++) {
    let sum = 0;
    for (const x of columns[j]!.subarray(first)) sum += x * x;
    if (sum > most) [best, most] = [j, sum];
  }
  return best;
}

/** In place, `w = H w H` for the reflection v, tau of rows and columns from c + 1; columns before c hold no rows of w there. */
function similarity(w: Float64Array, n: number, v: Float64Array, tau: number, c: number): void {
  if (tau === 0) return;
  for (let j = c; j < n; j++) {
    let dot = 0;
    for (let i = c + 1; i < n; i++) dot += v[i]! * w[i * n + j]!;
    dot *= tau;
    for (let i = c + 1; i < n; i++) w[i * n + j]! -= dot * v[i]!;
  }
  for (let i = 0; i < n; i++) {
    let dot = 0;
    for (let j = c + 1; j < n; j++) dot += w[i * n + j]! * v[j]!;
    dot *= tau;
    for (let j = c + 1; j < n; j++) w[i * n + j]! -= dot * v[j]!;
  }
}

/** In place: the Hessenberg form of w, with reflections below it; gives their taus. */
export function reduceToHessenberg(w: Float64Array, n: number): Float64Array {
  const taus = new Float64Array(Math.max(0, n - 1));
  const v = new Float64Array(n);
  for (let c = 0; c + 2 < n; c++) {
    for (let i = c + 2; i < n; i++) v[i] = w[i * n + c]!;
    const [beta, tau] = reflector(w[(c + 1) * n + c]!, v, c + 2, n);
    taus[c] = tau;
    v[c + 1] = 1;
    similarity(w, n, v, tau, c);
    w[(c + 1) * n + c] = beta;
    for (let i = c + 2; i < n; i++) w[i * n + c] = v[i]!;
  }
  return taus;
}

/** The orthogonal matrix q of `a = q h qᵀ`, of the reflections that `reduceToHessenberg` leaves in w, which it zeroes. */
export function takeReflections(w: Float64Array, taus: Float64Array, n: number): Float64Array {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  const v = new Float64Array(n);
  for (let c = n - 3; c >= 0; c--) {
    v[c + 1] = 1;
    for (let i = c + 2; i < n; i++) {
      v[i] = w[i * n + c]!;
      w[i * n + c] = 0;
    }
    for (let j = c + 1; j < n; j++) {
      let dot = 0;
      for (let i = c + 1; i < n; i++) dot += v[i]! * q[i * n + j]!;
      dot *= taus[c]!;
      for (let i = c + 1; i < n; i++) q[i * n + j]! -= dot * v[i]!;
    }
  }
  return q;
}

/** Hessenberg form of the n x n matrix number `batch`, with reflections below it, and their taus [n - 1]. */
export function hessenberg(a: Elements, batch: number, out: Elements, taus: Elements, n: number): void {
  const at = batch * n * n;
  const w = load(a, at, n * n);
  const t = reduceToHessenberg(w, n);
  w.forEach((x, i) => (out[at + i] = x));
  t.forEach((x, i) => (taus[batch * (n - 1) + i] = x));
}

/**
 * Tridiagonal form of the symmetric n x n matrix number `batch`, given by its lower or upper triangle: in that triangle
 * with reflections, the other as it was; diagonal d [n], off-diagonal e [n - 1], taus [n - 1].
 */
export function tridiagonal(
  a: Elements,
  batch: number,
  out: Elements,
  d: Elements,
  e: Elements,
  taus: Elements,
  n: number,
  lower: boolean,
): void {
  const at = batch * n * n;
  // The upper form is the lower one of the matrix turned by half a turn.
  const place = (i: number, j: number): number => at + (lower ? i * n + j : (n - 1 - i) * n + (n - 1 - j));
  const w = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) w[i * n + j] = w[j * n + i] = a[place(i, j)]!;
  const t = reduceToHessenberg(w, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) out[place(i, j)] = j <= i ? w[i * n + j]! : a[place(i, j)]!;
    d[batch * n + (lower ? i : n - 1 - i)] = w[i * n + i]!;
  }
  for (let i = 0; i < n - 1; i++) {
    const to = batch * (n - 1) + (lower ? i : n - 2 - i);
    e[to] = w[(i + 1) * n + i]!;
    taus[to] = t[i]!;
  }
}
