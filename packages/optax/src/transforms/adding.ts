/** Transformations that add something to updates. */
import { type Array, random } from "@jax-js/jax";
import { type Scalar, type ScalarOrSchedule, GradientTransformation, mapLeaves, needParams, stateless } from "../base"; // prettier-ignore
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { div, pow, sqrt, times, needScalar } from "../scalars";
import { treeRandomLike } from "../tree/make";
import { masked } from "./masking";

/** State of addDecayedWeights with a schedule. */
export interface AddDecayedWeightsState {
  count: Array;
}

export interface AddDecayedWeightsOptions {
  /** Factor of the parameters; 0. */
  weightDecay?: ScalarOrSchedule;
  /** Leaves where the mask is false are left alone. */
  mask?: unknown;
}

/**
 * Adds `weightDecay * params` to updates; `update` must be given the parameters. State `[]`, or `{ count }` with a
 * schedule; with a mask `{ innerState }` of these.
 *
 * Errors: TypeError if `update` is called without params.
 * Source: optax.add_decayed_weights.
 * @example
 * const tx = addDecayedWeights({ weightDecay: 0.5 });
 * tx.update({ w: np.array([1]) }, tx.init({}), { w: np.array([2]) })[0].w.js(); // => [2]
 */
export function addDecayedWeights(...rest: Rest<AddDecayedWeightsOptions>): GradientTransformation {
  const options = named<AddDecayedWeightsOptions>("addDecayedWeights", ["weightDecay", "mask"], rest);
  const { weightDecay = 0, mask = null } = options;
  const decayed = (updates: unknown, given: unknown, factor: Scalar): unknown =>
    mapLeaves((u, p) => u.add(times(p, factor)), updates, needParams("addDecayedWeights", given));
  const decaying =
    typeof weightDecay === "function"
      ? GradientTransformation(
          (): AddDecayedWeightsState => ({ count: zeroCount() }),
          (updates, { count }, params) => [
            decayed(updates, params, weightDecay(count)),
            { count: safeIncrement(count) },
          ],
        )
      : stateless((updates, params) => decayed(updates, params, weightDecay));
  return mask === null ? decaying : masked(decaying, mask);
}

export interface AddNoiseOptions {
  /** A key; made of `seed` if not given. */
  key?: Array | number | null;
  seed?: number;
}

export interface AddNoiseState {
  count: Array;
  rngKey: Array;
}

/**
 * Adds normal noise of variance `eta / (1 + count) ** gamma`. State `{ count, rngKey }`.
 *
 * Source: Neelakantan et al., "Adding gradient noise improves learning for very deep networks", 2015; optax.add_noise.
 * @example
 * const tx = addNoise(0, 0.55, { seed: 0 });
 * tx.update([np.array([2])], tx.init([np.array([1])]))[0][0].js(); // => [2]
 */
export function addNoise(eta: Scalar, gamma: Scalar, ...rest: Rest<AddNoiseOptions>): GradientTransformation {
  needScalar("addNoise", gamma);
  needScalar("addNoise", eta);
  const { key = null, seed = 0 } = named<AddNoiseOptions>("addNoise", ["key", "seed"], rest);
  return GradientTransformation(
    (): AddNoiseState => ({ count: zeroCount(), rngKey: keyOf(key ?? seed) }),
    (updates, { count, rngKey }) => {
      const keys = random.split(rngKey, 2);
      const next = safeIncrement(count);
      const stddev = sqrt(div(eta, pow(next, gamma)));
      const noise: unknown = treeRandomLike(keys.slice(1), updates as unknown);
      const noisy = mapLeaves((u, n) => u.add(times(n, stddev)), updates, noise);
      return [noisy, { count: next, rngKey: keys.slice(0) }];
    },
  );
}

/** A key, of a seed if it is a number. */
export const keyOf = (key: Array | number): Array =>
  typeof key === "number" ? random.key(key) : key.reshape(key.shape);
