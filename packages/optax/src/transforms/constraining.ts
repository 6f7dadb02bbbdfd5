/** Transformations that keep parameters or updates within bounds. */
import { type Array, numpy as np } from "@jax-js/jax";
import { GradientTransformation, mapLeaves, needParams, stateless } from "../base";

/**
 * Changes updates so that parameters do not become negative; those that are already come to zero.
 *
 * Source: optax.keep_params_nonnegative.
 * @example
 * keepParamsNonnegative().update([np.array([-3])], [], [np.array([1])])[0][0].js(); // => [-1]
 */
export function keepParamsNonnegative(): GradientTransformation {
  const kept = (u: Array, p: Array): Array => np.where(p.add(u).less(0), p.neg(), u);
  return stateless((updates, params) => mapLeaves(kept, updates, needParams("keepParamsNonnegative", params)));
}

export interface ZeroNansState<P = unknown> {
  foundNan: P;
}

/**
 * Replaces NaN in updates by zero. State `{ foundNan }`: for each leaf whether the last updates had one.
 *
 * Source: optax.zero_nans.
 * @example
 * const tx = zeroNans();
 * tx.update([np.array([NaN, 1])], tx.init([np.ones([2])]))[0][0].js(); // => [0, 1]
 */
export function zeroNans(): GradientTransformation {
  return GradientTransformation(
    (params): ZeroNansState => ({ foundNan: mapLeaves(() => np.array(false), params) as unknown }),
    (updates) => [
      mapLeaves((u) => np.where(np.isnan(u), np.zerosLike(u), u), updates),
      { foundNan: mapLeaves((u) => np.any(np.isnan(u)), updates) as unknown },
    ],
  );
}
