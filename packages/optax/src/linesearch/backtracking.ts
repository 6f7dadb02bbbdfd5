/** Step sizes with sufficient decrease, by making the step smaller until it is. */
import { type Array, lax, numpy as np } from "@jax-js/jax";
import { GradientTransformation, type Scalar, needParams, valueAndGradOf } from "../base";
import { type Rest, named } from "../named";
import { scalarOf, zeroCount } from "../numerics";
import { add, like, times } from "../scalars";
import { treeZerosLike } from "../tree/make";
import { treeAddScale, treeCastLike, treeScale } from "../tree/math";
import { treeVdot } from "../tree/reduce";
import { lossOf, valueDtype } from "./line";

export interface ScaleByBacktrackingLinesearchOptions {
  /** Decrease wanted, relative to the slope; 1e-4. */
  slopeRtol?: Scalar;
  /** Factor of steps that do not pass; 0.8. */
  decreaseFactor?: Scalar;
  /** Factor of the last step size to begin with; 1.5. */
  increaseFactor?: Scalar;
  /** Greatest step size; 1. */
  maxLearningRate?: Scalar;
  /** Error of the condition that passes; 0. */
  atol?: Scalar;
  /** Growth of the loss that passes, relative to it; 0. */
  rtol?: Scalar;
  /** Keep the gradient at the new parameters in the state; false. */
  storeGrad?: boolean;
}

export interface BacktrackingLinesearchInfo {
  numLinesearchSteps: Array;
  decreaseError: Array;
}

export interface ScaleByBacktrackingLinesearchState<P = unknown> {
  learningRate: Array;
  value: Array;
  grad: P | null;
  info: BacktrackingLinesearchInfo;
}

interface Search {
  learningRate: Array;
  value: Array;
  decreaseError: Array;
  count: Array;
}

/**
 * Multiplies updates by the first of ever smaller step sizes with `f(x + s u) <= (1 + rtol) f(x) + slopeRtol * s * <u, grad>`.
 * `update` needs the parameters and the extra arguments `value`, `grad` and `valueFn`; other ones go to valueFn as its second
 * argument. State `{ learningRate, value, grad, info }`, of the new parameters: see valueAndGradFromState.
 *
 * Options: slopeRtol = 1e-4, decreaseFactor = 0.8, increaseFactor = 1.5, maxLearningRate = 1, atol = 0, rtol = 0,
 * storeGrad = false; by position too.
 * Errors: TypeError without parameters or these arguments.
 * Source: Vaswani et al., "Painless stochastic gradient", 2019; optax.scale_by_backtracking_linesearch.
 * @example
 * const valueFn = (x) => np.sum(x.mul(x));
 * const tx = chain(sgd(4), scaleByBacktrackingLinesearch(20, { decreaseFactor: 0.5 }));
 * const params = np.array([2]);
 * const extra = { value: valueFn(params), grad: params.mul(2), valueFn };
 * tx.update(extra.grad, tx.init(params), params, extra)[0].js(); // => [-2]
 */
export function scaleByBacktrackingLinesearch(
  maxBacktrackingSteps: number,
  ...rest: Rest<ScaleByBacktrackingLinesearchOptions>
): GradientTransformation {
  const names = [
    "slopeRtol", "decreaseFactor", "increaseFactor", "maxLearningRate", "atol", "rtol", "storeGrad",
  ] as const; // prettier-ignore
  const options = named<ScaleByBacktrackingLinesearchOptions>("scaleByBacktrackingLinesearch", names, rest);
  const { slopeRtol = 1e-4, decreaseFactor = 0.8, increaseFactor = 1.5, maxLearningRate = 1 } = options;
  const { atol = 0, rtol = 0, storeGrad = false } = options;
  return GradientTransformation(
    (params: unknown): ScaleByBacktrackingLinesearchState => {
      const dtype = valueDtype(params);
      return {
        learningRate: np.ones([], { dtype }),
        value: scalarOf(Infinity, dtype),
        grad: storeGrad ? treeZerosLike(params) : null,
        info: { numLinesearchSteps: zeroCount(), decreaseError: scalarOf(Infinity, dtype) },
      };
    },
    (updates: unknown, state, given, extra) => {
      const params: unknown = needParams("scaleByBacktrackingLinesearch", given);
      const { value: known, grad, valueFn } = lossOf("scaleByBacktrackingLinesearch", extra);
      const { dtype } = state.value;
      const value = scalarOf(known, dtype);
      const slope = treeVdot(updates, grad).astype(dtype);
      const at = (learningRate: Array): unknown => treeAddScale(params, learningRate, updates);
      const step = ({ learningRate: before, count }: Search): Search => {
        const learningRate = np.where(count.greater(0), times(before, decreaseFactor), before);
        const next = valueFn(at(learningRate)).astype(dtype);
        const allowed = times(value, add(1, rtol)).add(times(learningRate.mul(slope), slopeRtol));
        const error = next.sub(allowed);
        const decreaseError = np.where(np.isnan(error), Infinity, np.maximum(error, 0));
        return { learningRate, value: next, decreaseError, count: count.add(1) };
      };
      const goesOn = ({ decreaseError, count }: Search): Array =>
        np.logicalAnd(np.logicalNot(decreaseError.lessEqual(atol)), count.lessEqual(maxBacktrackingSteps));
      const first: Search = {
        learningRate: np.minimum(times(state.learningRate, increaseFactor), like(maxLearningRate, state.learningRate)),
        value,
        decreaseError: scalarOf(Infinity, dtype),
        count: zeroCount(),
      };
      const found = lax.whileLoop(goesOn as never, step as never, first) as Search;
      const learningRate = np.where(np.isinf(found.decreaseError), 0, found.learningRate);
      const next: ScaleByBacktrackingLinesearchState = {
        learningRate,
        value: found.value,
        grad: storeGrad ? treeCastLike(valueAndGradOf(valueFn)(at(found.learningRate))[1], state.grad) : null,
        info: { numLinesearchSteps: found.count, decreaseError: found.decreaseError },
      };
      return [treeScale(learningRate, updates), next];
    },
  );
}
