/** Momentumised, adaptive, dual averaged gradients. */
import { type Array, numpy as np } from "@jax-js/jax";
import {
  GradientTransformation, type Scalar, type ScalarOrSchedule, mapLeaves, needParams, valueAt,
} from "../base"; // prettier-ignore
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { add, mul, plus, pow, sub, times } from "../scalars";
import { addDecayedWeights } from "../transforms/adding";
import { chain } from "../transforms/chain";
import { treeZerosLike } from "../tree/make";
import { treeAddScale } from "../tree/math";

export interface ScaleByMadgradOptions {
  /** Weight of the old parameters in the new ones; 0.9. */
  momentum?: Scalar;
  eps?: Scalar;
}

export interface MadgradState<P = unknown> {
  count: Array;
  gradSumSq: P;
  s: P;
  x0: P;
}

/**
 * Steps of MADGRAD, which averages gradients from the start and divides by the cube root of the sum of their squares. State
 * `{ count, gradSumSq, s, x0 }`.
 *
 * Options: momentum = 0.9, eps = 1e-6; by position too.
 * Errors: TypeError if `update` is called without params.
 * Source: Defazio and Jelassi, "Adaptivity without compromise", 2021; optax.contrib.scale_by_madgrad.
 * @example
 * const tx = scaleByMadgrad(1, 0);
 * const params = [np.ones([1])];
 * np.allclose(tx.update([np.array([8])], tx.init(params), params)[0][0], [-2]); // => true
 */
export function scaleByMadgrad(
  learningRate: ScalarOrSchedule,
  ...rest: Rest<ScaleByMadgradOptions>
): GradientTransformation {
  const options = named<ScaleByMadgradOptions>("scaleByMadgrad", ["momentum", "eps"], rest);
  const { momentum = 0.9, eps = 1e-6 } = options;
  return GradientTransformation(
    (params: unknown): MadgradState => ({
      count: zeroCount(),
      gradSumSq: treeZerosLike(params),
      s: treeZerosLike(params),
      x0: params,
    }),
    (updates: unknown, { count, x0, ...state }, given) => {
      const params: unknown = needParams("madgrad", given);
      const weight = mul(add(valueAt(learningRate, count), eps), pow(add(count, 1), 0.5));
      const squares = mapLeaves((g) => np.square(g), updates);
      const gradSumSq = treeAddScale(state.gradSumSq, weight, squares);
      const s = treeAddScale(state.s, weight, updates);
      const step = (p: Array, x: Array, sum: Array, square: Array): Array => {
        const z = x.sub(sum.div(plus(np.cbrt(square), eps)));
        return times(z, sub(1, momentum)).add(times(p, momentum)).sub(p);
      };
      return [mapLeaves(step, params, x0, s, gradSumSq), { count: safeIncrement(count), gradSumSq, s, x0 }];
    },
  );
}

export interface MadgradOptions extends ScaleByMadgradOptions {
  weightDecay?: ScalarOrSchedule;
}

/**
 * MADGRAD: dual averaging with momentum and a cube root.
 *
 * Options: momentum = 0.9, weightDecay = 0, eps = 1e-6; by position too.
 * Errors: TypeError if `update` is called without params.
 * Source: Defazio and Jelassi, 2021; optax.contrib.madgrad.
 * @example
 * const tx = madgrad(1, { momentum: 0 });
 * const params = [np.ones([1])];
 * np.allclose(tx.update([np.array([8])], tx.init(params), params)[0][0], [-2]); // => true
 */
export function madgrad(learningRate: ScalarOrSchedule, ...rest: Rest<MadgradOptions>): GradientTransformation {
  const options = named<MadgradOptions>("madgrad", ["momentum", "weightDecay", "eps"], rest);
  const { momentum = 0.9, weightDecay = 0, eps = 1e-6 } = options;
  return chain(addDecayedWeights({ weightDecay }), scaleByMadgrad(learningRate, { momentum, eps }));
}
