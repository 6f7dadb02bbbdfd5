/** Transformations that add something to updates. */
import { type Array, random } from "@jax-js/jax";
import {
  type GradientTransformation, type Scalar, type ScalarOrSchedule, isArray, mapLeaves, needParams, transformation,
} from "../base"; // prettier-ignore
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { div, pow, sqrt, times } from "../scalars";
import { treeRandomLike } from "../tree/make";

/** Which leaves take part: a tree of booleans like the parameters or the top of it, or a function that gives one. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters are trees of any depth
export type MaskFn = (params: any) => unknown;

export interface AddDecayedWeightsOptions {
  /** Factor of the parameters; 0. */
  weightDecay?: ScalarOrSchedule;
  /** Leaves where the mask is false are left alone. */
  mask?: unknown;
}

/**
 * Adds `weightDecay * params` to updates; `update` must be given the parameters.
 *
 * Errors: TypeError if `update` is called without params.
 * @example
 * const tx = addDecayedWeights({ weightDecay: 0.5 });
 * tx.update({ w: np.array([1]) }, tx.init({}), { w: np.array([2]) })[0].w.js(); // => [2]
 */
export function addDecayedWeights(...rest: Rest<AddDecayedWeightsOptions>): GradientTransformation {
  const options = named<AddDecayedWeightsOptions>("addDecayedWeights", ["weightDecay", "mask"], rest);
  const { weightDecay = 0, mask = null } = options;
  const schedule = typeof weightDecay === "function" ? weightDecay : null;
  return transformation(
    () => (schedule === null ? [] : { count: zeroCount() }),
    (updates, state, given) => {
      const params: unknown = needParams("addDecayedWeights", given);
      const rate = schedule === null ? (weightDecay as Scalar) : schedule((state as { count: Array }).count);
      const decay = (u: Array, p: Array): Array => u.add(times(p, rate));
      const chosen = typeof mask === "function" ? (mask as MaskFn)(params) : mask;
      const decayed =
        chosen === null
          ? mapLeaves(decay, updates, params)
          : mapLeaves(
              ((m: unknown, u: unknown, p: unknown) => (isTrue(m) ? mapLeaves(decay, u, p) : u)) as never,
              chosen,
              updates,
              params,
            );
      return [decayed, schedule === null ? state : { count: safeIncrement((state as { count: Array }).count) }];
    },
  );
}

/** A leaf of a mask as a boolean. */
export const isTrue = (m: unknown): boolean => (isArray(m) ? Boolean(m.item()) : Boolean(m));

export interface AddNoiseOptions {
  /** A key; made of `seed` if not given. */
  key?: Array | number | null;
  seed?: number;
}

/**
 * Adds normal noise of variance `eta / (1 + count) ** gamma`. State `{ count, rngKey }`.
 *
 * Source: Neelakantan et al., "Adding gradient noise improves learning for very deep networks", 2015.
 * @example
 * const tx = addNoise(0, 0.55, { seed: 0 });
 * tx.update([np.array([2])], tx.init([np.array([1])]))[0][0].js(); // => [2]
 */
export function addNoise(eta: Scalar, gamma: Scalar, ...rest: Rest<AddNoiseOptions>): GradientTransformation {
  const { key = null, seed = 0 } = named<AddNoiseOptions>("addNoise", ["key", "seed"], rest);
  return transformation(
    () => ({ count: zeroCount(), rngKey: keyOf(key ?? seed) }),
    (updates, { count, rngKey }: { count: Array; rngKey: Array }) => {
      const keys = random.split(rngKey, 2);
      const next = safeIncrement(count);
      const stddev = sqrt(div(eta, pow(next, gamma)));
      const noise: unknown = treeRandomLike(keys.slice(1), updates as unknown);
      const noisy = mapLeaves((u, n) => u.add(times(n, stddev)), updates, noise);
      return [noisy, { count: next, rngKey: keys.slice(0) }];
    },
  );
}

const keyOf = (key: Array | number): Array => (typeof key === "number" ? random.key(key) : key.reshape(key.shape));
