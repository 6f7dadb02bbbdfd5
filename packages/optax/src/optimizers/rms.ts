/** Optimizers that divide by running sizes of gradients. */
import type { DType } from "@jax-js/jax";
import { type GradientTransformation, type Scalar, type ScalarOrSchedule } from "../base";
import { type Rest, named } from "../named";
import { ema, trace } from "../transforms/accumulation";
import { type AddDecayedWeightsOptions, addDecayedWeights } from "../transforms/adding";
import { chain } from "../transforms/chain";
import { clipByBlockRms } from "../transforms/clipping";
import { scaleByFactoredRms } from "../transforms/scale-by-factored-rms";
import { type ScaleBySm3Options, scaleBySm3 } from "../transforms/scale-by-layer";
import { scaleByParamBlockRms } from "../transforms/scale-by-params";
import {
  type ScaleByAdadeltaOptions, type ScaleByRmsOptions, type ScaleByRssOptions, scaleByAdadelta, scaleByRms, scaleByRss,
  scaleByStddev,
} from "../transforms/scale-by-rms"; // prettier-ignore
import { type ScaleByLionOptions, scaleByLion } from "../transforms/scale-by-sign";
import { scaleByLearningRate } from "../transforms/schedule";
import { identity, scale } from "../transforms/simple";

export interface RmspropOptions extends ScaleByRmsOptions {
  /** Divide by the standard deviation, not the root of the second moment; false. */
  centered?: boolean;
  /** Decay of accumulated updates; none by default. */
  momentum?: Scalar | null;
  nesterov?: boolean;
}

/**
 * RMSProp: gradients over the root of the mean of their squares.
 *
 * Source: Tieleman and Hinton, 2012; Graves, 2013; optax.rmsprop.
 * @example
 * const tx = rmsprop(0.1);
 * tx.update([np.array([4])], tx.init([np.array([1])]))[0][0].js(); // => [-0.316228]
 */
export function rmsprop(learningRate: ScalarOrSchedule, ...rest: Rest<RmspropOptions>): GradientTransformation {
  const names = [
    "decay", "eps", "initialScale", "epsInSqrt", "centered", "momentum", "nesterov", "biasCorrection",
  ] as const; // prettier-ignore
  const options = named<RmspropOptions>("rmsprop", names, rest);
  const { centered = false, momentum = null, nesterov = false, ...rms } = options;
  return chain(
    centered ? scaleByStddev(rms as ScaleByRmsOptions) : scaleByRms(rms as ScaleByRmsOptions),
    scaleByLearningRate(learningRate),
    momentum === null ? identity() : trace({ decay: momentum, nesterov }),
  );
}

/**
 * Adagrad: gradients over the root of the sum of their squares.
 *
 * Source: Duchi et al., "Adaptive subgradient methods for online learning and stochastic optimization", 2011;
 * optax.adagrad.
 * @example
 * const tx = adagrad(0.1);
 * tx.update([np.array([4])], tx.init([np.array([1])]))[0][0].js(); // => [-0.0996889]
 */
export function adagrad(learningRate: ScalarOrSchedule, ...rest: Rest<ScaleByRssOptions>): GradientTransformation {
  const options = named<ScaleByRssOptions>("adagrad", ["initialAccumulatorValue", "eps"], rest);
  return chain(scaleByRss(options as ScaleByRssOptions), scaleByLearningRate(learningRate));
}

export interface AdadeltaOptions extends ScaleByAdadeltaOptions {
  /** Factor of the steps; 1 if null. */
  learningRate?: ScalarOrSchedule | null;
  weightDecay?: ScalarOrSchedule;
  weightDecayMask?: unknown;
}

/**
 * Adadelta: steps in the units of the parameters.
 *
 * Arguments: learningRate, rho = 0.9, eps = 1e-6, weightDecay = 0, weightDecayMask; or by name.
 *
 * Source: Zeiler, "Adadelta: an adaptive learning rate method", 2012; optax.adadelta.
 * @example
 * const tx = adadelta(1);
 * const params = [np.array([1])];
 * tx.update([np.array([4])], tx.init(params), params)[0][0].js(); // => [-0.00316228]
 */
export function adadelta(...rest: Rest<AdadeltaOptions>): GradientTransformation {
  const names = ["learningRate", "rho", "eps", "weightDecay", "weightDecayMask"] as const;
  const options = named<AdadeltaOptions>("adadelta", names, rest);
  const { learningRate = null, weightDecay = 0, weightDecayMask = null, ...own } = options;
  return chain(
    addDecayedWeights({ weightDecay, mask: weightDecayMask }),
    scaleByAdadelta(own as ScaleByAdadeltaOptions),
    scaleByLearningRate(learningRate),
  );
}

