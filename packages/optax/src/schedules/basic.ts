/** Schedules: a number as a function of the step count. A count that is a JS number gives a number. */
import { type Array, numpy as np } from "@jax-js/jax";
import { type Scalar, type Schedule, isArray, pure } from "../base";
import { type Rest, named, needGiven } from "../named";
import {
  add,
  clip,
  cos,
  div,
  floor,
  less,
  lessEqual,
  maximum,
  minimum,
  mul,
  pow,
  sub,
  where,
  needScalar,
} from "../scalars";

/** A schedule of this library: numbers for numbers, arrays for arrays. */
export interface CountSchedule {
  (count: number): number;
  (count: Scalar): Scalar & Array;
}

/** Frees what the formula makes on the way. */
export function schedule(formula: (count: Scalar) => Scalar): CountSchedule {
  const f = (count: Scalar): Scalar => {
    if (!isArray(count)) return formula(Number(count));
    const run = (): Array => {
      const value = formula(count);
      return typeof value === "number" ? np.array(value) : value;
    };
    return pure(run, [count]);
  };
  return f as CountSchedule;
}

/** Always the same value. @example constantSchedule(0.1)(7); // => 0.1 */
export function constantSchedule(value: number | { value: number }): CountSchedule {
  const constant = typeof value === "object" ? value.value : value;
  needScalar("constantSchedule", constant);
  return schedule(() => constant);
}

export interface PolynomialScheduleOptions {
  initValue?: Scalar;
  endValue?: Scalar;
  power?: Scalar;
  transitionSteps?: number;
  transitionBegin?: number;
}

/**
 * From initValue to endValue over transitionSteps: `(init - end) * (1 - t/T) ** power + end`.
 *
 * Arguments: initValue, endValue, power, transitionSteps, transitionBegin = 0; or by name.
 * Source: optax.polynomial_schedule.
 * @example
 * polynomialSchedule(1, 0, 2, 10)(5); // => 0.25
 */
export function polynomialSchedule(...rest: Rest<PolynomialScheduleOptions>): CountSchedule {
  const names = ["initValue", "endValue", "power", "transitionSteps", "transitionBegin"] as const;
  const options = named<PolynomialScheduleOptions>("polynomialSchedule", names, rest);
  const { initValue = 0, endValue = 0, power = 1, transitionSteps = 0, transitionBegin = 0 } = options;
  needGiven("polynomialSchedule", options, ["initValue", "transitionSteps"]);
  const begin = Math.max(0, transitionBegin);
  if (transitionSteps <= 0) return schedule(() => initValue);
  return schedule((count) => {
    const left = sub(1, div(clip(sub(count, begin), 0, transitionSteps), transitionSteps));
    return add(mul(sub(initValue, endValue), power === 1 ? left : pow(left, power)), endValue);
  });
}

export type LinearScheduleOptions = Omit<PolynomialScheduleOptions, "power">;

/**
 * A straight line from initValue to endValue over transitionSteps.
 *
 * Arguments: initValue, endValue, transitionSteps, transitionBegin = 0; or by name.
 * Source: optax.linear_schedule.
 * @example
 * linearSchedule(0, 1, 10)(5); // => 0.5
 */
export function linearSchedule(...rest: Rest<LinearScheduleOptions>): CountSchedule {
  const names = ["initValue", "endValue", "transitionSteps", "transitionBegin"] as const;
  const options = named<LinearScheduleOptions>("linearSchedule", names, rest);
  needGiven("linearSchedule", options, ["initValue", "transitionSteps"]);
  return polynomialSchedule({ power: 1, ...options });
}

export interface CosineDecayScheduleOptions {
  initValue?: Scalar;
  decaySteps?: number;
  /** Least value as a part of the first; 0. */
  alpha?: Scalar;
  exponent?: Scalar;
}

/**
 * Half a cosine from initValue to `alpha * initValue` over decaySteps.
 *
 * Arguments: initValue, decaySteps, alpha = 0, exponent = 1; or by name.
 * Errors: RangeError unless decaySteps is positive.
 * Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017;
 * optax.cosine_decay_schedule.
 * @example
 * cosineDecaySchedule(1, 10)(5); // => 0.5
 */
export function cosineDecaySchedule(...rest: Rest<CosineDecayScheduleOptions>): CountSchedule {
  const names = ["initValue", "decaySteps", "alpha", "exponent"] as const;
  const options = named<CosineDecayScheduleOptions>("cosineDecaySchedule", names, rest);
  const { initValue = 0, decaySteps = 0, alpha = 0, exponent = 1 } = options;
  if (!(decaySteps > 0)) throw new RangeError(`cosineDecaySchedule: decaySteps must be positive, got ${decaySteps}`);
  return schedule((count) => {
    const part = mul(0.5, add(1, cos(mul(Math.PI, div(minimum(count, decaySteps), decaySteps)))));
    const curved = exponent === 1 ? part : pow(part, exponent);
    return mul(initValue, add(mul(sub(1, alpha), curved), alpha));
  });
}

export interface ExponentialDecayOptions {
  initValue?: Scalar;
  transitionSteps?: number;
  decayRate?: Scalar;
  transitionBegin?: number;
  /** Decay in steps of transitionSteps; false. */
  staircase?: boolean;
  /** Bound: least value if the rate is less than 1, else greatest. */
  endValue?: Scalar | null;
}

/**
 * `initValue * decayRate ** (t / transitionSteps)`.
 *
 * Arguments: initValue, transitionSteps, decayRate, transitionBegin = 0, staircase = false, endValue = null; or by name.
 * Source: optax.exponential_decay.
 * @example
 * exponentialDecay(1, 10, 0.5)(20); // => 0.25
 */
export function exponentialDecay(...rest: Rest<ExponentialDecayOptions>): CountSchedule {
  const names = ["initValue", "transitionSteps", "decayRate", "transitionBegin", "staircase", "endValue"] as const;
  const options = named<ExponentialDecayOptions>("exponentialDecay", names, rest);
  const { initValue = 0, transitionSteps = 0, decayRate = 0, staircase = false, endValue = null } = options;
  needGiven("exponentialDecay", options, ["initValue", "transitionSteps", "decayRate"]);
  const begin = Math.max(0, options.transitionBegin ?? 0);
  if (transitionSteps <= 0 || decayRate === 0) return schedule(() => initValue);
  const bound = typeof decayRate === "number" && decayRate < 1 ? maximum : minimum;
  return schedule((count) => {
    const t = sub(count, begin);
    const steps = div(t, transitionSteps);
    const value = mul(initValue, pow(decayRate, staircase ? floor(steps) : steps));
    const decayed = where(lessEqual(t, 0), initValue, value);
    return endValue === null ? decayed : bound(decayed, endValue);
  });
}

/**
 * Schedules one after the other: the i-th runs, from its own zero, until the i-th boundary.
 *
 * Source: optax.join_schedules.
 * @example
 * joinSchedules([constantSchedule(1), constantSchedule(2)], [10])(10); // => 2
 */
export function joinSchedules(schedules: readonly Schedule[], boundaries: readonly number[]): CountSchedule {
  if (typeof schedules !== "object") throw new TypeError(`joinSchedules: expected a list, got ${typeof schedules}`);
  const value = (i: number, at: Scalar): Scalar => (schedules[i] as (count: Scalar) => Scalar)(at);
  return schedule((count) =>
    boundaries.reduce<Scalar>(
      (out, boundary, i) => {
        const before = less(count, boundary);
        if (before === true) return out;
        return where(before, out, value(i + 1, sub(count, boundary)));
      },
      value(0, count),
    ),
  );
}
