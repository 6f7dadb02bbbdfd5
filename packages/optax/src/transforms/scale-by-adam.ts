/** Adam and what differs from it in the second moment or in its bias correction. */
import { type Array, type DType, numpy as np } from "@jax-js/jax";
import { type Scalar, GradientTransformation, mapLeaves } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { like, plus, sub, times } from "../scalars";
import { treeZerosLike } from "../tree/make";
import { treeCast } from "../tree/math";
import { treeBiasCorrection, treeUpdateInfinityMoment, treeUpdateMoment } from "../tree/moments";

export interface ScaleByAdamOptions {
  /** Decay of the mean of gradients; 0.9. */
  b1?: Scalar;
  /** Decay of the mean of squared gradients; 0.999. */
  b2?: Scalar;
  /** Added outside the square root; 1e-8. */
  eps?: Scalar;
  /** Added inside the square root; 0. */
  epsRoot?: Scalar;
  /** Dtype of the first moment; that of the parameters if null. */
  muDtype?: DType | null;
  /** Use Nesterov momentum (Dozat 2016); false. */
  nesterov?: boolean;
}

const adamNames = ["b1", "b2", "eps", "epsRoot", "muDtype", "nesterov"] as const;

/** The bias-corrected first moment, or with Nesterov that of one step ahead. */
export function firstMoment<P>(updates: P, mu: P, b1: Scalar, count: Array, nesterov: boolean): P {
  if (!nesterov) return treeBiasCorrection(mu, b1, count);
  const ahead = treeBiasCorrection(mu, b1, safeIncrement(count));
  const now = treeBiasCorrection(updates, b1, count);
  return mapLeaves((m, g) => times(m, b1).add(times(g, sub(1, b1))), ahead, now);
}

/** `m / (sqrt(v + epsRoot) + eps)`, leaf by leaf. */
export function rescale<P>(mu: P, nu: unknown, eps: Scalar, epsRoot: Scalar): P {
  return mapLeaves((m, v) => m.div(plus(np.sqrt(plus(v, epsRoot)), eps)), mu, nu);
}

export interface ScaleByAdamState<P = unknown> {
  count: Array;
  mu: P;
  nu: P;
}

/**
 * Rescales updates by Adam: `mHat / (sqrt(vHat + epsRoot) + eps)`. State `{ count, mu, nu }`.
 *
 * Source: Kingma and Ba, "Adam", 2014; optax.scale_by_adam.
 * @example
 * const tx = scaleByAdam();
 * const params = { w: np.array([1]) };
 * const [u] = tx.update({ w: np.array([4]) }, tx.init(params));
 * np.allclose(u.w, [1]); // => true
 */
export function scaleByAdam(...rest: Rest<ScaleByAdamOptions>): GradientTransformation {
  const options = named<ScaleByAdamOptions>("scaleByAdam", adamNames, rest);
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0, muDtype = null, nesterov = false } = options;
  return GradientTransformation(
    (params: unknown): ScaleByAdamState => ({
      count: zeroCount(),
      mu: treeZerosLike(params, muDtype),
      nu: treeZerosLike(params),
    }),
    (updates: unknown, state) => {
      const mu = treeUpdateMoment(updates, state.mu, b1, 1);
      const nu = treeUpdateMoment(updates, state.nu, b2, 2);
      const count = safeIncrement(state.count);
      const muHat = firstMoment(updates, mu, b1, count, nesterov);
      const out = rescale(muHat, treeBiasCorrection(nu, b2, count), eps, epsRoot);
      return [out, { count, mu: treeCast(mu, muDtype), nu }];
    },
  );
}

export interface ScaleByAmsgradOptions extends Omit<ScaleByAdamOptions, "nesterov"> {
  /** Correct the first moment for its start at zero; true. */
  biasCorrectionMu?: boolean;
  /** Correct the second moment; true. */
  biasCorrectionNu?: boolean;
}

export interface ScaleByAmsgradState<P = unknown> {
  count: Array;
  mu: P;
  nu: P;
  nuMax: P;
}

/**
 * Adam with the greatest second moment so far. State `{ count, mu, nu, nuMax }`.
 *
 * Source: Reddi et al., "On the convergence of Adam and beyond", 2018; optax.scale_by_amsgrad.
 * @example
 * const tx = scaleByAmsgrad();
 * np.allclose(tx.update([np.array([4])], tx.init([np.array([1])]))[0][0], [1]); // => true
 */
export function scaleByAmsgrad(...rest: Rest<ScaleByAmsgradOptions>): GradientTransformation {
  const names = ["b1", "b2", "eps", "epsRoot", "muDtype", "biasCorrectionMu", "biasCorrectionNu"] as const;
  const options = named<ScaleByAmsgradOptions>("scaleByAmsgrad", names, rest);
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0, muDtype = null } = options;
  const { biasCorrectionMu = true, biasCorrectionNu = true } = options;
  return GradientTransformation(
    (params: unknown): ScaleByAmsgradState => ({
      count: zeroCount(),
      mu: treeZerosLike(params, muDtype),
      nu: treeZerosLike(params),
      nuMax: treeZerosLike(params),
    }),
    (updates: unknown, state) => {
      const mu = treeUpdateMoment(updates, state.mu, b1, 1);
      const nu = treeUpdateMoment(updates, state.nu, b2, 2);
      const count = safeIncrement(state.count);
      const muHat = biasCorrectionMu ? treeBiasCorrection(mu, b1, count) : mu;
      const nuHat = biasCorrectionNu ? treeBiasCorrection(nu, b2, count) : nu;
      const nuMax = mapLeaves((a, b) => np.maximum(a, b), state.nuMax, nuHat);
      return [rescale(muHat, nuMax, eps, epsRoot), { count, mu: treeCast(mu, muDtype), nu, nuMax }];
    },
  );
}

