/** Sharpness-aware minimization: gradients at the worst point nearby. */
import { type Array, lax, numpy as np } from "@jax-js/jax";
import { GradientTransformation, type OptState, mapLeaves, needParams, stateless, needTransformation } from "../base";
import { type Rest, named } from "../named";
import { zeroCount } from "../numerics";
import { like } from "../scalars";
import { treeWhere } from "../tree/math";
import { treeNorm } from "../tree/reduce";
import { applyUpdates } from "../update";

/**
 * Divides all updates by their global norm.
 *
 * Source: optax.contrib.normalize.
 * @example
 * normalize().update([np.array([3, 4])], [])[0][0].js(); // => [0.6, 0.8]
 */
export function normalize(): GradientTransformation {
  return stateless((updates: unknown) => {
    const norm = treeNorm(updates);
    return mapLeaves((g) => g.div(like(norm, g)), updates);
  });
}

export interface SamOptions {
  /** Number of steps after which the optimizer steps; the others are adversarial. 2. */
  syncPeriod?: number;
  /** Start the adversarial optimizer anew each time; true. */
  resetState?: boolean;
  /** Do all steps in one `update`, with the extra argument `gradFn(params, i)`; false. */
  opaqueMode?: boolean;
  /** Axis over which gradients are averaged in opaque mode. */
  batchAxisName?: string | null;
}

export interface SAMState<P = unknown> {
  stepsSinceSync: Array;
  optState: OptState;
  advState: OptState;
  /** Parameters at the last step of the optimizer; null in opaque mode. */
  cache: P | null;
}

type GradFn = (params: unknown, i: number) => unknown;

/**
 * Steps of `advOptimizer` up the gradient, and after `syncPeriod - 1` of them one of `optimizer` from where they began, with
 * the gradient found there. State `{ stepsSinceSync, optState, advState, cache }`.
 *
 * Options: syncPeriod = 2, resetState = true, opaqueMode = false, batchAxisName; by position too.
 * Errors: RangeError for a syncPeriod less than 1; TypeError without parameters, or without `gradFn` in opaque mode.
 * Source: Foret et al., "Sharpness-aware minimization for efficiently improving generalization", 2021; optax.contrib.sam.
 * @example
 * const tx = sam(sgd(0.1), chain(normalize(), sgd(0.5)));
 * const params = [np.array([1])];
 * tx.update([np.array([4])], tx.init(params), params)[0][0].js(); // => [0.5]
 */
export function sam(
  optimizer: GradientTransformation,
  advOptimizer: GradientTransformation,
  ...rest: Rest<SamOptions>
): GradientTransformation {
  needTransformation("sam", optimizer);
  needTransformation("sam", advOptimizer);
  const names = ["syncPeriod", "resetState", "opaqueMode", "batchAxisName"] as const;
  const options = named<SamOptions>("sam", names, rest);
  const { syncPeriod = 2, resetState = true, opaqueMode = false, batchAxisName = null } = options;
  if (!(syncPeriod >= 1)) throw new RangeError(`sam: syncPeriod must be at least 1, got ${syncPeriod}`);

  const init = (params: unknown): SAMState => ({
    stepsSinceSync: zeroCount(),
    optState: optimizer.init(params) as OptState,
    advState: advOptimizer.init(params) as OptState,
    cache: opaqueMode ? null : params,
  });

  /** A step up the gradient. */
  const climb = (updates: unknown, advState: OptState, params: unknown): [unknown, OptState] => {
    const [down, next] = advOptimizer.update(updates, advState, params);
    return [mapLeaves((u) => u.neg(), down), next];
  };

  const oneByOne = (updates: unknown, state: SAMState, given: unknown): [unknown, SAMState] => {
    const params = needParams("sam", given);
    const isFirst = state.stepsSinceSync.equal(0);
    const isLast = state.stepsSinceSync.equal(syncPeriod - 1);
    const [up, advState] = climb(updates, state.advState, params);
    const [step, optState] = optimizer.update(updates, state.optState, state.cache);
    const back = mapLeaves((c: Array, p: Array, u: Array) => c.sub(p).add(u), state.cache, params, step);
    const rested: OptState = resetState ? advOptimizer.init(params) : state.advState;
    const next: SAMState = {
      stepsSinceSync: np.mod(state.stepsSinceSync.add(1), syncPeriod),
      optState: treeWhere(isLast, optState, state.optState),
      advState: treeWhere(isLast, rested, advState),
      cache: treeWhere(isFirst, params, state.cache),
    };
    return [treeWhere(isLast, back as unknown, up), next];
  };

  const allAtOnce = (updates: unknown, state: SAMState, given: unknown, gradFn?: GradFn): [unknown, SAMState] => {
    const params = needParams("sam", given);
    if (gradFn === undefined) throw new TypeError("sam: in opaque mode update needs { gradFn } as its fourth argument");
    let at = params;
    let grads = updates;
    let advState = state.advState;
    for (let i = 0; i < syncPeriod - 1; i++) {
      let up: unknown;
      [up, advState] = climb(grads, advState, at);
      at = applyUpdates(at, up);
      grads = gradFn(at, i);
      if (batchAxisName !== null) grads = mapLeaves((g) => lax.pmean(g, batchAxisName) as Array, grads);
    }
    const [step, optState] = optimizer.update(grads, state.optState, params);
    const rested: OptState = resetState ? advOptimizer.init(params) : advState;
    return [step, { stepsSinceSync: zeroCount(), optState, advState: rested, cache: null }];
  };

  return GradientTransformation(init, (updates: unknown, state: SAMState, params: unknown, { gradFn }) =>
    opaqueMode ? allAtOnce(updates, state, params, gradFn as GradFn | undefined) : oneByOne(updates, state, params),
  );
}
