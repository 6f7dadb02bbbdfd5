/** Linear algebra on matrices in the last two axes; the axes before are batches. Dtypes: integers give float32. */
import { checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import { type Tracer } from "../core/tracer";
import {
  eigh as laxEigh,
  lu as laxLu,
  qr as laxQr,
  svd as laxSvd,
  cholesky as laxCholesky,
  triangularSolve,
} from "../lax/linalg";
import * as ops from "../ops/index";
import { type Named, byPosition, named } from "./arguments";
import { multiply } from "./arithmetic";
import { abs, log, sign } from "./elementwise";
import { gatherAlong } from "./gather";
import { type ArrayLike, broadcastArray, constantLike, convert, inexact, lift, promoteInexactDTypes } from "./lift";
import { finfo } from "./dtypes";
import { matmul as matmulOf } from "./linear";
import { diagonal as diagonalOf, eye } from "./matrix";
import { isOptions } from "./options";
import { owned } from "./owned";
import { max, prod, sum } from "./reductions";
import { broadcastShapes } from "../aval/promote";
import { prod as product, range } from "../base/list";
import { expandDims, matrixTranspose as transposeOf, reshape, transpose } from "./shape";

/** The last two sizes; throws unless they are equal. */
function squareSize(op: string, a: Tracer): number {
  const [n, m] = a.shape.slice(-2);
  if (a.ndim < 2 || n !== m) throw new ShapeError(`${op}: expected square matrices, got ${a.aval}`);
  return n!;
}

const matrixAt = (a: Tracer, i: number, j: number): Tracer => {
  const nLead = a.ndim - 2;
  const cell = ops.slice(a, [...range(nLead).map(() => 0), i, j], [...a.shape.slice(0, nLead), i + 1, j + 1]);
  return ops.reshape(cell, a.shape.slice(0, nLead));
};

/** Sign of the permutation of the rows that LU made: -1 for an odd number of swaps. */
function pivotSign(pivots: Tracer, like: Tracer): Tracer {
  const swapped = ops.ne(pivots, ops.iota("int32", pivots.shape, pivots.ndim - 1));
  const count = ops.reduceSum(convert(swapped, "int32"), [pivots.ndim - 1]);
  const odd = convert(ops.and(count, constantLike(count, 1)), like.dtype);
  return ops.sub(constantLike(odd, 1), ops.mul(odd, constantLike(odd, 2)));
}

/**
 * Determinant. Up to 3 x 3 by its formula, so gradients are right at singular matrices too; larger ones by LU.
 *
 * Shapes: `f32[.., n, n] -> f32[..]`
 * Errors: ShapeError unless square.
 * @example
 * np.linalg.det(np.array([[1, 2], [3, 4]])).js(); // => -2
 */
export function det(a: ArrayLike): Tracer {
  return owned(() => {
    const x = inexact(a);
    const n = squareSize("det", x);
    const e = (i: number, j: number): Tracer => matrixAt(x, i, j);
    const minor = (i: number, j: number, k: number, l: number): Tracer =>
      ops.sub(ops.mul(e(i, k), e(j, l)), ops.mul(e(i, l), e(j, k)));
    if (n === 0) return ops.full(x.shape.slice(0, -2), 1, x.dtype);
    if (n === 1) return e(0, 0);
    if (n === 2) return minor(0, 1, 0, 1);
    if (n === 3) {
      const first = ops.mul(e(0, 0), minor(1, 2, 1, 2));
      const second = ops.mul(e(0, 1), minor(1, 2, 0, 2));
      return ops.add(ops.sub(first, second), ops.mul(e(0, 2), minor(1, 2, 0, 1)));
    }
    const [lu, pivots] = laxLu(x);
    return ops.mul(pivotSign(pivots, x), prod(diagonalOf(lu, 0, -2, -1), -1));
  });
}

/** Sign and logarithm of the absolute determinant; of a singular matrix 0 and -Infinity. @example np.linalg.slogdet(np.array([[2, 0], [0, 3]]))[0].js(); // => 1 */
export function slogdet(a: ArrayLike): [Tracer, Tracer] {
  return owned((): [Tracer, Tracer] => {
    const x = inexact(a);
    squareSize("slogdet", x);
    const [lu, pivots] = laxLu(x);
    const d = diagonalOf(lu, 0, -2, -1);
    return [ops.mul(pivotSign(pivots, x), prod(sign(d), -1)), sum(log(abs(d)), -1)];
  });
}

/**
 * Solves `a x = b`. A vector `b` is one right side; otherwise its columns are.
 *
 * Shapes: `f32[.., n, n] x f32[.., n, k] -> f32[.., n, k]`
 * Errors: ShapeError for sizes that do not fit. Singular matrices give infinities or NaN.
 * @example
 * np.linalg.solve(np.array([[2, 0], [0, 4]]), np.array([2, 4])).js(); // => [1, 1]
 */
export function solve(a: ArrayLike, b: ArrayLike): Tracer {
  return owned(() => {
    const [x, y] = promoteInexactDTypes([a, b]) as [Tracer, Tracer];
    const n = squareSize("solve", x);
    const vector = y.ndim === 1;
    const right = vector ? expandDims(y, 1) : y;
    if (right.ndim < 2 || right.shape[right.ndim - 2] !== n) {
      throw new ShapeError(`solve: ${x.aval} does not fit the right side ${y.aval}`);
    }
    const lead = broadcastShapes("solve", x.shape.slice(0, -2), right.shape.slice(0, -2));
    const [lu, , permutation] = laxLu(x);
    const spread = (t: Tracer, tail: number[]): Tracer => broadcastArray(t, [...lead, ...tail]);
    const k = right.shape[right.ndim - 1]!;
    const factors = spread(lu, [n, n]);
    const rhs = spread(right, [n, k]);
    const order = broadcastArray(ops.reshape(permutation, [...permutation.shape, 1]), [...lead, n, k]);
    const permuted = gatherAlong(rhs, order, lead.length, "promise_in_bounds");
    const half = triangularSolve(factors, permuted, { leftSide: true, lower: true, unitDiagonal: true });
    const out = triangularSolve(factors, half, { leftSide: true, lower: false });
    return vector ? reshape(out, out.shape.slice(0, -1)) : out;
  });
}

/** Inverse. Errors: ShapeError unless square. @example np.linalg.inv(np.array([[2, 0], [0, 4]])).js(); // => [[0.5, 0], [0, 0.25]] */
export function inv(a: ArrayLike): Tracer {
  return owned(() => {
    const x = inexact(a);
    const n = squareSize("inv", x);
    return solve(x, broadcastArray(eye(n, n, { dtype: x.dtype }), x.shape));
  });
}

export interface CholeskyOptions {
  /** Gives the upper factor. */
  upper?: boolean | undefined;
  /** Takes the mean of the matrix and its transpose first (default). */
  symmetrizeInput?: boolean | undefined;
}

/** Lower triangular `l` with `l lᵀ = a`, NaN if `a` is not positive definite. @example np.linalg.cholesky(np.array([[4, 0], [0, 9]])).js(); // => [[2, 0], [0, 3]] */
export function cholesky(a: ArrayLike, options: CholeskyOptions = {}): Tracer {
  checkOptions("cholesky", options, { upper: true, symmetrizeInput: true });
  return owned(() => {
    const x = inexact(a);
    squareSize("cholesky", x);
    return laxCholesky(x, options);
  });
}

export interface EighOptions {
  symmetrizeInput?: boolean | undefined;
  /** Which triangle to read without `symmetrizeInput`. */
  UPLO?: "L" | "U" | undefined;
}

/** Eigenvalues, ascending, and eigenvectors (columns) of symmetric matrices. @example np.linalg.eigh(np.array([[2, 0], [0, 1]]))[0].js(); // => [1, 2] */
export function eigh(a: ArrayLike, options: EighOptions | "L" | "U" = {}): [Tracer, Tracer] {
  const o: EighOptions = typeof options === "string" ? { UPLO: options } : options;
  checkOptions("eigh", o, { UPLO: true, symmetrizeInput: true });
  return owned((): [Tracer, Tracer] => {
    const x = inexact(a);
    squareSize("eigh", x);
    const [v, w] = laxEigh(x, { lower: o.UPLO !== "U", symmetrizeInput: o.symmetrizeInput ?? true });
    return [w, v];
  });
}

/** Eigenvalues of symmetric matrices, ascending. @example np.linalg.eigvalsh(np.array([[2, 0], [0, 1]])).js(); // => [1, 2] */
export function eigvalsh(a: ArrayLike, options: EighOptions | "L" | "U" = {}): Tracer {
  return owned(() => eigh(a, options)[0]);
}

export interface SvdOptions {
  /** Square `u` and `v` (default); else thin ones. */
  fullMatrices?: boolean | undefined;
  computeUv?: boolean | undefined;
}

/** Singular value decomposition `[u, s, vᵀ]`, `s` descending; or `s` alone. @example np.linalg.svd(np.array([[3, 0], [0, 4]]), { computeUv: false }).js(); // => [4, 3] */
export function svd(a: ArrayLike, options: SvdOptions & { computeUv: false }): Tracer;
export function svd(a: ArrayLike, fullMatrices: boolean, computeUv: false): Tracer;
export function svd(a: ArrayLike, options?: SvdOptions | boolean): [Tracer, Tracer, Tracer];
export function svd(a: ArrayLike, ...given: (SvdOptions | boolean | undefined)[]): Tracer | [Tracer, Tracer, Tracer] {
  const options = byPosition<SvdOptions>(["fullMatrices", "computeUv"], given);
  return owned((): Tracer | [Tracer, Tracer, Tracer] => {
    const x = inexact(a);
    if (x.ndim < 2) throw new ShapeError(`svd: expected matrices, got ${x.aval}`);
    return laxSvd(x, { ...options, fullMatrices: options.fullMatrices ?? true }) as [Tracer, Tracer, Tracer];
  });
}

/** Singular values, descending. @example np.linalg.svdvals(np.array([[3, 0], [0, 4]])).js(); // => [4, 3] */
export function svdvals(a: ArrayLike): Tracer {
  return svd(a, { computeUv: false });
}

/** What `qr` gives: thin factors, q square, r alone, or "raw" reflections and their factors, as `lax.linalg.ormqr` takes them. */
export type QrMode = "reduced" | "complete" | "r" | "raw";

/**
 * QR decomposition `[q, r]`: "reduced" (default), "complete" with square q, or "r" alone; "raw" gives LAPACK's packed
 * factors, transposed, and the factors of the reflections.
 *
 * Shapes: `f32[.., m, n] -> [f32[.., m, k], f32[.., k, n]]`, "raw" `[f32[.., n, m], f32[.., k]]`, k = min(m, n).
 * Errors: ShapeError for fewer than 2 axes or another mode.
 * @example
 * np.linalg.qr(np.eye(2))[0].shape; // => [2, 2]
 */
export function qr(a: ArrayLike, mode: "r" | { mode: "r" }): Tracer;
export function qr(a: ArrayLike, mode?: Exclude<QrMode, "r"> | { mode?: Exclude<QrMode, "r"> }): [Tracer, Tracer];
export function qr(a: ArrayLike, mode: QrMode | { mode?: QrMode } = "reduced"): Tracer | [Tracer, Tracer] {
  if (typeof mode === "object") checkOptions("qr", mode, { mode: true });
  const how = typeof mode === "string" ? mode : (mode.mode ?? "reduced");
  if (!["reduced", "complete", "r", "raw"].includes(how)) {
    throw new ShapeError(`qr: mode must be "reduced", "complete", "r" or "raw", got ${String(how)}`);
  }
  return owned((): Tracer | [Tracer, Tracer] => {
    const x = inexact(a);
    if (how === "raw") {
      const [packed, taus] = ops.geqrf(x) as [Tracer, Tracer];
      return [transposeOf(packed), taus];
    }
    const [q, r] = laxQr(x, { fullMatrices: how === "complete" });
    return how === "r" ? r : [q, r];
  });
}

/** Number of singular values above the tolerance. Dtypes: int32. @example np.linalg.matrixRank(np.ones([2, 2])).js(); // => 1 */
export function matrixRank(M: ArrayLike, rtol?: ArrayLike | { rtol?: ArrayLike; tol?: ArrayLike }): Tracer {
  const given = (isOptions(rtol) ? rtol : { rtol }) as { rtol?: ArrayLike; tol?: ArrayLike };
  checkOptions("matrixRank", given, { rtol: true, tol: true });
  return owned(() => {
    const x = inexact(M);
    if (x.ndim < 2) return convert(ops.reduceOr(ops.ne(x, constantLike(x, 0)), range(x.ndim)), "int32");
    const s = svdvals(x);
    const [m, n] = x.shape.slice(-2) as [number, number];
    const limit =
      given.tol ?? multiply(given.rtol ?? Math.max(m, n) * finfo(x.dtype).eps, max(s, -1, { keepdims: true }));
    return sum(ops.gt(s, broadcastArray(convert(lift(limit), s.dtype), s.shape)), -1);
  });
}

/** A square matrix times itself `n` times; negative powers invert. @example np.linalg.matrixPower(np.array([[1, 1], [0, 1]]), 3).js(); // => [[1, 3], [0, 1]] */
export function matrixPower(a: ArrayLike, n: number): Tracer {
  if (!Number.isInteger(n)) throw new ShapeError(`matrixPower: the power must be a whole number, got ${n}`);
  return owned(() => {
    const x = lift(a);
    const size = squareSize("matrixPower", x);
    if (n === 0) return ops.copy(broadcastArray(eye(size, size, { dtype: x.dtype }), x.shape));
    let base = n < 0 ? inv(x) : x;
    let out: Tracer | null = null;
    for (let left = Math.abs(n); left > 0; left = Math.floor(left / 2)) {
      if (left % 2 === 1) out = out === null ? base : matmulOf(out, base);
      if (left > 1) base = matmulOf(base, base);
    }
    return out === x ? ops.copy(x) : out!;
  });
}

/** Product of several matrices, in the cheapest order; the ends may be vectors. @example np.linalg.multiDot([np.eye(2), np.eye(2), np.ones([2])]).js(); // => [1, 1] */
export function multiDot(arrays: readonly ArrayLike[]): Tracer {
  if (arrays.length < 2) throw new ShapeError("multiDot: expected at least two arrays");
  return owned(() => {
    const xs = arrays.map(lift);
    const n = xs.length;
    const dims = [
      xs[0]!.ndim === 1 ? 1 : xs[0]!.shape[0]!,
      ...xs.map((x) => (x.ndim === 1 ? (x === xs[0] ? x.size : 1) : x.shape[1]!)),
    ];
    // Matrix chain: the cheapest split of each stretch.
    const cost = range(n).map(() => new Array<number>(n).fill(0));
    const cut = range(n).map(() => new Array<number>(n).fill(0));
    for (let length = 1; length < n; length++) {
      for (let i = 0; i + length < n; i++) {
        const j = i + length;
        cost[i]![j] = Infinity;
        for (let k = i; k < j; k++) {
          const c = cost[i]![k]! + cost[k + 1]![j]! + dims[i]! * dims[k + 1]! * dims[j + 1]!;
          if (c < cost[i]![j]!) [cost[i]![j], cut[i]![j]] = [c, k];
        }
      }
    }
    const build = (i: number, j: number): Tracer =>
      i === j ? xs[i]! : matmulOf(build(i, cut[i]![j]!), build(cut[i]![j]! + 1, j));
    return build(0, n - 1);
  });
}

/** Inverse with respect to `tensordot(a, .., ind)`. @example np.linalg.tensorinv(np.reshape(np.eye(4), [4, 2, 2]), 1).shape; // => [2, 2, 4] */
export function tensorinv(a: ArrayLike, split?: number | Named<"ind", number>): Tracer {
  const ind = named("ind", split, 2);
  return owned(() => {
    const x = inexact(a);
    const [head, tail] = [x.shape.slice(0, ind), x.shape.slice(ind)];
    if (product(head) !== product(tail))
      throw new ShapeError(`tensorinv: ${x.aval} is not square when split at axis ${ind}`);
    return reshape(inv(reshape(x, [product(head), product(tail)])), [...tail, ...head]);
  });
}

/** Solves `tensordot(a, x, x.ndim) = b`. @example np.linalg.tensorsolve(np.eye(2), np.array([1, 2])).js(); // => [1, 2] */
export function tensorsolve(
  a: ArrayLike,
  b: ArrayLike,
  last?: readonly number[] | null | Named<"axes", readonly number[] | null>,
): Tracer {
  const axes = named<"axes", readonly number[] | null>("axes", last, null);
  return owned(() => {
    let x = inexact(a);
    const y = lift(b);
    if (axes !== null) x = transpose(x, [...range(x.ndim).filter((i) => !axes.includes(i)), ...axes]);
    const tail = x.shape.slice(y.ndim);
    const n = product(tail);
    return reshape(solve(reshape(x, [y.size, n]), reshape(y, [y.size])), tail);
  });
}
