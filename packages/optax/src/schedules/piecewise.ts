/** Schedules of several pieces. */
import { type Scalar } from "../base";
import { type Rest, named } from "../named";
import { add, clip, cos, div, less, mul, sub, where } from "../scalars";
import { type CountSchedule, schedule } from "./basic";

/** Factors by the step at which they begin to apply. */
export type BoundariesAndScales = Record<number, number>;

export interface PiecewiseScheduleOptions {
  initValue?: Scalar;
  boundariesAndScales?: BoundariesAndScales | null;
}

const sorted = (boundaries: BoundariesAndScales | null): [number, number][] => {
  const pairs = Object.entries(boundaries ?? {}).map(([step, factor]): [number, number] => [Number(step), factor]);
  if (pairs.some(([, factor]) => factor < 0)) throw new RangeError(`schedule: scales must not be negative`);
  return pairs.sort(([a], [b]) => a - b);
};

/**
 * initValue, multiplied by each scale from its boundary on.
 *
 * Arguments: initValue, boundariesAndScales; or by name.
 * Errors: RangeError for negative scales.
 * Source: optax.piecewise_constant_schedule.
 * @example
 * piecewiseConstantSchedule(1, { 10: 0.5, 20: 0.1 })(25); // => 0.05
 */
export function piecewiseConstantSchedule(...rest: Rest<PiecewiseScheduleOptions>): CountSchedule {
  const names = ["initValue", "boundariesAndScales"] as const;
  const options = named<PiecewiseScheduleOptions>("piecewiseConstantSchedule", names, rest);
  const { initValue = 0, boundariesAndScales = null } = options;
  const pairs = sorted(boundariesAndScales);
  return schedule((count) =>
    pairs.reduce<Scalar>((v, [step, factor]) => mul(v, where(less(count, step), 1, factor)), initValue),
  );
}

export interface PiecewiseInterpolateOptions extends PiecewiseScheduleOptions {
  interpolateType?: "linear" | "cosine";
}

/**
 * From value to value at the boundaries, on straight lines or half cosines.
 *
 * Arguments: interpolateType, initValue, boundariesAndScales; or by name.
 * Errors: RangeError for another type.
 * Source: optax.piecewise_interpolate_schedule.
 * @example
 * piecewiseInterpolateSchedule("linear", 1, { 10: 0.5 })(5); // => 0.75
 */
export function piecewiseInterpolateSchedule(...rest: Rest<PiecewiseInterpolateOptions>): CountSchedule {
  const names = ["interpolateType", "initValue", "boundariesAndScales"] as const;
  const options = named<PiecewiseInterpolateOptions>("piecewiseInterpolateSchedule", names, rest);
  const { interpolateType = "linear", initValue = 0, boundariesAndScales = null } = options;
  if (interpolateType !== "linear" && interpolateType !== "cosine") {
    throw new RangeError(`piecewiseInterpolateSchedule: expected "linear" or "cosine", got ${String(interpolateType)}`);
  }
  const pairs = sorted(boundariesAndScales);
  const steps = [0, ...pairs.map(([step]) => step)];
  const values = pairs.reduce<Scalar[]>((all, [, factor]) => [...all, mul(all[all.length - 1]!, factor)], [initValue]);
  const between = (part: Scalar): Scalar =>
    interpolateType === "linear" ? part : sub(0.5, mul(0.5, cos(mul(Math.PI, part))));
  return schedule((count) =>
    pairs.reduce<Scalar>((out, _pair, i) => {
      const [from, to] = [steps[i]!, steps[i + 1]!];
      const part = clip(div(sub(count, from), to - from), 0, 1);
      const value = add(values[i]!, mul(sub(values[i + 1]!, values[i]!), between(part)));
      return i === 0 ? value : where(less(count, from), out, value);
    }, initValue),
  );
}

export interface CosineOnecycleOptions {
  transitionSteps?: number;
  peakValue?: number;
  pctStart?: number;
  divFactor?: number;
  finalDivFactor?: number;
}

/**
 * Up to the peak and down again on half cosines.
 *
 * Arguments: transitionSteps, peakValue, pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4; or by name.
 * Errors: RangeError unless transitionSteps is positive.
 * Source: Smith and Topin, "Super-convergence", 2018; optax.cosine_onecycle_schedule.
 * @example
 * cosineOnecycleSchedule(10, 1)(3); // => 1
 */
export function cosineOnecycleSchedule(...rest: Rest<CosineOnecycleOptions>): CountSchedule {
  const names = ["transitionSteps", "peakValue", "pctStart", "divFactor", "finalDivFactor"] as const;
  const options = named<CosineOnecycleOptions>("cosineOnecycleSchedule", names, rest);
  const { transitionSteps: n = 0, peakValue = 1, pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4 } = options;
  positive("cosineOnecycleSchedule", n);
  return piecewiseInterpolateSchedule("cosine", peakValue / divFactor, {
    [Math.trunc(pctStart * n)]: divFactor,
    [n]: 1 / (divFactor * finalDivFactor),
  });
}

export interface LinearOnecycleOptions extends CosineOnecycleOptions {
  pctFinal?: number;
}

/**
 * Up to the peak, down again and further down, on straight lines.
 *
 * Arguments: transitionSteps, peakValue, pctStart = 0.3, pctFinal = 0.85, divFactor = 25, finalDivFactor = 1e4; or by name.
 * Errors: RangeError unless transitionSteps is positive.
 * Source: Smith and Topin, "Super-convergence", 2018; optax.linear_onecycle_schedule.
 * @example
 * linearOnecycleSchedule(100, 1)(30); // => 1
 */
export function linearOnecycleSchedule(...rest: Rest<LinearOnecycleOptions>): CountSchedule {
  const names = ["transitionSteps", "peakValue", "pctStart", "pctFinal", "divFactor", "finalDivFactor"] as const;
  const options = named<LinearOnecycleOptions>("linearOnecycleSchedule", names, rest);
  const { transitionSteps: n = 0, peakValue = 1, pctStart = 0.3, pctFinal = 0.85 } = options;
  const { divFactor = 25, finalDivFactor = 1e4 } = options;
  positive("linearOnecycleSchedule", n);
  return piecewiseInterpolateSchedule("linear", peakValue / divFactor, {
    [Math.trunc(pctStart * n)]: divFactor,
    [Math.trunc(pctFinal * n)]: 1 / divFactor,
    [n]: 1 / finalDivFactor,
  });
}

function positive(op: string, n: number): void {
  if (!(n > 0)) throw new RangeError(`${op}: transitionSteps must be positive, got ${n}`);
}
