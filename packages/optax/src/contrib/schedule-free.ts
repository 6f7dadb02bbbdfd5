/** Averages of iterates in place of schedules of the learning rate. */
import { type Array, type DType, numpy as np } from "@jax-js/jax";
import {
  GradientTransformation, type OptState, type Scalar, type ScalarOrSchedule, mapLeaves, needParams, pure, valueAt, needTransformation } from "../base"; // prettier-ignore
import { type Rest, named } from "../named";
import { safeIncrement, scalarOf, zeroCount } from "../numerics";
import { sgd } from "../optimizers/sgd";
import { div, like, sub, times } from "../scalars";
import { warmupConstantSchedule } from "../schedules/warmup";
import { addDecayedWeights } from "../transforms/adding";
import { chain } from "../transforms/chain";
import { scaleByRms } from "../transforms/scale-by-rms";
import { scaleByLearningRate } from "../transforms/schedule";
import { treeCast, treeDtype, treeSub } from "../tree/math";
import { applyUpdates } from "../update";

export interface ScheduleFreeState<P = unknown> {
  b1: Array;
  weightSum: Array;
  stepCount: Array;
  maxLr: Array;
  baseOptimizerState: OptState;
  /** Iterates of the optimizer itself. */
  z: P;
}

/** The average x from the point of gradients y: `y = b1 * x + (1 - b1) * z`. */
const averageOf = <P>(y: P, z: unknown, b1: Scalar): P =>
  mapLeaves((yi, zi) => times(yi.sub(times(zi, sub(1, b1))), div(1, b1)), y, z);

/**
 * The parameters to evaluate with: the average of the iterates.
 *
 * Errors: TypeError unless the state is that of scheduleFree.
 * Source: optax.contrib.schedule_free_eval_params.
 * @example
 * const tx = scheduleFreeSgd(0.1);
 * const params = [np.array([2])];
 * scheduleFreeEvalParams(tx.init(params), params)[0].js(); // => [2]
 */
export function scheduleFreeEvalParams<P>(state: OptState, params: P): P {
  const { b1, z } = (state ?? {}) as Partial<ScheduleFreeState>;
  if (b1 === undefined || z === undefined) {
    throw new TypeError("scheduleFreeEvalParams: expected the state of scheduleFree, which has b1 and z");
  }
  return pure(() => averageOf(params, z, b1), [state, params]);
}

export interface ScheduleFreeOptions {
  /** Weight of the average in the point of gradients; 0.9. */
  b1?: Scalar;
  /** Weights of iterates are the greatest rate so far to this power; 2. */
  weightLrPower?: Scalar;
  /** Dtype of z; that of the parameters if null. */
  stateDtype?: DType | null;
}

/**
 * Takes gradients between the iterates of an optimizer and their average, which needs no schedule. Train with the parameters
 * as they come; evaluate with scheduleFreeEvalParams. State `{ b1, weightSum, stepCount, maxLr, baseOptimizerState, z }`.
 *
 * Options: b1 = 0.9, weightLrPower = 2, stateDtype; by position too. The learning rate is that of the optimizer.
 * Errors: TypeError if `update` is called without params.
 * Source: Defazio et al., "The road less scheduled", 2024; optax.contrib.schedule_free.
 * @example
 * const tx = scheduleFree(sgd(0.5), 0.5);
 * const params = [np.array([1])];
 * tx.update([np.array([2])], tx.init(params), params)[0][0].js(); // => [-1]
 */
