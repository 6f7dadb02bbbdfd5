/**
 * The zoom line search: a step size with sufficient decrease and a small slope (the strong Wolfe conditions). First the step
 * grows until an interval holds such a size, then the interval shrinks around it.
 *
 * Nocedal and Wright, "Numerical optimization", 2006, algorithms 3.5 and 3.6; Hager and Zhang, 2006, for the approximate
 * condition of decrease.
 */
import { type Array, lax, numpy as np } from "@jax-js/jax";
import { type Scalar } from "../base";
import { zeroCount } from "../numerics";
import { like, mul, sub, times } from "../scalars";
import { treeWhere } from "../tree/math";
import { cubicMinimum, quadraticMinimum } from "./interpolate";
import { type Loss, type Point, origin, pointAt } from "./line";

export interface ZoomOptions {
  /** Greatest number of points to try. */
  maxLinesearchSteps: number;
  /** Greatest step size; none by default. */
  maxLearningRate?: Scalar | null;
  /** Error of the conditions that passes; 0. */
  tol?: Scalar;
  /** Factor of growing steps; 2. */
  increaseFactor?: Scalar;
  /** Decrease wanted, relative to the slope; 1e-4. */
  slopeRtol?: Scalar;
  /** Slope that remains, relative to the first; 0.9. */
  curvRtol?: Scalar;
  /** Relative error of values that the approximate condition of decrease allows; 1e-6. Null for the exact one alone. */
  approxDecRtol?: Scalar | null;
  /** Length of the interval at which the search ends; 1e-5. */
  stepsizePrecision?: Scalar;
}

/** A bound of the interval. */
type Bound = Omit<Point, "grad">;

export interface Search {
  count: Array;
  /** The last point tried, and at the end the chosen one. */
  point: Point;
  decreaseError: Array;
  curvatureError: Array;
  intervalFound: Array;
  done: Array;
  failed: Array;
  low: Bound;
  high: Bound;
  /** A third point, for the cubic. */
  reference: Bound;
  /** The best point with sufficient decrease so far; step size 0 if there is none. */
  safe: Point;
}

const and = (a: Array, b: Array): Array => np.logicalAnd(a, b);
const or = (a: Array, b: Array): Array => np.logicalOr(a, b);
const not = (a: Array): Array => np.logicalNot(a);
const pick = <T>(condition: Array, a: T, b: T): T => treeWhere(condition, a, b);
const bound = ({ stepsize, value, slope }: Point): Bound => ({ stepsize, value, slope });
/** An error, where NaN counts as infinite. */
const errorOf = (x: Array): Array => np.where(np.isnan(x), Infinity, np.maximum(x, 0));

