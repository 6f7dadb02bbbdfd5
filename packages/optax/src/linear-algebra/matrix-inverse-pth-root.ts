/** Roots of inverses of matrices. */
import { type Array, lax, numpy as np } from "@jax-js/jax";
import { pure } from "../base";
import { type Rest, named } from "../named";
import { zeroCount } from "../numerics";
import { powerIteration } from "./power-iteration";

export interface MatrixInversePthRootOptions {
  /** Greatest number of iterations; 100. */
  numIters?: number;
  /** Added to the diagonal, relative to the greatest eigenvalue; 1e-6. */
  ridgeEpsilon?: number;
  /** Error at which to end; 1e-6. */
  errorTolerance?: number;
}

interface Loop {
  count: Array;
  /** Goes to the identity. */
  m: Array;
  /** Goes to the root. */
  h: Array;
  before: Array;
  error: Array;
  improves: Array;
}

/**
 * `matrix ** (-1 / p)` of a symmetric positive semi-definite matrix, and the error of the iteration.
 *
 * Arguments: matrix, p (1, 2, 4 or 8), numIters = 100, ridgeEpsilon = 1e-6, errorTolerance = 1e-6; or the latter by name.
 * Shapes: `f[n, n] -> f[n, n], f[]`.
 * Errors: RangeError for another p.
 * Source: Anil et al., "Scalable second order optimization for deep learning", 2020; optax.matrix_inverse_pth_root.
 * @example
 * const [root] = matrixInversePthRoot(np.array([[4, 0], [0, 16]]), 2);
 * np.allclose(root, [[0.5, 0], [0, 0.25]], { atol: 1e-4 }); // => true
 */
export function matrixInversePthRoot(
  matrix: Array,
  p: number,
  ...rest: Rest<MatrixInversePthRootOptions>
): [root: Array, error: Array] {
  const names = ["numIters", "ridgeEpsilon", "errorTolerance"] as const;
  const options = named<MatrixInversePthRootOptions>("matrixInversePthRoot", names, rest);
  const { numIters = 100, ridgeEpsilon = 1e-6, errorTolerance = 1e-6 } = options;
  if (![1, 2, 4, 8].includes(p)) throw new RangeError(`matrixInversePthRoot: p must be 1, 2, 4 or 8, got ${p}`);
  return pure(() => {
    const n = matrix.shape[0]!;
    const identity = np.eye(n);
    const [largest] = powerIteration(matrix);
    const damped = matrix.add(identity.mul(np.maximum(largest, 1e-16)).mul(ridgeEpsilon));
    if (n === 1) return [np.power(damped, -1 / p), np.zeros([])] as [Array, Array];
    const distance = (m: Array): Array => np.max(np.abs(m.sub(identity)));
    const raised = (x: Array, by: number): Array => (by === 1 ? x : raised(np.matmul(x, x), by / 2));
    const step = ({ count, m, h, error }: Loop): Loop => {
      const factor = identity.mul(1 + 1 / p).sub(m.div(p));
      const next = np.matmul(raised(factor, p), m);
      const nextError = distance(next);
      const improves = nextError.less(error.mul(1.2));
      return { count: count.add(1), m: next, h: np.matmul(h, factor), before: h, error: nextError, improves };
    };
    const goesOn = ({ count, error, improves }: Loop): Array =>
      np.logicalAnd(count.less(numIters), np.logicalAnd(error.greater(errorTolerance), improves));
    const z = np.reciprocal(np.sqrt(np.sum(np.square(damped)))).mul((1 + p) / 2);
    const [m, h] = [damped.mul(z), identity.mul(np.power(z, 1 / p))];
    const init: Loop = { count: zeroCount(), m, h, before: h, error: distance(m), improves: np.array(true) };
    const end = lax.whileLoop(goesOn as never, step as never, init) as Loop;
    const root = np.where(end.improves, end.h, end.before).astype(matrix.dtype);
    return [root, distance(end.m)] as [Array, Array];
  }, [matrix]);
}
