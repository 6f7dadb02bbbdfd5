/** Learning rates by the number of the step, which may be traced. */
import { ShapeError } from "../base/errors";
import { Tracer } from "../core/tracer";
import { add, divide, minimum, multiply, power, subtract } from "../numpy/arithmetic";
import { type Named, named } from "../numpy/arguments";
import { asarray } from "../numpy/creation";
import { floor } from "../numpy/elementwise";
import { take } from "../numpy/indexing";
import type { ArrayLike } from "../numpy/lift";
import { greater } from "../numpy/logic";
import { owned } from "../numpy/owned";
import { sum } from "../numpy/reductions";
import type { Schedule } from "./optimizer";

/** The same for every step. @example exampleLibraries.optimizers.constant(0.1)(7); // => 0.1 */
export function constant(stepSize: ArrayLike): Schedule {
  return () => stepSize;
}

/** `stepSize decayRate^(i / decaySteps)`. @example exampleLibraries.optimizers.exponentialDecay(0.1, 2, 0.5)(4).item(); // => 0.025 */
export function exponentialDecay(stepSize: ArrayLike, decaySteps: ArrayLike, decayRate: ArrayLike): Schedule {
  return (i) => owned(() => multiply(stepSize, power(decayRate, divide(i, decaySteps))));
}

/**
 * `stepSize / (1 + decayRate i / decaySteps)`; with `staircase` in whole steps.
 * @example
 * exampleLibraries.optimizers.inverseTimeDecay(0.1, 2, 0.5)(4).item(); // => 0.05
 * exampleLibraries.optimizers.inverseTimeDecay(0.1, 2, 0.5, { staircase: true })(3).item(); // => 0.0666667
 */
export function inverseTimeDecay(
  stepSize: ArrayLike,
  decaySteps: ArrayLike,
  decayRate: ArrayLike,
  staircase?: boolean | Named<"staircase", boolean>,
): Schedule {
  const whole = named("staircase", staircase, false);
  return (i) =>
    owned(() => {
      const by = whole ? multiply(decayRate, floor(divide(i, decaySteps))) : divide(multiply(decayRate, i), decaySteps);
      return divide(stepSize, add(1, by));
    });
}

/** From `stepSize` to `finalStepSize` in `decaySteps`, as `(1 - i / decaySteps)^power`. @example exampleLibraries.optimizers.polynomialDecay(0.1, 10, 0)(5).item(); // => 0.05 */
export function polynomialDecay(
  stepSize: ArrayLike,
  decaySteps: ArrayLike,
  finalStepSize: ArrayLike,
  exponent?: ArrayLike | Named<"power", ArrayLike>,
): Schedule {
  const by = named<"power", ArrayLike>("power", exponent, 1);
  return (i) =>
    owned(() => {
      const left = power(subtract(1, divide(minimum(i, decaySteps), decaySteps)), by);
      return add(multiply(left, subtract(stepSize, finalStepSize)), finalStepSize);
    });
}

/**
 * `values[k]` after `k` of the boundaries: one value more than there are boundaries.
 *
 * Errors: ShapeError for other lists.
 * @example
 * const schedule = exampleLibraries.optimizers.piecewiseConstant([10, 20], [1, 0.5, 0.25]);
 * [schedule(10).item(), schedule(11).item(), schedule(30).item()]; // => [1, 0.5, 0.25]
 */
export function piecewiseConstant(
  boundaries: Tracer | readonly number[],
  values: Tracer | readonly number[],
): Schedule {
  const size = (list: Tracer | readonly number[]): number =>
    !(list instanceof Tracer) ? list.length : list.ndim === 1 ? list.size : NaN;
  if (size(boundaries) !== size(values) - 1)
    throw new ShapeError(
      `piecewiseConstant: expected lists with one value more than boundaries, got ${size(values)} and ${size(boundaries)}`,
    );
  return (i) => owned(() => take(asarray(values as Tracer), sum(greater(i, asarray(boundaries as Tracer)))));
}

/** A function as it is, a scalar as the schedule that gives it. Errors: ShapeError for what has axes. @example exampleLibraries.optimizers.makeSchedule(0.1)(3); // => 0.1 */
export function makeSchedule(scalarOrSchedule: ArrayLike | Schedule): Schedule {
  if (typeof scalarOrSchedule === "function") return scalarOrSchedule;
  if (scalarOrSchedule instanceof Tracer && scalarOrSchedule.ndim > 0)
    throw new ShapeError(`makeSchedule: expected a scalar or a function of the step, got ${scalarOrSchedule.aval}`);
  return constant(scalarOrSchedule);
}
