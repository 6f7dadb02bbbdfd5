/** Continuous coin betting: no learning rate. */
import { type Array, numpy as np } from "@jax-js/jax";
import { GradientTransformation, type Scalar, type ScalarOrSchedule, mapLeaves, needParams } from "../base";
import { type Rest, named } from "../named";
import { times } from "../scalars";
import { type AddDecayedWeightsOptions, addDecayedWeights } from "../transforms/adding";
import { chain } from "../transforms/chain";
import { scaleByLearningRate } from "../transforms/schedule";
import { treeFullLike, treeZerosLike } from "../tree/make";

export interface ScaleByCocobOptions {
  /** Least divisor in the first steps; 100. */
  alpha?: Scalar;
  /** First estimate of the greatest gradient; 1e-8. */
  eps?: Scalar;
}

export interface COCOBState<P = unknown> {
  initParticles: P;
  cumulativeGradients: P;
  scale: P;
  subgradients: P;
  reward: P;
}

/**
 * Rescales updates by COCOB, which bets its gains. State
 * `{ initParticles, cumulativeGradients, scale, subgradients, reward }`.
 *
 * Options: alpha = 100, eps = 1e-8; by position too.
 * Source: Orabona and Tommasi, "Training deep networks without learning rates through coin betting", 2017;
 * optax.contrib.scale_by_cocob.
 * @example
 * const tx = scaleByCocob();
 * const params = [np.ones([1])];
 * tx.update([np.array([4])], tx.init(params), params)[0][0].js(); // => [-0.01]
 */
export function scaleByCocob(...rest: Rest<ScaleByCocobOptions>): GradientTransformation {
  const { alpha = 100, eps = 1e-8 } = named<ScaleByCocobOptions>("scaleByCocob", ["alpha", "eps"], rest);
  return GradientTransformation(
    (params: unknown): COCOBState => ({
      initParticles: params,
      cumulativeGradients: treeZerosLike(params),
      scale: treeFullLike(params, eps),
      subgradients: treeZerosLike(params),
      reward: treeZerosLike(params),
    }),
    (updates: unknown, state, given) => {
      const params: unknown = needParams("scaleByCocob", given);
      const { initParticles } = state;
      const scale = mapLeaves((l: Array, g: Array) => np.maximum(l, np.abs(g)), state.scale as Array, updates);
      const subgradients = mapLeaves((s: Array, g: Array) => s.add(np.abs(g)), state.subgradients as Array, updates);
      const gain = (r: Array, g: Array, p: Array, p0: Array): Array => np.maximum(r.sub(g.mul(p.sub(p0))), 0);
      const reward = mapLeaves(gain, state.reward, updates, params, initParticles);
      const cumulativeGradients = mapLeaves((c: Array, g: Array) => c.sub(g), state.cumulativeGradients, updates);
      const step = (p: Array, p0: Array, c: Array, l: Array, s: Array, r: Array): Array => {
        const bet = c.div(l.mul(np.maximum(s.add(l), times(l, alpha)))).mul(l.add(r));
        return p0.add(bet).sub(p);
      };
      const out = mapLeaves(step, params, initParticles, cumulativeGradients, scale, subgradients, reward);
      return [out, { initParticles, cumulativeGradients, scale, subgradients, reward }];
    },
  );
}

export type CocobOptions = { learningRate?: ScalarOrSchedule } & ScaleByCocobOptions & AddDecayedWeightsOptions;

/**
 * COCOB: continuous coin betting.
 *
 * Arguments: learningRate = 1, alpha = 100, eps = 1e-8, weightDecay = 0, mask; or by name.
 * Source: Orabona and Tommasi, 2017; optax.contrib.cocob.
 * @example
 * const tx = cocob();
 * const params = [np.ones([1])];
 * tx.update([np.array([4])], tx.init(params), params)[0][0].js(); // => [-0.01]
 */
export function cocob(...rest: Rest<CocobOptions>): GradientTransformation {
  const options = named<CocobOptions>("cocob", ["learningRate", "alpha", "eps", "weightDecay", "mask"], rest);
  const { learningRate = 1, alpha = 100, eps = 1e-8, weightDecay = 0, mask = null } = options;
  return chain(
    addDecayedWeights({ weightDecay, mask }),
    scaleByLearningRate(learningRate, false),
    scaleByCocob({ alpha, eps }),
  );
}