/** Runs the search. `guess` is the first step size to try. */
export function zoom(guess: Array, updates: unknown, params: unknown, loss: Loss, options: ZoomOptions): Search {
  const { maxLinesearchSteps, maxLearningRate = null, tol = 0, increaseFactor = 2, slopeRtol = 1e-4 } = options;
  const { curvRtol = 0.9, approxDecRtol = 1e-6, stepsizePrecision = 1e-5 } = options;
  const start = origin(updates, params, loss);

  const decreaseError = ({ stepsize, value, slope }: Bound): Array => {
    const gain = value.sub(start.value);
    const exact = gain.sub(times(stepsize.mul(start.slope), slopeRtol));
    if (approxDecRtol === null) return errorOf(exact);
    const steep = slope.sub(times(start.slope, sub(mul(2, slopeRtol), 1)));
    const approximate = np.maximum(steep, gain.sub(times(np.abs(start.value), approxDecRtol)));
    return errorOf(np.minimum(approximate, exact));
  };
  const curvatureError = ({ slope }: Bound): Array => errorOf(np.abs(slope).sub(times(np.abs(start.slope), curvRtol)));

  /** The size to try while the interval is not found. */
  const larger = ({ count, point }: Search): Array => {
    const next = np.where(count.equal(0), guess, times(point.stepsize, increaseFactor));
    return maxLearningRate === null ? next : np.minimum(next, like(maxLearningRate, next));
  };

  /** The size to try inside the interval: of a cubic, a parabola, or the middle, whichever is first well inside. */
  const middle = ({ low, high, reference }: Search): Array => {
    const length = np.abs(high.stepsize.sub(low.stepsize));
    const [left, right] = [np.minimum(low.stepsize, high.stepsize), np.maximum(low.stepsize, high.stepsize)];
    const isInside = (x: Array, margin: number): Array =>
      and(x.greater(left.add(length.mul(margin))), x.less(right.sub(length.mul(margin))));
    const cubic = cubicMinimum(low, low.slope, high, reference);
    const parabola = quadraticMinimum(low, low.slope, high);
    const half = low.stepsize.add(high.stepsize).mul(0.5);
    return np.where(isInside(cubic, 0.2), cubic, np.where(isInside(parabola, 0.1), parabola, half));
  };

  /** What follows from a point while the interval is not found. */
  const searched = (s: Search, point: Point, decrease: Array, passes: Array): Partial<Search> => {
    const [tried, before] = [bound(point), bound(s.point)];
    const isHigh = or(decrease.greater(0), and(point.value.greaterEqual(s.point.value), s.count.greater(0)));
    const isLow = and(point.slope.greaterEqual(0), not(isHigh));
    const low = pick(isLow, tried, before);
    const intervalFound = or(or(isHigh, isLow), passes);
    const atMost = maxLearningRate === null ? np.array(false) : point.stepsize.greaterEqual(like(maxLearningRate, point.stepsize)); // prettier-ignore
    const done = or(passes, and(atMost, not(intervalFound)));
    const safe = pick(decrease.lessEqual(tol), point, s.safe);
    const failed = and(s.count.greaterEqual(maxLinesearchSteps - 1), not(done));
    return { low, high: pick(isLow, before, tried), reference: low, intervalFound, done, failed, safe };
  };

  /** What follows from a point inside the interval. */
  const zoomed = (s: Search, point: Point, decrease: Array, passes: Array): Partial<Search> => {
    const tried = bound(point);
    const isHigh = or(decrease.greater(0), point.value.greaterEqual(s.low.value));
    const secant = point.slope.mul(s.high.stepsize.sub(s.low.stepsize));
    const turns = and(secant.greaterEqual(0), not(isHigh));
    const safe = pick(and(decrease.lessEqual(tol), point.value.less(s.safe.value)), point, s.safe);
    const tooSmall = np.abs(s.high.stepsize.sub(s.low.stepsize)).lessEqual(stepsizePrecision);
    const ends = or(s.count.greaterEqual(maxLinesearchSteps - 1), and(tooSmall, safe.stepsize.greater(0)));
    return {
      low: pick(isHigh, s.low, tried),
      high: pick(isHigh, tried, pick(turns, s.low, s.high)),
      reference: pick(or(isHigh, turns), s.high, s.low),
      intervalFound: s.intervalFound,
      done: passes,
      failed: and(ends, not(passes)),
      safe,
    };
  };

  const step = (s: Search): Search => {
    const point = pointAt(np.where(s.intervalFound, middle(s), larger(s)), updates, params, loss);
    const [decrease, curvature] = [decreaseError(point), curvatureError(point)];
    const passes = np.maximum(decrease, curvature).lessEqual(tol);
    const next = pick(
      s.intervalFound,
      zoomed(s, point, decrease, passes),
      searched(s, point, decrease, passes),
    ) as Search;
    // A failed search falls back to the safe point; with no finite value found that is step size 0.
    const fallsBack = and(next.failed, or(next.safe.stepsize.greater(0), np.isinf(decrease)));
    return {
      ...next,
      count: s.count.add(1),
      point: pick(fallsBack, next.safe, point),
      decreaseError: decrease,
      curvatureError: curvature,
    };
  };

  const infinite = (): Array => np.full([], Infinity, { dtype: start.value.dtype });
  const first: Search = {
    count: zeroCount(),
    point: start,
    decreaseError: infinite(),
    curvatureError: infinite(),
    intervalFound: np.array(false),
    done: np.array(false),
    failed: np.array(false),
    low: bound(start),
    high: bound(start),
    reference: bound(start),
    safe: start,
  };
  const goesOn = (s: Search): Array => not(or(s.done, s.failed));
  return lax.whileLoop(goesOn as never, step as never, first) as Search;
}
