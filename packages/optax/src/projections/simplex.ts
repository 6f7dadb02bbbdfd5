/** Projections on simplices and on balls of the 1-norm. */
import { type Array, lax, nn, numpy as np, ravelPytree } from "@jax-js/jax";
import { type Scalar, mapLeaves, pure } from "../base";
import { like } from "../scalars";
import { treeMul } from "../tree/math";
import { treeNorm } from "../tree/reduce";

/**
 * Projection of vectors, along the last axis, on probabilities: `relu(x - t)` with the t that makes the sum 1.
 * Its derivative is that of the mean over the support.
 */
export function unitSimplex(x: Array): Array {
  const fixed = lax.stopGradient(x);
  const descending = np.flip(np.sort(fixed, -1), -1);
  const excess = np.cumsum(descending, -1).sub(1); // [..., n], of the k largest
  const k = np.arange(1, x.shape[x.ndim - 1]! + 1, 1, { dtype: x.dtype } as never);
  const within = descending.mul(k).greater(excess);
  const size = np.sum(within.astype(x.dtype), -1, { keepdims: true });
  const limit = np
    .sum(np.where(within, descending, 0), -1, { keepdims: true })
    .sub(1)
    .div(size);
  const support = fixed.greater(limit).astype(x.dtype);
  const threshold = np
    .sum(support.mul(x), -1, { keepdims: true })
    .sub(1)
    .div(np.sum(support, -1, { keepdims: true }));
  return nn.relu(support.mul(x.sub(threshold)));
}

/**
 * Projects the tree, taken as a vector, on the simplex: elements not negative, with the sum `scale`.
 *
 * Source: optax.projections.projection_simplex.
 * @example
 * projectionSimplex(np.array([2, 1.5, 0])).js(); // => [0.75, 0.25, 0]
 */
export function projectionSimplex<P>(tree: P, scale: Scalar = 1): P {
  return pure(() => {
    const [values, unravel] = ravelPytree(tree as never);
    const factor = like(scale, values);
    return unravel(unitSimplex(values.div(factor)).mul(factor)) as P;
  }, [tree]);
}

/**
 * Projects the tree, taken as a vector, on the sphere of the 1-norm: absolute values with the sum `scale`.
 *
 * Source: optax.projections.projection_l1_sphere.
 * @example
 * projectionL1Sphere(np.array([-2, 1.5, 0])).js(); // => [-0.75, 0.25, 0]
 */
export function projectionL1Sphere<P>(tree: P, scale: Scalar = 1): P {
  return pure(() => {
    const sizes = mapLeaves((x) => np.abs(x), tree);
    const signs = mapLeaves((x) => np.sign(x), tree);
    return treeMul(signs, projectionSimplex(sizes, scale));
  }, [tree]);
}

/**
 * Projects the tree, taken as a vector, on the ball of the 1-norm: absolute values with a sum of at most `scale`.
 *
 * Source: optax.projections.projection_l1_ball.
 * @example
 * projectionL1Ball(np.array([-0.5, 0.2])).js(); // => [-0.5, 0.2]
 */
export function projectionL1Ball<P>(tree: P, scale: Scalar = 1): P {
  return pure(() => {
    const inside = treeNorm(tree, 1).lessEqual(scale);
    return mapLeaves((x, y) => np.where(inside, x, y), tree, projectionL1Sphere(tree, scale));
  }, [tree]);
}
