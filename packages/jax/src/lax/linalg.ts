/** Factorizations of matrices in lax's call forms. Leading axes are batch axes. */
import { checkOptions } from "../base/option-names";
import { canonicalAxis } from "../aval/promote";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, constantLike, inexact, promoteInexactDTypes } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

/** The matrices with their last two axes exchanged. */
function transposed(x: Tracer): Tracer {
  const n = x.ndim;
  canonicalAxis("linalg", -2, n);
  return ops.transpose(x, [...Array(n - 2).keys(), n - 1, n - 2]);
}

/** Half the sum of the matrices and their transposes. */
function symmetrized(x: Tracer): Tracer {
  const sum = ops.add(x, transposed(x));
  return ops.mul(sum, constantLike(sum, 0.5));
}

/**
 * The matrices with one triangle replaced by the mirrored other one. Their tangents stay as they are: those of symmetric
 * matrices are symmetric.
 */
function mirrored(x: Tracer, fromLower: boolean): Tracer {
  const n = x.ndim;
  const [row, column] = [ops.iota("int32", x.shape, n - 2), ops.iota("int32", x.shape, n - 1)];
  const read = fromLower ? ops.ge(row, column) : ops.le(row, column);
  const symmetric = ops.where(read, x, transposed(ops.stopGradient(x)));
  const zero = constantLike(x, 0);
  const moves = ops.where(ops.isFinite(x), ops.sub(x, ops.stopGradient(x)), zero);
  return ops.add(symmetric, ops.where(read, zero, moves));
}

export interface LaxCholeskyOptions {
  /** Gives the upper factor U with `U^T U = a`; false by default. */
  upper?: boolean | undefined;
  /** Factors `(a + a^T) / 2`; true by default. Else only the lower triangle is read, and a derivative takes a as symmetric. */
  symmetrizeInput?: boolean | undefined;
}

/**
 * Lower L with `L L^T = a`, of symmetric positive definite a; NaN where it is not.
 *
 * Shapes: `f32[..., n, n] -> f32[..., n, n]`.
 * @example
 * lax.linalg.cholesky(np.array([[4]])).js(); // => [[2]]
 */
export function cholesky(a: ArrayLike, options: LaxCholeskyOptions = {}): Tracer {
  checkOptions("cholesky", options, { upper: true, symmetrizeInput: true });
  return owned(() => {
    const x = inexact(a);
    const lower = (options.symmetrizeInput ?? true) ? ops.cholesky(x) : ops.cholesky(mirrored(x, true), true);
    return options.upper === true ? transposed(lower) : lower;
  });
}

export interface LaxTriangularSolveOptions {
  /** Solves `a x = b`, else `x a = b`. */
  leftSide?: boolean | undefined;
  /** Reads the lower triangle, else the upper one. */
  lower?: boolean | undefined;
  /** Puts the transpose of a in place of a. */
  transposeA?: boolean | undefined;
  /** Takes the diagonal as ones. */
  unitDiagonal?: boolean | undefined;
}

/**
 * The x of `x a = b` (or `a x = b`) for triangular a. All options are false by default.
 *
 * Shapes: `f32[..., n, n] x f32[..., m, n] -> f32[..., m, n]`, with leftSide `f32[..., n, m]`; a `b` of one axis less than
 * `a` holds vectors, `f32[..., n] -> f32[..., n]`.
 * Errors: ShapeError where a is not square or the sizes do not fit.
 * @example
 * lax.linalg.triangularSolve(np.array([[2]]), np.array([[6]])).js(); // => [[3]]
 */
export function triangularSolve(a: ArrayLike, b: ArrayLike, options: LaxTriangularSolveOptions = {}): Tracer {
  checkOptions("triangularSolve", options, { leftSide: true, lower: true, transposeA: true, unitDiagonal: true });
  return owned(() => {
    const [matrix, rhs] = promoteInexactDTypes([a, b]) as [Tracer, Tracer];
    const leftSide = options.leftSide ?? false;
    const isVector = rhs.ndim === matrix.ndim - 1;
    const axis = leftSide ? rhs.ndim : rhs.ndim - 1;
    const x = ops.triangularSolve(matrix, isVector ? ops.expandDims(rhs, [axis]) : rhs, {
      leftSide,
      lower: options.lower ?? false,
      transposeA: options.transposeA ?? false,
      unitDiagonal: options.unitDiagonal ?? false,
    });
    return isVector ? ops.squeeze(x, [axis]) : x;
  });
}

