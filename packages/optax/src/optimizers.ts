/** Optimizers by their names: chains of transformations. */
import type { GradientTransformation, ScalarOrSchedule } from "./base";
import { identity } from "./base";
import { chain } from "./combine";
import {
  type AddDecayedWeightsOptions,
  type ScaleByAdamOptions,
  addDecayedWeights,
  scaleByAdam,
  scaleByLearningRate,
  trace,
} from "./transforms";

export interface SgdOptions {
  /** Decay of accumulated updates; none by default. */
  momentum?: number | null;
  nesterov?: boolean;
}

/**
 * Stochastic gradient descent, with momentum if asked for.
 * @example
 * const tx = sgd(0.5);
 * tx.update({ w: np.array([2]) }, tx.init({ w: np.array([1]) }))[0].w.js(); // => [-1]
 */
export function sgd(learningRate: ScalarOrSchedule, options: SgdOptions = {}): GradientTransformation {
  const { momentum = null, nesterov = false } = options;
  return chain(
    momentum === null ? identity() : trace({ decay: momentum, nesterov }),
    scaleByLearningRate(learningRate),
  );
}

/**
 * Adam.
 *
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2014; defaults of optax.adam.
 * @example
 * const tx = adam(0.1);
 * const params = { w: np.array([1]) };
 * const [u] = tx.update({ w: np.array([4]) }, tx.init(params), params);
 * np.allclose(u.w, [-0.1]); // => true
 */
export function adam(learningRate: ScalarOrSchedule, options: ScaleByAdamOptions = {}): GradientTransformation {
  return chain(scaleByAdam(options), scaleByLearningRate(learningRate));
}

export type AdamWOptions = ScaleByAdamOptions & AddDecayedWeightsOptions;

/**
 * Adam with decoupled weight decay, 1e-4 unless given; `update` must be given the parameters.
 *
 * Source: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019; defaults of optax.adamw.
 * @example
 * const tx = adamw(0.1, { weightDecay: 0.5 });
 * const params = { w: np.array([2]) };
 * const [u] = tx.update({ w: np.array([4]) }, tx.init(params), params);
 * np.allclose(u.w, [-0.2]); // => true
 */
export function adamw(learningRate: ScalarOrSchedule, options: AdamWOptions = {}): GradientTransformation {
  const { weightDecay = 1e-4, mask = null, ...adamOptions } = options;
  return chain(scaleByAdam(adamOptions), addDecayedWeights({ weightDecay, mask }), scaleByLearningRate(learningRate));
}
