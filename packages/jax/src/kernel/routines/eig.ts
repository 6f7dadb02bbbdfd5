/** Eigenvalues and eigenvectors of matrices that need not be symmetric, in float64: Golub and Van Loan, 4th ed., 7.6. */
import { permute, scaleRows } from "./balance";
import type { Elements } from "./index";
import { realSchur } from "./schur";

const EPS = 2 ** -52;

/** A complex matrix. */
interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Where results go: eigenvalues, left and right eigenvectors, as real and imaginary parts. */
export interface EigOutputs {
  readonly values: readonly [Elements, Elements];
  readonly left: readonly [Elements, Elements];
  readonly right: readonly [Elements, Elements];
}

/**
 * Eigenvalues of the n x n matrix number `batch`, pairs with the positive imaginary part first, and eigenvectors in
 * columns: of length 1, their largest element real. NaN if the matrix is not finite.
 */
export function eig(a: Elements, batch: number, outs: EigOutputs, n: number): void {
  const at = batch * n * n;
  const b = Float64Array.from({ length: n * n }, (_, i) => a[at + i]!);
  const permutation = permute(b, n);
  const scale = scaleRows(b, n, permutation);
  const { order } = permutation;
  const { t, z, ok } = realSchur(b, n);
  const [wr, wi] = outs.values;
  for (let k = 0; k < n; k++) {
    const pair = blockAt(t, n, k);
    const size =
      pair === 0 ? 0 : Math.sqrt(Math.abs(t[pair * n + pair - 1]!)) * Math.sqrt(Math.abs(t[(pair - 1) * n + pair]!));
    wr[batch * n + k] = ok ? t[k * n + k]! : NaN;
    wi[batch * n + k] = ok ? (pair === 0 ? 0 : pair === k ? -size : size) : NaN;
  }
  if (!ok) {
    for (const part of [...outs.left, ...outs.right]) for (let i = 0; i < n * n; i++) part[at + i] = NaN;
    return;
  }
  const c = complexSchur(t, z, n);
  for (let k = 0; k < n; k++) {
    const pair = blockAt(t, n, k);
    // The second vector of a pair is the conjugate of the first.
    if (pair === k && k > 0) continue;
    for (const [[re, im], solve, up] of [
      [outs.right, rightVector, true],
      [outs.left, leftVector, false],
    ] as const) {
      const v = times(c.z, solve(c.t, n, k), n);
      for (let i = 0; i < n; i++) {
        const factor = up ? scale[i]! : 1 / scale[i]!;
        v.re[i]! *= factor;
        v.im[i]! *= factor;
      }
      normalize(v, pair === 0);
      for (let i = 0; i < n; i++) {
        re[at + order[i]! * n + k] = v.re[i]!;
        im[at + order[i]! * n + k] = v.im[i]!;
        if (pair === 0) continue;
        re[at + order[i]! * n + k + 1] = v.re[i]!;
        im[at + order[i]! * n + k + 1] = -v.im[i]!;
      }
    }
  }
}

/** The second row of the 2 x 2 block that row k is in; 0 if it is in none. */
function blockAt(t: Float64Array, n: number, k: number): number {
  if (k > 0 && t[k * n + k - 1] !== 0) return k;
  return k + 1 < n && t[(k + 1) * n + k] !== 0 ? k + 1 : 0;
}

/** The complex Schur form of a real one: each 2 x 2 block made triangular by a unitary rotation, its upper eigenvalue first. */
function complexSchur(t: Float64Array, z: Float64Array, n: number): { t: Complex; z: Complex } {
  const ct: Complex = { re: t.slice(), im: new Float64Array(n * n) };
  const cz: Complex = { re: z.slice(), im: new Float64Array(n * n) };
  for (let k = 0; k + 1 < n; k++) {
    const low = t[(k + 1) * n + k]!;
    if (low === 0) continue;
    const high = t[k * n + k + 1]!;
    // The block (a, high; low, a) has eigenvalues a +- i w with vectors (i w, low).
    const w = Math.sqrt(Math.abs(low)) * Math.sqrt(Math.abs(high));
    const norm = Math.hypot(w, low);
    const [x, y] = [w / norm, low / norm];
    // The first new column is (i x, y), the second (y, i x).
    for (const m of [ct, cz]) {
      for (let i = 0; i < n; i++) {
        const [p, q] = [i * n + k, i * n + k + 1];
        const [pr, pi, qr, qi] = [m.re[p]!, m.im[p]!, m.re[q]!, m.im[q]!];
        m.re[p] = -x * pi + y * qr;
        m.im[p] = x * pr + y * qi;
        m.re[q] = y * pr - x * qi;
        m.im[q] = y * pi + x * qr;
      }
    }
    for (let j = 0; j < n; j++) {
      const [p, q] = [k * n + j, (k + 1) * n + j];
      const [pr, pi, qr, qi] = [ct.re[p]!, ct.im[p]!, ct.re[q]!, ct.im[q]!];
      ct.re[p] = x * pi + y * qr;
      ct.im[p] = -x * pr + y * qi;
      ct.re[q] = y * pr + x * qi;
      ct.im[q] = y * pi - x * qr;
    }
    ct.re[(k + 1) * n + k] = ct.im[(k + 1) * n + k] = 0;
  }
  return { t: ct, z: cz };
}

