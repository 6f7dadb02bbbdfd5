/** Reductions that leave NaN out. */
import { type DType, isFloat } from "../aval/dtype";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { divide, multiply, subtract } from "./arithmetic";
import { sqrt } from "./elementwise";
import { type ArrayLike, type Axis, constantLike, convert, lift } from "./lift";
import { isnan, logicalAnd } from "./logic";
import { type ReduceOptions, axisAndOptions, isOptions } from "./options";
import { owned } from "./owned";
import { type ArgOptions, type AxisArg, all, argmax, argmin, max, min, prod, sum } from "./reductions";
import { asFloat, widen } from "./reduce";
import { type VarOptions, needFloat } from "./statistics";

function filled(x: Tracer, value: number): Tracer {
  return isFloat(x.dtype) ? ops.where(ops.ne(x, x), constantLike(x, value), x) : x;
}

/** Sum without NaN. @example np.nansum(np.array([1, NaN])).js(); // => 1 */
export function nansum(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions | DType): Tracer {
  return owned(() => sum(filled(lift(a), 0), axis, options));
}

/** Product without NaN. @example np.nanprod(np.array([2, NaN])).js(); // => 2 */
export function nanprod(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions | DType): Tracer {
  return owned(() => prod(filled(lift(a), 1), axis, options));
}

function nanExtreme(
  a: ArrayLike,
  axis: AxisArg | undefined,
  options: ReduceOptions | undefined,
  reduce: typeof max,
  neutral: number,
): Tracer {
  return owned(() => {
    const x = lift(a);
    const out = reduce(filled(x, neutral), axis, options);
    if (!isFloat(x.dtype)) return out;
    const { axis: along, keepdims } = axisAndOptions<ReduceOptions>(axis, options);
    return ops.where(all(isnan(x), along, { keepdims }), constantLike(out, NaN), out);
  });
}

/** Largest element without NaN; NaN if there is nothing else. @example np.nanmax(np.array([1, NaN])).js(); // => 1 */
export function nanmax(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions): Tracer {
  return nanExtreme(a, axis, options, max, -Infinity);
}

/** Smallest element without NaN; NaN if there is nothing else. @example np.nanmin(np.array([1, NaN])).js(); // => 1 */
export function nanmin(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions): Tracer {
  return nanExtreme(a, axis, options, min, Infinity);
}

/** As a float: of the dtype that is asked for, if that is one. */
const floatIn = (x: Tracer, dtype: DType | undefined): Tracer =>
  dtype !== undefined && isFloat(dtype) ? convert(x, dtype) : asFloat(x);

/** Mean without NaN. @example np.nanmean(np.array([1, NaN, 3])).js(); // => 2 */
export function nanmean(a: ArrayLike, axis?: AxisArg, options?: ReduceOptions | DType): Tracer {
  return owned(() => {
    const { initial: _, dtype, ...o } = axisAndOptions<ReduceOptions>(axis, options);
    const x = floatIn(lift(a), dtype);
    const count = sum(convert(ops.not(isnan(x)), x.dtype), o);
    const clean = filled(x, 0);
    const out = divide(sum(dtype === undefined ? clean : convert(clean, dtype), o), count);
    return dtype === undefined ? out : convert(out, dtype);
  });
}

/** Variance without NaN. @example np.nanvar(np.array([1, NaN, 3])).js(); // => 1 */
export function nanvar(x: ArrayLike, axis?: Axis | VarOptions, options?: VarOptions | DType): Tracer {
  const o = axisAndOptions<VarOptions>(axis, options);
  return owned(() => {
    const given = floatIn(lift(x), o.dtype);
    const y = widen(given);
    const valid = ops.not(isnan(y));
    const where = o.where === undefined ? valid : logicalAnd(valid, o.where);
    const weight = convert(where, y.dtype);
    const reduce = (v: Tracer, keepdims: boolean | undefined): Tracer => sum(v, o.axis, { keepdims });
    const clean = filled(y, 0);
    const center = o.mean ?? divide(reduce(multiply(clean, weight), true), reduce(weight, true));
    const centered = ops.where(where, subtract(clean, center), constantLike(y, 0));
    const divisor = subtract(reduce(weight, o.keepdims), o.correction ?? o.ddof ?? 0);
    const out = divide(reduce(ops.square(centered), o.keepdims), divisor);
    const none = ops.le(divisor, constantLike(divisor, 0));
    return convert(ops.where(none, constantLike(out, NaN), out), o.dtype ?? given.dtype);
  });
}

/** Standard deviation without NaN. @example np.nanstd(np.array([1, NaN, 3])).js(); // => 1 */
export function nanstd(x: ArrayLike, axis?: Axis | VarOptions, options?: VarOptions | DType): Tracer {
  needFloat("nanstd", axisAndOptions<VarOptions>(axis, options).dtype);
  return owned(() => sqrt(nanvar(x, axis, options)));
}

function nanArg(
  a: ArrayLike,
  axis: number | null | ArgOptions | undefined,
  options: ArgOptions | undefined,
  find: typeof argmax,
  neutral: number,
): Tracer {
  return owned(() => {
    const x = lift(a);
    const out = find(filled(x, neutral), axis, options);
    if (!isFloat(x.dtype)) return out;
    const o = { ...(isOptions(axis) ? (axis as ArgOptions) : { axis }), ...options } as ArgOptions;
    const none = all(isnan(x), o.axis ?? null, { keepdims: o.keepdims });
    return ops.where(none, constantLike(out, -1), out);
  });
}

/** Position of the largest element that is not NaN; -1 if there is none. @example np.nanargmax(np.array([1, NaN, 3])).js(); // => 2 */
export function nanargmax(a: ArrayLike, axis?: number | null | ArgOptions, options?: ArgOptions): Tracer {
  return nanArg(a, axis, options, argmax, -Infinity);
}

/** Position of the smallest element that is not NaN; -1 if there is none. @example np.nanargmin(np.array([NaN, 1, 3])).js(); // => 1 */
export function nanargmin(a: ArrayLike, axis?: number | null | ArgOptions, options?: ArgOptions): Tracer {
  return nanArg(a, axis, options, argmin, Infinity);
}
