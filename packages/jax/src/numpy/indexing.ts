/** Taking parts of arrays. */
import { checkOptions } from "../base/option-names";
import { dtypeInfo, isFloat } from "../aval/dtype";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { range } from "../base/list";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { remainder } from "./arithmetic";
import {
  type GatherMode,
  allFromEnd,
  fromEnd,
  gatherAlong,
  gatherAxes,
  indexArray,
  takeRows,
  takesMuch,
} from "./gather";
import { type Index, outOfRange, planIndex, viewOf } from "./index-plan";
import { eagerProgram } from "../transforms/eager-program";
import { type ArrayLike, lift, own } from "./lift";
import { byPosition } from "./arguments";
import { isOptions } from "./options";
import { owned } from "./owned";
import { ravel } from "./shape";

/**
 * Part of an array, as NumPy's brackets: see {@link Index}. Index arrays out of range take the nearest element.
 *
 * Errors: ShapeError for numbers out of range or too many parts.
 * @example
 * np.arange(4).slice([1, 3]).js(); // => [1, 2]
 */
export function getIndex(x: Tracer, ...index: readonly Index[]): Tracer {
  const only = index[0];
  if (index.length === 1 && typeof only === "number" && x.ndim > 0) return row(x, only);
  return owned(() => {
    const plan = planIndex(x.shape, index);
    const view = viewOf(x, plan);
    if (plan.arrays.length === 0) return own(view, x);
    const axes = plan.arrays.map((a) => a.axis);
    const indices = plan.arrays.map((a) => a.index);
    return (takesMuch(view, axes, indices) ? pick : picked)(view, axes, plan.at, ...indices);
  });
}

/** Elements at index arrays for some axes. */
function pick(x: Tracer, axes: readonly number[], at: number, ...indices: readonly Tracer[]): Tracer {
  return owned(() => gatherAxes(x, axes, allFromEnd(indices, axes, x.shape), at, "clip"));
}

const picked = /* @__PURE__ */ eagerProgram(pick);

/** `x[i]`, the most common index, in two operations. */
function row(x: Tracer, index: number): Tracer {
  const { shape } = x;
  const n = shape[0]!;
  const i = index < 0 ? index + n : index;
  if (!Number.isInteger(index) || i < 0 || i >= n) {
    throw outOfRange(index, 0, n);
  }
  const rest = shape.slice(1);
  return owned(() => ops.reshape(ops.slice(x, [i, ...rest.map(() => 0)], [i + 1, ...rest]), rest));
}

export interface TakeOptions {
  axis?: number | null | undefined;
  /** Of indices out of range: "fill" (default; NaN), "clip" (nearest element) or "wrap" (modulo the size). */
  mode?: "fill" | "clip" | "wrap" | undefined;
  fillValue?: number | undefined;
}

/** What out-of-range reads give by default: NaN, the smallest signed or the largest unsigned integer, true. */
export function defaultFill(x: Tracer): number {
  const { kind, sizeBytes } = dtypeInfo(x.dtype);
  if (isFloat(x.dtype)) return NaN;
  if (kind === "bool") return 1;
  return kind === "int" ? -(2 ** (8 * sizeBytes - 1)) : 2 ** (8 * sizeBytes) - 1;
}

/**
 * Elements at integer indices along an axis; without one, of the flattened array. Negative indices count from the end.
 *
 * Shapes: the axis is replaced by the axes of `indices`.
 * Errors: DTypeError unless the indices are integers.
 * @example
 * np.take(np.array([5, 6, 7]), np.array([2, 0], { dtype: "int32" })).js(); // => [7, 5]
 */
export function take(
  a: ArrayLike,
  indices: ArrayLike | readonly number[],
  axis?: number | null | TakeOptions,
  options?: TakeOptions,
): Tracer {
  const o: TakeOptions = { ...(isOptions(axis) ? (axis as TakeOptions) : { axis: axis as number | null }), ...options };
  checkOptions("take", o, { axis: true, mode: true, fillValue: true });
  return owned(() => {
    const [x, index] = [lift(a), indexArray("take", indices)];
    const axes = o.axis === null || o.axis === undefined ? range(x.ndim) : [o.axis];
    return (takesMuch(x, axes, [index]) ? takeOf : taken)(x, index, o);
  });
}

function takeOf(a: Tracer, indices: Tracer, o: TakeOptions): Tracer {
  return owned(() => {
    const flat = o.axis === null || o.axis === undefined;
    const x = flat ? ravel(a) : a;
    const at = flat ? 0 : canonicalAxis("take", o.axis as number, x.ndim);
    const n = x.shape[at]!;
    if (n === 0 && indices.size > 0) throw new ShapeError(`take: cannot take from the empty axis ${at} of ${x.aval}`);
    const mode = o.mode ?? "fill";
    const index = mode === "fill" ? fromEnd(indices, n) : mode === "wrap" ? remainder(indices, n) : indices;
    const how: GatherMode = mode === "wrap" ? "promise_in_bounds" : mode;
    return takeRows(x, index, at, how, mode === "fill" ? (o.fillValue ?? defaultFill(x)) : undefined);
  });
}

const taken = /* @__PURE__ */ eagerProgram(takeOf);

/**
 * Elements picked along one axis by an array of indices with the same number of axes; the others broadcast.
 * @example
 * np.takeAlongAxis(np.array([[3, 1]]), np.array([[1, 0]], { dtype: "int32" }), 1).js(); // => [[1, 3]]
 */
export function takeAlongAxis(
  a: ArrayLike,
  indices: ArrayLike,
  axis: number | null | TakeOptions = -1,
  mode?: TakeOptions["mode"] | TakeOptions,
  fillValue?: TakeOptions["fillValue"],
): Tracer {
  const o = byPosition<TakeOptions>(["axis", "mode", "fillValue"], [axis, mode, fillValue]);
  return owned(() => takenAlong(lift(a), indexArray("takeAlongAxis", indices), o));
}

const takenAlong = /* @__PURE__ */ eagerProgram(function takeAlongAxis(
  a: Tracer,
  index: Tracer,
  o: TakeOptions,
): Tracer {
  return owned(() => {
    const flat = o.axis === null;
    const x = flat ? ravel(a) : a;
    if (index.ndim !== x.ndim) {
      throw new ShapeError(`takeAlongAxis: array and indices must have as many axes, got ${x.aval} and ${index.aval}`);
    }
    const at = flat ? 0 : canonicalAxis("takeAlongAxis", o.axis ?? -1, x.ndim);
    const n = x.shape[at]!;
    const mode = o.mode ?? "fill";
    const wrapped = mode === "wrap" ? remainder(index, n) : fromEnd(index, n);
    const how: GatherMode = mode === "wrap" ? "promise_in_bounds" : mode;
    return gatherAlong(x, wrapped, at, how, mode === "fill" ? (o.fillValue ?? defaultFill(x)) : undefined);
  });
});
