/** Reductions over axes. `axis` is a number, a list or null for all; `keepdims` leaves reduced axes with size 1. */
import { checkOptions } from "../base/option-names";
import { type DType, isBool, isFloat } from "../aval/dtype";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { add, maximum, minimum, multiply, subtract } from "./arithmetic";
import { eagerProgram } from "../transforms/eager-program";
import { owned } from "./owned";
import { type ArrayLike, type Axis, broadcastArray, convert, lift, own, truth } from "./lift";
import { type ReduceOptions, axisAndOptions, isOptions } from "./options";
import { asFloat, countOf, divisorOf, extremeOf, keepAxes, masked, reduceAxes, sumDType, widen } from "./reduce";

/** An axis, or the options in its place. */
export type AxisArg = Axis | ReduceOptions;

/**
 * Sum. Dtypes: bools and narrow integers give int32 or uint32; 16-bit floats add up in float32.
 * @example
 * np.sum(np.array([[1, 2], [3, 4]]), 0).js(); // => [4, 6]
 */
export function sum(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions | DType): Tracer {
  return accumulate("sum", a, axis, options, ops.reduceSum, 0, add);
}

/** Product. Dtypes: as sum. @example np.prod(np.array([2, 3])).js(); // => 6 */
export function prod(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions | DType): Tracer {
  return accumulate("prod", a, axis, options, ops.reduceProd, 1, multiply);
}

function accumulate(
  op: string,
  a: ArrayLike,
  axis: AxisArg | undefined,
  options: ReduceOptions | DType | undefined,
  reduce: (x: Tracer, axes: readonly number[]) => Tracer,
  neutral: number,
  join: (x: ArrayLike, y: ArrayLike) => Tracer,
): Tracer {
  const o = axisAndOptions<ReduceOptions>(axis, options);
  const given = lift(a);
  const axes = reduceAxes(op, o.axis, given);
  const dtype = o.dtype ?? (o.promoteIntegers === false && !isBool(given.dtype) ? given.dtype : sumDType(given.dtype));
  const isWeak = o.dtype === undefined && given.weakType;
  const combine = isBool(dtype) ? (neutral === 0 ? ops.reduceOr : ops.reduceAnd) : reduce;
  // The common case, made fast.
  if (given.dtype === dtype && given.weakType === isWeak && isOneOperation(axes, o)) return combine(given, axes);
  return owned(() => {
    const x = masked(convert(given, dtype, isWeak), o.where, neutral);
    let out = axes.length === 0 ? x : combine(x, axes);
    if (o.initial !== undefined) out = join(out, convert(lift(o.initial), out.dtype, true));
    return own(o.keepdims === true ? keepAxes(out, x.shape, axes) : out, a);
  });
}

/** A reduction along axes and nothing else. */
const isOneOperation = (axes: readonly number[], o: ReduceOptions): boolean =>
  axes.length > 0 && o.where === undefined && o.initial === undefined && o.keepdims !== true;

/**
 * Mean. Dtypes: integers and bools give float32; floats of 16 bits are added up and counted in float32.
 * @example np.mean(np.array([1, 2])).js(); // => 1.5
 */
export function mean(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions | DType): Tracer {
  const { axis: along, dtype, keepdims, where } = axisAndOptions<ReduceOptions>(axis, options);
  const given = lift(a);
  const axes = reduceAxes("mean", along, given);
  const result = dtype ?? (isFloat(given.dtype) ? given.dtype : "float32");
  return meanOf(given, axes, divisorOf(countOf(given.shape, axes), result), { dtype, keepdims, where });
}

/** Means of n elements each, or of those that a mask leaves. */
export const meanOf = /* @__PURE__ */ eagerProgram(function mean(
  given: Tracer,
  axes: readonly number[],
  n: Tracer,
  { dtype, keepdims, where }: ReduceOptions,
): Tracer {
  return owned(() => {
    const y = dtype === undefined ? asFloat(given) : convert(given, dtype);
    const x = widen(y);
    const total = sum(x, axes, { keepdims, where, dtype: dtype === undefined ? undefined : x.dtype });
    const count =
      where === undefined
        ? broadcastArray(convert(n, total.dtype), total.shape)
        : sum(masked(ops.full(x.shape, 1, x.dtype), where, 0), axes, { keepdims, dtype: x.dtype });
    return convert(ops.div(total, count), y.dtype, y.weakType);
  });
});

/** Largest element; NaN if there is one. Errors: ShapeError for no elements without `initial`. @example np.max(np.array([1, 3, 2])).js(); // => 3 */
export function max(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions): Tracer {
  return extreme("max", a, axis, options, -1, ops.reduceMax, maximum);
}

/** Smallest element; NaN if there is one. Errors: as max. @example np.min(np.array([3, 1, 2])).js(); // => 1 */
export function min(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions): Tracer {
  return extreme("min", a, axis, options, 1, ops.reduceMin, minimum);
}

/** As `max`. @example np.amax(np.array([1, 3])).js(); // => 3 */
export function amax(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions): Tracer {
  return max(a, axis, options);
}

