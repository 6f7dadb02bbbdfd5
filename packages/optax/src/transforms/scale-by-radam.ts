/** Adam with a rectified variance; Adam with differences of gradients. */
import { type Array, numpy as np } from "@jax-js/jax";
import { type Scalar, GradientTransformation, mapLeaves } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { div, mul, pow, sub, times } from "../scalars";
import { treeZerosLike } from "../tree/make";
import { treeBiasCorrection, treeUpdateMoment } from "../tree/moments";
import { type ScaleByAdamState, firstMoment, rescale } from "./scale-by-adam";

export interface ScaleByRadamOptions {
  b1?: Scalar;
  b2?: Scalar;
  eps?: Scalar;
  epsRoot?: Scalar;
  /** Length of the approximated average from which the variance counts; 5. */
  threshold?: Scalar;
  nesterov?: boolean;
}

/**
 * Rectified Adam: while too few gradients were seen, momentum without rescaling. State `{ count, mu, nu }`.
 *
 * With `ρ∞ = 2/(1-b2) - 1` and `ρ = ρ∞ - 2t b2^t/(1-b2^t)`, the factor is
 * `sqrt((ρ-4)(ρ-2)ρ∞ / ((ρ∞-4)(ρ∞-2)ρ))` where ρ is at least `threshold`.
 * Source: Liu et al., "On the variance of the adaptive learning rate and beyond", 2020; optax.scale_by_radam.
 * @example
 * const tx = scaleByRadam();
 * np.allclose(tx.update([np.array([4])], tx.init([np.array([1])]))[0][0], [4]); // => true
 */
export function scaleByRadam(...rest: Rest<ScaleByRadamOptions>): GradientTransformation {
  const names = ["b1", "b2", "eps", "epsRoot", "threshold", "nesterov"] as const;
  const options = named<ScaleByRadamOptions>("scaleByRadam", names, rest);
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0, threshold = 5, nesterov = false } = options;
  const roInf = sub(div(2, sub(1, b2)), 1);
  return GradientTransformation(
    (params: unknown): ScaleByAdamState => ({
      count: zeroCount(),
      mu: treeZerosLike(params),
      nu: treeZerosLike(params),
    }),
    (updates: unknown, state) => {
      const mu = treeUpdateMoment(updates, state.mu, b1, 1);
      const nu = treeUpdateMoment(updates, state.nu, b2, 2);
      const count = safeIncrement(state.count);
      const b2t = pow(b2, count);
      const ro = sub(roInf, div(mul(mul(2, count), b2t), sub(1, b2t))) as Array;
      const above = mul(mul(sub(ro, 4), sub(ro, 2)), roInf);
      const below = mul(mul(sub(roInf, 4), sub(roInf, 2)), ro);
      const trusted = np.greaterEqual(ro, threshold);
      const factor = np.sqrt(np.where(trusted, div(above, below), 1));
      const muHat = firstMoment(updates, mu, b1, count, nesterov);
      const scaled = rescale(muHat, treeBiasCorrection(nu, b2, count), eps, epsRoot);
      const out = mapLeaves((s, m) => np.where(trusted, times(s, factor), m), scaled, muHat);
      return [out, { count, mu, nu }];
    },
  );
}

export interface ScaleByAdanOptions {
  b1?: Scalar;
  b2?: Scalar;
  b3?: Scalar;
  eps?: Scalar;
  epsRoot?: Scalar;
}

export interface ScaleByAdanState<P = unknown> {
  m: P;
  v: P;
  n: P;
  g: P;
  t: Array;
}

/**
 * Nesterov momentum estimated by differences of gradients. State `{ m, v, n, g, t }`.
 *
 * Source: Xie et al., "Adan: adaptive Nesterov momentum algorithm", 2022; optax.scale_by_adan.
 * @example
 * const tx = scaleByAdan();
 * np.allclose(tx.update([np.array([4])], tx.init([np.array([1])]))[0][0], [1]); // => true
 */
export function scaleByAdan(...rest: Rest<ScaleByAdanOptions>): GradientTransformation {
  const options = named<ScaleByAdanOptions>("scaleByAdan", ["b1", "b2", "b3", "eps", "epsRoot"], rest);
  const { b1 = 0.98, b2 = 0.92, b3 = 0.99, eps = 1e-8, epsRoot = 0 } = options;
  return GradientTransformation(
    (params: unknown): ScaleByAdanState => ({
      m: treeZerosLike(params),
      v: treeZerosLike(params),
      n: treeZerosLike(params),
      g: treeZerosLike(params),
      t: zeroCount(),
    }),
    (g: unknown, state) => {
      const first = state.t.equal(0);
      const diff = mapLeaves((a, b) => np.where(first, np.zerosLike(a), a.sub(b)), g, state.g);
      const m = treeUpdateMoment(g, state.m, b1, 1);
      const v = treeUpdateMoment(diff, state.v, b2, 1);
      const ahead = (a: Array, d: Array): Array => a.add(times(d, sub(1, b2)));
      const n = treeUpdateMoment(mapLeaves(ahead, g, diff), state.n, b3, 2);
      const t = safeIncrement(state.t);
      const mean = mapLeaves(ahead, treeBiasCorrection(m, b1, t), treeBiasCorrection(v, b2, t));
      const out = rescale(mean, treeBiasCorrection(n, b3, t), eps, epsRoot);
      return [out, { m, v, n, g, t }];
    },
  );
}
