/** Slow parameters that follow fast ones. */
import { named } from "../named";
import { type Array, numpy as np } from "@jax-js/jax";
import { type OptState, type Scalar, GradientTransformation, mapLeaves, needParams, needTransformation } from "../base";
import { zeroCount } from "../numerics";
import { times, needScalar } from "../scalars";
import { treeWhere } from "../tree/math";

/** Fast and slow parameters, which lookahead trains together. */
export interface LookaheadParams<P = unknown> {
  fast: P;
  slow: P;
}

export const LookaheadParams = {
  /**
   * A pair with the same parameters twice.
   * @example
   * LookaheadParams.initSynced({ w: np.array([1]) }).slow.w.js(); // => [1]
   */
  initSynced<P>(params: P): LookaheadParams<P> {
    const again = (): P => mapLeaves((x) => x.reshape(x.shape), params);
    return { fast: again(), slow: again() };
  },
};

export interface LookaheadState {
  fastState: OptState;
  stepsSinceSync: Array;
}

/**
 * Lets an optimizer step `syncPeriod` times, then moves the slow parameters by `slowStepSize` of the way to the fast ones,
 * and the fast ones there. `init` and the parameters of `update` are `{ fast, slow }`; gradients are at the fast ones.
 * State `{ fastState, stepsSinceSync }`.
 *
 * Source: Zhang et al., "Lookahead optimizer: k steps forward, 1 step back", 2019; optax.lookahead.
 * @example
 * const tx = lookahead(sgd(1), 1, 0.5);
 * const params = LookaheadParams.initSynced(np.array([0]));
 * tx.update(np.array([-4]), tx.init(params), params)[0].slow.js(); // => [2]
 */
export function lookahead(
  fastOptimizer: GradientTransformation,
  syncPeriod: number,
  slowStepSize: Scalar,
  resetState: boolean | { resetState?: boolean } = false,
): GradientTransformation {
  needTransformation("lookahead", fastOptimizer);
  needScalar("lookahead", slowStepSize);
  if (syncPeriod < 1) throw new RangeError(`lookahead: the period must be at least 1, got ${syncPeriod}`);
  const { resetState: reset = false } = named<{ resetState?: boolean }>("lookahead", ["resetState"], [resetState]);
  return GradientTransformation(
    ({ fast }: LookaheadParams): LookaheadState => ({
      fastState: fastOptimizer.init(fast) as OptState,
      stepsSinceSync: zeroCount(),
    }),
    (updates: unknown, state, given, extra) => {
      const { fast, slow } = needParams("lookahead", given as LookaheadParams | undefined);
      const [out, fastState] = fastOptimizer.update(updates, state.fastState, fast, extra);
      const sync = state.stepsSinceSync.equal(syncPeriod - 1);
      const ahead = mapLeaves((f, u, s) => f.add(u).sub(s), fast, out, slow);
      const slowUpdates = mapLeaves((d) => np.where(sync, times(d, slowStepSize), np.zerosLike(d)), ahead);
      const back = (u: Array, d: Array, s: Array): Array => np.where(sync, s.sub(d), np.zerosLike(u)).add(u);
      const fastUpdates = mapLeaves(back, out, ahead, slowUpdates);
      const start: unknown = reset
        ? treeWhere(sync, fastOptimizer.init(fast) as unknown, fastState as unknown)
        : fastState;
      const steps = np.mod(state.stepsSinceSync.add(1), syncPeriod);
      return [
        { fast: fastUpdates, slow: slowUpdates },
        { fastState: start, stepsSinceSync: steps },
      ];
    },
  );
}
