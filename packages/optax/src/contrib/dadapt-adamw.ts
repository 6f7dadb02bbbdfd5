/** AdamW that finds its learning rate: D-Adaptation. */
import { type Array, numpy as np } from "@jax-js/jax";
import {
  GradientTransformation, type Scalar, type ScalarOrSchedule, mapLeaves, needParams, valueAt,
} from "../base"; // prettier-ignore
import { type Rest, named } from "../named";
import { safeIncrement, scalarOf, zeroCount } from "../numerics";
import { div, mul, plus, pow, sub, times } from "../scalars";
import { treeZerosLike } from "../tree/make";
import { treeDtype } from "../tree/math";
import { treeL1Norm, treeVdot } from "../tree/reduce";

export interface DAdaptAdamWOptions {
  /** Factor of the estimated rate; 1. */
  learningRate?: ScalarOrSchedule;
  /** Decays of the moments; [0.9, 0.999]. */
  betas?: readonly [Scalar, Scalar];
  eps?: Scalar;
  /** First estimate of the learning rate; 1e-6. */
  estimLr0?: Scalar;
  weightDecay?: Scalar;
}

export interface DAdaptAdamWState<P = unknown> {
  expAvg: P;
  expAvgSq: P;
  gradSum: P;
  estimLr: Array;
  numeratorWeighted: Array;
  count: Array;
}

/** `sqrt(1 - beta2 ** t) / (1 - beta1 ** t)`: bias correction of both moments of Adam as a factor of the rate. */
export const adamCorrection = ([beta1, beta2]: readonly [Scalar, Scalar], t: Array): Scalar =>
  div(pow(sub(1, pow(beta2, t)), 0.5), sub(1, pow(beta1, t)));

/**
 * AdamW whose learning rate grows to an estimate of the distance to the solution. State
 * `{ expAvg, expAvgSq, gradSum, estimLr, numeratorWeighted, count }`.
 *
 * Arguments: learningRate = 1, betas = [0.9, 0.999], eps = 1e-8, estimLr0 = 1e-6, weightDecay = 0; or by name.
 * Errors: TypeError if `update` is called without params.
 * Source: Defazio and Mishchenko, "Learning-rate-free learning by D-Adaptation", 2023; optax.contrib.dadapt_adamw.
 * @example
 * const tx = dadaptAdamw({ estimLr0: 0.1 });
 * const params = [np.ones([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.1]); // => true
 */
export function dadaptAdamw(...rest: Rest<DAdaptAdamWOptions>): GradientTransformation {
  const names = ["learningRate", "betas", "eps", "estimLr0", "weightDecay"] as const;
  const options = named<DAdaptAdamWOptions>("dadaptAdamw", names, rest);
  const { learningRate = 1, betas = [0.9, 0.999], eps = 1e-8, estimLr0 = 1e-6, weightDecay = 0 } = options;
  const [beta1, beta2] = betas;
  const root2 = pow(beta2, 0.5);
  return GradientTransformation(
    (params: unknown): DAdaptAdamWState => {
      const dtype = treeDtype(params, "lowest");
      return {
        expAvg: treeZerosLike(params),
        expAvgSq: treeZerosLike(params),
        gradSum: treeZerosLike(params),
        estimLr: scalarOf(estimLr0, dtype),
        numeratorWeighted: scalarOf(0, dtype),
        count: zeroCount(),
      };
    },
    (updates: unknown, state, given) => {
      const params: unknown = needParams("dadaptAdamw", given);
      const count = safeIncrement(state.count);
      const rate = mul(valueAt(learningRate, state.count), adamCorrection(betas, count));
      const dlr = times(state.estimLr, rate);
      const scaled = (s: Array, v: Array): Array => s.div(plus(np.sqrt(v), eps));
      const numerator = treeVdot(updates, mapLeaves(scaled, state.gradSum as Array, state.expAvgSq));
      const mean = (decay: Scalar) => (old: Array, g: Array) =>
        times(old, decay).add(times(times(g, dlr), sub(1, decay)));
      const expAvg = mapLeaves(mean(beta1), state.expAvg, updates);
      const square = (old: Array, g: Array): Array => times(old, beta2).add(times(np.square(g), sub(1, beta2)));
      const expAvgSq = mapLeaves(square, state.expAvgSq, updates);
      const gradSum = mapLeaves(mean(root2), state.gradSum, updates);
      const gain = times(dlr.mul(numerator), sub(1, root2));
      const numeratorWeighted = times(state.numeratorWeighted, root2).add(gain);
      const estimate = numeratorWeighted.div(times(treeL1Norm(gradSum), sub(1, root2)));
      const step = (m: Array, v: Array, p: Array): Array => times(times(p, dlr), weightDecay).add(scaled(m, v)).neg();
      const out = mapLeaves(step, expAvg, expAvgSq, params);
      const estimLr = np.maximum(state.estimLr, estimate);
      return [out, { expAvg, expAvgSq, gradSum, estimLr, numeratorWeighted, count }];
    },
  );
}
