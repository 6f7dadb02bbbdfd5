/** Products that are symmetric, and Cholesky factors of sums with them. */
import { checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, broadcastArray, constantLike, promoteInexactDTypes } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { hypot } from "../numpy/arithmetic";
import { triu } from "../numpy/matrix";
import { moveaxis } from "../numpy/shape";
import * as ops from "../ops/index";
import { scan } from "./segments";

/**
 * The upper factor of `rᵀ r + w wᵀ` from the upper r, in n² steps; below its diagonal r is not read.
 *
 * Shapes: `f32[.., n, n] x f32[.., n] -> f32[.., n, n]`
 * Gradient: by the rotations, except where a diagonal element of the result is 0.
 * Errors: ShapeError unless r is square and w fits.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.linalg.cholesky_update.html
 * @example
 * lax.linalg.choleskyUpdate(np.array([[3, 0], [0, 1]]), np.array([4, 0])).js(); // => [[5, 0], [0, 1]]
 */
export function choleskyUpdate(rMatrix: ArrayLike, wVector: ArrayLike): Tracer {
  return owned(() => {
    const [r, w] = promoteInexactDTypes([rMatrix, wVector]) as [Tracer, Tracer];
    const n = r.shape[r.ndim - 1];
    if (r.ndim < 2 || r.shape[r.ndim - 2] !== n || w.shape.join() !== r.shape.slice(0, -1).join()) {
      throw new ShapeError(
        `choleskyUpdate: expected a square matrix and a vector of its size, got ${r.aval} and ${w.aval}`,
      );
    }
    const last = w.ndim - 1;
    // Each row of r, with w, is turned so that the element of w under the diagonal becomes 0.
    const step = (rest: Tracer, [row, k]: [Tracer, Tracer]): [Tracer, Tracer] => {
      const here = ops.eq(ops.iota("int32", row.shape, last), ops.broadcastInDim(k, row.shape, []));
      const at = (x: Tracer): Tracer => ops.reduceSum(ops.where(here, x, constantLike(x, 0)), [last]);
      const spread = (x: Tracer): Tracer => ops.broadcastInDim(x, row.shape, range(last));
      const [x, y] = [at(row), at(rest)];
      const none = ops.and(ops.eq(x, constantLike(x, 0)), ops.eq(y, constantLike(y, 0)));
      const one = constantLike(x, 1);
      const safe = ops.where(none, one, x);
      const length = hypot(safe, y);
      const [c, s] = [spread(ops.div(safe, length)), spread(ops.div(y, length))];
      const turned = ops.add(ops.mul(c, row), ops.mul(s, rest));
      const left = ops.sub(ops.mul(c, rest), ops.mul(s, row));
      return [ops.where(here, constantLike(left, 0), left), turned];
    };
    const rows = moveaxis(triu(r), -2, 0);
    const [, out] = scan(step, w, [rows, ops.iota("int32", [n!], 0)]) as [Tracer, Tracer];
    return moveaxis(out, 0, -2);
  });
}

export interface SymmetricProductOptions {
  /** Factor of the product, 1 by default. */
  alpha?: number | undefined;
  /** Factor of c, 0 by default. */
  beta?: number | undefined;
  /** Puts the lower triangle in place of the upper one. */
  symmetrizeOutput?: boolean | undefined;
}

/**
 * `alpha a aᵀ + beta c`.
 *
 * Shapes: `f32[.., m, n] x f32[.., m, m] -> f32[.., m, m]`
 * Errors: ShapeError for sizes that do not fit.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.linalg.symmetric_product.html
 * @example
 * lax.linalg.symmetricProduct(np.array([[1, 2]]), np.array([[1]]), { beta: 3 }).js(); // => [[8]]
 */
export function symmetricProduct(
  aMatrix: ArrayLike,
  cMatrix: ArrayLike,
  options: SymmetricProductOptions = {},
): Tracer {
  checkOptions("symmetricProduct", options, { alpha: true, beta: true, symmetrizeOutput: true });
  const { alpha = 1, beta = 0, symmetrizeOutput = false } = options;
  return owned(() => {
    const [a, c] = promoteInexactDTypes([aMatrix, cMatrix]) as [Tracer, Tracer];
    const m = a.shape[a.ndim - 2];
    if (a.ndim < 2 || c.shape.join() !== [...a.shape.slice(0, -1), m].join()) {
      throw new ShapeError(`symmetricProduct: expected a [.., m, n] and c [.., m, m], got ${a.aval} and ${c.aval}`);
    }
    const swap = (x: Tracer): Tracer => ops.transpose(x, [...range(x.ndim - 2), x.ndim - 1, x.ndim - 2]);
    const product = ops.batchMatmul(a, swap(a));
    const scaled = (x: Tracer, factor: number): Tracer => ops.mul(x, broadcastArray(constantLike(x, factor), x.shape));
    const out = ops.add(scaled(product, alpha), scaled(c, beta));
    if (!symmetrizeOutput) return out;
    const below = ops.ge(ops.iota("int32", out.shape, a.ndim - 2), ops.iota("int32", out.shape, a.ndim - 1));
    return ops.where(below, out, swap(out));
  });
}
