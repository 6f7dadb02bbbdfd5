/** The dominant eigenvalue by repeated products. */
import { checkNames } from "../named";
import { type Array, lax, numpy as np, random } from "@jax-js/jax";
import { isArray, mapLeaves, pure } from "../base";
import { zeroCount } from "../numerics";
import { like } from "../scalars";
import { treeScale, treeSub } from "../tree/math";
import { treeNorm, treeVdot } from "../tree/reduce";

export interface PowerIterationOptions<P = unknown> {
  /** Vector to begin with; uniform in [-1, 1) by default. */
  v0?: P | null;
  /** Greatest number of products; 100. */
  numIters?: number;
  /** Residual, relative to the eigenvalue, at which to end; 1e-6. */
  errorTolerance?: number;
  /** For the default of v0; random.key(0). */
  key?: Array | null;
}

interface Loop {
  vector: unknown;
  product: unknown;
  eigenvalue: Array;
  count: Array;
}

/**
 * The dominant eigenvalue and eigenvector of a symmetric matrix, or of a linear function of trees.
 *
 * Options: v0, numIters = 100, errorTolerance = 1e-6, key.
 * Shapes: `f[n, n] -> f[], f[n]`.
 * Errors: TypeError for a function without v0.
 * Source: optax.power_iteration.
 * @example
 * const [value] = powerIteration(np.array([[3, 1], [1, 3]]));
 * np.allclose(value, 4); // => true
 */
export function powerIteration<P = Array>(
  matrix: Array | ((v: P) => P),
  options: PowerIterationOptions<P> = {},
): [eigenvalue: Array, eigenvector: P] {
  checkNames("powerIteration", ["v0", "numIters", "errorTolerance", "key"], options);
  const { numIters = 100, errorTolerance = 1e-6, key = null } = options;
  const v0 = options.v0 ?? null;
  if (!isArray(matrix) && v0 === null) throw new TypeError("powerIteration: a function needs { v0 } to begin with");
  return pure(() => {
    const times = isArray(matrix) ? (v: unknown) => np.matmul(matrix, v as Array) : (matrix as (v: unknown) => unknown);
    const first: unknown = v0 ?? start(matrix as Array, key ?? random.key(0));
    const vector = normalised(first);
    const step = ({ product, count }: Loop): Loop => {
      const next = normalised(product);
      const after = times(next);
      return { vector: next, product: after, eigenvalue: treeVdot(next, after), count: count.add(1) };
    };
    const goesOn = ({ vector: v, product, eigenvalue, count }: Loop): Array => {
      const residual = treeNorm(treeSub(product, treeScale(eigenvalue, v)));
      const converged = np.abs(residual.div(eigenvalue)).less(errorTolerance);
      return np.logicalAnd(np.logicalNot(converged), count.less(numIters));
    };
    const init: Loop = { vector, product: times(vector), eigenvalue: np.zeros([]), count: zeroCount() };
    const end = lax.whileLoop(goesOn as never, step as never, init) as Loop;
    return [end.eigenvalue, normalised(end.product) as P] as [Array, P];
  }, [matrix, options]);
}

const start = (matrix: Array, key: Array): Array =>
  random.uniform(key, { shape: [matrix.shape[matrix.ndim - 1]!], minval: -1, maxval: 1 } as never);

function normalised(v: unknown): unknown {
  const norm = treeNorm(v);
  return mapLeaves((x) => x.div(like(norm, x)), v);
}
