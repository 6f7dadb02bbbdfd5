/** Adam with a second, slow mean of gradients. */
import { type Array, type DType, numpy as np } from "@jax-js/jax";
import { GradientTransformation, type Scalar, type ScalarOrSchedule, mapLeaves, valueAt } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { decayed } from "../optimizers/decayed";
import type { AddDecayedWeightsOptions } from "../transforms/adding";
import { rescale } from "../transforms/scale-by-adam";
import { treeZerosLike } from "../tree/make";
import { treeAddScale } from "../tree/math";
import { treeBiasCorrection, treeUpdateMoment } from "../tree/moments";

export interface ScaleByAdemamixOptions {
  /** Decay of the fast mean; 0.9. */
  b1?: Scalar;
  /** Decay of squares; 0.999. */
  b2?: Scalar;
  /** Decay of the slow mean; 0.9999. */
  b3?: ScalarOrSchedule;
  /** Weight of the slow mean; 6. */
  alpha?: ScalarOrSchedule;
  eps?: Scalar;
  epsRoot?: Scalar;
  /** Dtype of the moments. */
  muDtype?: DType | null;
}

export interface ScaleByAdemamixState<P = unknown> {
  count: Array;
  countM2: Array;
  m1: P;
  m2: P;
  nu: P;
}

/**
 * Rescales updates by AdEMAMix: `(m1Hat + alpha * m2) / (sqrt(nuHat + epsRoot) + eps)`. State
 * `{ count, countM2, m1, m2, nu }`.
 *
 * Options: b1 = 0.9, b2 = 0.999, b3 = 0.9999, alpha = 6, eps = 1e-8, epsRoot = 0, muDtype; by position too.
 * Source: Pagliardini et al., "The AdEMAMix optimizer: better, faster, older", 2024; optax.contrib.scale_by_ademamix.
 * @example
 * const tx = scaleByAdemamix({ alpha: 0 });
 * np.allclose(tx.update([np.array([4])], tx.init([np.ones([1])]))[0][0], [1]); // => true
 */
export function scaleByAdemamix(...rest: Rest<ScaleByAdemamixOptions>): GradientTransformation {
  const names = ["b1", "b2", "b3", "alpha", "eps", "epsRoot", "muDtype"] as const;
  const options = named<ScaleByAdemamixOptions>("scaleByAdemamix", names, rest);
  const { b1 = 0.9, b2 = 0.999, b3 = 0.9999, alpha = 6, eps = 1e-8, epsRoot = 0, muDtype = null } = options;
  return GradientTransformation(
    (params: unknown): ScaleByAdemamixState => ({
      count: zeroCount(),
      countM2: zeroCount(),
      m1: treeZerosLike(params, muDtype),
      m2: treeZerosLike(params, muDtype),
      nu: treeZerosLike(params, muDtype),
    }),
    (updates: unknown, state) => {
      const m1 = treeUpdateMoment(updates, state.m1, b1, 1);
      const m2 = treeUpdateMoment(updates, state.m2, valueAt(b3, state.countM2), 1);
      const nu = treeUpdateMoment(updates, state.nu, b2, 2);
      const count = safeIncrement(state.count);
      const mean = treeAddScale(treeBiasCorrection(m1, b1, count), valueAt(alpha, state.countM2), m2);
      const out = rescale(mean, treeBiasCorrection(nu, b2, count), eps, epsRoot);
      return [out, { count, countM2: safeIncrement(state.countM2), m1, m2, nu }];
    },
  );
}

export type AdemamixOptions = ScaleByAdemamixOptions & AddDecayedWeightsOptions;

/**
 * AdEMAMix: Adam with a second, slow mean of gradients.
 *
 * Options: b1 = 0.9, b2 = 0.999, b3 = 0.9999, alpha = 5, eps = 1e-8, epsRoot = 0, muDtype, weightDecay = 0, mask; by
 * position too.
 * Source: Pagliardini et al., 2024; optax.contrib.ademamix.
 * @example
 * const tx = ademamix(0.1, { alpha: 0 });
 * const params = [np.ones([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.1]); // => true
 */
