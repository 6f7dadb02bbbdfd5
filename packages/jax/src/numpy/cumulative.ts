/** Running sums and products, differences, and the trapezoid rule. */
import { checkOptions } from "../base/option-names";
import { byPosition } from "./arguments";
import { isBool } from "../aval/dtype";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import type { DType } from "../aval/dtype";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { divide, multiply, subtract } from "./arithmetic";
import { concatenate } from "./joining";
import { notEqual } from "./logic";
import { liftAll } from "./lift";
import { type ArrayLike, broadcastArray, constantLike, convert, inexact, lift, own, truth } from "./lift";
import { axisAndOptions } from "./options";
import { owned } from "./owned";
import { sum } from "./reductions";
import { sumDType } from "./reduce";
import { ravel, reshape } from "./shape";

export interface CumulativeOptions {
  axis?: number | null | undefined;
  dtype?: DType | undefined;
  /** Puts the empty sum or product first. */
  includeInitial?: boolean | undefined;
}

type AxisArg = number | null | CumulativeOptions;
type Running = (x: Tracer, axis: number, reverse?: boolean) => Tracer;

function running(
  op: string,
  a: ArrayLike,
  axis: AxisArg | undefined,
  options: CumulativeOptions | DType | undefined,
  f: Running,
  skipNaN: number | null,
): Tracer {
  const o = axisAndOptions<CumulativeOptions>(axis, options);
  return owned(() => {
    const flat = o.axis === null;
    let x = flat ? ravel(a) : lift(a);
    const at = flat ? 0 : canonicalAxis(op, o.axis as number, x.ndim);
    if (skipNaN !== null) x = ops.where(notEqual(x, x), constantLike(x, skipNaN), x);
    if (o.dtype !== undefined && isBool(o.dtype)) return convert(f(convert(truth(x), "int32"), at), "bool");
    return f(convert(x, o.dtype ?? (isBool(x.dtype) ? "int32" : x.dtype)), at);
  });
}

/** Sums of the first elements along an axis; without one of the flattened array. Dtypes: bools give int32. @example np.cumsum(np.array([1, 2, 3])).js(); // => [1, 3, 6] */
export function cumsum(a: ArrayLike, axis?: AxisArg, options?: CumulativeOptions | DType): Tracer {
  return running("cumsum", a, axis, options, ops.cumsum, null);
}

/** Products of the first elements; as cumsum. @example np.cumprod(np.array([1, 2, 3])).js(); // => [1, 2, 6] */
export function cumprod(a: ArrayLike, axis?: AxisArg, options?: CumulativeOptions | DType): Tracer {
  return running("cumprod", a, axis, options, ops.cumprod, null);
}

/** `cumsum` with NaN as 0. @example np.nancumsum(np.array([1, NaN, 3])).js(); // => [1, 1, 4] */
export function nancumsum(a: ArrayLike, axis?: AxisArg, options?: CumulativeOptions | DType): Tracer {
  return running("nancumsum", a, axis, options, ops.cumsum, 0);
}

/** `cumprod` with NaN as 1. @example np.nancumprod(np.array([2, NaN, 3])).js(); // => [2, 2, 6] */
export function nancumprod(a: ArrayLike, axis?: AxisArg, options?: CumulativeOptions | DType): Tracer {
  return running("nancumprod", a, axis, options, ops.cumprod, 1);
}

/** `cumsum` of the array API: the axis may be left out for vectors only. @example np.cumulativeSum(np.array([1, 2]), { includeInitial: true }).js(); // => [0, 1, 3] */
export function cumulativeSum(x: ArrayLike, options: CumulativeOptions = {}): Tracer {
  const y = lift(x);
  return cumulative("cumulativeSum", y, { ...options, dtype: options.dtype ?? sumDType(y.dtype) }, ops.cumsum, 0);
}

/** `cumprod` of the array API. @example np.cumulativeProd(np.array([2, 3])).js(); // => [2, 6] */
export function cumulativeProd(x: ArrayLike, options: CumulativeOptions = {}): Tracer {
  return cumulative("cumulativeProd", x, options, ops.cumprod, 1);
}

function cumulative(op: string, x: ArrayLike, options: CumulativeOptions, f: Running, initial: number): Tracer {
  checkOptions(op, options, { axis: true, dtype: true, includeInitial: true });
  const y = lift(x);
  if (y.ndim === 0 || ((options.axis === undefined || options.axis === null) && y.ndim !== 1)) {
    throw new ShapeError(`${op}: the axis must be given for ${y.aval}`);
  }
  const axis = options.axis ?? 0;
  return owned(() => {
    const out = running(op, y, axis, { dtype: options.dtype }, f, null);
    if (options.includeInitial !== true) return out;
    const at = canonicalAxis(op, axis, y.ndim);
    const first = ops.full(
      out.shape.map((n, i) => (i === at ? 1 : n)),
      initial,
      out.dtype,
    );
    return ops.concatenate([first, out], at);
  });
}

export interface DiffOptions {
  n?: number | undefined;
  axis?: number | undefined;
  prepend?: ArrayLike | undefined;
  append?: ArrayLike | undefined;
}

const partOf = (x: Tracer, axis: number, from: number, to: number): Tracer =>
  ops.slice(
    x,
    x.shape.map((_, i) => (i === axis ? from : 0)),
    x.shape.map((s, i) => (i === axis ? to : s)),
  );

