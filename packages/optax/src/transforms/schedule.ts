/** Scaling by a function of the step count. */
import { named } from "../named";
import type { Array } from "@jax-js/jax";
import { type ScalarOrSchedule, type Schedule, GradientTransformation, isArray, mapLeaves } from "../base";
import { safeIncrement, zeroCount } from "../numerics";
import { mul, times } from "../scalars";
import { identity, scale } from "./simple";

export interface ScaleByScheduleState {
  count: Array;
}

/**
 * Multiplies updates by a function of the step count. The state is `{ count }`, an int32 scalar.
 *
 * Source: optax.scale_by_schedule.
 * @example
 * const tx = scaleBySchedule((count) => count.add(1));
 * tx.update({ w: np.array([2]) }, tx.init({}))[0].w.js(); // => [2]
 */
export function scaleBySchedule(stepSizeFn: Schedule): GradientTransformation {
  if (typeof stepSizeFn !== "function")
    throw new TypeError(`scaleBySchedule: expected a schedule, got ${typeof stepSizeFn}`);
  return GradientTransformation(
    (): ScaleByScheduleState => ({ count: zeroCount() }),
    (updates, { count }) => {
      const stepSize = stepSizeFn(count);
      return [mapLeaves((u) => times(u, stepSize), updates), { count: safeIncrement(count) }];
    },
  );
}

/**
 * Multiplies updates by the learning rate, negated (descent) unless `flipSign` is false; null leaves them.
 *
 * Source: optax.scale_by_learning_rate.
 * @example
 * scaleByLearningRate(0.1).update({ w: np.array([10]) }, [])[0].w.js(); // => [-1]
 */
export function scaleByLearningRate(
  learningRate: ScalarOrSchedule | null,
  flipSign: boolean | { flipSign?: boolean } = true,
): GradientTransformation {
  const options = named<{ flipSign?: boolean }>("scaleByLearningRate", ["flipSign"], [flipSign]);
  const sign = (options.flipSign ?? true) ? -1 : 1;
  if (learningRate === null) return identity();
  if (typeof learningRate !== "function") {
    if (typeof learningRate !== "number" && !isArray(learningRate)) {
      throw new TypeError(`scaleByLearningRate: expected a number, an array or a schedule, got ${typeof learningRate}`);
    }
    return scale(mul(learningRate, sign));
  }
  return scaleBySchedule((count) => mul(learningRate(count), sign));
}