export type LionOptions = Omit<ScaleByLionOptions, "mode" | "smoothBeta"> & AddDecayedWeightsOptions;

/**
 * Lion: the sign of a mean of gradients, with weight decay 1e-3 unless given.
 *
 * Source: Chen et al., "Symbolic discovery of optimization algorithms", 2023; optax.lion.
 * @example
 * const tx = lion(0.1, { weightDecay: 0 });
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.1]); // => true
 */
export function lion(learningRate: ScalarOrSchedule, ...rest: Rest<LionOptions>): GradientTransformation {
  const names = ["b1", "b2", "muDtype", "weightDecay", "mask"] as const;
  const { weightDecay = 1e-3, mask = null, ...options } = named<LionOptions>("lion", names, rest);
  return chain(
    scaleByLion(options as ScaleByLionOptions),
    addDecayedWeights({ weightDecay, mask }),
    scaleByLearningRate(learningRate),
  );
}

/**
 * SM3: Adagrad in the memory of rows and columns.
 *
 * Source: Anil et al., "Memory-efficient adaptive optimization", 2019; optax.sm3.
 * @example
 * const tx = sm3(0.1, 0);
 * np.allclose(tx.update([np.array([4])], tx.init([np.ones([1])]))[0][0], [-0.1]); // => true
 */
export function sm3(learningRate: ScalarOrSchedule, ...rest: Rest<{ momentum?: Scalar }>): GradientTransformation {
  const { momentum = 0.9 } = named<{ momentum?: Scalar }>("sm3", ["momentum"], rest);
  return chain(scaleBySm3({ b1: momentum } as ScaleBySm3Options), scaleByLearningRate(learningRate));
}

export interface AdafactorOptions {
  /** Step size, relative to the parameters; 1 if null. */
  learningRate?: ScalarOrSchedule | null;
  minDimSizeToFactor?: number;
  decayRate?: Scalar;
  decayOffset?: number;
  multiplyByParameterScale?: boolean;
  clippingThreshold?: Scalar | null;
  momentum?: Scalar | null;
  dtypeMomentum?: DType;
  weightDecayRate?: ScalarOrSchedule | null;
  eps?: Scalar;
  factored?: boolean;
  weightDecayMask?: unknown;
}

/**
 * Adafactor: a second moment of rows and columns, steps relative to the parameters.
 *
 * Arguments: learningRate, minDimSizeToFactor = 128, decayRate = 0.8, decayOffset = 0, multiplyByParameterScale = true,
 * clippingThreshold = 1, momentum, dtypeMomentum = "float32", weightDecayRate, eps = 1e-30, factored = true,
 * weightDecayMask; or by name.
 *
 * Source: Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", 2018; optax.adafactor.
 * @example
 * const tx = adafactor(0.1);
 * const params = [np.array([2, 2])];
 * np.allclose(tx.update([np.array([3, -4])], tx.init(params), params)[0][0], [-0.2, 0.2]); // => true
 */
export function adafactor(...rest: Rest<AdafactorOptions>): GradientTransformation {
  const names = [
    "learningRate", "minDimSizeToFactor", "decayRate", "decayOffset", "multiplyByParameterScale", "clippingThreshold", "momentum",
    "dtypeMomentum", "weightDecayRate", "eps", "factored", "weightDecayMask",
  ] as const; // prettier-ignore
  const options = named<AdafactorOptions>("adafactor", names, rest);
  const { learningRate = null, minDimSizeToFactor = 128, decayRate = 0.8, decayOffset = 0 } = options;
  const { multiplyByParameterScale = true, clippingThreshold = 1, momentum = null } = options;
  const {
    dtypeMomentum = "float32",
    weightDecayRate = null,
    eps = 1e-30,
    factored = true,
    weightDecayMask = null,
  } = options;
  const steps = [
    scaleByFactoredRms({ factored, decayRate, stepOffset: decayOffset, minDimSizeToFactor, epsilon: eps }),
  ];
  if (clippingThreshold !== null) steps.push(clipByBlockRms(clippingThreshold));
  if (learningRate !== null) steps.push(scaleByLearningRate(learningRate, false));
  if (multiplyByParameterScale) steps.push(scaleByParamBlockRms());
  if (momentum !== null) steps.push(ema(momentum, { debias: false, accumulatorDtype: dtypeMomentum }));
  if (weightDecayRate !== null) steps.push(addDecayedWeights({ weightDecay: weightDecayRate, mask: weightDecayMask }));
  return chain(...steps, scale(-1));
}
