/** Gradient transformations that scale, accumulate or add to updates. */
import { type Array, numpy as np } from "@jax-js/jax";
import { type GradientTransformation, type ScalarOrSchedule, type Schedule, mapLeaves, zeroCount } from "./base";
import { treeBiasCorrection, treeNorm, treeUpdateMoment, treeZerosLike } from "./tree-utils";

/**
 * Multiplies updates by `stepSize`.
 * @example
 * scale(-0.5).update({ w: np.array([2]) }, [])[0].w.js(); // => [-1]
 */
export function scale(stepSize: number): GradientTransformation {
  return {
    init: () => [],
    update: (updates, state) => [mapLeaves((u) => u.mul(stepSize), updates), state],
  };
}

/**
 * Multiplies updates by a function of the step count. The state is `{ count }`, an int32 scalar.
 * @example
 * const tx = scaleBySchedule((count) => count.add(1));
 * tx.update({ w: np.array([2]) }, tx.init({}))[0].w.js(); // => [2]
 */
export function scaleBySchedule(stepSizeFn: Schedule): GradientTransformation {
  return {
    init: () => ({ count: zeroCount() }),
    update(updates, state) {
      const { count } = state as { count: Array };
      const stepSize = stepSizeFn(count);
      const scaled = mapLeaves(
        (u) => u.mul(typeof stepSize === "number" ? stepSize : stepSize.astype(u.dtype)),
        updates,
      );
      return [scaled, { count: count.add(1) }];
    },
  };
}

/**
 * Multiplies updates by the learning rate, negated (descent) unless `flipSign` is false.
 * @example
 * scaleByLearningRate(0.1).update({ w: np.array([10]) }, [])[0].w.js(); // => [-1]
 */
export function scaleByLearningRate(learningRate: ScalarOrSchedule, flipSign = true): GradientTransformation {
  const sign = flipSign ? -1 : 1;
  if (typeof learningRate === "number") return scale(sign * learningRate);
  return scaleBySchedule((count) => {
    const rate = learningRate(count);
    return typeof rate === "number" ? sign * rate : rate.mul(sign);
  });
}

export interface ScaleByAdamOptions {
  /** Decay of the mean of gradients; 0.9. */
  b1?: number;
  /** Decay of the mean of squared gradients; 0.999. */
  b2?: number;
  /** Added outside the square root; 1e-8. */
  eps?: number;
  /** Added inside the square root; 0. */
  epsRoot?: number;
  /** Use Nesterov momentum (Dozat 2016); false. */
  nesterov?: boolean;
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
export function scaleByAdam(options: ScaleByAdamOptions = {}): GradientTransformation {
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0, nesterov = false } = options;
  return {
    init: (params) => ({ count: zeroCount(), mu: treeZerosLike(params), nu: treeZerosLike(params) }),
    update(updates, state) {
      const mu = treeUpdateMoment(updates, state.mu as typeof updates, b1, 1);
      const nu = treeUpdateMoment(updates, state.nu as typeof updates, b2, 2);
      const count = (state.count as Array).add(1);
      const nuHat = treeBiasCorrection(nu, b2, count);
      let muHat: typeof updates;
      if (nesterov) {
        const ahead = treeBiasCorrection(mu, b1, count.add(1));
        const now = treeBiasCorrection(updates, b1, count);
        muHat = mapLeaves((m, g) => m.mul(b1).add(g.mul(1 - b1)), ahead, now);
      } else muHat = treeBiasCorrection(mu, b1, count);
      const root = (v: Array): Array => np.sqrt(epsRoot === 0 ? v : v.add(epsRoot)).add(eps);
      return [mapLeaves((m, v) => m.div(root(v)), muHat, nuHat), { count, mu, nu }];
    },
  };
}

export interface TraceOptions {
  /** Factor of the accumulated updates; 0.9. */
  decay?: number;
  nesterov?: boolean;
}

/**
 * Momentum: `t = u + decay * t`; the update is `t`, or with Nesterov `u + decay * t`. State `{ trace }`.
 *
 * Source: optax.trace.
 * @example
 * const tx = trace({ decay: 0.5 });
 * tx.update({ w: np.array([1]) }, { trace: { w: np.array([4]) } })[0].w.js(); // => [3]
 */
export function trace(options: TraceOptions = {}): GradientTransformation {
  const { decay = 0.9, nesterov = false } = options;
  return {
    init: (params) => ({ trace: treeZerosLike(params) }),
    update(updates, state) {
      const step = (u: Array, t: Array): Array => u.add(t.mul(decay));
      const next = mapLeaves(step, updates, state.trace);
      return [nesterov ? mapLeaves(step, updates, next) : next, { trace: next }];
    },
  };
}

/** Which leaves take part: a tree of booleans like the parameters, or a function that gives one. */
export type MaskFn = (params: unknown) => unknown;

export interface AddDecayedWeightsOptions {
  /** Factor of the parameters; 0. */
  weightDecay?: ScalarOrSchedule;
  /** Leaves where the mask is false are left alone. */
  mask?: unknown;
}

/**
 * Adds `weightDecay * params` to updates; `update` must be given the parameters.
 *
 * Errors: throws if `update` is called without params.
 * @example
 * const tx = addDecayedWeights({ weightDecay: 0.5 });
 * tx.update({ w: np.array([1]) }, tx.init({}), { w: np.array([2]) })[0].w.js(); // => [2]
 */
export function addDecayedWeights(options: AddDecayedWeightsOptions = {}): GradientTransformation {
  const { weightDecay = 0, mask = null } = options;
  const schedule = typeof weightDecay === "number" ? null : weightDecay;
  return {
    init: () => (schedule === null ? [] : { count: zeroCount() }),
    update(updates, state, params) {
      if (params === undefined) {
        throw new TypeError("addDecayedWeights: update needs the parameters; call update(updates, state, params)");
      }
      const count = schedule === null ? null : (state as { count: Array }).count;
      const rate = count === null ? (weightDecay as number) : schedule!(count);
      const chosen = typeof mask === "function" ? (mask as MaskFn)(params) : mask;
      const add = (u: Array, p: Array): Array => u.add(p.mul(typeof rate === "number" ? rate : rate.astype(p.dtype)));
      const decayed =
        chosen === null || chosen === undefined
          ? mapLeaves(add, updates, params)
          : mapLeaves((u, p, m) => (maskValue(m) ? add(u, p) : u), updates, params, chosen);
      return [decayed, count === null ? state : { count: count.add(1) }];
    },
  };
}

const maskValue = (m: unknown): boolean => (typeof m === "boolean" ? m : Boolean((m as Array).item()));

/**
 * Scales all updates down together so that their global norm is at most `maxNorm`.
 *
 * Source: Pascanu et al., 2012; optax.clip_by_global_norm.
 * @example
 * const [u] = clipByGlobalNorm(1).update({ a: np.array([3]), b: np.array([4]) }, []);
 * np.allclose(u.b, [0.8]); // => true
 */
export function clipByGlobalNorm(maxNorm: number): GradientTransformation {
  return {
    init: () => [],
    update(updates, state) {
      const norm = treeNorm(updates as never);
      const small = norm.less(maxNorm);
      const clip = (u: Array): Array => np.where(small, u, u.div(norm.astype(u.dtype)).mul(maxNorm));
      return [mapLeaves(clip, updates), state];
    },
  };
}
