/** AdaBelief whose second moment is that of the step before: asynchronous centering. */
import { type Array, numpy as np } from "@jax-js/jax";
import { GradientTransformation, type Scalar, type ScalarOrSchedule, mapLeaves } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { decayed } from "../optimizers/decayed";
import { plus } from "../scalars";
import type { AddDecayedWeightsOptions } from "../transforms/adding";
import { type ScaleByBeliefState, rescale } from "../transforms/scale-by-adam";
import { treeZerosLike } from "../tree/make";
import { treeSub } from "../tree/math";
import { treeBiasCorrection, treeUpdateMoment } from "../tree/moments";

export interface ScaleByAcpropOptions {
  /** Decay of the mean of gradients; 0.9. */
  b1?: Scalar;
  /** Decay of their variance; 0.999. */
  b2?: Scalar;
  eps?: Scalar;
  epsRoot?: Scalar;
}

/**
 * Divides gradients by the root of their variance as it was known before this step; the first step leaves them. State
 * `{ count, mu, nu }`; eps and epsRoot are 1e-16.
 *
 * Source: Zhuang et al., "Momentum centering and asynchronous update for adaptive gradient methods", 2021;
 * optax.contrib.scale_by_acprop.
 * @example
 * const tx = scaleByAcprop();
 * tx.update([np.array([4])], tx.init([np.ones([1])]))[0][0].js(); // => [4]
 */
export function scaleByAcprop(...rest: Rest<ScaleByAcpropOptions>): GradientTransformation {
  const options = named<ScaleByAcpropOptions>("scaleByAcprop", ["b1", "b2", "eps", "epsRoot"], rest);
  const { b1 = 0.9, b2 = 0.999, eps = 1e-16, epsRoot = 1e-16 } = options;
  return GradientTransformation(
    (params: unknown): ScaleByBeliefState => ({
      count: zeroCount(),
      mu: treeZerosLike(params),
      nu: treeZerosLike(params),
    }),
    (updates: unknown, state) => {
      const first = state.count.equal(0);
      const known = treeBiasCorrection(state.nu, b2, np.maximum(state.count, 1));
      const divisor = mapLeaves((v: Array) => np.where(first, 1, v), known);
      const moment = treeUpdateMoment(treeSub(updates, state.mu), state.nu, b2, 2);
      const next = {
        count: safeIncrement(state.count),
        mu: treeUpdateMoment(updates, state.mu, b1, 1),
        nu: mapLeaves((v) => plus(v, epsRoot), moment),
      };
      return [rescale(updates, divisor, eps, 0), next];
    },
  );
}

export type AcpropOptions = ScaleByAcpropOptions & AddDecayedWeightsOptions;

/**
 * ACProp: gradients over the root of the variance known before.
 *
 * Options: b1 = 0.9, b2 = 0.999, eps = 1e-16, epsRoot = 1e-16, weightDecay = 0, mask; by position too.
 * Source: Zhuang et al., 2021; optax.contrib.acprop.
 * @example
 * const tx = acprop(0.5);
 * const params = [np.ones([1])];
 * tx.update([np.array([4])], tx.init(params), params)[0][0].js(); // => [-2]
 */
export function acprop(learningRate: ScalarOrSchedule, ...rest: Rest<AcpropOptions>): GradientTransformation {
  const names = ["b1", "b2", "eps", "epsRoot", "weightDecay", "mask"] as const;
  const { weightDecay, mask, ...options } = named<AcpropOptions>("acprop", names, rest);
  return decayed(scaleByAcprop(options), learningRate, { weightDecay, mask }, 0);
}
