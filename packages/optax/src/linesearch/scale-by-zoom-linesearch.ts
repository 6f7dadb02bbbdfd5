/** Step sizes that satisfy the strong Wolfe conditions. */
import { type Array, numpy as np } from "@jax-js/jax";
import { GradientTransformation, needParams } from "../base";
import { type Rest, named } from "../named";
import { zeroCount } from "../numerics";
import { treeZerosLike } from "../tree/make";
import { treeScale } from "../tree/math";
import { lossOf, valueDtype } from "./line";
import { type ZoomOptions, zoom } from "./zoom";

export interface ScaleByZoomLinesearchOptions extends Omit<ZoomOptions, "maxLinesearchSteps"> {
  /** First size to try: that of the last step, or 1; "keep". */
  initialGuessStrategy?: "keep" | "one";
}

export interface ZoomLinesearchInfo {
  numLinesearchSteps: Array;
  decreaseError: Array;
  curvatureError: Array;
}

export interface ScaleByZoomLinesearchState<P = unknown> {
  learningRate: Array;
  value: Array;
  grad: P;
  info: ZoomLinesearchInfo;
}

/**
 * Multiplies updates by a step size with sufficient decrease of the loss and a small slope, found by zooming into an
 * interval. `update` needs the parameters and the extra arguments `value`, `grad` and `valueFn`; other ones go to valueFn as
 * its second argument. State `{ learningRate, value, grad, info }`, of the new parameters: see valueAndGradFromState.
 *
 * Options: maxLearningRate, tol = 0, increaseFactor = 2, slopeRtol = 1e-4, curvRtol = 0.9, approxDecRtol = 1e-6,
 * stepsizePrecision = 1e-5, initialGuessStrategy = "keep"; by position too.
 * Errors: TypeError without parameters or these arguments; RangeError for another strategy.
 * Source: Nocedal and Wright, "Numerical optimization", 2006, algorithms 3.5 and 3.6; optax.scale_by_zoom_linesearch.
 * @example
 * const valueFn = (x) => np.sum(x.mul(x));
 * const tx = chain(scale(-1), scaleByZoomLinesearch(10));
 * const params = np.array([2]);
 * const extra = { value: valueFn(params), grad: params.mul(2), valueFn };
 * tx.update(extra.grad, tx.init(params), params, extra)[0].js(); // => [-2]
 */
export function scaleByZoomLinesearch(
  maxLinesearchSteps: number,
  ...rest: Rest<ScaleByZoomLinesearchOptions>
): GradientTransformation {
  const names = [
    "maxLearningRate", "tol", "increaseFactor", "slopeRtol", "curvRtol", "approxDecRtol", "stepsizePrecision",
    "initialGuessStrategy",
  ] as const; // prettier-ignore
  const options = named<ScaleByZoomLinesearchOptions>("scaleByZoomLinesearch", names, rest);
  const { initialGuessStrategy = "keep", ...own } = options as ScaleByZoomLinesearchOptions;
  if (initialGuessStrategy !== "keep" && initialGuessStrategy !== "one") {
    throw new RangeError(
      `scaleByZoomLinesearch: expected an initialGuessStrategy "keep" or "one", got ${String(initialGuessStrategy)}`,
    );
  }
  const infinity = (dtype: "float32"): Array => np.full([], Infinity, { dtype });
  return GradientTransformation(
    (params: unknown): ScaleByZoomLinesearchState => {
      const dtype = valueDtype(params);
      return {
        learningRate: np.ones([], { dtype }),
        value: infinity(dtype),
        grad: treeZerosLike(params),
        info: { numLinesearchSteps: zeroCount(), decreaseError: infinity(dtype), curvatureError: infinity(dtype) },
      };
    },
    (updates: unknown, state, given, extra) => {
      const params: unknown = needParams("scaleByZoomLinesearch", given);
      const loss = lossOf("scaleByZoomLinesearch", extra);
      const guess = initialGuessStrategy === "keep" ? state.learningRate : np.onesLike(state.learningRate);
      const found = zoom(guess, updates, params, loss, { ...own, maxLinesearchSteps });
      const { stepsize, value, grad } = found.point;
      const { decreaseError, curvatureError } = found;
      const info: ZoomLinesearchInfo = { numLinesearchSteps: found.count, decreaseError, curvatureError };
      return [treeScale(stepsize, updates), { learningRate: stepsize, value, grad, info }];
    },
  );
}
