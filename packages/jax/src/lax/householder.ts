/** Orthogonal matrices as products of reflections `H = I - tau v vᵀ`, and the reductions that give them. */
import { named } from "../numpy/arguments";
import { checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { moveaxis } from "../numpy/shape";
import { type ArrayLike, constantLike, convert, inexact, integral, promoteInexactDTypes } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { scan } from "./segments";

const transposed = (x: Tracer): Tracer => ops.transpose(x, [...range(x.ndim - 2), x.ndim - 1, x.ndim - 2]);

/**
 * Reflections in blocks: `H1 H2 .. = I - v t vᵀ`. Source: Schreiber and Van Loan, "A storage-efficient WY representation
 * for products of Householder transformations" (1989).
 */
interface Block {
  /** [.., m, k], unit lower trapezoidal. */
  readonly v: Tracer;
  /** [.., k, k], upper triangular. */
  readonly t: Tracer;
}

/** Vectors of the reflections below the diagonal of a. */
function reflections(op: string, a: Tracer, taus: Tracer): Block {
  const [m, n] = a.shape.slice(-2) as [number, number];
  const k = taus.shape[taus.ndim - 1];
  const lead = a.shape.slice(0, -2);
  if (a.ndim < 2 || k === undefined || k > Math.min(m, n) || taus.shape.slice(0, -1).join() !== lead.join()) {
    throw new ShapeError(
      `${op}: expected reflections [.., m, n] and at most min(m, n) taus, got ${a.aval} and ${taus.aval}`,
    );
  }
  const zeros = a.shape.map(() => 0);
  const stored = ops.slice(a, zeros, [...lead, m, k]);
  const [i, j] = [ops.iota("int32", stored.shape, a.ndim - 2), ops.iota("int32", stored.shape, a.ndim - 1)];
  const one = convert(ops.eq(i, j), a.dtype);
  const v = ops.where(ops.gt(i, j), stored, one);
  // t = (I + diag(taus) striu(vᵀ v))⁻¹ diag(taus), which needs no loop and no quotient.
  const gram = ops.batchMatmul(transposed(v), v);
  const [r, c] = [ops.iota("int32", gram.shape, a.ndim - 2), ops.iota("int32", gram.shape, a.ndim - 1)];
  const unit = convert(ops.eq(r, c), a.dtype);
  const scale = ops.broadcastInDim(taus, gram.shape, range(a.ndim - 1));
  const upper = ops.where(ops.lt(r, c), ops.mul(scale, gram), constantLike(gram, 0));
  return { v, t: ops.triangularSolve(upper, ops.mul(scale, unit), { unitDiagonal: true }) };
}

/**
 * The first n columns of the product of reflections: q of a QR factorization from what `qr` with mode "raw" gives.
 *
 * Shapes: `f32[.., m, n] x f32[.., k] -> f32[.., m, n]`, k at most min(m, n).
 * Errors: ShapeError for more taus than columns, or other batches.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.linalg.householder_product.html
 * @example
 * lax.linalg.householderProduct(np.array([[0], [1]]), np.array([1])).js(); // => [[0], [-1]]
 */
export function householderProduct(a: ArrayLike, taus: ArrayLike): Tracer {
  return owned(() => {
    const [x, y] = promoteInexactDTypes([a, taus]) as [Tracer, Tracer];
    const { v, t } = reflections("householderProduct", x, y);
    const k = v.shape[v.ndim - 1]!;
    const [m, n] = x.shape.slice(-2) as [number, number];
    if (n > m) throw new ShapeError(`householderProduct: expected at least as many rows as columns, got ${x.aval}`);
    const top = ops.slice(
      v,
      v.shape.map(() => 0),
      [...v.shape.slice(0, -2), n, k],
    );
    const product = ops.batchMatmul(v, ops.batchMatmul(t, transposed(top)));
    const [i, j] = [ops.iota("int32", product.shape, x.ndim - 2), ops.iota("int32", product.shape, x.ndim - 1)];
    return ops.sub(convert(ops.eq(i, j), x.dtype), product);
  });
}

export interface OrmqrOptions {
  /** Gives `q c` (default), else `c q`. */
  left?: boolean | undefined;
  /** Takes qᵀ in place of q. */
  transpose?: boolean | undefined;
}

/**
 * A matrix times q, the product of reflections, which is not formed.
 *
 * Shapes: `f32[.., m, n] x f32[.., k] x f32[.., m, p] -> f32[.., m, p]`; without left c is `[.., p, m]`.
 * Errors: ShapeError for sizes that do not fit.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.linalg.ormqr.html
 * @example
 * lax.linalg.ormqr(np.array([[0], [1]]), np.array([1]), np.array([[3], [4]])).js(); // => [[-4], [-3]]
 */
export function ormqr(a: ArrayLike, taus: ArrayLike, c: ArrayLike, options: OrmqrOptions = {}): Tracer {
  checkOptions("ormqr", options, { left: true, transpose: true });
  const { left = true, transpose = false } = options;
  return owned(() => {
    const [x, y, given] = promoteInexactDTypes([a, taus, c]) as [Tracer, Tracer, Tracer];
    const m = x.shape[x.ndim - 2];
    const at = given.ndim - (left ? 2 : 1);
    if (
      given.ndim !== x.ndim ||
      given.shape[at] !== m ||
      given.shape.slice(0, -2).join() !== x.shape.slice(0, -2).join()
    ) {
      throw new ShapeError(`ormqr: ${given.aval} does not fit the reflections ${x.aval}`);
    }
    const { v, t } = reflections("ormqr", x, y);
    // c q is (qᵀ cᵀ)ᵀ.
    const z = left ? given : transposed(given);
    const middle = transpose === left ? transposed(t) : t;
    const out = ops.sub(z, ops.batchMatmul(v, ops.batchMatmul(middle, ops.batchMatmul(transposed(v), z))));
    return left ? out : transposed(out);
  });
}

/**
 * The Hessenberg form of square matrices, zero below the first subdiagonal. Reflections of the orthogonal matrix that
 * made it take the place of the zeros.
 *
 * Shapes: `f32[.., n, n] -> [f32[.., n, n], f32[.., n - 1]]`
 * Gradient: none. Runs on cpu and wasm.
 * Errors: ShapeError unless square and not empty.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.linalg.hessenberg.html
 * @example
 * lax.linalg.hessenberg(np.array([[1, 2], [3, 4]]))[0].js(); // => [[1, 2], [3, 4]]
 */
export function hessenberg(a: ArrayLike): [a: Tracer, taus: Tracer] {
  return owned(() => ops.hessenberg(inexact(a)) as [Tracer, Tracer]);
}

/**
 * The tridiagonal form of symmetric matrices: `[a, d, e, taus]`, with its diagonal d and off-diagonal e, also in a, where
 * reflections of the orthogonal matrix that made it lie below (above, with `lower: false`).
 *
 * Shapes: `f32[.., n, n] -> [f32[.., n, n], f32[.., n], f32[.., n - 1], f32[.., n - 1]]`
 * Gradient: none. Runs on cpu and wasm.
 * Errors: ShapeError unless square and not empty.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.linalg.tridiagonal.html
 * @example
 * lax.linalg.tridiagonal(np.array([[1, 2], [2, 3]]))[2].js(); // => [2]
 */
export function tridiagonal(
  a: ArrayLike,
  options: { lower?: boolean | undefined } = {},
): [a: Tracer, d: Tracer, e: Tracer, taus: Tracer] {
  const lower = named("lower", options, true);
  return owned(() => ops.tridiagonal(inexact(a), lower) as [Tracer, Tracer, Tracer, Tracer]);
}

/**
 * The permutation that exchanges of rows make: row i with row `pivots[i]`, one after the other.
 *
 * Shapes: `i32[.., k] -> i32[.., n]`, n = permutationSize, at least k.
 * Dtypes: int32.
 * Errors: DTypeError for floats, ShapeError for n below k.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.linalg.lu_pivots_to_permutation.html
 * @example
 * lax.linalg.luPivotsToPermutation(np.array([2, 2], { dtype: "int32" }), 3).js(); // => [2, 0, 1]
 */
export function luPivotsToPermutation(pivots: ArrayLike, permutationSize: number): Tracer {
  const op = "luPivotsToPermutation";
  return owned(() => {
    const p = convert(integral(op, pivots), "int32");
    const k = p.shape[p.ndim - 1];
    if (k === undefined || !(Number.isInteger(permutationSize) && permutationSize >= k)) {
      throw new ShapeError(
        `${op}: expected pivots [.., k] and a size of at least k, got ${p.aval} and ${permutationSize}`,
      );
    }
    const lead = p.shape.slice(0, -1);
    const shape = [...lead, permutationSize];
    const start = ops.iota("int32", shape, lead.length);
    if (k === 0) return start;
    const place = (x: Tracer): Tracer => ops.broadcastInDim(x, shape, range(lead.length));
    const step = (order: Tracer, [i, j]: [Tracer, Tracer]): [Tracer, null] => {
      const at = ops.iota("int32", shape, lead.length);
      const [isI, isJ] = [ops.eq(at, place(ops.broadcastInDim(i, lead, []))), ops.eq(at, place(j))];
      const value = (mask: Tracer): Tracer =>
        place(ops.reduceSum(ops.where(mask, order, constantLike(order, 0)), [lead.length]));
      return [ops.where(isI, value(isJ), ops.where(isJ, value(isI), order)), null];
    };
    return (scan(step, start, [ops.iota("int32", [k], 0), moveaxis(p, -1, 0)]) as [Tracer, null])[0];
  });
}
