/** Adam that finds its learning rate, faster than D-Adaptation. */
import { type Array, numpy as np } from "@jax-js/jax";
import {
  GradientTransformation, type Scalar, type ScalarOrSchedule, mapLeaves, needParams, valueAt,
} from "../base"; // prettier-ignore
import { type Rest, named } from "../named";
import { safeIncrement, scalarOf, zeroCount } from "../numerics";
import { div, like, mul, pow, times } from "../scalars";
import { treeZerosLike } from "../tree/make";
import { treeDtype, treeScale, treeSub } from "../tree/math";
import { treeUpdateMoment } from "../tree/moments";
import { treeL1Norm, treeVdot } from "../tree/reduce";
import { adamCorrection } from "./dadapt-adamw";

export interface ProdigyOptions {
  /** Factor of the estimated rate; 1. */
  learningRate?: ScalarOrSchedule;
  /** Decays of the moments; [0.9, 0.999]. */
  betas?: readonly [Scalar, Scalar];
  /** Decay of the sums of the estimate; the root of the second of betas. */
  beta3?: Scalar | null;
  eps?: Scalar;
  /** First estimate of the learning rate; 1e-6. */
  estimLr0?: Scalar;
  /** Factor of the estimate; 1. */
  estimLrCoef?: Scalar;
  weightDecay?: Scalar;
  /** Leave the rate out of the sum, for schedules that begin small; false. */
  safeguardWarmup?: boolean;
}

export interface ProdigyState<P = unknown> {
  expAvg: P;
  expAvgSq: P;
  gradSum: P;
  params0: P;
  estimLr: Array;
  numeratorWeighted: Array;
  count: Array;
}

/**
 * Prodigy: Adam whose learning rate grows to an estimate of the distance to the solution. State
 * `{ expAvg, expAvgSq, gradSum, params0, estimLr, numeratorWeighted, count }`.
 *
 * Arguments: learningRate = 1, betas = [0.9, 0.999], beta3, eps = 1e-8, estimLr0 = 1e-6, estimLrCoef = 1, weightDecay = 0,
 * safeguardWarmup = false; or by name.
 * Errors: TypeError if `update` is called without params.
 * Source: Mishchenko and Defazio, "Prodigy: an expeditiously adaptive parameter-free learner", 2023; optax.contrib.prodigy.
 * @example
 * const tx = prodigy({ estimLr0: 0.1 });
 * const params = [np.ones([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.1]); // => true
 */
export function prodigy(...rest: Rest<ProdigyOptions>): GradientTransformation {
  const names = [
    "learningRate", "betas", "beta3", "eps", "estimLr0", "estimLrCoef", "weightDecay", "safeguardWarmup",
  ] as const; // prettier-ignore
  const options = named<ProdigyOptions>("prodigy", names, rest);
  const { learningRate = 1, betas = [0.9, 0.999], eps = 1e-8, estimLr0 = 1e-6, estimLrCoef = 1 } = options;
  const { weightDecay = 0, safeguardWarmup = false } = options;
  const [beta1, beta2] = betas;
  const beta3 = options.beta3 ?? pow(beta2, 0.5);
  return GradientTransformation(
    (params: unknown): ProdigyState => {
      const dtype = treeDtype(params, "lowest");
      return {
        expAvg: treeZerosLike(params),
        expAvgSq: treeZerosLike(params),
        gradSum: treeZerosLike(params),
        params0: params,
        estimLr: scalarOf(estimLr0, dtype),
        numeratorWeighted: scalarOf(0, dtype),
        count: zeroCount(),
      };
    },
    (updates: unknown, state, given) => {
      const params: unknown = needParams("prodigy", given);
      const { estimLr: d, params0 } = state;
      const count = safeIncrement(state.count);
      const dlr = times(d, mul(valueAt(learningRate, state.count), adamCorrection(betas, count)));
      const scaled = treeScale(d, updates);
      const expAvg = treeUpdateMoment(scaled, state.expAvg, beta1, 1);
      const expAvgSq = treeUpdateMoment(scaled, state.expAvgSq, beta2, 2);
      const weight = div(safeguardWarmup ? d : dlr, estimLr0);
      const sum = (s: Array, g: Array): Array => times(s, beta3).add(times(g, weight));
      const gradSum = mapLeaves(sum, state.gradSum, scaled);
      const gain = times(d.mul(dlr).mul(treeVdot(updates, treeSub(params0, params))), div(1, estimLr0));
      const numeratorWeighted = times(state.numeratorWeighted, beta3).add(gain);
      const estimate = times(numeratorWeighted.div(treeL1Norm(gradSum)), estimLrCoef);
      const estimLr = np.maximum(d, estimate);
      const step = (m: Array, v: Array, p: Array): Array => {
        const divisor = np.sqrt(v).add(like(mul(estimLr, eps), v));
        return times(times(p, weightDecay).add(m.div(divisor)), dlr).neg();
      };
      const out = mapLeaves(step, expAvg, expAvgSq, params);
      return [out, { expAvg, expAvgSq, gradSum, params0, estimLr, numeratorWeighted, count }];
    },
  );
}
