/** Least squares with solutions that are not negative. */
import { named } from "../named";
import { type Array, ShapeError, lax, numpy as np } from "@jax-js/jax";
import { type Scalar, pure } from "../base";

/**
 * `x >= 0` with the least `|A x - b|`, by accelerated projected gradients.
 *
 * Arguments: A, b, iters, then L, a bound of the greatest eigenvalue of `Aᵀ A`, found if not given.
 * Shapes: `f[n, m] x f[n] or f[n, k] -> f[m] or f[m, k]`.
 * Errors: ShapeError for other shapes.
 * Source: Beck and Teboulle, "A fast iterative shrinkage-thresholding algorithm", 2009; optax.nnls.
 * @example
 * const x = nnls(np.array([[1, 0], [0, 1]]), np.array([2, -3]), 10);
 * x.js(); // => [2, 0]
 */
export function nnls(A: Array, b: Array, iters: number, options: Scalar | { L?: Scalar | null } | null = null): Array {
  const given = named<{ L?: Scalar | null }>("nnls", ["L"], [options]).L;
  if (A.ndim !== 2 || b.ndim < 1 || b.ndim > 2 || b.shape[0] !== A.shape[0]) {
    throw new ShapeError(`nnls: expected A [n, m] and b [n] or [n, k], got [${A.shape}] and [${b.shape}]`);
  }
  return pure(() => {
    const At = np.transpose(A);
    const [Q, q] = [np.matmul(At, A), np.matmul(At, b)];
    const bound = given === null || given === undefined ? spectralBound(Q) : np.multiply(given as Array, 1);
    const L = np.where(bound.equal(0), 1, bound);
    const step = ([x, p, c]: [Array, Array, Array]): [[Array, Array, Array], null] => {
      const cNext = np.sqrt(np.square(c).mul(4).add(1)).add(1).div(2);
      const next = np.maximum(p.sub(np.matmul(Q, p).sub(q).div(L)), 0);
      const ahead = next.add(next.sub(x).mul(c.sub(1).div(cNext)));
      return [[next, ahead, cNext], null];
    };
    const zero = np.zerosLike(q);
    const init = [zero, zero, np.zeros([], { dtype: q.dtype })];
    const [[x]] = lax.scan(step as never, init as never, null, { length: iters } as never) as unknown as [[Array]];
    return x;
  }, [A, b, options]);
}

/** An upper bound of the magnitude of eigenvalues: the lesser of two norms. */
function spectralBound(Q: Array): Array {
  const frobenius = np.sqrt(np.sum(np.square(Q)));
  return np.minimum(frobenius, np.max(np.sum(np.abs(Q), 0)));
}