/** The quotient of complex numbers. */
function divide(ar: number, ai: number, br: number, bi: number): [number, number] {
  if (Math.abs(br) >= Math.abs(bi)) {
    const [r, d] = [bi / br, br + bi * (bi / br)];
    return [(ar + ai * r) / d, (ai - ar * r) / d];
  }
  const [r, d] = [br / bi, bi + br * (br / bi)];
  return [(ar * r + ai) / d, (ai * r - ar) / d];
}

/** How small a difference of eigenvalues counts as none. */
function least(t: Complex, n: number): number {
  let norm = 0;
  for (let i = 0; i < n * n; i++) norm = Math.max(norm, Math.abs(t.re[i]!) + Math.abs(t.im[i]!));
  return Math.max(EPS * norm, Number.MIN_VALUE * 2 ** 52);
}

/** x with `t x = t[k, k] x`: one at k, zeros after it. */
function rightVector(t: Complex, n: number, k: number): Complex {
  const x: Complex = { re: new Float64Array(n), im: new Float64Array(n) };
  const small = least(t, n);
  x.re[k] = 1;
  for (let i = k - 1; i >= 0; i--) {
    let [re, im] = [0, 0];
    for (let j = i + 1; j <= k; j++) {
      const [tr, ti] = [t.re[i * n + j]!, t.im[i * n + j]!];
      re -= tr * x.re[j]! - ti * x.im[j]!;
      im -= tr * x.im[j]! + ti * x.re[j]!;
    }
    setQuotient(x, i, re, im, t, i * n + i, k * n + k, small);
  }
  return x;
}

/** y with `yᴴ t = t[k, k] yᴴ`: one at k, zeros before it. */
function leftVector(t: Complex, n: number, k: number): Complex {
  const y: Complex = { re: new Float64Array(n), im: new Float64Array(n) };
  const small = least(t, n);
  // The conjugate of y, which is conjugated at the end.
  y.re[k] = 1;
  for (let j = k + 1; j < n; j++) {
    let [re, im] = [0, 0];
    for (let i = k; i < j; i++) {
      const [tr, ti] = [t.re[i * n + j]!, t.im[i * n + j]!];
      re -= y.re[i]! * tr - y.im[i]! * ti;
      im -= y.re[i]! * ti + y.im[i]! * tr;
    }
    setQuotient(y, j, re, im, t, j * n + j, k * n + k, small);
  }
  for (let i = 0; i < n; i++) y.im[i] = -y.im[i]!;
  return y;
}

/** `x[i] = (re, im) / (t[at] - t[other])`, with a small number in place of 0; all of x is scaled down if it grows too large. */
function setQuotient(
  x: Complex,
  i: number,
  re: number,
  im: number,
  t: Complex,
  at: number,
  other: number,
  small: number,
): void {
  let [dr, di] = [t.re[at]! - t.re[other]!, t.im[at]! - t.im[other]!];
  if (Math.abs(dr) + Math.abs(di) < small) [dr, di] = [small, 0];
  [x.re[i], x.im[i]] = divide(re, im, dr, di);
  const size = Math.abs(x.re[i]!) + Math.abs(x.im[i]!);
  if (size < 2 ** 500) return;
  for (let j = 0; j < x.re.length; j++) {
    x.re[j]! /= size;
    x.im[j]! /= size;
  }
}

function times(z: Complex, x: Complex, n: number): Complex {
  const out: Complex = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [zr, zi] = [z.re[i * n + j]!, z.im[i * n + j]!];
      out.re[i]! += zr * x.re[j]! - zi * x.im[j]!;
      out.im[i]! += zr * x.im[j]! + zi * x.re[j]!;
    }
  }
  return out;
}

/** To length 1, turned so that the largest element is real; a real vector is real then. */
function normalize(v: Complex, isReal: boolean): void {
  const n = v.re.length;
  let best = 0;
  let most = -1;
  for (let i = 0; i < n; i++) {
    const size = Math.hypot(v.re[i]!, v.im[i]!);
    if (size > most) [best, most] = [i, size];
  }
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (v.re[i]! / most) ** 2 + (v.im[i]! / most) ** 2;
  const norm = Math.sqrt(sum) * most;
  const [c, s] = [v.re[best]! / most, v.im[best]! / most];
  for (let i = 0; i < n; i++) {
    const [x, y] = [v.re[i]!, v.im[i]!];
    v.re[i] = (c * x + s * y) / norm;
    v.im[i] = isReal || i === best ? 0 : (c * y - s * x) / norm;
  }
}