export interface ScaleByAdamaxOptions {
  b1?: Scalar;
  b2?: Scalar;
  /** Added to magnitudes of gradients; 1e-8. */
  eps?: Scalar;
}

/**
 * Adam with the infinity norm: `mHat / max(|g| + eps, b2 * nu)`. State `{ count, mu, nu }`.
 *
 * Source: Kingma and Ba, "Adam", 2014, section 7.1; optax.scale_by_adamax.
 * @example
 * const tx = scaleByAdamax();
 * np.allclose(tx.update([np.array([-4])], tx.init([np.array([1])]))[0][0], [-1]); // => true
 */
export function scaleByAdamax(...rest: Rest<ScaleByAdamaxOptions>): GradientTransformation {
  const options = named<ScaleByAdamaxOptions>("scaleByAdamax", ["b1", "b2", "eps"], rest);
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8 } = options;
  return GradientTransformation(
    (params: unknown): ScaleByAdamState => ({
      count: zeroCount(),
      mu: treeZerosLike(params),
      nu: treeZerosLike(params),
    }),
    (updates: unknown, state) => {
      const count = safeIncrement(state.count);
      const mu = treeUpdateMoment(updates, state.mu, b1, 1);
      const nu = treeUpdateInfinityMoment(updates, state.nu, b2, eps);
      return [mapLeaves((m, v) => m.div(v), treeBiasCorrection(mu, b1, count), nu), { count, mu, nu }];
    },
  );
}

export interface ScaleByYogiOptions extends Omit<ScaleByAdamOptions, "nesterov" | "muDtype"> {
  /** Start of both moments; 1e-6. */
  initialAccumulatorValue?: Scalar;
}

/**
 * Adam whose second moment moves by the sign of its error: `v - (1 - b2) sign(v - g²) g²`. State `{ count, mu, nu }`.
 *
 * Source: Zaheer et al., "Adaptive methods for nonconvex optimization", 2018; optax.scale_by_yogi.
 * @example
 * const tx = scaleByYogi();
 * tx.update([np.array([4])], tx.init([np.array([1])]))[0][0].js(); // => [0.99976]
 */
export function scaleByYogi(...rest: Rest<ScaleByYogiOptions>): GradientTransformation {
  const names = ["b1", "b2", "eps", "epsRoot", "initialAccumulatorValue"] as const;
  const options = named<ScaleByYogiOptions>("scaleByYogi", names, rest);
  const { b1 = 0.9, b2 = 0.999, eps = 1e-3, epsRoot = 0, initialAccumulatorValue = 1e-6 } = options;
  const start = (p: Array): Array => np.fullLike(p, initialAccumulatorValue);
  return GradientTransformation(
    (params: unknown): ScaleByAdamState => ({
      count: zeroCount(),
      mu: mapLeaves(start, params),
      nu: mapLeaves(start, params),
    }),
    (updates: unknown, state) => {
      const mu = treeUpdateMoment(updates, state.mu, b1, 1);
      const toward = (g: Array, v: Array): Array => {
        const square = np.square(g);
        return v.sub(times(np.sign(v.sub(square)).mul(square), sub(1, b2)));
      };
      const nu = mapLeaves(toward, updates, state.nu);
      const count = safeIncrement(state.count);
      const out = rescale(treeBiasCorrection(mu, b1, count), treeBiasCorrection(nu, b2, count), eps, epsRoot);
      return [out, { count, mu, nu }];
    },
  );
}

export type ScaleByBeliefOptions = Omit<ScaleByAdamOptions, "muDtype">;

export interface ScaleByBeliefState<P = unknown> {
  count: Array;
  mu: P;
  nu: P;
}

/**
 * Adam with the variance of gradients about their mean. State `{ count, mu, nu }`; eps and epsRoot are 1e-16.
 *
 * Source: Zhuang et al., "AdaBelief optimizer", 2020; optax.scale_by_belief.
 * @example
 * const tx = scaleByBelief();
 * tx.update([np.array([4])], tx.init([np.array([1])]))[0][0].js(); // => [1.11111]
 */
export function scaleByBelief(...rest: Rest<ScaleByBeliefOptions>): GradientTransformation {
  const names = ["b1", "b2", "eps", "epsRoot", "nesterov"] as const;
  const options = named<ScaleByBeliefOptions>("scaleByBelief", names, rest);
  const { b1 = 0.9, b2 = 0.999, eps = 1e-16, epsRoot = 1e-16, nesterov = false } = options;
  return GradientTransformation(
    (params: unknown): ScaleByBeliefState => ({
      count: zeroCount(),
      mu: treeZerosLike(params),
      nu: treeZerosLike(params),
    }),
    (updates: unknown, state) => {
      const mu = treeUpdateMoment(updates, state.mu, b1, 1);
      const errors = mapLeaves((g, m) => g.sub(m), updates, mu);
      const nu = mapLeaves((v) => v.add(like(epsRoot, v)), treeUpdateMoment(errors, state.nu, b2, 2));
      const count = safeIncrement(state.count);
      const muHat = firstMoment(updates, mu, b1, count, nesterov);
      return [rescale(muHat, treeBiasCorrection(nu, b2, count), eps, 0), { count, mu, nu }];
    },
  );
}