/**
 * Factors of a with rows exchanged: L (unit diagonal, not stored) and U in one matrix, the exchanges, and the permutation
 * that they make.
 *
 * Shapes: `f32[..., m, n] -> f32[..., m, n], i32[..., min(m, n)], i32[..., m]`.
 * @example
 * lax.linalg.lu(np.array([[0, 1], [2, 0]]))[2].js(); // => [1, 0]
 */
export function lu(x: ArrayLike): [lu: Tracer, pivots: Tracer, permutation: Tracer] {
  return owned(() => ops.lu(inexact(x)) as [Tracer, Tracer, Tracer]);
}

export interface LaxQrOptions {
  /** Gives q all m columns; true by default. */
  fullMatrices?: boolean | undefined;
}

/**
 * Orthogonal q and upper triangular r with `q r = a`.
 *
 * Shapes: `f32[..., m, n] -> f32[..., m, k], f32[..., k, n]`, k = m, or min(m, n) without fullMatrices.
 * @example
 * lax.linalg.qr(np.eye(2))[0].shape; // => [2, 2]
 */
export function qr(x: ArrayLike, options: LaxQrOptions = {}): [q: Tracer, r: Tracer] {
  checkOptions("qr", options, { fullMatrices: true });
  return owned(() => ops.qr(inexact(x), options.fullMatrices ?? true) as [Tracer, Tracer]);
}

export interface LaxEighOptions {
  /** Without symmetrizeInput: reads the lower triangle (true, the default), or the upper one. */
  lower?: boolean | undefined;
  /** Takes `(x + x^T) / 2`; true by default. */
  symmetrizeInput?: boolean | undefined;
  /** Eigenvalues come ascending always. */
  sortEigenvalues?: boolean | undefined;
}

/**
 * Eigenvectors, as columns, and ascending eigenvalues of symmetric matrices.
 *
 * Shapes: `f32[..., n, n] -> f32[..., n, n], f32[..., n]`.
 * @example
 * lax.linalg.eigh(np.diag(np.array([2, 1])))[1].js(); // => [1, 2]
 */
export function eigh(x: ArrayLike, options: LaxEighOptions = {}): [vectors: Tracer, values: Tracer] {
  checkOptions("eigh", options, { lower: true, symmetrizeInput: true, sortEigenvalues: true });
  return owned(() => {
    const y = inexact(x);
    const [values, vectors] = ops.eigh(
      (options.symmetrizeInput ?? true) ? symmetrized(y) : mirrored(y, options.lower ?? true),
    );
    return [vectors!, values!];
  });
}

export interface LaxSvdOptions {
  /** Gives u and vt all their columns and rows; true by default. */
  fullMatrices?: boolean | undefined;
  /** Gives u and vt, else only the singular values; true by default. */
  computeUv?: boolean | undefined;
}

/**
 * Singular values, descending, and singular vectors: `u diag(s) vt = a`.
 *
 * Shapes: `f32[..., m, n] -> f32[..., m, m], f32[..., k], f32[..., n, n]`, k = min(m, n).
 * @example
 * lax.linalg.svd(np.diag(np.array([1, 2])), { computeUv: false }).js(); // => [2, 1]
 */
export function svd(a: ArrayLike, options: LaxSvdOptions & { computeUv: false }): Tracer;
export function svd(a: ArrayLike, options?: LaxSvdOptions): [u: Tracer, s: Tracer, vt: Tracer];
export function svd(a: ArrayLike, options: LaxSvdOptions = {}): Tracer | [Tracer, Tracer, Tracer] {
  checkOptions("svd", options, { fullMatrices: true, computeUv: true });
  return owned(() => {
    const uv = options.computeUv ?? true;
    const [u, s, vt] = ops.svd(inexact(a), uv && (options.fullMatrices ?? true)) as [Tracer, Tracer, Tracer];
    return uv ? [u, s, vt] : s;
  });
}
