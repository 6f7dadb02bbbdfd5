/** Gradient descent and its plain relatives. */
import type { DType } from "@jax-js/jax";
import { type GradientTransformation, type Scalar, type ScalarOrSchedule } from "../base";
import { type Rest, named } from "../named";
import { add, mul, pow, sub } from "../scalars";
import { addNoise, type AddNoiseOptions } from "../transforms/adding";
import { ema, trace } from "../transforms/accumulation";
import { chain } from "../transforms/chain";
import { scaleByPolyak, type ScaleByPolyakOptions } from "../transforms/scale-by-loss";
import { scaleByOptimisticGradient, scaleByRprop, type ScaleByRpropOptions } from "../transforms/scale-by-sign";
import { scaleByLearningRate } from "../transforms/schedule";
import { identity, scale, scaleBySign } from "../transforms/simple";
import { addDecayedWeights } from "../transforms/adding";
import { scaleByTrustRatio } from "../transforms/scale-by-params";
import { masked } from "../transforms/masking";

export interface SgdOptions {
  /** Decay of accumulated updates; none by default. */
  momentum?: Scalar | null;
  nesterov?: boolean;
  accumulatorDtype?: DType | null;
}

/**
 * Stochastic gradient descent, with momentum if asked for.
 *
 * Source: optax.sgd.
 * @example
 * const tx = sgd(0.5);
 * tx.update({ w: np.array([2]) }, tx.init({ w: np.array([1]) }))[0].w.js(); // => [-1]
 */
export function sgd(learningRate: ScalarOrSchedule, ...rest: Rest<SgdOptions>): GradientTransformation {
  const options = named<SgdOptions>("sgd", ["momentum", "nesterov", "accumulatorDtype"], rest);
  const { momentum = null, nesterov = false, accumulatorDtype = null } = options;
  return chain(
    momentum === null ? identity() : trace({ decay: momentum, nesterov, accumulatorDtype }),
    scaleByLearningRate(learningRate),
  );
}

export type NoisySgdOptions = { eta?: Scalar; gamma?: Scalar } & AddNoiseOptions;

/**
 * Gradient descent with normal noise of variance `eta / t ** gamma`.
 *
 * Source: Neelakantan et al., "Adding gradient noise improves learning for very deep networks", 2015; optax.noisy_sgd.
 * @example
 * const tx = noisySgd(0.5, { eta: 0 });
 * tx.update([np.array([2])], tx.init([np.array([1])]))[0][0].js(); // => [-1]
 */
export function noisySgd(learningRate: ScalarOrSchedule, ...rest: Rest<NoisySgdOptions>): GradientTransformation {
  const options = named<NoisySgdOptions>("noisySgd", ["eta", "gamma", "key", "seed"], rest);
  const { eta = 0.01, gamma = 0.55, key = null, seed = 0 } = options;
  return chain(addNoise(eta, gamma, { key, seed }), scaleByLearningRate(learningRate));
}

/**
 * Steps of the sign of the gradient.
 *
 * Source: Bernstein et al., "signSGD: compressed optimisation for non-convex problems", 2018; optax.sign_sgd.
 * @example
 * const tx = signSgd(0.5);
 * tx.update([np.array([-3])], tx.init([np.array([1])]))[0][0].js(); // => [0.5]
 */
export function signSgd(learningRate: ScalarOrSchedule): GradientTransformation {
  return chain(scaleBySign(), scaleByLearningRate(learningRate));
}

export interface SignumOptions {
  /** Decay of the average; 0.9. */
  beta?: Scalar;
  accumulatorDtype?: DType | null;
}

/**
 * Steps of the sign of the moving average of gradients.
 *
 * Source: Bernstein et al., "signSGD", 2018; optax.signum.
 * @example
 * const tx = signum(0.5);
 * tx.update([np.array([-3])], tx.init([np.array([1])]))[0][0].js(); // => [0.5]
 */
export function signum(learningRate: ScalarOrSchedule, ...rest: Rest<SignumOptions>): GradientTransformation {
  const { beta = 0.9, accumulatorDtype = null } = named<SignumOptions>("signum", ["beta", "accumulatorDtype"], rest);
  return chain(ema(beta, { debias: false, accumulatorDtype }), scaleBySign(), scaleByLearningRate(learningRate));
}

export interface OptimisticOptions {
  alpha?: Scalar;
  beta?: Scalar;
}

/**
 * Optimistic gradient descent, for games: `(alpha + beta) g - beta gBefore`.
 *
 * Source: Mokhtari et al., "Convergence of optimistic gradient descent ascent", 2019;
 * optax.optimistic_gradient_descent.
 * @example
 * const tx = optimisticGradientDescent(0.5);
 * tx.update([np.array([2])], tx.init([np.array([1])]))[0][0].js(); // => [-1]
 */
