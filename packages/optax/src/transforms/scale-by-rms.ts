/** Scaling by running sizes of gradients: RMSProp, Adagrad, Adadelta. */
import { type Array, numpy as np } from "@jax-js/jax";
import { type Scalar, GradientTransformation, mapLeaves } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { like, plus } from "../scalars";
import { treeFullLike, treeZerosLike } from "../tree/make";
import { treeBiasCorrection, treeUpdateMoment } from "../tree/moments";

export interface ScaleByRmsOptions {
  /** Decay of the mean of squares; 0.9. */
  decay?: Scalar;
  eps?: Scalar;
  /** Start of the mean of squares; 0. */
  initialScale?: Scalar;
  /** eps under the square root and not beside it; true. */
  epsInSqrt?: boolean;
  /** Correct for the start at zero; false. */
  biasCorrection?: boolean;
}

/** State of scaleByRms; the count is there with bias correction. */
export interface ScaleByRmsState<P = unknown> {
  count?: Array;
  nu: P;
}

/** State of scaleByStddev; the count is there with bias correction. */
export interface ScaleByRStdDevState<P = unknown> {
  count?: Array;
  mu: P;
  nu: P;
}

const names = ["decay", "eps", "initialScale", "epsInSqrt", "biasCorrection"] as const;

const divisor = (v: Array, eps: Scalar, epsInSqrt: boolean): Array =>
  epsInSqrt ? np.sqrt(plus(v, eps)) : plus(np.sqrt(v), eps);

/**
 * Divides updates by the root of the mean of their squares. State `{ nu }`, with bias correction `{ count, nu }`.
 *
 * Source: Tieleman and Hinton, lecture 6.5 of "Neural networks for machine learning", 2012; optax.scale_by_rms.
 * @example
 * const tx = scaleByRms();
 * tx.update([np.array([4])], tx.init([np.array([1])]))[0][0].js(); // => [3.16228]
 */
export function scaleByRms(...rest: Rest<ScaleByRmsOptions>): GradientTransformation {
  const options = named<ScaleByRmsOptions>("scaleByRms", names, rest);
  const { decay = 0.9, eps = 1e-8, initialScale = 0, epsInSqrt = true, biasCorrection = false } = options;
  return GradientTransformation(
    (params: unknown): ScaleByRmsState => {
      const nu = treeFullLike(params, initialScale);
      return biasCorrection ? { count: zeroCount(), nu } : { nu };
    },
    (updates: unknown, state) => {
      const nu = treeUpdateMoment(updates, state.nu, decay, 2);
      const count = state.count === undefined ? null : safeIncrement(state.count);
      const nuHat = count === null ? nu : treeBiasCorrection(nu, decay, count);
      const out = mapLeaves((g, v) => g.div(divisor(v, eps, epsInSqrt)), updates, nuHat);
      return [out, count === null ? { nu } : { count, nu }];
    },
  );
}

/**
 * Divides updates by their standard deviation. State `{ mu, nu }`, with bias correction `{ count, mu, nu }`.
 *
 * Source: Graves, "Generating sequences with recurrent neural networks", 2013; optax.scale_by_stddev.
 * @example
 * const tx = scaleByStddev();
 * tx.update([np.array([4])], tx.init([np.array([1])]))[0][0].js(); // => [3.33333]
 */
export function scaleByStddev(...rest: Rest<ScaleByRmsOptions>): GradientTransformation {
  const options = named<ScaleByRmsOptions>("scaleByStddev", names, rest);
  const { decay = 0.9, eps = 1e-8, initialScale = 0, epsInSqrt = true, biasCorrection = false } = options;
  return GradientTransformation(
    (params: unknown): ScaleByRStdDevState => {
      const moments = { mu: treeZerosLike(params), nu: treeFullLike(params, initialScale) };
      return biasCorrection ? { count: zeroCount(), ...moments } : moments;
    },
    (updates: unknown, state) => {
      const mu = treeUpdateMoment(updates, state.mu, decay, 1);
      const nu = treeUpdateMoment(updates, state.nu, decay, 2);
      const count = state.count === undefined ? null : safeIncrement(state.count);
      const muHat = count === null ? mu : treeBiasCorrection(mu, decay, count);
      const nuHat = count === null ? nu : treeBiasCorrection(nu, decay, count);
      const scaled = (g: Array, m: Array, v: Array): Array => g.div(divisor(v.sub(np.square(m)), eps, epsInSqrt));
      return [mapLeaves(scaled, updates, muHat, nuHat), count === null ? { mu, nu } : { count, mu, nu }];
    },
  );
}

export interface ScaleByRssOptions {
  /** Start of the sum of squares; 0.1. */
  initialAccumulatorValue?: Scalar;
  eps?: Scalar;
}

export interface ScaleByRssState<P = unknown> {
  sumOfSquares: P;
}

/**
 * Divides updates by the root of the sum of all their squares so far. State `{ sumOfSquares }`.
 *
 * Source: Duchi et al., "Adaptive subgradient methods", 2011; optax.scale_by_rss.
 * @example
 * const tx = scaleByRss({ initialAccumulatorValue: 0, eps: 0 });
 * tx.update([np.array([-4])], tx.init([np.array([1])]))[0][0].js(); // => [-1]
 */
export function scaleByRss(...rest: Rest<ScaleByRssOptions>): GradientTransformation {
  const options = named<ScaleByRssOptions>("scaleByRss", ["initialAccumulatorValue", "eps"], rest);
  const { initialAccumulatorValue = 0.1, eps = 1e-7 } = options;
  return GradientTransformation(
    (params: unknown): ScaleByRssState => ({ sumOfSquares: treeFullLike(params, initialAccumulatorValue) }),
    (updates: unknown, state) => {
      const sumOfSquares = mapLeaves((g, t) => np.square(g).add(t), updates, state.sumOfSquares);
      const scaled = (g: Array, t: Array): Array =>
        g.mul(np.where(t.greater(0), np.reciprocal(np.sqrt(plus(t, eps))), 0));
      return [mapLeaves(scaled, updates, sumOfSquares), { sumOfSquares }];
    },
  );
}

export interface ScaleByAdadeltaOptions {
  /** Decay of both means of squares; 0.9. */
  rho?: Scalar;
  eps?: Scalar;
}

export interface ScaleByAdaDeltaState<P = unknown> {
  eG: P;
  eX: P;
}

/**
 * Scales updates by the size of past steps over that of gradients. State `{ eG, eX }`.
 *
 * Source: Zeiler, "Adadelta: an adaptive learning rate method", 2012; optax.scale_by_adadelta.
 * @example
 * const tx = scaleByAdadelta();
 * tx.update([np.array([4])], tx.init([np.array([1])]))[0][0].js(); // => [0.00316228]
 */
export function scaleByAdadelta(...rest: Rest<ScaleByAdadeltaOptions>): GradientTransformation {
  const { rho = 0.9, eps = 1e-6 } = named<ScaleByAdadeltaOptions>("scaleByAdadelta", ["rho", "eps"], rest);
  return GradientTransformation(
    (params: unknown): ScaleByAdaDeltaState => ({ eG: treeZerosLike(params), eX: treeZerosLike(params) }),
    (updates: unknown, state) => {
      const eG = treeUpdateMoment(updates, state.eG, rho, 2);
      const root = (x: Array): Array => np.sqrt(x.add(like(eps, x)));
      const step = (g: Array, x: Array, s: Array): Array => root(x).div(root(s)).mul(g);
      const out = mapLeaves(step, updates, state.eX, eG);
      return [out, { eG, eX: treeUpdateMoment(out, state.eX, rho, 2) }];
    },
  );
}