/** As `min`. @example np.amin(np.array([1, 3])).js(); // => 1 */
export function amin(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions): Tracer {
  return min(a, axis, options);
}

function extreme(
  op: string,
  a: ArrayLike,
  axis: AxisArg | undefined,
  options: ReduceOptions | undefined,
  neutralSign: 1 | -1,
  reduce: (x: Tracer, axes: readonly number[]) => Tracer,
  join: (x: ArrayLike, y: ArrayLike) => Tracer,
): Tracer {
  const o = axisAndOptions<ReduceOptions>(axis, options);
  const given = lift(a);
  const axes = reduceAxes(op, o.axis, given);
  if (o.initial === undefined && countOf(given.shape, axes) === 0) {
    throw new ShapeError(`${op}: no elements along axes [${axes.join(", ")}] of ${given.aval} and no initial value`);
  }
  const combine = isBool(given.dtype) ? (neutralSign < 0 ? ops.reduceOr : ops.reduceAnd) : reduce;
  if (isOneOperation(axes, o)) return combine(given, axes);
  return owned(() => {
    const x = masked(given, o.where, extremeOf(given.dtype, neutralSign));
    let out = axes.length === 0 ? x : combine(x, axes);
    if (o.initial !== undefined) out = join(out, convert(lift(o.initial), out.dtype, true));
    return own(o.keepdims === true ? keepAxes(out, x.shape, axes) : out, a);
  });
}

/** Largest minus smallest. @example np.ptp(np.array([1, 4, 2])).js(); // => 3 */
export function ptp(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions): Tracer {
  return owned(() => subtract(max(a, axis, options), min(a, axis, options)));
}

/** True where all elements are not zero. @example np.all(np.array([1, 0])).js(); // => false */
export function all(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions): Tracer {
  return logical("all", a, axis, options, ops.reduceAnd, 1);
}

/** True where some element is not zero. @example np.any(np.array([1, 0])).js(); // => true */
export function any(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions): Tracer {
  return logical("any", a, axis, options, ops.reduceOr, 0);
}

function logical(
  op: string,
  a: ArrayLike,
  axis: AxisArg | undefined,
  options: ReduceOptions | DType | undefined,
  reduce: (x: Tracer, axes: readonly number[]) => Tracer,
  neutral: number,
): Tracer {
  const o = axisAndOptions<ReduceOptions>(axis, options);
  const given = lift(a);
  const axes = reduceAxes(op, o.axis, given);
  return owned(() => {
    const x = masked(truth(given), o.where, neutral);
    const out = axes.length === 0 ? x : reduce(x, axes);
    return own(o.keepdims === true ? keepAxes(out, x.shape, axes) : out, a);
  });
}

/** Number of elements that are not zero. Dtypes: int32. @example np.countNonzero(np.array([1, 0, 2])).js(); // => 2 */
export function countNonzero(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions): Tracer {
  return owned(() => nonzeroCount(lift(a), axis, options));
}

const nonzeroCount = /* @__PURE__ */ eagerProgram(function countNonzero(
  x: Tracer,
  axis: AxisArg | undefined,
  options: ReduceOptions | undefined,
): Tracer {
  return owned(() => sum(truth(x), axis, options));
});

export interface ArgOptions {
  keepdims?: boolean | undefined;
  axis?: number | null | undefined;
}

/** Position of the first largest element; of the first NaN if there is one. Without an axis, in the flattened array. Dtypes: int32. @example np.argmax(np.array([1, 3, 2])).js(); // => 1 */
export function argmax(a: ArrayLike, axis?: number | null | ArgOptions, options?: ArgOptions): Tracer {
  return argExtreme("argmax", a, axis, options, ops.argmax);
}

/** Position of the first smallest element; as argmax. Dtypes: int32. @example np.argmin(np.array([3, 1, 2])).js(); // => 1 */
export function argmin(a: ArrayLike, axis?: number | null | ArgOptions, options?: ArgOptions): Tracer {
  return argExtreme("argmin", a, axis, options, ops.argmin);
}

function argExtreme(
  op: string,
  a: ArrayLike,
  axis: number | null | ArgOptions | undefined,
  options: ArgOptions | undefined,
  find: (x: Tracer, axis: number) => Tracer,
): Tracer {
  const early = (isOptions(axis) ? axis : { axis }) as ArgOptions;
  const o: ArgOptions = { ...early, ...options };
  checkOptions(op, o, { axis: true, keepdims: true });
  return owned(() => {
    const x = lift(a);
    const flat = o.axis === null || o.axis === undefined;
    const y = flat ? ops.reshape(x, [x.size]) : x;
    const at = flat ? 0 : canonicalAxis(op, o.axis as number, x.ndim);
    if (y.shape[at] === 0) throw new ShapeError(`${op}: no elements along the axis of ${x.aval}`);
    const out = find(isBool(y.dtype) ? convert(y, "int32") : y, at);
    if (o.keepdims !== true) return out;
    return ops.reshape(out, flat ? x.shape.map(() => 1) : x.shape.map((n, i) => (i === at ? 1 : n)));
  });
}