export function optimisticGradientDescent(
  learningRate: ScalarOrSchedule,
  ...rest: Rest<OptimisticOptions>
): GradientTransformation {
  const { alpha = 1, beta = 1 } = named<OptimisticOptions>("optimisticGradientDescent", ["alpha", "beta"], rest);
  return chain(scaleByOptimisticGradient({ alpha, beta }), scaleByLearningRate(learningRate));
}

/**
 * Resilient backpropagation: steps of sizes that grow while the sign of the gradient stays; see scaleByRprop.
 *
 * Source: Riedmiller and Braun, 1993; optax.rprop.
 * @example
 * const tx = rprop(0.1);
 * const [first, state] = tx.update([np.array([-4])], tx.init([np.ones([1])]));
 * [first[0].js(), tx.update([np.array([-4])], state)[0][0].js()]; // => [[0], [0.1]]
 */
export function rprop(learningRate: Scalar, ...rest: Rest<ScaleByRpropOptions>): GradientTransformation {
  const names = ["etaMinus", "etaPlus", "minStepSize", "maxStepSize"] as const;
  return chain(scaleByRprop(learningRate, named<ScaleByRpropOptions>("rprop", names, rest)), scale(-1));
}

export interface PolyakSgdOptions extends Omit<ScaleByPolyakOptions, "maxLearningRate"> {
  maxLearningRate?: Scalar;
  /** Learning rate on top; 1. */
  scaling?: ScalarOrSchedule;
}

/**
 * Gradient descent with Polyak's step size; `update` needs the extra argument `value`.
 *
 * Source: optax.polyak_sgd.
 * @example
 * const tx = polyakSgd();
 * const params = [np.array([1])];
 * tx.update([np.array([2])], tx.init(params), params, { value: np.array(1) })[0][0].js(); // => [-0.5]
 */
export function polyakSgd(...rest: Rest<PolyakSgdOptions>): GradientTransformation {
  const names = ["maxLearningRate", "scaling", "fMin", "eps", "variant"] as const;
  const { scaling = 1, ...options } = named<PolyakSgdOptions>("polyakSgd", names, rest);
  return chain(sgd(scaling), scaleByPolyak(options as ScaleByPolyakOptions));
}

/**
 * Layer-wise steps of the relative size `learningRate`, with a shrink that keeps norms from growing.
 *
 * Source: Bernstein et al., "On the distance between two neural networks and the stability of learning", 2020;
 * optax.fromage.
 * @example
 * const tx = fromage(0.1);
 * const params = [np.array([3])];
 * tx.update([np.array([1])], tx.init(params), params)[0][0].js(); // => [-0.313437]
 */
export function fromage(learningRate: ScalarOrSchedule, ...rest: Rest<{ minNorm?: Scalar }>): GradientTransformation {
  const { minNorm = 1e-6 } = named<{ minNorm?: Scalar }>("fromage", ["minNorm"], rest);
  const shrink = (rate: Scalar): Scalar => pow(add(1, mul(rate, rate)), -0.5);
  const of = (f: (rate: Scalar) => Scalar): ScalarOrSchedule =>
    typeof learningRate === "function" ? (count) => f(learningRate(count)) : f(learningRate);
  return chain(
    scaleByTrustRatio({ minNorm }),
    scaleByLearningRate(of((rate) => mul(rate, shrink(rate)))),
    addDecayedWeights({ weightDecay: of((rate) => sub(shrink(rate), 1)) }),
  );
}

export interface LarsOptions {
  weightDecay?: Scalar;
  /** Leaves with weight decay: all. */
  weightDecayMask?: unknown;
  trustCoefficient?: Scalar;
  eps?: Scalar;
  /** Leaves that are scaled: all. */
  trustRatioMask?: unknown;
  momentum?: Scalar;
  nesterov?: boolean;
}

/**
 * Layer-wise adaptive rate scaling, with momentum.
 *
 * Source: You et al., "Large batch training of convolutional networks", 2017; optax.lars.
 * @example
 * const tx = lars(1);
 * const params = [np.array([3, 4])];
 * np.allclose(tx.update([np.array([1, 0])], tx.init(params), params)[0][0], [-0.005, 0]); // => true
 */
export function lars(learningRate: ScalarOrSchedule, ...rest: Rest<LarsOptions>): GradientTransformation {
  const names = [
    "weightDecay", "weightDecayMask", "trustCoefficient", "eps", "trustRatioMask", "momentum", "nesterov",
  ] as const; // prettier-ignore
  const options = named<LarsOptions>("lars", names, rest);
  const { weightDecay = 0, weightDecayMask = true, trustCoefficient = 0.001, eps = 0 } = options;
  const { trustRatioMask = true, momentum = 0.9, nesterov = false } = options;
  return chain(
    addDecayedWeights({ weightDecay, mask: weightDecayMask }),
    masked(scaleByTrustRatio({ trustCoefficient, eps }), trustRatioMask),
    scaleByLearningRate(learningRate),
    trace({ decay: momentum, nesterov }),
  );
}