export function scheduleFree(
  baseOptimizer: GradientTransformation,
  learningRate: ScalarOrSchedule,
  ...rest: Rest<ScheduleFreeOptions>
): GradientTransformation {
  needTransformation("scheduleFree", baseOptimizer);
  const options = named<ScheduleFreeOptions>("scheduleFree", ["b1", "weightLrPower", "stateDtype"], rest);
  const { b1 = 0.9, weightLrPower = 2, stateDtype = null } = options;
  return GradientTransformation(
    (params: unknown): ScheduleFreeState => {
      const dtype = treeDtype(params, "lowest");
      return {
        b1: scalarOf(b1, dtype),
        weightSum: scalarOf(0, dtype),
        stepCount: zeroCount().add(1),
        maxLr: scalarOf(0, dtype),
        baseOptimizerState: baseOptimizer.init(params) as OptState,
        z: treeCast(params, stateDtype),
      };
    },
    (grads: unknown, state, given, extra) => {
      const params: unknown = needParams("scheduleFree", given);
      const rate = valueAt(learningRate, state.stepCount);
      const maxLr = np.maximum(state.maxLr, like(rate, state.maxLr));
      const weight = np.power(maxLr, weightLrPower as number);
      const weightSum = state.weightSum.add(weight);
      const share = np.where(np.logicalAnd(weight.equal(0), weightSum.equal(0)), 0, weight.div(weightSum));
      const [steps, baseOptimizerState] = baseOptimizer.update(grads, state.baseOptimizerState, params, extra);
      const z = applyUpdates(state.z, steps as unknown);
      const mix = (x: Array, zi: Array): Array => times(x, sub(1, share)).add(times(zi, share));
      const x = mapLeaves(mix, averageOf(params, state.z, b1), z);
      const y = mapLeaves((xi: Array, zi: Array) => times(xi, b1).add(times(zi, sub(1, b1))), x, z);
      const next = { b1: state.b1, weightSum, stepCount: safeIncrement(state.stepCount), maxLr, baseOptimizerState, z };
      return [treeSub(y as unknown, params), next];
    },
  );
}

const warmed = (learningRate: Scalar, warmupSteps: number | null): ScalarOrSchedule =>
  warmupSteps === null ? learningRate : warmupConstantSchedule(0, learningRate, warmupSteps);

export interface ScheduleFreeSgdOptions extends ScheduleFreeOptions {
  /** 1. */
  learningRate?: Scalar;
  /** Steps in which the rate rises; none by default. */
  warmupSteps?: number | null;
  weightDecay?: ScalarOrSchedule | null;
}

/**
 * Schedule-free gradient descent.
 *
 * Arguments: learningRate = 1, warmupSteps, b1 = 0.9, weightDecay, weightLrPower = 2, stateDtype; or by name.
 * Source: Defazio et al., 2024; optax.contrib.schedule_free_sgd.
 * @example
 * const tx = scheduleFreeSgd(0.5);
 * const params = [np.array([1])];
 * tx.update([np.array([2])], tx.init(params), params)[0][0].js(); // => [-1]
 */
export function scheduleFreeSgd(...rest: Rest<ScheduleFreeSgdOptions>): GradientTransformation {
  const names = ["learningRate", "warmupSteps", "b1", "weightDecay", "weightLrPower", "stateDtype"] as const;
  const options = named<ScheduleFreeSgdOptions>("scheduleFreeSgd", names, rest);
  const { learningRate = 1, warmupSteps = null, weightDecay = null, ...own } = options;
  const rate = warmed(learningRate, warmupSteps);
  const descent = weightDecay === null ? sgd(rate) : chain(addDecayedWeights({ weightDecay }), sgd(rate));
  return scheduleFree(descent, rate, own);
}

export interface ScheduleFreeAdamwOptions extends ScheduleFreeOptions {
  /** 0.0025. */
  learningRate?: Scalar;
  /** Steps in which the rate rises; none by default. */
  warmupSteps?: number | null;
  b2?: Scalar;
  eps?: Scalar;
  weightDecay?: ScalarOrSchedule;
}

/**
 * Schedule-free AdamW.
 *
 * Arguments: learningRate = 0.0025, warmupSteps, b1 = 0.9, b2 = 0.999, eps = 1e-8, weightDecay = 0, weightLrPower = 2,
 * stateDtype; or by name.
 * Source: Defazio et al., 2024; optax.contrib.schedule_free_adamw.
 * @example
 * const tx = scheduleFreeAdamw(0.5);
 * const params = [np.array([1])];
 * np.allclose(tx.update([np.array([2])], tx.init(params), params)[0][0], [-0.5]); // => true
 */
export function scheduleFreeAdamw(...rest: Rest<ScheduleFreeAdamwOptions>): GradientTransformation {
  const names = [
    "learningRate", "warmupSteps", "b1", "b2", "eps", "weightDecay", "weightLrPower", "stateDtype",
  ] as const; // prettier-ignore
  const options = named<ScheduleFreeAdamwOptions>("scheduleFreeAdamw", names, rest);
  const { learningRate = 0.0025, warmupSteps = null, b2 = 0.999, eps = 1e-8, weightDecay = 0, ...own } = options;
  const rate = warmed(learningRate, warmupSteps);
  const adamw = chain(
    scaleByRms({ decay: b2, eps, epsInSqrt: false, biasCorrection: true }),
    addDecayedWeights({ weightDecay }),
    scaleByLearningRate(rate),
  );
  return scheduleFree(adamw, rate, own);
}
