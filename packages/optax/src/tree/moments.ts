/** Moving averages over trees. */
import { type Array, numpy as np } from "@jax-js/jax";
import { type Scalar, mapLeaves, pure } from "../base";
import { like, pow, sub, times } from "../scalars";

/**
 * Exponential moving average of the `order`-th power: `decay * m + (1 - decay) * u ** order`.
 *
 * Source: optax.tree.update_moment.
 * @example
 * treeUpdateMoment({ w: np.array([2]) }, { w: np.array([1]) }, 0.5, 1).w.js(); // => [1.5]
 */
export function treeUpdateMoment<P>(updates: P, moments: P, decay: Scalar, order: number): P {
  const power = (u: Array): Array => (order === 1 ? u : order === 2 ? np.square(u) : np.power(u, order));
  const step = (u: Array, m: Array): Array => times(power(u), sub(1, decay)).add(times(m, decay));
  return pure(() => mapLeaves(step, updates, moments), [updates, moments]);
}

/**
 * Exponential moving average of the `order`-th power of magnitudes; for real arrays as `treeUpdateMoment` with even
 * orders.
 *
 * Source: optax.tree.update_moment_per_elem_norm.
 * @example
 * treeUpdateMomentPerElemNorm([np.array([-2])], [np.array([0])], 0.5, 2)[0].js(); // => [2]
 */
export function treeUpdateMomentPerElemNorm<P>(updates: P, moments: P, decay: Scalar, order: number): P {
  const power = (u: Array): Array => (order === 2 ? np.square(u) : np.power(np.abs(u), order));
  const step = (u: Array, m: Array): Array => times(power(u), sub(1, decay)).add(times(m, decay));
  return pure(() => mapLeaves(step, updates, moments), [updates, moments]);
}

/**
 * `max(|u| + eps, decay * m)`.
 *
 * Source: optax.tree.update_infinity_moment.
 * @example
 * treeUpdateInfinityMoment({ w: np.array([-2]) }, { w: np.array([1]) }, 0.5, 0).w.js(); // => [2]
 */
export function treeUpdateInfinityMoment<P>(updates: P, moments: P, decay: Scalar, eps: Scalar): P {
  const step = (u: Array, m: Array): Array => np.maximum(np.abs(u).add(like(eps, u)), times(m, decay));
  return pure(() => mapLeaves(step, updates, moments), [updates, moments]);
}

/**
 * Divides moments by `1 - decay ** count`, which undoes their start at zero. `count` is a scalar, at least 1.
 *
 * Source: optax.tree.bias_correction.
 * @example
 * treeBiasCorrection({ w: np.array([0.5]) }, 0.5, np.array(1)).w.js(); // => [1]
 */
export function treeBiasCorrection<P>(moments: P, decay: Scalar, count: Scalar): P {
  return pure(() => {
    const correction = sub(1, pow(decay, count));
    return mapLeaves((m) => m.div(like(correction, m)), moments);
  }, [moments]);
}
