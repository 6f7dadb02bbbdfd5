/** Transformations that act, or wait, depending on values. */
import { type Array, numpy as np, tree } from "@jax-js/jax";
import { type ExtraArgs, type OptState, GradientTransformation, mapLeaves, needTransformation } from "../base"; // prettier-ignore
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { treeWhere } from "../tree/math";

const finite = (updates: unknown): Array =>
  (tree.leaves(updates) as Array[])
    .map((u) => np.all(np.isfinite(u)))
    .reduce((a, b) => np.logicalAnd(a, b), np.array(true));

export interface ApplyIfFiniteState {
  notfiniteCount: Array;
  lastFinite: Array;
  totalNotfinite: Array;
  innerState: OptState;
}

/**
 * Skips updates that have NaN or infinity, but at most `maxConsecutiveErrors` in a row. State
 * `{ notfiniteCount, lastFinite, totalNotfinite, innerState }`.
 *
 * Source: optax.apply_if_finite.
 * @example
 * const tx = applyIfFinite(scale(2), 5);
 * tx.update([np.array([NaN])], tx.init([np.ones([1])]))[0][0].js(); // => [0]
 */
export function applyIfFinite(inner: GradientTransformation, maxConsecutiveErrors: number): GradientTransformation {
  needTransformation("applyIfFinite", inner);
  return GradientTransformation(
    (params: unknown): ApplyIfFiniteState => ({
      notfiniteCount: zeroCount(),
      lastFinite: np.array(true),
      totalNotfinite: zeroCount(),
      innerState: inner.init(params) as OptState,
    }),
    (updates: unknown, state, params: unknown, extra) => {
      const { innerState } = state;
      const lastFinite = finite(updates);
      const count = state.notfiniteCount;
      const notfiniteCount = np.where(lastFinite, np.zerosLike(count), safeIncrement(count));
      const total = state.totalNotfinite;
      const totalNotfinite = np.where(lastFinite, total, safeIncrement(total));
      const go = np.logicalOr(lastFinite, notfiniteCount.greater(maxConsecutiveErrors));
      const [out, next] = inner.update(updates, innerState, params, extra);
      const chosen = mapLeaves((u) => np.where(go, u, np.zerosLike(u)), out);
      return [
        chosen,
        { notfiniteCount, lastFinite, totalNotfinite, innerState: treeWhere(go, next as unknown, innerState) },
      ];
    },
  );
}

/** Whether to act, from the step count and, if they are forwarded, the extra arguments. */
export type ConditionFn = (step: Array, extra: ExtraArgs) => Array;

export interface ConditionOptions {
  /** Give the extra arguments of `update` to the condition; false. */
  forwardExtraArgs?: boolean;
}

/**
 * Applies a transformation at steps for which the function gives true; at others updates stay. State
 * `{ step, innerState }`.
 *
 * Options: forwardExtraArgs = false; by position too.
 * Source: optax.conditionally_transform.
 * @example
 * const tx = conditionallyTransform(scale(10), (step) => step.greater(0));
 * const [u, s] = tx.update([np.ones([1])], tx.init([np.ones([1])]));
 * [u[0].js(), tx.update(u, s)[0][0].js()]; // => [[1], [10]]
 */
export function conditionallyTransform(
  inner: GradientTransformation,
  shouldTransformFn: ConditionFn,
  ...rest: Rest<ConditionOptions>
): GradientTransformation {
  needTransformation("conditionallyTransform", inner);
  const options = named<ConditionOptions>("conditionallyTransform", ["forwardExtraArgs"], rest);
  return conditional(inner, shouldTransformFn, options, (u) => u);
}

/**
 * Applies a transformation at steps for which the function gives true; at others updates are zero. State
 * `{ step, innerState }`.
 *
 * Options: forwardExtraArgs = false; by position too.
 * Source: optax.conditionally_mask.
 * @example
 * const tx = conditionallyMask(scale(10), (step) => step.greater(0));
 * tx.update([np.ones([1])], tx.init([np.ones([1])]))[0][0].js(); // => [0]
 */
export function conditionallyMask(
  inner: GradientTransformation,
  shouldTransformFn: ConditionFn,
  ...rest: Rest<ConditionOptions>
): GradientTransformation {
  needTransformation("conditionallyMask", inner);
  const options = named<ConditionOptions>("conditionallyMask", ["forwardExtraArgs"], rest);
  return conditional(inner, shouldTransformFn, options, (u) => np.zerosLike(u));
}

export interface ConditionallyTransformState {
  step: Array;
  innerState: OptState;
}

export type ConditionallyMaskState = ConditionallyTransformState;

function conditional(
  inner: GradientTransformation,
  should: ConditionFn,
  { forwardExtraArgs = false }: ConditionOptions,
  otherwise: (u: Array) => Array,
): GradientTransformation {
  return GradientTransformation(
    (params: unknown): ConditionallyTransformState => ({
      step: zeroCount(),
      innerState: inner.init(params) as OptState,
    }),
    (updates: unknown, { step, innerState }, params: unknown, extra) => {
      const go = should(step, forwardExtraArgs ? extra : {});
      const [out, next] = inner.update(updates, innerState, params, extra);
      const chosen = mapLeaves((a: Array, b: Array) => np.where(go, a, otherwise(b)), out, updates);
      return [chosen, { step: safeIncrement(step), innerState: treeWhere(go, next, innerState) }];
    },
  );
}
