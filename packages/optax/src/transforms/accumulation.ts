/** Transformations that gather updates over steps. */
import { type Array, type DType, numpy as np } from "@jax-js/jax";
import { type Scalar, GradientTransformation, mapLeaves } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { times, needScalar } from "../scalars";
import { treeZerosLike } from "../tree/make";
import { treeCast } from "../tree/math";
import { treeBiasCorrection, treeUpdateMoment } from "../tree/moments";

export interface TraceOptions {
  /** Factor of the accumulated updates; 0.9. */
  decay?: Scalar;
  nesterov?: boolean;
  /** Dtype of the accumulator; that of the parameters if null. */
  accumulatorDtype?: DType | null;
}

export interface TraceState<P = unknown> {
  trace: P;
}

/**
 * Momentum: `t = u + decay * t`; the update is `t`, or with Nesterov `u + decay * t`. State `{ trace }`.
 *
 * Source: optax.trace.
 * @example
 * const tx = trace({ decay: 0.5 });
 * tx.update({ w: np.array([1]) }, { trace: { w: np.array([4]) } })[0].w.js(); // => [3]
 */
export function trace(...rest: Rest<TraceOptions>): GradientTransformation {
  const options = named<TraceOptions>("trace", ["decay", "nesterov", "accumulatorDtype"], rest);
  const { decay = 0.9, nesterov = false, accumulatorDtype = null } = options;
  return GradientTransformation(
    (params): TraceState => ({ trace: treeZerosLike(params, accumulatorDtype) as unknown }),
    (updates, state) => {
      const step = (u: Array, t: Array): Array => u.add(times(t, decay));
      const next = mapLeaves(step, updates, state.trace);
      return [nesterov ? mapLeaves(step, updates, next) : next, { trace: treeCast(next, accumulatorDtype) as unknown }];
    },
  );
}

export interface EmaOptions {
  /** Corrects for the start at zero; true. */
  debias?: boolean;
  accumulatorDtype?: DType | null;
}

export interface EmaState<P = unknown> {
  count: Array;
  ema: P;
}

/**
 * Replaces updates by their exponential moving average. State `{ count, ema }`.
 *
 * Source: optax.ema.
 * @example
 * const tx = ema(0.9);
 * np.allclose(tx.update([np.array([2])], tx.init([np.array([0])]))[0][0], [2]); // => true
 */
export function ema(decay: Scalar, ...rest: Rest<EmaOptions>): GradientTransformation {
  needScalar("ema", decay);
  const { debias = true, accumulatorDtype = null } = named<EmaOptions>("ema", ["debias", "accumulatorDtype"], rest);
  return GradientTransformation(
    (params): EmaState => ({ count: zeroCount(), ema: treeZerosLike(params, accumulatorDtype) as unknown }),
    (updates, state) => {
      const next = treeUpdateMoment(updates, state.ema, decay, 1);
      const count = safeIncrement(state.count);
      const out = debias ? treeBiasCorrection(next, decay, count) : next;
      return [out, { count, ema: treeCast(next, accumulatorDtype) as unknown }];
    },
  );
}

export interface ApplyEvery<P = unknown> {
  count: Array;
  gradAcc: P;
}

/**
 * Gives the sum of updates at every k-th step, and zeros between. State `{ count, gradAcc }`.
 *
 * Source: optax.apply_every.
 * @example
 * const tx = applyEvery(2);
 * const [u, s] = tx.update([np.array([1])], tx.init([np.array([0])]));
 * [u[0].js(), tx.update([np.array([1])], s)[0][0].js()]; // => [[0], [2]]
 */
export function applyEvery(...rest: Rest<{ k?: number }>): GradientTransformation {
  const { k = 1 } = named<{ k?: number }>("applyEvery", ["k"], rest);
  return GradientTransformation(
    (params): ApplyEvery => ({ count: zeroCount(), gradAcc: treeZerosLike(params) as unknown }),
    (updates, { count, gradAcc }) => {
      const first = np.mod(count, k).notEqual(0);
      const acc = mapLeaves((g, a) => times(a, first.astype(a.dtype)).add(g), updates, gradAcc);
      const emit = np.mod(count, k).equal(k - 1);
      const out = mapLeaves((a) => times(a, emit.astype(a.dtype)), acc);
      return [out, { count: np.mod(count.add(1), k), gradAcc: acc }];
    },
  );
}
