/** Quasi-Newton optimization. */
import { type GradientTransformation, type ScalarOrSchedule } from "../base";
import { scaleByZoomLinesearch } from "../linesearch/scale-by-zoom-linesearch";
import { type Rest, named } from "../named";
import { chain } from "../transforms/chain";
import { type ScaleByLbfgsOptions, scaleByLbfgs } from "../transforms/scale-by-lbfgs";
import { scaleByLearningRate } from "../transforms/schedule";
import { identity, scale } from "../transforms/simple";

export interface LbfgsOptions extends ScaleByLbfgsOptions {
  /** Factor of the direction; 1 if null. */
  learningRate?: ScalarOrSchedule | null;
  /** Finds the step size; `scaleByZoomLinesearch(20, { initialGuessStrategy: "one" })`. Null for none. */
  linesearch?: GradientTransformation | null;
}

/**
 * L-BFGS: an approximate inverse of the Hessian and a line search. With a line search `update` needs the parameters and the
 * extra arguments `value`, `grad` and `valueFn`; valueAndGradFromState takes the first two from the state.
 *
 * Arguments: learningRate, memorySize = 10, scaleInitPrecond = true, linesearch; or by name.
 * Errors: as scaleByLbfgs and the line search.
 * Source: Liu and Nocedal, 1989; Nocedal and Wright, "Numerical optimization", 2006; optax.lbfgs.
 * @example
 * const valueFn = (x) => np.sum(np.power(x.sub(3), 2));
 * const tx = lbfgs();
 * let params = np.array([0, 10]);
 * let state = tx.init(params);
 * for (let i = 0; i < 3; i++) {
 *   const [value, grad] = valueAndGradFromState(valueFn)(params, { state });
 *   const [updates, next] = tx.update(grad, state, params, { value, grad, valueFn });
 *   [params, state] = [applyUpdates(params, updates), next];
 * }
 * np.allclose(params, [3, 3]); // => true
 */
export function lbfgs(...rest: Rest<LbfgsOptions>): GradientTransformation {
  const names = ["learningRate", "memorySize", "scaleInitPrecond", "linesearch"] as const;
  const options = named<LbfgsOptions>("lbfgs", names, rest);
  const { learningRate = null, memorySize = 10, scaleInitPrecond = true } = options;
  const { linesearch = scaleByZoomLinesearch(20, { initialGuessStrategy: "one" }) } = options;
  return chain(
    scaleByLbfgs({ memorySize, scaleInitPrecond }),
    learningRate === null ? scale(-1) : scaleByLearningRate(learningRate),
    linesearch ?? identity(),
  );
}
