/** Projections on boxes, balls and planes. Trees are taken as vectors. */
import { type Array, nn, numpy as np } from "@jax-js/jax";
import { type Scalar, isArray, mapLeaves, pure } from "../base";
import { div, like, mul } from "../scalars";
import { treeAddScale, treeScale } from "../tree/math";
import { treeNorm, treeVdot } from "../tree/reduce";

/**
 * Projects on trees without negative elements.
 *
 * Source: optax.projections.projection_non_negative.
 * @example
 * projectionNonNegative([np.array([-1, 2])])[0].js(); // => [0, 2]
 */
export function projectionNonNegative<P>(tree: P): P {
  return pure(() => mapLeaves((x) => nn.relu(x), tree), [tree]);
}

/** A bound of all elements, or a tree of bounds. */
type Bounds = Scalar | object;

/**
 * Projects on trees with elements between the bounds, which are numbers, arrays or trees of them.
 *
 * Source: optax.projections.projection_box.
 * @example
 * projectionBox([np.array([-1, 2])], 0, 1)[0].js(); // => [0, 1]
 */
export function projectionBox<P>(tree: P, lower: Bounds, upper: Bounds): P {
  return pure(() => {
    const clipped = (x: Array, low: Scalar, high: Scalar): Array =>
      np.minimum(np.maximum(x, like(low, x)), like(high, x));
    return mapLeaves(clipped as never, tree, spread(lower, tree), spread(upper, tree));
  }, [tree, lower, upper]);
}

/** A single bound for every leaf. */
const spread = (bounds: Bounds, tree: unknown): unknown =>
  typeof bounds === "number" || (isArray(bounds) && !isArray(tree)) ? mapLeaves((() => bounds) as never, tree) : bounds;

/**
 * Projects on trees with elements from 0 to `scale`.
 *
 * Source: optax.projections.projection_hypercube.
 * @example
 * projectionHypercube([np.array([-1, 3])], 2)[0].js(); // => [0, 2]
 */
export function projectionHypercube<P>(tree: P, scale: Bounds = 1): P {
  return projectionBox(tree, 0, scale);
}

/**
 * Projects on the sphere of the 2-norm with the radius `scale`.
 *
 * Source: optax.projections.projection_l2_sphere.
 * @example
 * projectionL2Sphere([np.array([3, 4])])[0].js(); // => [0.6, 0.8]
 */
export function projectionL2Sphere<P>(tree: P, scale: Scalar = 1): P {
  return pure(() => treeScale(div(scale, treeNorm(tree)), tree), [tree]);
}

/**
 * Projects on the ball of the 2-norm with the radius `scale`.
 *
 * Source: optax.projections.projection_l2_ball.
 * @example
 * projectionL2Ball([np.array([3, 4])], 10)[0].js(); // => [3, 4]
 */
export function projectionL2Ball<P>(tree: P, scale: Scalar = 1): P {
  return pure(() => {
    const largest = np.maximum(treeNorm(tree, 2, true), mul(scale, scale));
    return treeScale(div(scale, np.sqrt(largest)), tree);
  }, [tree]);
}

/**
 * Projects on the ball of the infinity norm: elements from -scale to scale.
 *
 * Source: optax.projections.projection_linf_ball.
 * @example
 * projectionLinfBall([np.array([-3, 0.5])])[0].js(); // => [-1, 0.5]
 */
export function projectionLinfBall<P>(tree: P, scale: Scalar = 1): P {
  return pure(() => projectionBox(tree, mul(scale, -1), scale), [tree]);
}

/**
 * Projects on the line through 0 and `a`.
 *
 * Source: optax.projections.projection_vector.
 * @example
 * projectionVector(np.array([3, 4]), np.array([2, 0])).js(); // => [3, 0]
 */
export function projectionVector<P>(x: P, a: P): P {
  return pure(() => treeScale(treeVdot(x, a).div(treeVdot(a, a)), a), [x, a]);
}

/**
 * Projects on the plane of all y with `<a, y> = b`.
 *
 * Source: optax.projections.projection_hyperplane.
 * @example
 * projectionHyperplane(np.array([3, 4]), np.array([2, 0]), 2).js(); // => [1, 4]
 */
export function projectionHyperplane<P>(x: P, a: P, b: Scalar): P {
  return pure(() => treeAddScale(x, distance(x, a, b), a), [x, a]);
}

/**
 * Projects on the half of space with `<a, y> <= b`.
 *
 * Source: optax.projections.projection_halfspace.
 * @example
 * projectionHalfspace(np.array([0, 4]), np.array([2, 0]), 2).js(); // => [0, 4]
 */
export function projectionHalfspace<P>(x: P, a: P, b: Scalar): P {
  return pure(() => treeAddScale(x, np.minimum(distance(x, a, b), 0), a), [x, a]);
}

/** How many `a` the plane is away from x. */
const distance = (x: unknown, a: unknown, b: Scalar): Array => np.subtract(b, treeVdot(x, a)).div(treeVdot(a, a));
