/** Steps whose direction is mostly a sign: Lion, Rprop, optimistic gradients. */
import { type Array, type DType, numpy as np } from "@jax-js/jax";
import { type Scalar, GradientTransformation, mapLeaves } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { like, sub, times, needScalar } from "../scalars";
import { treeFullLike, treeZerosLike } from "../tree/make";
import { treeCast, treeMul } from "../tree/math";
import { treeUpdateMoment } from "../tree/moments";

export interface ScaleByLionOptions {
  /** Weight of the momentum in the step; 0.9. */
  b1?: Scalar;
  /** Decay of the momentum; 0.99. */
  b2?: Scalar;
  muDtype?: DType | null;
  /** "hard" for the sign, "smooth" for `tanh(smoothBeta * x)`, "refined" for x limited to [-1, 1]. */
  mode?: "hard" | "smooth" | "refined";
  smoothBeta?: Scalar;
}

export interface ScaleByLionState<P = unknown> {
  count: Array;
  mu: P;
}

/**
 * The sign of a mean of gradients. State `{ count, mu }`.
 *
 * Source: Chen et al., "Symbolic discovery of optimization algorithms", 2023; optax.scale_by_lion.
 * @example
 * const tx = scaleByLion();
 * tx.update([np.array([-4, 2])], tx.init([np.ones([2])]))[0][0].js(); // => [-1, 1]
 */
export function scaleByLion(...rest: Rest<ScaleByLionOptions>): GradientTransformation {
  const options = named<ScaleByLionOptions>("scaleByLion", ["b1", "b2", "muDtype", "mode", "smoothBeta"], rest);
  const { b1 = 0.9, b2 = 0.99, muDtype = null, mode = "hard", smoothBeta = 1 } = options;
  const step = (g: Array, m: Array): Array => {
    const mean = times(g, sub(1, b1)).add(times(m, b1));
    if (mode === "refined") return np.clip(mean, -1, 1);
    return mode === "hard" ? np.sign(mean) : np.tanh(times(mean, smoothBeta));
  };
  return GradientTransformation(
    (params: unknown): ScaleByLionState => ({ count: zeroCount(), mu: treeZerosLike(params, muDtype) }),
    (updates: unknown, { count, mu }) => [
      mapLeaves(step, updates, mu),
      { count: safeIncrement(count), mu: treeCast(treeUpdateMoment(updates, mu as unknown, b2, 1), muDtype) },
    ],
  );
}

export interface ScaleByOptimisticGradientOptions {
  /** Weight of the gradient; 1. */
  alpha?: Scalar;
  /** Weight of its change; 1. */
  beta?: Scalar;
}

export interface ScaleByOptimisticGradientState<P = unknown> {
  isInitialStep: Array;
  previousGradient: P;
}

/**
 * `(alpha + beta) * g - beta * gBefore`. State `{ isInitialStep, previousGradient }`.
 *
 * Source: Mokhtari et al., "Convergence of optimistic gradient descent ascent", 2019;
 * optax.scale_by_optimistic_gradient.
 * @example
 * const tx = scaleByOptimisticGradient();
 * tx.update([np.array([4])], { isInitialStep: np.array(false), previousGradient: [np.array([1])] })[0][0].js(); // => [7]
 */
export function scaleByOptimisticGradient(...rest: Rest<ScaleByOptimisticGradientOptions>): GradientTransformation {
  const options = named<ScaleByOptimisticGradientOptions>("scaleByOptimisticGradient", ["alpha", "beta"], rest);
  const { alpha = 1, beta = 1 } = options;
  return GradientTransformation(
    (params: unknown): ScaleByOptimisticGradientState => ({
      isInitialStep: np.array(true),
      previousGradient: treeZerosLike(params),
    }),
    (updates: unknown, { isInitialStep, previousGradient }) => {
      const step = (g: Array, before: Array): Array => {
        const last = np.where(isInitialStep as Array, g, before);
        return times(g, alpha).add(times(g.sub(last), beta));
      };
      const out = mapLeaves(step, updates, previousGradient);
      return [out, { isInitialStep: np.array(false), previousGradient: updates }];
    },
  );
}

export interface ScaleByRpropOptions {
  /** Factor of a step whose gradient changed its sign; 0.5. */
  etaMinus?: Scalar;
  /** Factor of a step whose gradient kept its sign; 1.2. */
  etaPlus?: Scalar;
  minStepSize?: Scalar;
  maxStepSize?: Scalar;
}

export interface ScaleByRpropState<P = unknown> {
  stepSizes: P;
  prevUpdates: P;
}

/**
 * Steps of sizes that grow while the sign of the gradient stays. As in optax, a step is one update late: the first is
 * zero, and where the sign changes the step that was due is left out. State `{ stepSizes, prevUpdates }`.
 *
 * Source: Riedmiller and Braun, "The RPROP algorithm", 1993; optax.scale_by_rprop.
 * @example
 * const tx = scaleByRprop(0.1);
 * const [first, state] = tx.update([np.array([-4])], tx.init([np.ones([1])]));
 * [first[0].js(), tx.update([np.array([-4])], state)[0][0].js()]; // => [[0], [-0.1]]
 */
export function scaleByRprop(learningRate: Scalar, ...rest: Rest<ScaleByRpropOptions>): GradientTransformation {
  needScalar("scaleByRprop", learningRate);
  const names = ["etaMinus", "etaPlus", "minStepSize", "maxStepSize"] as const;
  const options = named<ScaleByRpropOptions>("scaleByRprop", names, rest);
  const { etaMinus = 0.5, etaPlus = 1.2, minStepSize = 1e-6, maxStepSize = 50 } = options;
  const resize = (size: Array, product: Array): Array => {
    const factor = np.where(product.greater(0), like(etaPlus, size), like(etaMinus, size));
    const next = np.clip(size.mul(factor), like(minStepSize, size), like(maxStepSize, size));
    return np.where(product.equal(0), size, next);
  };
  const unlessTurned = (step: Array, product: Array): Array => np.where(product.less(0), np.zerosLike(step), step);
  return GradientTransformation(
    (params: unknown): ScaleByRpropState => ({
      stepSizes: treeFullLike(params, learningRate),
      prevUpdates: treeZerosLike(params),
    }),
    (updates: unknown, state) => {
      const due = state.prevUpdates;
      const products = treeMul(updates, due); // negative where the sign changed
      const stepSizes = mapLeaves(resize, state.stepSizes, products);
      const steps = mapLeaves((size, g) => size.mul(np.sign(g)), stepSizes, updates);
      return [
        mapLeaves(unlessTurned, due, products),
        { stepSizes, prevUpdates: mapLeaves(unlessTurned, steps, products) },
      ];
    },
  );
}
