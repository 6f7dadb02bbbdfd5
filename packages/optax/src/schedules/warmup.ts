/** Schedules that begin with a linear rise. */
import { type Scalar } from "../base";
import { type Rest, named } from "../named";
import { div } from "../scalars";
import {
  type CosineDecayScheduleOptions, type CountSchedule, type ExponentialDecayOptions, cosineDecaySchedule,
  exponentialDecay, joinSchedules, linearSchedule,
} from "./basic"; // prettier-ignore

export interface WarmupConstantOptions {
  initValue?: Scalar;
  peakValue?: Scalar;
  warmupSteps?: number;
}

/**
 * A line from initValue to peakValue, where it stays.
 *
 * Arguments: initValue, peakValue, warmupSteps; or by name.
 * Source: optax.warmup_constant_schedule.
 * @example
 * warmupConstantSchedule(0, 1, 10)(5); // => 0.5
 */
export function warmupConstantSchedule(...rest: Rest<WarmupConstantOptions>): CountSchedule {
  const names = ["initValue", "peakValue", "warmupSteps"] as const;
  const options = named<WarmupConstantOptions>("warmupConstantSchedule", names, rest);
  const { initValue = 0, peakValue = 0, warmupSteps = 0 } = options;
  return linearSchedule({ initValue, endValue: peakValue, transitionSteps: warmupSteps });
}

export interface WarmupCosineOptions extends WarmupConstantOptions {
  /** Length of the whole schedule, warm-up included. */
  decaySteps?: number;
  endValue?: Scalar;
  exponent?: Scalar;
}

/**
 * A line from initValue to peakValue, then half a cosine to endValue.
 *
 * Arguments: initValue, peakValue, warmupSteps, decaySteps, endValue = 0, exponent = 1; or by name.
 * Errors: RangeError unless decaySteps is greater than warmupSteps.
 * Source: Loshchilov and Hutter, "SGDR", 2017; optax.warmup_cosine_decay_schedule.
 * @example
 * warmupCosineDecaySchedule(0, 1, 10, 30)(20); // => 0.5
 */
export function warmupCosineDecaySchedule(...rest: Rest<WarmupCosineOptions>): CountSchedule {
  const names = ["initValue", "peakValue", "warmupSteps", "decaySteps", "endValue", "exponent"] as const;
  const options = named<WarmupCosineOptions>("warmupCosineDecaySchedule", names, rest);
  const { initValue = 0, peakValue = 0, warmupSteps = 0, decaySteps = 0, endValue = 0, exponent = 1 } = options;
  const decay: CosineDecayScheduleOptions = {
    initValue: peakValue,
    decaySteps: decaySteps - warmupSteps,
    alpha: peakValue === 0 ? 0 : div(endValue, peakValue),
    exponent,
  };
  return joinSchedules(
    [linearSchedule({ initValue, endValue: peakValue, transitionSteps: warmupSteps }), cosineDecaySchedule(decay)],
    [warmupSteps],
  );
}

export interface WarmupExponentialOptions extends WarmupConstantOptions, Omit<ExponentialDecayOptions, "initValue"> {}

/**
 * A line from initValue to peakValue, then exponential decay.
 *
 * Arguments: initValue, peakValue, warmupSteps, transitionSteps, decayRate, transitionBegin = 0, staircase = false,
 * endValue = null; or by name.
 * Source: optax.warmup_exponential_decay_schedule.
 * @example
 * warmupExponentialDecaySchedule(0, 1, 10, 10, 0.5)(20); // => 0.5
 */
export function warmupExponentialDecaySchedule(...rest: Rest<WarmupExponentialOptions>): CountSchedule {
  const names = [
    "initValue", "peakValue", "warmupSteps", "transitionSteps", "decayRate", "transitionBegin", "staircase", "endValue",
  ] as const; // prettier-ignore
  const options = named<WarmupExponentialOptions>("warmupExponentialDecaySchedule", names, rest);
  const { initValue = 0, peakValue = 0, warmupSteps = 0, ...decay } = options;
  return joinSchedules(
    [
      linearSchedule({ initValue, endValue: peakValue, transitionSteps: warmupSteps }),
      exponentialDecay({ ...(decay as ExponentialDecayOptions), initValue: peakValue }),
    ],
    [warmupSteps],
  );
}

/**
 * Warm-up cosine schedules one after the other: warm restarts.
 *
 * Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017; optax.sgdr_schedule.
 * @example
 * const cycle = { initValue: 0, peakValue: 1, warmupSteps: 10, decaySteps: 30 };
 * sgdrSchedule([cycle, cycle])(40); // => 1
 */
export function sgdrSchedule(cosineKwargs: readonly WarmupCosineOptions[]): CountSchedule {
  const lengths = cosineKwargs.map((kwargs) => kwargs.decaySteps ?? 0);
  const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b, 0));
  return joinSchedules(
    cosineKwargs.map((kwargs) => warmupCosineDecaySchedule(kwargs)),
    ends.slice(0, -1),
  );
}
