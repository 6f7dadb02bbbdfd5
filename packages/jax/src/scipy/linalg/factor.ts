/** Factorizations in SciPy's call forms. Leading axes are batches. Derivatives are those of numpy.linalg and lax.linalg. */
import { ShapeError } from "../../base/errors";
import { type Tracer } from "../../core/tracer";
import { hessenberg as packedHessenberg, householderProduct } from "../../lax/householder";
import { cholesky as laxCholesky, lu as laxLu } from "../../lax/linalg";
import { byPosition, named } from "../../numpy/arguments";
import { type ArrayLike, constantLike, convert, inexact } from "../../numpy/lift";
import {
  type SvdOptions, det as numpyDet, eigh as numpyEigh, inv as numpyInv, qr as numpyQr, svd as numpySvd,
} from "../../numpy/linalg"; // prettier-ignore
import { matmul } from "../../numpy/linear";
import { tril, triu } from "../../numpy/matrix";
import { owned } from "../../numpy/owned";
import { matrixTranspose } from "../../numpy/shape";
import * as ops from "../../ops/index";
import { columnOrder, takeColumns } from "./pivots";

/** The last two axes; ShapeError unless there are two. */
export function matrixSizes(op: string, x: Tracer): [m: number, n: number] {
  if (x.ndim < 2) throw new ShapeError(`${op}: expected matrices, got ${x.aval}`);
  return [x.shape[x.ndim - 2]!, x.shape[x.ndim - 1]!];
}

/** The size of square matrices; ShapeError for others. */
export function squareSize(op: string, x: Tracer): number {
  const [m, n] = matrixSizes(op, x);
  if (m !== n) throw new ShapeError(`${op}: expected square matrices, got ${x.aval}`);
  return n;
}

export interface LowerOption {
  /** The lower triangle is read, and the lower factor given; false by default. */
  lower?: boolean | undefined;
}

function choleskyOf(op: string, a: ArrayLike, o: LowerOption): Tracer {
  const x = inexact(a);
  squareSize(op, x);
  if (o.lower === true) return laxCholesky(x, { symmetrizeInput: false });
  return matrixTranspose(laxCholesky(matrixTranspose(x), { symmetrizeInput: false }));
}

/**
 * The upper factor u of a positive definite matrix, `uᵀ u = a`; or with `lower` the lower one, `l lᵀ = a`. Only that
 * triangle of a is read.
 *
 * Shapes: `f32[.., n, n] -> f32[.., n, n]`
 * Errors: ShapeError unless square. NaN where a is not positive definite.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.cholesky.html
 * @example
 * scipy.linalg.cholesky(np.array([[4, 2], [2, 5]])).js(); // => [[2, 1], [0, 2]]
 */
export function cholesky(a: ArrayLike, lower?: boolean | LowerOption): Tracer {
  return owned(() => choleskyOf("cholesky", a, byPosition<LowerOption>(["lower"], [lower])));
}

/**
 * `cholesky` in the form that `choSolve` takes: the factor, and whether it is the lower one.
 *
 * Shapes: `f32[.., n, n] -> [f32[.., n, n], lower]`
 * Errors: ShapeError unless square.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.cho_factor.html
 * @example
 * const factor = scipy.linalg.choFactor(np.array([[4, 2], [2, 5]]));
 * scipy.linalg.choSolve(factor, np.array([8, 12])).js(); // => [1, 2]
 */
export function choFactor(a: ArrayLike, lower?: boolean | LowerOption): [c: Tracer, lower: boolean] {
  const o = byPosition<LowerOption>(["lower"], [lower]);
  return [owned(() => choleskyOf("choFactor", a, o)), o.lower ?? false];
}

/**
 * Determinant, as `numpy.linalg.det`.
 *
 * Shapes: `f32[.., n, n] -> f32[..]`
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.det.html
 * @example
 * scipy.linalg.det(np.array([[1, 2], [3, 4]])).js(); // => -2
 */
export function det(a: ArrayLike): Tracer {
  return numpyDet(a);
}

/**
 * Inverse, as `numpy.linalg.inv`.
 *
 * Shapes: `f32[.., n, n] -> f32[.., n, n]`
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.inv.html
 * @example
 * scipy.linalg.inv(np.array([[2, 0], [0, 4]])).js(); // => [[0.5, 0], [0, 0.25]]
 */
export function inv(a: ArrayLike): Tracer {
  return numpyInv(a);
}

export interface ScipyEighOptions extends LowerOption {
  /** The generalised problem, which is not known: null. */
  b?: null | undefined;
  /** Gives the eigenvalues alone. */
  eigvalsOnly?: boolean | undefined;
}

