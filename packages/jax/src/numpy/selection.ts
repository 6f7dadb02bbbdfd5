/** Choosing between arrays, element by element, and by masks. */
import { checkOptions } from "../base/option-names";
import { type Named, byPosition, named } from "./arguments";
import { isFloat } from "../aval/dtype";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { maximum, minimum, remainder } from "./arithmetic";
import { finfo } from "./dtypes";
import { takeRows } from "./gather";
import { positionsOf } from "./index-plan";
import {
  type ArrayLike,
  broadcastArray,
  constantLike,
  convert,
  integral,
  lift,
  liftAll,
  own,
  promoteDTypes,
  promoteShapes,
  truth,
} from "./lift";
import { eagerProgram } from "../transforms/eager-program";
import { isOptions } from "./options";
import { owned } from "./owned";
import { stack } from "./joining";
import { ravel, reshape } from "./shape";

export interface SizeOptions {
  /** Length of the results; needed for traced arrays. Missing positions get `fillValue`. */
  size?: number | undefined;
  fillValue?: ArrayLike | readonly ArrayLike[] | undefined;
}

/**
 * `x` where the condition is true, else `y`; all three broadcast. With the condition alone: as `nonzero`.
 *
 * Gradient: only into the branch taken.
 * @example
 * np.where(np.array([true, false]), 1, 2).js(); // => [1, 2]
 */
export function where(cond: ArrayLike, x: ArrayLike, y: ArrayLike): Tracer;
export function where(cond: ArrayLike, options?: SizeOptions): Tracer[];
export function where(cond: ArrayLike, x?: ArrayLike | SizeOptions, y?: ArrayLike): Tracer | Tracer[] {
  if (isOptions(x)) return nonzero(cond, x as SizeOptions);
  if (x === undefined || y === undefined) return nonzero(cond);
  const chosen = x as ArrayLike;
  return owned(() => {
    const [a, b] = promoteDTypes([chosen, y]) as [Tracer, Tracer];
    const [c, p, q] = promoteShapes("where", [truth(cond), a, b]) as [Tracer, Tracer, Tracer];
    return own(ops.where(c, p, q), cond, chosen, y);
  });
}

/** For each element the choice of the first true condition, else the default. @example np.select([np.array([true, false])], [np.array([1, 2])], 9).js(); // => [1, 9] */
export function select(
  condlist: readonly ArrayLike[],
  choicelist: readonly ArrayLike[],
  otherwise?: ArrayLike | Named<"default", ArrayLike>,
): Tracer {
  const defaultValue = named("default", otherwise, 0 as ArrayLike);
  if (condlist.length !== choicelist.length || condlist.length === 0) {
    throw new ShapeError(`select: ${condlist.length} conditions for ${choicelist.length} choices`);
  }
  return owned(() => {
    const [last, ...choices] = promoteDTypes([defaultValue, ...choicelist]) as [Tracer, ...Tracer[]];
    let out = last;
    for (let i = choices.length - 1; i >= 0; i--) out = where(condlist[i]!, choices[i]!, out);
    return out;
  });
}

/** Element by element one of several arrays. Indices out of range: "clip" (default here), or "wrap". @example np.choose(np.array([1, 0], { dtype: "int32" }), [5, 6]).js(); // => [6, 5] */
export function choose(
  a: ArrayLike,
  choices: readonly ArrayLike[] | Tracer,
  mode: "clip" | "wrap" | "raise" | { mode?: "clip" | "wrap" } = "clip",
): Tracer {
  const how = named<"mode", string>("mode", mode, "clip");
  return owned(() => {
    const list =
      choices instanceof Tracer ? Array.from({ length: choices.shape[0]! }, (_, i) => takeOne(choices, i)) : choices;
    const n = list.length;
    let index = integral("choose", a);
    index = how === "wrap" ? remainder(index, n) : maximum(minimum(index, n - 1), 0);
    const arrays = promoteShapes("choose", [index, ...promoteDTypes(list)]);
    let out = arrays[1]!;
    for (let i = 1; i < n; i++) out = ops.where(ops.eq(arrays[0]!, constantLike(arrays[0]!, i)), arrays[i + 1]!, out);
    return own(out, ...list);
  });
}

