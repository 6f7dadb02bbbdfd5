/** Momentum models of the loss: step sizes from its value and a lower bound. */
import { type Array, numpy as np } from "@jax-js/jax";
import {
  type ExtraArgs, GradientTransformation, type Scalar, type ScalarOrSchedule, mapLeaves, needParams, valueAt,
} from "../base"; // prettier-ignore
import { type Rest, named } from "../named";
import { safeIncrement, scalarOf, zeroCount } from "../numerics";
import { add, div, mul, plus, pow, sub, times } from "../scalars";
import { treeZerosLike } from "../tree/make";
import { treeDtype } from "../tree/math";
import { treeUpdateMoment } from "../tree/moments";
import { treeVdot } from "../tree/reduce";

interface Bounds {
  /** Lower bound of the loss; 0. */
  lowerBound?: Scalar;
  weightDecay?: Scalar;
  /** Move the bound to what the steps show; false. */
  adaptLowerBound?: boolean;
}

function valueOf(op: string, { value }: ExtraArgs): Scalar {
  if (value === undefined) throw new TypeError(`${op}: update needs { value }, the loss, as its fourth argument`);
  return value;
}

/** What the model of the loss says, along the averaged gradient m with the squared norm |m|². */
interface Model {
  barf: Array;
  gamma: Array;
  /** <m, params>. */
  iprod: Array;
  normSquared: Array;
  lb: Array;
  /** Of the averages, for their start at zero. */
  correction: Scalar;
  /** `1 + learningRate * weightDecay`. */
  shrink: Scalar;
}

/** The bound to use in this step: smaller where the model would fall below it. */
function boundOf(model: Model, { lowerBound = 0, adaptLowerBound = false }: Bounds): Array {
  if (!adaptLowerBound) return model.lb;
  const { barf, gamma, iprod, lb, shrink, correction } = model;
  const cap = times(barf.sub(gamma), shrink).add(iprod);
  const halved = np.maximum(times(cap, div(0.5, mul(correction, shrink))), lowerBound);
  return np.where(cap.less(times(lb, mul(shrink, correction))), halved, lb);
}

/** The step size that takes the model to the bound, at most `most`. */
function stepSize({ barf, gamma, iprod, normSquared, correction, shrink }: Model, lb: Array, most: Scalar): Array {
  const gap = times(barf.sub(times(lb, correction)).sub(gamma), shrink).add(iprod);
  const wanted = np.maximum(gap, 0).div(normSquared);
  return np.minimum(np.where(normSquared.lessEqual(Number.EPSILON), 0, wanted), most);
}

/** The bound for the next step. */
function nextBound(model: Model, tau: Array, { lowerBound = 0, adaptLowerBound = false }: Bounds): Array {
  if (!adaptLowerBound) return model.lb;
  const { barf, iprod, gamma, normSquared, correction } = model;
  const reached = barf.add(iprod).sub(gamma).sub(tau.mul(normSquared).mul(0.5));
  return np.maximum(times(reached, div(1, correction)), lowerBound);
}

export interface MomoOptions extends Bounds {
  /** Greatest step size; 1. */
  learningRate?: ScalarOrSchedule;
  /** Decay of averages; 0.9. */
  beta?: Scalar;
}

export interface MomoState<P = unknown> {
  expAvg: P;
  barf: Array;
  gamma: Array;
  lb: Array;
  count: Array;
}

/**
 * MoMo: momentum with a step size from the loss; `update` needs the parameters and the extra argument `value`. State
 * `{ expAvg, barf, gamma, lb, count }`.
 *
 * Arguments: learningRate = 1, beta = 0.9, lowerBound = 0, weightDecay = 0, adaptLowerBound = false; or by name.
 * Errors: TypeError without parameters or `value`.
 * Source: Schaipp et al., "MoMo: momentum models for adaptive learning rates", 2023; optax.contrib.momo.
 * @example
 * const tx = momo();
 * const params = [np.array([2])];
 * tx.update([np.array([4])], tx.init(params), params, { value: np.array(4) })[0][0].js(); // => [-1]
 */
