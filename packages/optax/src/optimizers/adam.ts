/** Optimizers of Adam's family: a rescaling, perhaps weight decay, and the learning rate. */
import type { GradientTransformation, ScalarOrSchedule } from "../base";
import { type Rest, named } from "../named";
import type { AddDecayedWeightsOptions } from "../transforms/adding";
import { chain } from "../transforms/chain";
import {
  type ScaleByAdamOptions, type ScaleByAdamaxOptions, type ScaleByAmsgradOptions, type ScaleByBeliefOptions,
  type ScaleByYogiOptions, scaleByAdam, scaleByAdamax, scaleByAmsgrad, scaleByBelief, scaleByYogi,
} from "../transforms/scale-by-adam"; // prettier-ignore
import { type ScaleByRadamOptions, scaleByRadam } from "../transforms/scale-by-radam";
import { scaleByLearningRate } from "../transforms/schedule";
import { decayed } from "./decayed";

const adamNames = ["b1", "b2", "eps", "epsRoot", "muDtype", "nesterov"] as const;
const adamWNames = ["b1", "b2", "eps", "epsRoot", "muDtype", "weightDecay", "mask", "nesterov"] as const;

export type AdamWOptions = ScaleByAdamOptions & AddDecayedWeightsOptions;

/**
 * Adam.
 *
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2014; defaults of optax.adam.
 * @example
 * const tx = adam(0.1);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.1], { rtol: 1e-4 }); // => true
 */
export function adam(learningRate: ScalarOrSchedule, ...rest: Rest<ScaleByAdamOptions>): GradientTransformation {
  const options = named<ScaleByAdamOptions>("adam", adamNames, rest);
  return chain(scaleByAdam(options as ScaleByAdamOptions), scaleByLearningRate(learningRate));
}

/**
 * Adam with decoupled weight decay, 1e-4 unless given; `update` must be given the parameters.
 *
 * Source: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019; defaults of optax.adamw.
 * @example
 * const tx = adamw(0.1, { weightDecay: 0.5 });
 * const params = [np.array([2])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.2], { rtol: 1e-4 }); // => true
 */
export function adamw(learningRate: ScalarOrSchedule, ...rest: Rest<AdamWOptions>): GradientTransformation {
  const { weightDecay, mask, ...adamOptions } = named<AdamWOptions>("adamw", adamWNames, rest);
  return decayed(scaleByAdam(adamOptions as ScaleByAdamOptions), learningRate, { weightDecay, mask }, 1e-4);
}

/**
 * Adam with Nesterov momentum.
 *
 * Source: Dozat, "Incorporating Nesterov momentum into Adam", 2016; optax.nadam.
 * @example
 * const tx = nadam(0.1);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.147368], { rtol: 1e-4 }); // => true
 */
export function nadam(learningRate: ScalarOrSchedule, ...rest: Rest<ScaleByAdamOptions>): GradientTransformation {
  return adam(learningRate, { nesterov: true, ...named<ScaleByAdamOptions>("nadam", adamNames, rest) });
}

/**
 * AdamW with Nesterov momentum.
 *
 * Source: Loshchilov and Hutter, 2019; Dozat, 2016; optax.nadamw.
 * @example
 * const tx = nadamw(0.1);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.147378], { rtol: 1e-4 }); // => true
 */
export function nadamw(learningRate: ScalarOrSchedule, ...rest: Rest<AdamWOptions>): GradientTransformation {
  return adamw(learningRate, { nesterov: true, ...named<AdamWOptions>("nadamw", adamWNames, rest) });
}

/**
 * Adam with the greatest second moment so far.
 *
 * Source: Reddi et al., "On the convergence of Adam and beyond", 2018; optax.amsgrad.
 * @example
 * const tx = amsgrad(0.1);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.1], { rtol: 1e-4 }); // => true
 */
