/**
 * Real Schur forms by the implicitly shifted QR iteration, in float64. Source: Golub and Van Loan, 4th ed., 7.5;
 * J. Francis, "The QR transformation" (1961).
 */
import { permute } from "./balance";
import { reduceToHessenberg, takeReflections } from "./householder";
import type { Elements } from "./index";

const EPS = 2 ** -52;
/** Iterations an eigenvalue; rarely more than three are needed. */
const MAX_ITERATIONS = 60;

/** A real Schur form: `a = z t zᵀ`, in row-major order. */
export interface Schur {
  readonly t: Float64Array;
  readonly z: Float64Array;
  /** False where the iteration did not end, or the matrix is not finite. */
  readonly ok: boolean;
}

/** Real Schur form t, with standard 2 x 2 blocks, and its vectors z, of the n x n matrix number `batch`. */
export function schur(a: Elements, batch: number, t: Elements, z: Elements, n: number): void {
  const at = batch * n * n;
  const b = Float64Array.from({ length: n * n }, (_, i) => a[at + i]!);
  const { order } = permute(b, n);
  const s = realSchur(b, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      t[at + i * n + j] = s.ok ? s.t[i * n + j]! : NaN;
      z[at + order[i]! * n + j] = s.ok ? s.z[i * n + j]! : NaN;
    }
  }
}

/** The Schur form of a, which is overwritten. */
export function realSchur(a: Float64Array, n: number): Schur {
  const h = a;
  if (!h.every(Number.isFinite)) return { t: h, z: h, ok: false };
  const taus = reduceToHessenberg(h, n);
  const z = takeReflections(h, taus, n);
  let norm = 0;
  for (let i = 0; i < n; i++) for (let j = Math.max(0, i - 1); j < n; j++) norm += Math.abs(h[i * n + j]!);
  let end = n - 1;
  let iteration = 0;
  while (end >= 0) {
    const start = blockStart(h, n, end, norm);
    if (start > 0) h[start * n + start - 1] = 0;
    if (start >= end - 1) {
      if (start === end - 1) standardize(h, z, n, start);
      end = start - 1;
      iteration = 0;
      continue;
    }
    if (iteration++ === MAX_ITERATIONS) return { t: h, z, ok: false };
    francisStep(h, z, n, start, end, iteration);
  }
  return { t: h, z, ok: true };
}

/** The first row of the unreduced block that ends at row `end`. */
function blockStart(h: Float64Array, n: number, end: number, norm: number): number {
  let l = end;
  for (; l > 0; l--) {
    const size = Math.abs(h[(l - 1) * n + l - 1]!) + Math.abs(h[l * n + l]!);
    if (Math.abs(h[l * n + l - 1]!) <= EPS * (size === 0 ? norm : size)) break;
  }
  return l;
}

/**
 * Two shifts as x, y, w: they are the zeros of `(s - x) (s - y) - w`. Those of the last two rows, or if these are real
 * twice the one that is nearer to the last element.
 */
function shifts(h: Float64Array, n: number, start: number, end: number, iteration: number): [number, number, number] {
  if (iteration % 10 === 0) {
    // Exceptional ones, where the usual go round in a circle; from the top and from the bottom in turn.
    const at = iteration % 20 === 0 ? end : start;
    const [p, q] = at === end ? [end, end - 1] : [start + 1, start + 2];
    const size = Math.abs(h[p * n + p - 1]!) + Math.abs(h[q * n + q - 1]!);
    const base = h[at * n + at]!;
    return [0.75 * size + base, 0.75 * size + base, -0.4375 * size * size];
  }
  const [a, d] = [h[(end - 1) * n + end - 1]!, h[end * n + end]!];
  const bc = h[end * n + end - 1]! * h[(end - 1) * n + end]!;
  const half = (a - d) / 2;
  const disc = half * half + bc;
  if (disc <= 0) return [d, a, bc];
  // d + half +- root, without cancellation.
  const root = Math.sqrt(disc);
  const nearer = half > 0 ? d - bc / (half + root) : d + bc / (root - half);
  return [nearer, nearer, 0];
}