/**
 * Eigenvalues, ascending, and eigenvectors (columns) of symmetric matrices; `(a + aᵀ) / 2` is taken.
 *
 * Shapes: `f32[.., n, n] -> [f32[.., n], f32[.., n, n]]`
 * Errors: ShapeError unless square, and for the generalised problem.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.eigh.html
 * @example
 * scipy.linalg.eigh(np.array([[2, 0], [0, 1]]), { eigvalsOnly: true }).js(); // => [1, 2]
 */
export function eigh(a: ArrayLike, options: ScipyEighOptions & { eigvalsOnly: true }): Tracer;
export function eigh(
  a: ArrayLike,
  b?: null | ScipyEighOptions,
  lower?: boolean | ScipyEighOptions,
): [w: Tracer, v: Tracer];
export function eigh(
  a: ArrayLike,
  b?: null | ScipyEighOptions,
  lower?: boolean | ScipyEighOptions,
  eigvalsOnly?: boolean,
): Tracer | [Tracer, Tracer] {
  const o = byPosition<ScipyEighOptions>(["b", "lower", "eigvalsOnly"], [b, lower, eigvalsOnly]);
  if (o.b !== undefined && o.b !== null) {
    throw new ShapeError(
      "eigh: the generalised problem is not known; bring b to the left with cholesky and solveTriangular",
    );
  }
  return owned(() => {
    const [w, v] = numpyEigh(a);
    return o.eigvalsOnly === true ? w : [w, v];
  });
}

/**
 * Singular values, descending, with their vectors: `[u, s, vᵀ]`, or s alone without `computeUv`.
 *
 * Shapes: `f32[.., m, n] -> [f32[.., m, m], f32[.., k], f32[.., n, n]]`, thin without `fullMatrices`.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.svd.html
 * @example
 * scipy.linalg.svd(np.array([[3, 0], [0, 4]]), { computeUv: false }).js(); // => [4, 3]
 */
export function svd(a: ArrayLike, options: SvdOptions & { computeUv: false }): Tracer;
export function svd(a: ArrayLike, fullMatrices?: boolean | SvdOptions): [u: Tracer, s: Tracer, vt: Tracer];
export function svd(
  a: ArrayLike,
  fullMatrices?: boolean | SvdOptions,
  computeUv?: boolean | SvdOptions,
): Tracer | [Tracer, Tracer, Tracer] {
  return numpySvd(a, byPosition<SvdOptions>(["fullMatrices", "computeUv"], [fullMatrices, computeUv]));
}

/**
 * `[p, l, u]` with `a = p l u`: p a permutation, l lower with unit diagonal, u upper. With `permuteL` it is `[p l, u]`.
 *
 * Shapes: `f32[.., m, n] -> [f32[.., m, m], f32[.., m, k], f32[.., k, n]]`, k = min(m, n).
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.lu.html
 * @example
 * scipy.linalg.lu(np.array([[0, 1], [2, 0]]))[0].js(); // => [[0, 1], [1, 0]]
 */
export function lu(a: ArrayLike, options: true | { permuteL: true }): [pl: Tracer, u: Tracer];
export function lu(a: ArrayLike, permuteL?: false | { permuteL?: false }): [p: Tracer, l: Tracer, u: Tracer];
export function lu(a: ArrayLike, permuteL: boolean | { permuteL?: boolean } = false): Tracer[] {
  const joined = named<"permuteL", boolean>("permuteL", permuteL, false);
  return owned(() => {
    const x = inexact(a);
    const [m, n] = matrixSizes("lu", x);
    const k = Math.min(m, n);
    const [factors, , permutation] = laxLu(x);
    const lead = x.shape.slice(0, -2);
    const crop = (rows: number, columns: number): Tracer =>
      ops.slice(
        factors,
        x.shape.map(() => 0),
        [...lead, rows, columns],
      );
    const left = tril(crop(m, k), -1);
    const l = ops.add(left, unit(left));
    const u = triu(crop(k, n));
    // Row i of l u is row permutation[i] of a, so p has a one at [permutation[i], i].
    const square = [...lead, m, m];
    const to = ops.broadcastInDim(permutation, square, [...lead.keys(), lead.length + 1]);
    const p = convert(ops.eq(to, ops.iota("int32", square, lead.length)), x.dtype);
    return joined ? [matmul(p, l), u] : [p, l, u];
  });
}

/** Ones on the diagonals of matrices in the shape of x. */
function unit(x: Tracer): Tracer {
  const n = x.ndim;
  return convert(ops.eq(ops.iota("int32", x.shape, n - 2), ops.iota("int32", x.shape, n - 1)), x.dtype);
}

/** "full": square q. "economic": thin q. "r": r alone. */
export type QrMode = "full" | "economic" | "r";