export function amsgrad(learningRate: ScalarOrSchedule, ...rest: Rest<ScaleByAmsgradOptions>): GradientTransformation {
  const options = named<ScaleByAmsgradOptions>(
    "amsgrad",
    ["b1", "b2", "eps", "epsRoot", "muDtype", "biasCorrectionMu", "biasCorrectionNu"],
    rest,
  );
  return chain(scaleByAmsgrad(options as ScaleByAmsgradOptions), scaleByLearningRate(learningRate));
}

/**
 * Adam with the infinity norm.
 *
 * Source: Kingma and Ba, 2014, section 7.1; optax.adamax.
 * @example
 * const tx = adamax(0.1);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.1], { rtol: 1e-4 }); // => true
 */
export function adamax(learningRate: ScalarOrSchedule, ...rest: Rest<ScaleByAdamaxOptions>): GradientTransformation {
  const options = named<ScaleByAdamaxOptions>("adamax", ["b1", "b2", "eps"], rest);
  return chain(scaleByAdamax(options as ScaleByAdamaxOptions), scaleByLearningRate(learningRate));
}

export type AdamaxWOptions = ScaleByAdamaxOptions & AddDecayedWeightsOptions;

/**
 * Adamax with decoupled weight decay, 1e-4 unless given.
 *
 * Source: Loshchilov and Hutter, 2019; optax.adamaxw.
 * @example
 * const tx = adamaxw(0.1, { weightDecay: 0.5 });
 * const params = [np.array([2])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.2], { rtol: 1e-4 }); // => true
 */
export function adamaxw(learningRate: ScalarOrSchedule, ...rest: Rest<AdamaxWOptions>): GradientTransformation {
  const options = named<AdamaxWOptions>("adamaxw", ["b1", "b2", "eps", "weightDecay", "mask"], rest);
  const { weightDecay, mask, ...adamaxOptions } = options;
  return decayed(scaleByAdamax(adamaxOptions as ScaleByAdamaxOptions), learningRate, { weightDecay, mask }, 1e-4);
}

/**
 * Rectified Adam: momentum alone while the variance is not known well.
 *
 * Source: Liu et al., "On the variance of the adaptive learning rate and beyond", 2020; optax.radam.
 * @example
 * const tx = radam(0.1);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.4], { rtol: 1e-4 }); // => true
 */
export function radam(learningRate: ScalarOrSchedule, ...rest: Rest<ScaleByRadamOptions>): GradientTransformation {
  const options = named<ScaleByRadamOptions>("radam", ["b1", "b2", "eps", "epsRoot", "threshold", "nesterov"], rest);
  return chain(scaleByRadam(options as ScaleByRadamOptions), scaleByLearningRate(learningRate));
}

/**
 * Adam with the variance of gradients about their mean.
 *
 * Source: Zhuang et al., "AdaBelief optimizer", 2020; optax.adabelief.
 * @example
 * const tx = adabelief(0.1);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.111111], { rtol: 1e-4 }); // => true
 */
export function adabelief(learningRate: ScalarOrSchedule, ...rest: Rest<ScaleByBeliefOptions>): GradientTransformation {
  const options = named<ScaleByBeliefOptions>("adabelief", ["b1", "b2", "eps", "epsRoot", "nesterov"], rest);
  return chain(scaleByBelief(options as ScaleByBeliefOptions), scaleByLearningRate(learningRate));
}

/**
 * Adam whose second moment changes slowly.
 *
 * Source: Zaheer et al., "Adaptive methods for nonconvex optimization", 2018; optax.yogi.
 * @example
 * const tx = yogi(0.1);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.0999760], { rtol: 1e-4 }); // => true
 */
export function yogi(learningRate: ScalarOrSchedule, ...rest: Rest<ScaleByYogiOptions>): GradientTransformation {
  const options = named<ScaleByYogiOptions>("yogi", ["b1", "b2", "eps"], rest);
  return chain(scaleByYogi(options as ScaleByYogiOptions), scaleByLearningRate(learningRate));
}