/** One double QR step with two shifts on rows and columns from `start` to `end`. */
function francisStep(h: Float64Array, z: Float64Array, n: number, start: number, end: number, iteration: number): void {
  const [x, y, w] = shifts(h, n, start, end, iteration);
  // The first column of (h - s1)(h - s2), begun as far down as two small subdiagonal elements allow.
  let m = end - 2;
  let p: number, q: number, r: number;
  for (; ; m--) {
    const d = h[m * n + m]!;
    const below = h[(m + 1) * n + m]!;
    p = ((x - d) * (y - d) - w) / below + h[m * n + m + 1]!;
    q = h[(m + 1) * n + m + 1]! + d - x - y;
    r = h[(m + 2) * n + m + 1]!;
    const scale = Math.abs(p) + Math.abs(q) + Math.abs(r);
    [p, q, r] = scale === 0 ? [0, 0, 0] : [p / scale, q / scale, r / scale];
    if (m === start) break;
    const left = Math.abs(h[m * n + m - 1]!) * (Math.abs(q) + Math.abs(r));
    const neighbours = Math.abs(h[(m - 1) * n + m - 1]!) + Math.abs(d) + Math.abs(h[(m + 1) * n + m + 1]!);
    if (left <= EPS * Math.abs(p) * neighbours) break;
  }
  for (let k = m; k < end; k++) {
    const three = k + 2 <= end;
    if (k > m) [p, q, r] = [h[k * n + k - 1]!, h[(k + 1) * n + k - 1]!, three ? h[(k + 2) * n + k - 1]! : 0];
    const norm = Math.hypot(p, q, r);
    if (norm === 0) continue;
    const beta = p < 0 ? norm : -norm;
    const tau = (beta - p) / beta;
    if (k > m) {
      h[k * n + k - 1] = beta;
      h[(k + 1) * n + k - 1] = 0;
      if (three) h[(k + 2) * n + k - 1] = 0;
    } else if (m > start) h[k * n + k - 1]! *= 1 - tau;
    reflect(h, z, n, k, Math.min(end, k + 3), three, [tau, q / (p - beta), r / (p - beta)]);
  }
}

/** Applies I - tau v vᵀ, v = (1, v1, v2), to rows and columns k, k + 1 and, if `three`, k + 2; columns reach down to `last`. */
function reflect(
  h: Float64Array,
  z: Float64Array,
  n: number,
  k: number,
  last: number,
  three: boolean,
  [tau, v1, v2]: readonly [number, number, number],
): void {
  for (let j = k; j < n; j++) {
    const [a, b, c] = [k * n + j, (k + 1) * n + j, (k + 2) * n + j];
    const sum = tau * (h[a]! + v1 * h[b]! + (three ? v2 * h[c]! : 0));
    h[a]! -= sum;
    h[b]! -= sum * v1;
    if (three) h[c]! -= sum * v2;
  }
  for (const [m, rows] of [
    [h, last + 1],
    [z, n],
  ] as const) {
    for (let i = 0; i < rows; i++) {
      const a = i * n + k;
      const sum = tau * (m[a]! + v1 * m[a + 1]! + (three ? v2 * m[a + 2]! : 0));
      m[a]! -= sum;
      m[a + 1]! -= sum * v1;
      if (three) m[a + 2]! -= sum * v2;
    }
  }
}

/** Rotates rows and columns k and k + 1: the new ones are (c, s) and (-s, c) times the old. */
function rotate(h: Float64Array, z: Float64Array, n: number, k: number, c: number, s: number): void {
  for (let j = k; j < n; j++) {
    const [x, y] = [h[k * n + j]!, h[(k + 1) * n + j]!];
    h[k * n + j] = c * x + s * y;
    h[(k + 1) * n + j] = c * y - s * x;
  }
  for (const [m, rows] of [
    [h, k + 2],
    [z, n],
  ] as const) {
    for (let i = 0; i < rows; i++) {
      const [x, y] = [m[i * n + k]!, m[i * n + k + 1]!];
      m[i * n + k] = c * x + s * y;
      m[i * n + k + 1] = c * y - s * x;
    }
  }
}

/**
 * Brings the 2 x 2 block at k to standard form: upper triangular for real eigenvalues, else with equal diagonal elements
 * and off-diagonal ones of opposite sign. Source: Bai and Demmel, "On swapping diagonal blocks in real Schur form" (1993).
 */
function standardize(h: Float64Array, z: Float64Array, n: number, k: number): void {
  const [i, j] = [k * n + k, (k + 1) * n + k];
  const [a, b, c, d] = [h[i]!, h[i + 1]!, h[j]!, h[j + 1]!];
  if (c === 0) return;
  if (b === 0) {
    // Turned by a quarter, so that the lower triangle is the upper one.
    rotate(h, z, n, k, 0, 1);
    h[j] = 0;
    return;
  }
  const half = (a - d) / 2;
  const disc = half * half + b * c;
  if (disc >= 0) {
    // The eigenvalue farther from d; (it - d, c) is its vector.
    const x = half + (half < 0 ? -1 : 1) * Math.sqrt(disc);
    const norm = Math.hypot(x, c);
    rotate(h, z, n, k, x / norm, c / norm);
    h[j] = 0;
    return;
  }
  // Equal diagonal elements: tan(2 angle) = (a - d) / (b + c).
  if (a !== d) {
    const angle = 0.5 * Math.atan2(d - a, b + c);
    rotate(h, z, n, k, Math.cos(angle), Math.sin(angle));
    const mean = (h[i]! + h[j + 1]!) / 2;
    h[i] = h[j + 1] = mean;
  }
}