/** Differences of neighbours, `n` times; of bools whether they differ. @example np.diff(np.array([1, 4, 9])).js(); // => [3, 5] */
export function diff(
  a: ArrayLike,
  n?: number | DiffOptions,
  axis?: number | DiffOptions,
  prepend?: ArrayLike | DiffOptions,
  append?: ArrayLike | DiffOptions,
): Tracer {
  const o = byPosition<DiffOptions>(["n", "axis", "prepend", "append"], [n, axis, prepend, append]);
  return owned(() => {
    let x = lift(a);
    if (o.n === 0) return own(x, a);
    if (x.ndim === 0) throw new ShapeError("diff: a scalar has no neighbours");
    const at = canonicalAxis("diff", o.axis ?? -1, x.ndim);
    const end = (v: ArrayLike): Tracer => {
      const y = liftAll([v, x])[0]!;
      return y.ndim > 0
        ? y
        : broadcastArray(
            y,
            x.shape.map((s, i) => (i === at ? 1 : s)),
          );
    };
    const parts = [
      ...(o.prepend === undefined ? [] : [end(o.prepend)]),
      x,
      ...(o.append === undefined ? [] : [end(o.append)]),
    ];
    if (parts.length > 1) x = concatenate(parts, at);
    for (let step = 0; step < (o.n ?? 1); step++) {
      const m = x.shape[at]!;
      const [hi, lo] = [partOf(x, at, Math.min(1, m), m), partOf(x, at, 0, Math.max(0, m - 1))];
      x = isBool(x.dtype) ? ops.ne(hi, lo) : ops.sub(hi, lo);
    }
    return x;
  });
}

interface EndOptions {
  toEnd?: ArrayLike;
  toBegin?: ArrayLike;
}

/** Differences of neighbours of the flattened array, with ends to put around. @example np.ediff1d(np.array([1, 4, 9])).js(); // => [3, 5] */
export function ediff1d(ary: ArrayLike, toEnd?: ArrayLike | EndOptions, toBegin?: ArrayLike | EndOptions): Tracer {
  const o = byPosition<EndOptions>(["toEnd", "toBegin"], [toEnd, toBegin]);
  return owned(() => {
    const x = ravel(ary);
    const steps = diff(x);
    const end = (v: ArrayLike): Tracer => convert(ravel(v), x.dtype);
    return concatenate([
      ...(o.toBegin === undefined ? [] : [end(o.toBegin)]),
      steps,
      ...(o.toEnd === undefined ? [] : [end(o.toEnd)]),
    ]);
  });
}

export interface TrapezoidOptions {
  x?: ArrayLike | null | undefined;
  dx?: ArrayLike | undefined;
  axis?: number | undefined;
}

/** Integral by the trapezoid rule. Dtypes: floats. @example np.trapezoid(np.array([1, 2, 3])).js(); // => 4 */
export function trapezoid(
  y: ArrayLike,
  x?: ArrayLike | null | TrapezoidOptions,
  dx?: ArrayLike | TrapezoidOptions,
  axis?: number | TrapezoidOptions,
): Tracer {
  const early = byPosition<TrapezoidOptions>(["x", "dx", "axis"], [x, dx, axis]);
  return owned(() => {
    const f = inexact(y);
    const at = canonicalAxis("trapezoid", early.axis ?? -1, f.ndim);
    const n = f.shape[at]!;
    const pairs = ops.add(partOf(f, at, 1, n), partOf(f, at, 0, n - 1));
    let steps: ArrayLike = early.dx ?? 1;
    if (early.x !== undefined && early.x !== null) {
      const points = lift(early.x);
      const d = diff(points, 1, points.ndim === 1 ? -1 : at);
      steps =
        points.ndim === 1
          ? reshape(
              d,
              pairs.shape.map((s, i) => (i === at ? s : 1)),
            )
          : d;
    }
    return divide(sum(multiply(steps, pairs), at), 2);
  });
}

interface UnwrapOptions {
  /** Only larger jumps are taken out; half the period by default. */
  discont?: number | null;
  axis?: number;
  period?: number;
}

/** Takes jumps by multiples of the period out of a sequence of angles. @example np.unwrap(np.array([0, 7])).js(); // => [0, 0.716815] */
export function unwrap(
  p: ArrayLike,
  discont?: number | null | UnwrapOptions,
  axis?: number | UnwrapOptions,
  period?: number | UnwrapOptions,
): Tracer {
  const o = byPosition<UnwrapOptions>(["discont", "axis", "period"], [discont, axis, period]);
  const { discont: limit = null, axis: along = -1, period: turn = 2 * Math.PI } = o;
  return owned(() => {
    const x = inexact(p);
    const at = canonicalAxis("unwrap", along, x.ndim);
    const n = x.shape[at]!;
    if (n < 2) return ops.copy(x);
    const d = diff(x, 1, at);
    const half = turn / 2;
    // The difference brought into [-half, half): what is left over are whole turns.
    const shifted = ops.add(d, constantLike(d, half));
    const turns = ops.floor(ops.div(shifted, constantLike(d, turn)));
    let near = ops.sub(shifted, ops.mul(turns, constantLike(d, turn)));
    near = ops.sub(near, constantLike(near, half));
    const flip = ops.and(ops.eq(near, constantLike(near, -half)), ops.gt(d, constantLike(d, 0)));
    near = ops.where(flip, constantLike(near, half), near);
    const small = ops.lt(ops.abs(d), constantLike(d, limit ?? half));
    const fix = ops.where(small, constantLike(d, 0), subtract(near, d));
    const total = ops.cumsum(fix, at);
    return ops.concatenate([partOf(x, at, 0, 1), ops.add(partOf(x, at, 1, n), total)], at);
  });
}
