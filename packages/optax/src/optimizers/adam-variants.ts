/** Adan, LAMB, NovoGrad and optimistic Adam. */
import { needScalar } from "../scalars";
import { type GradientTransformation, type Scalar, type ScalarOrSchedule } from "../base";
import { type Rest, named } from "../named";
import { type AddDecayedWeightsOptions, addDecayedWeights } from "../transforms/adding";
import { chain } from "../transforms/chain";
import { type ScaleByAdamOptions, scaleByAdam } from "../transforms/scale-by-adam";
import { type ScaleByAdanOptions, scaleByAdan } from "../transforms/scale-by-radam";
import { type ScaleByNovogradOptions, scaleByNovograd } from "../transforms/scale-by-layer";
import { scaleByOptimisticGradient } from "../transforms/scale-by-sign";
import { scaleByTrustRatio } from "../transforms/scale-by-params";
import { scaleByLearningRate } from "../transforms/schedule";
import { decayed } from "./decayed";

const adamNames = ["b1", "b2", "eps", "epsRoot", "muDtype", "nesterov"] as const;
export type AdanOptions = ScaleByAdanOptions & AddDecayedWeightsOptions;

/**
 * Adam with Nesterov momentum from differences of gradients.
 *
 * Source: Xie et al., "Adan: adaptive Nesterov momentum algorithm", 2022; optax.adan.
 * @example
 * const tx = adan(0.1);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.1], { rtol: 1e-4 }); // => true
 */
export function adan(learningRate: ScalarOrSchedule, ...rest: Rest<AdanOptions>): GradientTransformation {
  const names = ["b1", "b2", "b3", "eps", "epsRoot", "weightDecay", "mask"] as const;
  const { weightDecay, mask, ...adanOptions } = named<AdanOptions>("adan", names, rest);
  return decayed(
    scaleByAdan({ epsRoot: 1e-8, ...(adanOptions as ScaleByAdanOptions) }),
    learningRate,
    { weightDecay, mask },
    0,
  );
}

export type LambOptions = Omit<ScaleByAdamOptions, "nesterov" | "muDtype"> & AddDecayedWeightsOptions;

/**
 * Adam with steps as large as the parameters of each layer; eps is 1e-6.
 *
 * Source: You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", 2020; optax.lamb.
 * @example
 * const tx = lamb(0.1);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.1], { rtol: 1e-4 }); // => true
 */
export function lamb(learningRate: ScalarOrSchedule, ...rest: Rest<LambOptions>): GradientTransformation {
  const names = ["b1", "b2", "eps", "epsRoot", "weightDecay", "mask"] as const;
  const { weightDecay = 0, mask = null, ...options } = named<LambOptions>("lamb", names, rest);
  return chain(
    scaleByAdam({ eps: 1e-6, ...(options as ScaleByAdamOptions) }),
    addDecayedWeights({ weightDecay, mask }),
    scaleByTrustRatio(),
    scaleByLearningRate(learningRate),
  );
}

/**
 * Momentum of gradients over the norm of their layer; eps is 1e-6.
 *
 * Source: Ginsburg et al., "Stochastic gradient methods with layer-wise adaptive moments", 2019; optax.novograd.
 * @example
 * const tx = novograd(0.1);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.1], { rtol: 1e-4 }); // => true
 */
export function novograd(
  learningRate: ScalarOrSchedule,
  ...rest: Rest<ScaleByNovogradOptions>
): GradientTransformation {
  const names = ["b1", "b2", "eps", "epsRoot", "weightDecay"] as const;
  const options = named<ScaleByNovogradOptions>("novograd", names, rest);
  return chain(
    scaleByNovograd({ eps: 1e-6, ...(options as ScaleByNovogradOptions) }),
    scaleByLearningRate(learningRate),
  );
}

export interface OptimisticAdamV2Options extends ScaleByAdamOptions {
  alpha?: Scalar;
  beta?: Scalar;
}

/**
 * Adam after an optimistic gradient.
 *
 * Source: Daskalakis et al., "Training GANs with optimism", 2018; optax.optimistic_adam_v2.
 * @example
 * const tx = optimisticAdamV2(0.1);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.147368], { rtol: 1e-4 }); // => true
 */
export function optimisticAdamV2(
  learningRate: ScalarOrSchedule,
  ...rest: Rest<OptimisticAdamV2Options>
): GradientTransformation {
  const names = ["alpha", "beta", ...adamNames] as const;
  const { alpha = 1, beta = 1, ...options } = named<OptimisticAdamV2Options>("optimisticAdamV2", names, rest);
  return chain(
    scaleByAdam({ nesterov: true, ...(options as ScaleByAdamOptions) }),
    scaleByOptimisticGradient({ alpha, beta }),
    scaleByLearningRate(learningRate),
  );
}

export interface OptimisticAdamOptions extends ScaleByAdamOptions {
  /** Weight of the change of the step; the learning rate if null. */
  optimism?: Scalar | null;
}

/**
 * Adam with an optimistic gradient of weight `optimism`.
 *
 * Source: Daskalakis et al., "Training GANs with optimism", 2018; optax.optimistic_adam.
 * @example
 * const tx = optimisticAdam(0.1);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.147368], { rtol: 1e-4 }); // => true
 */
export function optimisticAdam(learningRate: Scalar, ...rest: Rest<OptimisticAdamOptions>): GradientTransformation {
  needScalar("optimisticAdam", learningRate);
  const names = ["optimism", ...adamNames] as const;
  const { optimism = null, ...options } = named<OptimisticAdamOptions>("optimisticAdam", names, rest);
  return chain(
    scaleByAdam({ nesterov: true, ...(options as ScaleByAdamOptions) }),
    scaleByOptimisticGradient({ alpha: learningRate, beta: optimism ?? learningRate }),
    scaleByLearningRate(1),
  );
}