const takeOne = (x: Tracer, i: number): Tracer =>
  ops.reshape(
    ops.slice(
      x,
      x.shape.map((_, k) => (k === 0 ? i : 0)),
      x.shape.map((n, k) => (k === 0 ? i + 1 : n)),
    ),
    x.shape.slice(1),
  );

/** A function for each condition; the last true one counts, and one more function is the default. @example np.piecewise(np.array([-1, 2]), [np.array([true, false])], [0, (x) => x]).js(); // => [0, 2] */
export function piecewise(
  x: ArrayLike,
  condlist: readonly ArrayLike[],
  funclist: readonly (ArrayLike | ((x: Tracer) => ArrayLike))[],
): Tracer {
  const y = lift(x);
  const [n, m] = [condlist.length, funclist.length];
  if (m !== n && m !== n + 1)
    throw new ShapeError(`piecewise: ${m} functions for ${n} conditions; expected ${n} or ${n + 1}`);
  const value = (f: ArrayLike | ((x: Tracer) => ArrayLike)): Tracer =>
    convert(lift(typeof f === "function" ? f(y) : f), y.dtype);
  let out = m === n + 1 ? value(funclist[n]!) : constantLike(y, 0);
  condlist.forEach((c, i) => (out = where(c, value(funclist[i]!), out)));
  return broadcastArray(out, y.shape);
}

export interface ClipOptions {
  min?: ArrayLike | null | undefined;
  max?: ArrayLike | null | undefined;
}

/** Limits elements to a range. Gradient: half of it at the bounds, as in JAX. @example np.clip(np.array([-1, 5]), 0, 2).js(); // => [0, 2] */
export function clip(a: ArrayLike, min?: ArrayLike | null | ClipOptions, max?: ArrayLike | null | ClipOptions): Tracer {
  const o = byPosition<ClipOptions>(["min", "max"], [min, max]);
  return owned(() => {
    const x = lift(a);
    // A number is a weak scalar, of the kind that it is beside the array: bounds change, and the program stays.
    const bound = (b: ArrayLike | null | undefined): Tracer | null =>
      b === undefined || b === null ? null : liftAll([b, x])[0]!;
    return own(clipped(x, bound(o.min), bound(o.max)), a);
  });
}

const clipped = /* @__PURE__ */ eagerProgram(function clip(x: Tracer, min: Tracer | null, max: Tracer | null): Tracer {
  return owned(() => {
    let out = x;
    if (min !== null) out = maximum(min, out);
    if (max !== null) out = minimum(max, out);
    return own(out, x);
  });
});

export interface NanToNumOptions {
  nan?: ArrayLike | undefined;
  posinf?: ArrayLike | null | undefined;
  neginf?: ArrayLike | null | undefined;
}

/** NaN becomes 0, infinities the largest finite numbers, or what the options say. @example np.nanToNum(np.array([NaN, 1])).js(); // => [0, 1] */
export function nanToNum(x: ArrayLike, options: NanToNumOptions = {}): Tracer {
  checkOptions("nanToNum", options, { nan: true, posinf: true, neginf: true });
  const y = lift(x);
  if (!isFloat(y.dtype)) return own(y, x);
  const { max, min } = finfo(y.dtype);
  return owned(() => {
    const value = (v: ArrayLike): Tracer => convert(lift(v), y.dtype);
    return onlyNumbers(y, value(options.nan ?? 0), value(options.posinf ?? max), value(options.neginf ?? min));
  });
}

const onlyNumbers = /* @__PURE__ */ eagerProgram(function nanToNum(y: Tracer, ...values: Tracer[]): Tracer {
  return owned(() => {
    const [nan, most, least] = values.map((v) => broadcastArray(v, y.shape)) as [Tracer, Tracer, Tracer];
    const out = ops.where(ops.eq(y, constantLike(y, Infinity)), most, ops.where(ops.ne(y, y), nan, y));
    return ops.where(ops.eq(y, constantLike(y, -Infinity)), least, out);
  });
});

