/** Symmetric eigenvalues by cyclic Jacobi and singular values by one-sided Jacobi, in float64: small ones keep their digits. */
import type { Elements } from "./index";

const MAX_SWEEPS = 60;
const EPS = 2 ** -52;

/** Eigenvalues ascending and eigenvectors in columns, of the symmetric n x n matrix number `batch` (its lower part). */
export function eigh(a: Elements, batch: number, w: Elements, v: Elements, n: number): void {
  const at = batch * n * n;
  const s = new Float64Array(n * n);
  const q = new Float64Array(n * n);
  let scale = 0;
  for (let i = 0; i < n; i++) {
    q[i * n + i] = 1;
    for (let j = 0; j <= i; j++) {
      const x = a[at + i * n + j]!;
      s[i * n + j] = s[j * n + i] = x;
      scale = Math.max(scale, Math.abs(x));
    }
  }
  const bad = !Number.isFinite(scale) || s.some((x) => x !== x);
  for (let sweep = 0; sweep < MAX_SWEEPS && !bad; sweep++) {
    let off = 0;
    for (let i = 1; i < n; i++) for (let j = 0; j < i; j++) off += s[i * n + j]! ** 2;
    if (Math.sqrt(off) <= EPS * scale * 0.01) break;
    for (let p = 0; p < n - 1; p++) for (let r = p + 1; r < n; r++) rotate(s, q, n, p, r);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => s[i * n + i]! - s[j * n + j]!);
  order.forEach((from, to) => {
    w[batch * n + to] = bad ? NaN : s[from * n + from]!;
    for (let i = 0; i < n; i++) v[at + i * n + to] = bad ? NaN : q[i * n + from]!;
  });
}

/** One Jacobi rotation that makes s[p, r] zero. */
function rotate(s: Float64Array, q: Float64Array, n: number, p: number, r: number): void {
  const apr = s[p * n + r]!;
  if (apr === 0) return;
  const theta = (s[r * n + r]! - s[p * n + p]!) / (2 * apr);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const sn = t * c;
  for (let k = 0; k < n; k++) {
    const x = s[k * n + p]!;
    const y = s[k * n + r]!;
    s[k * n + p] = c * x - sn * y;
    s[k * n + r] = sn * x + c * y;
  }
  for (let k = 0; k < n; k++) {
    const x = s[p * n + k]!;
    const y = s[r * n + k]!;
    s[p * n + k] = c * x - sn * y;
    s[r * n + k] = sn * x + c * y;
    const u = q[k * n + p]!;
    const v = q[k * n + r]!;
    q[k * n + p] = c * u - sn * v;
    q[k * n + r] = sn * u + c * v;
  }
}

/** u [m, k or m], singular values descending [k], vt [k or n, n] of the m x n matrix number `batch`; k = min(m, n). */
export function svd(
  a: Elements,
  batch: number,
  u: Elements,
  s: Elements,
  vt: Elements,
  m: number,
  n: number,
  full: boolean,
): void {
  const k = Math.min(m, n);
  const wide = m < n;
  const rows = wide ? n : m;
  // Columns of the tall matrix (a, or its transpose), and the rotations applied to them.
  const cols = Array.from({ length: k }, (_, j) =>
    Float64Array.from({ length: rows }, (_, i) => a[batch * m * n + (wide ? j * n + i : i * n + j)]!),
  );
  const rot = Array.from({ length: k }, (_, j) => Float64Array.from({ length: k }, (_, i) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < k - 1; p++) for (let r = p + 1; r < k; r++) rotated = orthogonalize(cols, rot, p, r) || rotated;
    if (!rotated) break;
  }
  const norms = cols.map((c) => Math.hypot(...c));
  const order = norms.map((_, j) => j).sort((i, j) => norms[j]! - norms[i]!);
  const left = order.map((j) => (norms[j]! > 0 ? cols[j]!.map((x) => x / norms[j]!) : new Float64Array(rows)));
  complete(left, norms.filter((x) => x > 0).length, full ? rows : k, rows);
  const right = order.map((j) => rot[j]!);
  const [us, vs] = wide ? [right, left] : [left, right];
  const nu = full ? m : k;
  const nv = full ? n : k;
  order.forEach((j, i) => (s[batch * k + i] = norms[j]!));
  for (let j = 0; j < nu; j++) for (let i = 0; i < m; i++) u[(batch * m + i) * nu + j] = us[j]![i]!;
  for (let j = 0; j < nv; j++) for (let i = 0; i < n; i++) vt[(batch * nv + j) * n + i] = vs[j]![i]!;
}

/** Rotates columns p and r so that they are orthogonal; false if they were. */
function orthogonalize(cols: readonly Float64Array[], rot: readonly Float64Array[], p: number, r: number): boolean {
  const x = cols[p]!;
  const y = cols[r]!;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < x.length; i++) {
    xx += x[i]! * x[i]!;
    yy += y[i]! * y[i]!;
    xy += x[i]! * y[i]!;
  }
  if (!(Math.abs(xy) > EPS * Math.sqrt(xx * yy))) return false;
  const zeta = (yy - xx) / (2 * xy);
  const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(zeta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = c * t;
  for (const [f, g] of [
    [x, y],
    [rot[p]!, rot[r]!],
  ] as const) {
    for (let i = 0; i < f.length; i++) {
      const v = f[i]!;
      f[i] = c * v - s * g[i]!;
      g[i] = s * v + c * g[i]!;
    }
  }
  return true;
}

/** Extends the first `rank` orthonormal vectors to `count` of them by Gram-Schmidt on unit vectors. */
function complete(vectors: Float64Array[], rank: number, count: number, size: number): void {
  vectors.length = Math.max(rank, 0);
  for (let unit = 0; vectors.length < count && unit < size; unit++) {
    const v = new Float64Array(size);
    v[unit] = 1;
    for (let pass = 0; pass < 2; pass++) {
      for (const u of vectors) {
        let dot = 0;
        for (let i = 0; i < size; i++) dot += u[i]! * v[i]!;
        for (let i = 0; i < size; i++) v[i]! -= dot * u[i]!;
      }
    }
    const norm = Math.hypot(...v);
    if (norm > 0.5 / Math.sqrt(size)) vectors.push(v.map((x) => x / norm));
  }
}