export function momo(...rest: Rest<MomoOptions>): GradientTransformation {
  const names = ["learningRate", "beta", "lowerBound", "weightDecay", "adaptLowerBound"] as const;
  const options = named<MomoOptions>("momo", names, rest) as MomoOptions;
  const { learningRate = 1, beta = 0.9, lowerBound = 0, weightDecay = 0 } = options;
  return GradientTransformation(
    (params: unknown): MomoState => {
      const dtype = treeDtype(params, "lowest");
      const scalar = (x: Scalar): Array => scalarOf(x, dtype);
      return {
        expAvg: treeZerosLike(params),
        barf: scalar(0),
        gamma: scalar(0),
        lb: scalar(lowerBound),
        count: zeroCount(),
      };
    },
    (updates: unknown, state, given, extra) => {
      const params: unknown = needParams("momo", given);
      const value = scalarOf(valueOf("momo", extra), state.barf.dtype);
      const decay = np.where(state.count.equal(0), 0, beta);
      const average = (old: Array, now: Array): Array => times(old, decay).add(times(now, sub(1, decay)));
      const expAvg = treeUpdateMoment(updates, state.expAvg, decay, 1);
      const alpha = valueAt(learningRate, state.count);
      const shrink = add(1, mul(alpha, weightDecay));
      const model: Model = {
        barf: average(state.barf, value),
        gamma: average(state.gamma, treeVdot(updates, params)),
        iprod: treeVdot(expAvg, params),
        normSquared: treeVdot(expAvg, expAvg),
        lb: state.lb,
        correction: 1,
        shrink,
      };
      const tau = stepSize(model, boundOf(model, options), alpha);
      const pull = div(mul(alpha, weightDecay), shrink);
      const out = mapLeaves((m, p) => times(p, pull).add(times(m, tau)).neg(), expAvg, params);
      const { barf, gamma } = model;
      const lb = nextBound(model, tau, options);
      return [out, { expAvg, barf, gamma, lb, count: safeIncrement(state.count) }];
    },
  );
}

export interface MomoAdamOptions extends Bounds {
  /** Greatest step size; 0.01. */
  learningRate?: ScalarOrSchedule;
  b1?: Scalar;
  b2?: Scalar;
  eps?: Scalar;
}

export interface MomoAdamState<P = unknown> {
  expAvg: P;
  expAvgSq: P;
  barf: Array;
  gamma: Array;
  lb: Array;
  count: Array;
}

/**
 * MoMo with Adam's rescaling; `update` needs the parameters and the extra argument `value`. State
 * `{ expAvg, expAvgSq, barf, gamma, lb, count }`.
 *
 * Arguments: learningRate = 0.01, b1 = 0.9, b2 = 0.999, eps = 1e-8, lowerBound = 0, weightDecay = 0,
 * adaptLowerBound = false; or by name.
 * Errors: TypeError without parameters or `value`.
 * Source: Schaipp et al., 2023; optax.contrib.momo_adam.
 * @example
 * const tx = momoAdam(0.1);
 * const params = [np.array([2])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params, { value: np.array(4) })[0][0], [-0.1]); // => true
 */
export function momoAdam(...rest: Rest<MomoAdamOptions>): GradientTransformation {
  const names = ["learningRate", "b1", "b2", "eps", "lowerBound", "weightDecay", "adaptLowerBound"] as const;
  const options = named<MomoAdamOptions>("momoAdam", names, rest) as MomoAdamOptions;
  const { learningRate = 0.01, b1 = 0.9, b2 = 0.999, eps = 1e-8, lowerBound = 0, weightDecay = 0 } = options;
  return GradientTransformation(
    (params: unknown): MomoAdamState => {
      const dtype = treeDtype(params, "lowest");
      const scalar = (x: Scalar): Array => scalarOf(x, dtype);
      const moments = { expAvg: treeZerosLike(params), expAvgSq: treeZerosLike(params) };
      return { ...moments, barf: scalar(0), gamma: scalar(0), lb: scalar(lowerBound), count: zeroCount() };
    },
    (updates: unknown, state, given, extra) => {
      const params: unknown = needParams("momoAdam", given);
      const value = scalarOf(valueOf("momoAdam", extra), state.barf.dtype);
      const count = safeIncrement(state.count);
      const average = (old: Array, now: Array): Array => times(old, b1).add(times(now, sub(1, b1)));
      const expAvg = treeUpdateMoment(updates, state.expAvg, b1, 1);
      const expAvgSq = treeUpdateMoment(updates, state.expAvgSq, b2, 2);
      const correction2 = sub(1, pow(b2, count));
      const roots = mapLeaves((v: Array) => plus(np.sqrt(times(v, div(1, correction2))), eps), expAvgSq);
      const scaled = mapLeaves((m: Array, root: Array) => m.div(root), expAvg, roots);
      const alpha = valueAt(learningRate, state.count);
      const correction = sub(1, pow(b1, count));
      const shrink = add(1, mul(alpha, weightDecay));
      const model: Model = {
        barf: average(state.barf, value),
        gamma: average(state.gamma, treeVdot(updates, params)),
        iprod: treeVdot(expAvg, params),
        normSquared: treeVdot(expAvg, scaled),
        lb: state.lb,
        correction,
        shrink,
      };
      const tau = stepSize(model, boundOf(model, options), div(alpha, correction));
      const pull = div(mul(alpha, weightDecay), shrink);
      const out = mapLeaves((m: Array, p: Array) => times(p, pull).add(times(m, tau)).neg(), scaled, params);
      const { barf, gamma } = model;
      return [out, { expAvg, expAvgSq, barf, gamma, lb: nextBound(model, tau, options), count }];
    },
  );
}