/**
 * Positions of the elements that are not zero, one int32 array per axis. Without `size` the array is read.
 *
 * Errors: ConcretizationError for traced arrays without `size`.
 * @example
 * np.nonzero(np.array([0, 3, 4]))[0].js(); // => [1, 2]
 */
export function nonzero(a: ArrayLike, options: SizeOptions = {}): Tracer[] {
  checkOptions("nonzero", options, { size: true, fillValue: true });
  const x = lift(a);
  if (x.ndim === 0) throw new ShapeError("nonzero: a scalar has no positions; use np.atleast1d");
  const { size } = options;
  if (size === undefined) return positionsOf(truth(x));
  return owned(() => {
    const mask = ravel(truth(x));
    const n = mask.size;
    const fill = options.fillValue ?? 0;
    const fills = Array.isArray(fill) ? (fill as ArrayLike[]) : x.shape.map(() => fill as ArrayLike);
    if (n === 0) return fills.map((f) => broadcastArray(convert(lift(f), "int32"), [size]));
    // A stable sort of "is zero" brings the true positions first, in order.
    const order = ops.sort([convert(ops.not(mask), "int32"), ops.iota("int32", [n], 0)], 0, 1)[1]!;
    const slots = ops.iota("int32", [size], 0);
    const flat = takeRows(order, minimum(slots, n - 1), 0);
    const count = ops.reduceSum(convert(mask, "int32"), [0]);
    const used = ops.lt(slots, broadcastArray(count, [size]));
    let step = n;
    return x.shape.map((length, axis) => {
      step /= length;
      const position = ops.rem(ops.div(flat, constantLike(flat, step)), constantLike(flat, length));
      return ops.where(used, position, broadcastArray(convert(lift(fills[axis]!), "int32"), [size]));
    });
  });
}

/** Positions of the elements that are not zero in the flattened array. @example np.flatnonzero(np.array([0, 3])).js(); // => [1] */
export function flatnonzero(a: ArrayLike, options: SizeOptions = {}): Tracer {
  return nonzero(ravel(a), options)[0]!;
}

/** Positions of the elements that are not zero, one row each. @example np.argwhere(np.array([0, 3])).js(); // => [[1]] */
export function argwhere(a: ArrayLike, options: SizeOptions = {}): Tracer {
  return owned(() => {
    const x = lift(a);
    if (x.ndim > 0) return stack(nonzero(x, options), 1);
    return ops.full([options.size ?? nonzero(ravel(x))[0]!.size, 0], 0, "int32");
  });
}

/** Elements where the condition is true, flattened. Reads the condition unless `size` is given. @example np.extract(np.array([true, false]), np.array([1, 2])).js(); // => [1] */
export function extract(condition: ArrayLike, arr: ArrayLike, options: SizeOptions = {}): Tracer {
  return compress(reshape(condition, [-1]), reshape(arr, [-1]), options);
}

/** Slices along an axis where a vector of conditions is true. @example np.compress(np.array([false, true]), np.array([1, 2])).js(); // => [2] */
export function compress(
  condition: ArrayLike,
  a: ArrayLike,
  axis?: number | null | (SizeOptions & { axis?: number | null }),
  options: SizeOptions = {},
): Tracer {
  const o = { ...(isOptions(axis) ? axis : { axis }), ...options } as SizeOptions & { axis?: number | null };
  checkOptions("compress", o, { axis: true, size: true, fillValue: true });
  return owned(() => {
    const flat = o.axis === undefined || o.axis === null;
    const x = flat ? ravel(a) : lift(a);
    const at = flat ? 0 : canonicalAxis("compress", o.axis as number, x.ndim);
    const mask = truth(condition);
    const n = Math.min(mask.size, x.shape[at]!);
    const short = ops.slice(mask, [0], [n]);
    const index = flatnonzero(short, { size: o.size, fillValue: n });
    return takeRows(x, index, at, "fill", typeof o.fillValue === "number" ? o.fillValue : 0);
  });
}