export function ademamix(learningRate: ScalarOrSchedule, ...rest: Rest<AdemamixOptions>): GradientTransformation {
  const names = ["b1", "b2", "b3", "alpha", "eps", "epsRoot", "muDtype", "weightDecay", "mask"] as const;
  const { weightDecay, mask, ...options } = named<AdemamixOptions>("ademamix", names, rest);
  return decayed(scaleByAdemamix({ alpha: 5, ...options }), learningRate, { weightDecay, mask }, 0);
}

export interface ScaleBySimplifiedAdEMAMixOptions {
  /** Decay of the sum of gradients; 0.99. */
  b1?: Scalar;
  /** Decay of squares; 0.95. */
  b2?: Scalar;
  /** Weight of the present gradient; 0. */
  alpha?: ScalarOrSchedule;
  eps?: Scalar;
  epsRoot?: Scalar;
}

export interface ScaleBySimplifiedAdEMAMixState<P = unknown> {
  t: Array;
  m: P;
  n: P;
}

/**
 * Rescales updates by simplified AdEMAMix: `(m + alpha * g) / (sqrt(nHat + epsRoot) + eps)` with `m = g + b1 * m`. State
 * `{ t, m, n }`.
 *
 * Options: b1 = 0.99, b2 = 0.95, alpha = 0, eps = 1e-8, epsRoot = 0; by position too.
 * Source: Morwani et al., "Connections between schedule-free optimizers, AdEMAMix, and accelerated SGD variants", 2025;
 * optax.contrib.scale_by_simplified_ademamix.
 * @example
 * const tx = scaleBySimplifiedAdemamix();
 * np.allclose(tx.update([np.array([4])], tx.init([np.ones([1])]))[0][0], [1]); // => true
 */
export function scaleBySimplifiedAdemamix(...rest: Rest<ScaleBySimplifiedAdEMAMixOptions>): GradientTransformation {
  const names = ["b1", "b2", "alpha", "eps", "epsRoot"] as const;
  const options = named<ScaleBySimplifiedAdEMAMixOptions>("scaleBySimplifiedAdemamix", names, rest);
  const { b1 = 0.99, b2 = 0.95, alpha = 0, eps = 1e-8, epsRoot = 0 } = options;
  return GradientTransformation(
    (params: unknown): ScaleBySimplifiedAdEMAMixState => ({
      t: zeroCount(),
      m: treeZerosLike(params),
      n: treeZerosLike(params),
    }),
    (updates: unknown, state) => {
      const m = treeAddScale(updates, b1, state.m);
      const squares = mapLeaves((g) => np.square(g), updates);
      const errors = mapLeaves((n: Array, s: Array) => n.sub(s), state.n, squares);
      const n = treeAddScale(squares, b2, errors);
      const t = safeIncrement(state.t);
      const mean = treeAddScale(m, valueAt(alpha, state.t), updates);
      return [rescale(mean, treeBiasCorrection(n, b2, t), eps, epsRoot), { t, m, n }];
    },
  );
}

export type SimplifiedAdemamixOptions = ScaleBySimplifiedAdEMAMixOptions & AddDecayedWeightsOptions;

/**
 * AdEMAMix with one mean of gradients.
 *
 * Options: b1 = 0.99, b2 = 0.95, alpha = 0, eps = 1e-8, epsRoot = 0, weightDecay = 0, mask; by position too.
 * Source: Morwani et al., 2025; optax.contrib.simplified_ademamix.
 * @example
 * const tx = simplifiedAdemamix(0.1);
 * const params = [np.ones([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.1]); // => true
 */
export function simplifiedAdemamix(
  learningRate: ScalarOrSchedule,
  ...rest: Rest<SimplifiedAdemamixOptions>
): GradientTransformation {
  const names = ["b1", "b2", "alpha", "eps", "epsRoot", "weightDecay", "mask"] as const;
  const { weightDecay, mask, ...options } = named<SimplifiedAdemamixOptions>("simplifiedAdemamix", names, rest);
  return decayed(scaleBySimplifiedAdemamix(options), learningRate, { weightDecay, mask }, 0);
}