export interface ScipyQrOptions {
  mode?: QrMode | undefined;
  /** Takes columns in the order that makes the diagonal of r descend, and gives that order. */
  pivoting?: boolean | undefined;
}

/**
 * Orthonormal q and upper triangular r with `q r = a`; with `pivoting` also the order p, `q r = a[:, p]`.
 *
 * Shapes: `f32[.., m, n] -> [f32[.., m, m], f32[.., m, n]]`, "economic" `[f32[.., m, k], f32[.., k, n]]`, "r" `[f32[.., m, n]]`;
 * with p `i32[.., n]` behind them.
 * Errors: ShapeError for another mode.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.qr.html
 * @example
 * scipy.linalg.qr(np.array([[1, 3], [0, 1]]), { pivoting: true })[2].js(); // => [1, 0]
 */
export function qr(a: ArrayLike, options: ScipyQrOptions & { mode: "r"; pivoting: true }): [r: Tracer, p: Tracer];
export function qr(a: ArrayLike, options: ScipyQrOptions & { mode: "r" }): [r: Tracer];
export function qr(a: ArrayLike, options: ScipyQrOptions & { pivoting: true }): [q: Tracer, r: Tracer, p: Tracer];
export function qr(a: ArrayLike, mode?: ScipyQrOptions | QrMode): [q: Tracer, r: Tracer];
export function qr(a: ArrayLike, mode: ScipyQrOptions | QrMode = {}): Tracer[] {
  const o = byPosition<ScipyQrOptions>(["mode"], [mode], ["pivoting"]);
  const how = o.mode ?? "full";
  if (!["full", "economic", "r"].includes(how)) {
    throw new ShapeError(`qr: mode must be "full", "economic" or "r", got ${String(how)}`);
  }
  return owned(() => {
    const x = inexact(a);
    const [m, n] = matrixSizes("qr", x);
    const order = o.pivoting === true ? [columnOrder(x)] : [];
    const y = order.length === 0 ? x : takeColumns(x, order[0]!);
    if (how !== "r") return [...numpyQr(y, how === "full" ? "complete" : "reduced"), ...order];
    const r = numpyQr(y, "r");
    if (m <= n) return [r, ...order];
    // SciPy's r has all m rows here.
    const zero = ops.full([], 0, r.dtype);
    const low = r.shape.map(() => 0);
    return [ops.pad(r, zero, low, [...r.shape.slice(0, -2).map(() => 0), m - n, 0]), ...order];
  });
}

export interface HessenbergOptions {
  /** Gives q too. */
  calcQ?: boolean | undefined;
}

/**
 * The Hessenberg form h of square matrices, zero below the first subdiagonal: `a = q h qᵀ` with orthogonal q. With
 * `calcQ` it is `[h, q]`.
 *
 * Shapes: `f32[.., n, n] -> f32[.., n, n]`
 * Gradient: none. Runs on cpu and wasm.
 * Errors: ShapeError unless square.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.hessenberg.html
 * @example
 * scipy.linalg.hessenberg(np.array([[1, 2], [3, 4]])).js(); // => [[1, 2], [3, 4]]
 */
export function hessenberg(a: ArrayLike, options: true | { calcQ: true }): [h: Tracer, q: Tracer];
export function hessenberg(a: ArrayLike, options?: false | HessenbergOptions): Tracer;
export function hessenberg(a: ArrayLike, options: boolean | HessenbergOptions = {}): Tracer | [Tracer, Tracer] {
  const calcQ = named<"calcQ", boolean>("calcQ", options, false);
  return owned(() => {
    const [packed, taus] = packedHessenberg(a);
    const h = triu(packed, -1);
    if (!calcQ) return h;
    const n = squareSize("hessenberg", packed);
    if (n < 2) return [h, ops.add(constantLike(packed, 0), unit(packed))];
    // q is 1 in the corner, and the product of the reflectors below.
    const lead = packed.shape.slice(0, -2);
    const start = [...lead.map(() => 0), 1, 0];
    const reflectors = ops.slice(packed, start, [...lead, n, n - 1]);
    const inner = householderProduct(reflectors, taus);
    const zero = ops.full([], 0, inner.dtype);
    const padded = ops.pad(
      inner,
      zero,
      [...lead.map(() => 0), 1, 1],
      [...lead, 0, 0].map(() => 0),
    );
    const i = ops.iota("int32", padded.shape, lead.length);
    const j = ops.iota("int32", padded.shape, lead.length + 1);
    const corner = ops.eq(ops.add(i, j), constantLike(i, 0));
    return [h, ops.where(corner, constantLike(padded, 1), padded)];
  });
}
