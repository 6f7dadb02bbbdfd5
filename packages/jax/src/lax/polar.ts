/** The polar decomposition by a quickly converging iteration. */
import { checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { finfo } from "../numpy/dtypes";
import { broadcastArray, constantLike, convert, inexact, type ArrayLike } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { whileLoop } from "./control";

export interface QdwhOptions {
  /** Unused: x may be symmetric. */
  isHermitian?: boolean | undefined;
  /** Ends the iteration; 10 by default. */
  maxIterations?: number | undefined;
  /** It has converged when a step changes less than the cube root of `4 eps`; that of the dtype by default. */
  eps?: number | undefined;
}

const transposed = (x: Tracer): Tracer => ops.transpose(x, [1, 0]);
const norm = (x: Tracer): Tracer => ops.sqrt(ops.reduceSum(ops.square(x), [0, 1]));

/** Weights of a step for a lower bound l of the singular values: those that bring them nearest to 1. */
function weights(l: Tracer): { a: Tracer; b: Tracer; c: Tracer; next: Tracer } {
  const k = (value: number): Tracer => constantLike(l, value);
  const square = ops.mul(l, l);
  const d = ops.cbrt(ops.div(ops.mul(k(4), ops.sub(k(1), square)), ops.mul(square, square)));
  const root = ops.sqrt(ops.add(k(1), d));
  const inner = ops.sub(k(8), ops.mul(k(4), d));
  const outer = ops.div(ops.mul(k(8), ops.sub(k(2), square)), ops.mul(square, root));
  const a = ops.add(root, ops.mul(k(0.5), ops.sqrt(ops.max(k(0), ops.add(inner, outer)))));
  const b = ops.mul(k(0.25), ops.square(ops.sub(a, k(1))));
  const c = ops.sub(ops.add(a, b), k(1));
  const next = ops.div(ops.mul(l, ops.add(a, ops.mul(b, square))), ops.add(k(1), ops.mul(c, square)));
  return { a, b, c, next: ops.min(next, k(1)) };
}

/** x (a I + b xᵀx) (I + c xᵀx)⁻¹, by a QR factorization, which is stable for any x. */
function halley(x: Tracer, { a, b, c }: { a: Tracer; b: Tracer; c: Tracer }): Tracer {
  const [m, n] = x.shape as [number, number];
  const root = ops.sqrt(c);
  const spread = (s: Tracer): Tracer => broadcastArray(s, x.shape);
  const unit = convert(ops.eq(ops.iota("int32", [n, n], 0), ops.iota("int32", [n, n], 1)), x.dtype);
  const [q] = ops.qr(ops.concatenate([ops.mul(spread(root), x), unit], 0)) as [Tracer, Tracer];
  const [q1, q2] = [ops.slice(q, [0, 0], [m, n]), ops.slice(q, [m, 0], [m + n, n])];
  const ratio = ops.div(b, c);
  const factor = ops.div(ops.sub(a, ratio), root);
  return ops.add(ops.mul(spread(ratio), x), ops.mul(spread(factor), ops.batchMatmul(q1, transposed(q2))));
}

/**
 * The polar decomposition `x = u h`, u with orthonormal columns, h symmetric positive semidefinite, by the QR-based
 * dynamically weighted Halley iteration. Gives `[u, h, number of iterations, whether it converged]`.
 *
 * Shapes: `f32[m, n] -> [f32[m, n], f32[n, n], i32[], bool[]]`, m at least n.
 * Gradient: forward mode only.
 * Errors: ShapeError for more columns than rows, or other than 2 axes.
 * Source: Nakatsukasa, Bai and Gygi, "Optimizing Halley's iteration for computing the matrix polar decomposition" (2010);
 * https://docs.jax.dev/en/latest/_autosummary/jax.lax.linalg.qdwh.html
 * @example
 * lax.linalg.qdwh(np.array([[0, -2], [3, 0]]))[1].js(); // => [[3, 0], [0, 2]]
 */
export function qdwh(
  x: ArrayLike,
  options: QdwhOptions = {},
): [u: Tracer, h: Tracer, numIters: Tracer, isConverged: Tracer] {
  checkOptions("qdwh", options, { isHermitian: true, maxIterations: true, eps: true });
  return owned((): [Tracer, Tracer, Tracer, Tracer] => {
    const matrix = inexact(x);
    const [m, n] = matrix.shape as [number, number];
    if (matrix.ndim !== 2 || m < n) {
      throw new ShapeError(`qdwh: expected a matrix with at least as many rows as columns, got ${matrix.aval}`);
    }
    const eps = options.eps ?? finfo(matrix.dtype).eps;
    const most = options.maxIterations ?? 10;
    const tolerance = Math.cbrt(4 * eps);
    // The largest singular value is at most the root of the largest sums of rows and columns.
    const size = ops.abs(matrix);
    const bound = ops.sqrt(
      ops.mul(ops.reduceMax(ops.reduceSum(size, [0]), [0]), ops.reduceMax(ops.reduceSum(size, [1]), [0])),
    );
    const scale = ops.where(ops.gt(bound, constantLike(bound, 0)), bound, constantLike(bound, 1));
    const start = ops.div(matrix, broadcastArray(scale, matrix.shape));
    const step = ([y, l, k]: [Tracer, Tracer, Tracer, Tracer]): Tracer[] => {
      const w = weights(l);
      const z = halley(y, w);
      const change = norm(ops.sub(z, y));
      const still = ops.gt(change, ops.mul(constantLike(change, tolerance), norm(z)));
      // The bound reaches 1 at the last step.
      const far = ops.gt(ops.abs(ops.sub(w.next, constantLike(l, 1))), constantLike(l, 10 * eps));
      return [z, w.next, ops.add(k, constantLike(k, 1)), ops.or(still, far)];
    };
    const goesOn = ([, , k, still]: [Tracer, Tracer, Tracer, Tracer]): Tracer =>
      ops.and(still, ops.lt(k, constantLike(k, most)));
    const first = [start, ops.full([], eps, matrix.dtype), ops.full([], 0, "int32"), ops.full([], true, "bool")];
    const [rough, , count, still] = whileLoop(goesOn, step, first) as [Tracer, Tracer, Tracer, Tracer];
    // A Newton-Schulz step takes away what rounding left.
    const gram = ops.batchMatmul(transposed(rough), rough);
    const half = (t: Tracer, factor: number): Tracer => ops.mul(t, constantLike(t, factor));
    const u = ops.sub(half(rough, 1.5), half(ops.batchMatmul(rough, gram), 0.5));
    const h = ops.batchMatmul(transposed(u), matrix);
    return [u, half(ops.add(h, transposed(h)), 0.5), count, ops.not(still)];
  });
}
