/** Shapes, parts and order, in lax's call forms. */
import { needNumber } from "../base/needed";
import type { DType } from "../aval/dtype";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { prod, needList } from "../base/list";
import { Tracer } from "../core/tracer";
import { type ArrayLike, broadcastArray, constantLike, convert, integral, lift, own } from "../numpy/lift";
import { type Named, byPosition, named } from "../numpy/arguments";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

/** Puts axis i of x at axis `broadcastDimensions[i]` of a shape; the others repeat. @example lax.broadcastInDim(np.array([1, 2]), [2, 2], [0]).js(); // => [[1, 1], [2, 2]] */
export function broadcastInDim(
  operand: ArrayLike,
  shape: readonly number[],
  broadcastDimensions: readonly number[],
): Tracer {
  return own(ops.broadcastInDim(lift(operand), shape, broadcastDimensions), operand);
}
/** New axes in front. @example lax.broadcast(1, [2]).js(); // => [1, 1] */
export function broadcast(operand: ArrayLike, sizes: readonly number[]): Tracer {
  const x = lift(operand);
  return own(broadcastArray(x, [...needList("broadcast", sizes), ...x.shape]), operand);
}
/** Another shape of the same size. @example lax.reshape(np.ones([4]), [2, 2]).shape; // => [2, 2] */
export function reshape(
  operand: ArrayLike,
  newSizes: readonly number[],
  dimensions?: readonly number[] | null | Named<"dimensions", readonly number[] | null>,
): Tracer {
  const order = named<"dimensions", readonly number[] | null>("dimensions", dimensions, null);
  return owned(() => {
    const x = lift(operand);
    const y = order === null ? x : ops.transpose(x, order);
    return own(ops.reshape(y, newSizes), operand);
  });
}
/** Axes from `startDimension` up to `stopDimension` as one. @example lax.collapse(np.ones([2, 3]), 0).shape; // => [6] */
export function collapse(
  operand: ArrayLike,
  startDimension: number,
  stopDimension?: number | Named<"stopDimension", number>,
): Tracer {
  const x = lift(operand);
  const stop = named("stopDimension", stopDimension, x.ndim);
  const merged = prod(x.shape.slice(startDimension, stop));
  return own(ops.reshape(x, [...x.shape.slice(0, startDimension), merged, ...x.shape.slice(stop)]), operand);
}
/** Axes in another order. @example lax.transpose(np.ones([2, 3]), [1, 0]).shape; // => [3, 2] */
export function transpose(operand: ArrayLike, permutation: readonly number[]): Tracer {
  return own(ops.transpose(lift(operand), permutation), operand);
}
/** New axes of size 1. @example lax.expandDims(np.ones([2]), [0]).shape; // => [1, 2] */
export function expandDims(array: ArrayLike, dimensions: readonly number[]): Tracer {
  return own(ops.expandDims(lift(array), needList("expandDims", dimensions)), array);
}
/** Without axes of size 1. @example lax.squeeze(np.ones([1, 2]), [0]).shape; // => [2] */
export function squeeze(array: ArrayLike, dimensions: readonly number[]): Tracer {
  return own(ops.squeeze(lift(array), needList("squeeze", dimensions)), array);
}
/** Reversed along axes. @example lax.rev(np.array([1, 2]), [0]).js(); // => [2, 1] */
export function rev(operand: ArrayLike, dimensions: readonly number[]): Tracer {
  return own(ops.rev(lift(operand), needList("rev", dimensions)), operand);
}
/** Arrays one after another. @example lax.concatenate([np.ones([1]), np.zeros([1])], 0).js(); // => [1, 0] */
export function concatenate(operands: readonly Tracer[], dimension: number | Named<"dimension", number>): Tracer {
  if (operands.length === 0) throw new ShapeError("concatenate: expected at least one array");
  const axis = named("dimension", dimension, 0);
  return owned(() => own(ops.concatenate(operands, axis), ...operands));
}

type PadConfig = readonly (readonly number[])[];

/** Pads with a scalar: for each axis [low, high, interior]; negative numbers crop. @example lax.pad(np.array([1, 2]), 0, [[1, 0, 1]]).js(); // => [0, 1, 0, 2] */
export function pad(
  operand: ArrayLike,
  paddingValue: ArrayLike,
  config: PadConfig | readonly number[],
  high?: readonly number[],
  interior?: readonly number[],
): Tracer {
  return owned(() => {
    const x = lift(operand);
    const fill = convert(lift(paddingValue), x.dtype);
    const rows =
      high === undefined
        ? needList("pad", config as PadConfig)
        : needList("pad", config as readonly number[]).map((lo, i) => [lo, high[i]!, interior?.[i] ?? 0]);
    if (rows.length !== x.ndim)
      throw new ShapeError(`pad: ${rows.length} paddings for the ${x.ndim} axes of ${x.aval}`);
    return own(
      ops.pad(
        x,
        fill,
        rows.map((r) => r[0]!),
        rows.map((r) => r[1]!),
        rows.map((r) => r[2] ?? 0),
      ),
      operand,
    );
  });
}

/** Elements from starts up to limits at strides. @example lax.slice(np.arange(4), [1], [4], [2]).js(); // => [1, 3] */
export function slice(
  operand: ArrayLike,
  startIndices: readonly number[],
  limitIndices: readonly number[],
  strides?: readonly number[] | null | Named<"strides", readonly number[] | null>,
): Tracer {
  const steps = named("strides", strides, null as readonly number[] | null);
  return own(ops.slice(lift(operand), startIndices, limitIndices, steps ?? undefined), operand);
}
interface SliceInDimOptions {
  startIndex?: number | null;
  limitIndex?: number | null;
  stride?: number;
  axis?: number;
}
/** `slice` along one axis. @example lax.sliceInDim(np.arange(4), 1, 3).js(); // => [1, 2] */
export function sliceInDim(
  operand: ArrayLike,
  ...rest: readonly (number | null | undefined | SliceInDimOptions)[]
): Tracer {
  const names = ["startIndex", "limitIndex", "stride", "axis"] as const;
  const { startIndex, limitIndex, stride = 1, axis = 0 } = byPosition<SliceInDimOptions>(names, rest);
  const x = lift(operand);
  const at = canonicalAxis("sliceInDim", axis, x.ndim);
  const n = x.shape[at]!;
  const place = (v: number | null | undefined, other: number): number =>
    v === null || v === undefined ? other : v < 0 ? v + n : v;
  const [from, to] = [place(startIndex, 0), place(limitIndex, n)];
  return slice(
    operand,
    x.shape.map((_, i) => (i === at ? from : 0)),
    x.shape.map((s, i) => (i === at ? to : s)),
    x.shape.map((_, i) => (i === at ? stride : 1)),
  );
}
interface KeepdimsOptions {
  axis?: number;
  keepdims?: boolean;
}
type AxisAndKeepdims = [axis?: number | KeepdimsOptions, keepdims?: boolean | KeepdimsOptions];

/** One slice along an axis, which stays with size 1 unless `keepdims` is false. @example lax.indexInDim(np.arange(4), 2, 0, false).js(); // => 2 */
export function indexInDim(operand: ArrayLike, index: number, ...rest: AxisAndKeepdims): Tracer {
  const { axis = 0, keepdims = true } = byPosition<KeepdimsOptions>(["axis", "keepdims"], rest);
  return owned(() => {
    const x = lift(operand);
    const at = canonicalAxis("indexInDim", axis, x.ndim);
    const i = canonicalAxis("indexInDim", index, x.shape[at]!);
    const out = sliceInDim(x, i, i + 1, 1, at);
    return keepdims
      ? out
      : ops.reshape(
          out,
          x.shape.filter((_, k) => k !== at),
        );
  });
}

type Start = ArrayLike;
const startsOf = (op: string, starts: readonly Start[] | Tracer, n: number): Tracer[] => {
  const list =
    starts instanceof Tracer
      ? Array.from({ length: n }, (_, i) => ops.reshape(ops.slice(starts, [i], [i + 1]), []))
      : needList(op, starts);
  if (list.length !== n) throw new ShapeError(`${op}: ${list.length} start indices for ${n} axes`);
  return list.map((s) => convert(integral(op, s), "int32"));
};

/** A block of fixed size at a traced position; positions are clamped so that it fits. @example lax.dynamicSlice(np.arange(4), [3], [2]).js(); // => [2, 3] */
export function dynamicSlice(
  operand: ArrayLike,
  startIndices: readonly Start[] | Tracer,
  sliceSizes: readonly number[],
): Tracer {
  return owned(() => {
    const x = lift(operand);
    return ops.dynamicSlice(x, wrapped(x, startsOf("dynamicSlice", startIndices, x.ndim)), sliceSizes);
  });
}
/** A copy with a block written at a traced position, clamped so that it fits. @example lax.dynamicUpdateSlice(np.zeros([3]), np.ones([1]), [1]).js(); // => [0, 1, 0] */
export function dynamicUpdateSlice(
  operand: ArrayLike,
  update: ArrayLike,
  startIndices: readonly Start[] | Tracer | number,
  axis = 0,
): Tracer {
  return owned(() => {
    const x = lift(operand);
    const block = convert(lift(update), x.dtype);
    const starts =
      typeof startIndices === "number" ? x.shape.map((_, i) => (i === axis ? startIndices : 0)) : startIndices;
    return ops.dynamicUpdateSlice(x, block, wrapped(x, startsOf("dynamicUpdateSlice", starts, x.ndim)));
  });
}
/** Negative starts count from the end, as in JAX. */
function wrapped(x: Tracer, starts: Tracer[]): Tracer[] {
  return starts.map((s, i) => ops.where(ops.lt(s, constantLike(s, 0)), ops.add(s, constantLike(s, x.shape[i]!)), s));
}
const along = (x: Tracer, axis: number, start: Start): Start[] => x.shape.map((_, i) => (i === axis ? start : 0));

/** `dynamicSlice` along one axis. @example lax.dynamicSliceInDim(np.arange(4), 1, 2).js(); // => [1, 2] */
export function dynamicSliceInDim(
  operand: ArrayLike,
  startIndex: Start,
  sliceSize: number,
  axis?: number | Named<"axis", number>,
): Tracer {
  const x = lift(operand);
  const at = canonicalAxis("dynamicSliceInDim", named("axis", axis, 0), x.ndim);
  return dynamicSlice(
    x,
    along(x, at, startIndex),
    x.shape.map((n, i) => (i === at ? needNumber("dynamicSliceInDim", "sliceSize", sliceSize) : n)),
  );
}
/** One slice at a traced index; the axis stays with size 1 unless `keepdims` is false. @example lax.dynamicIndexInDim(np.arange(4), 2, 0, false).js(); // => 2 */
export function dynamicIndexInDim(operand: ArrayLike, index: Start, ...rest: AxisAndKeepdims): Tracer {
  const { axis = 0, keepdims = true } = byPosition<KeepdimsOptions>(["axis", "keepdims"], rest);
  return owned(() => {
    const x = lift(operand);
    const out = dynamicSliceInDim(x, index, 1, axis);
    const at = canonicalAxis("dynamicIndexInDim", axis, x.ndim);
    return keepdims
      ? out
      : ops.reshape(
          out,
          x.shape.filter((_, i) => i !== at),
        );
  });
}
/** `dynamicUpdateSlice` along one axis. @example lax.dynamicUpdateSliceInDim(np.zeros([2]), np.ones([1]), 1, 0).js(); // => [0, 1] */
export function dynamicUpdateSliceInDim(
  operand: ArrayLike,
  update: ArrayLike,
  startIndex: Start,
  axis: number | Named<"axis", number>,
): Tracer {
  const x = lift(operand);
  const at = canonicalAxis("dynamicUpdateSliceInDim", named("axis", axis, 0), x.ndim);
  return dynamicUpdateSlice(x, update, along(x, at, startIndex));
}
/** Writes one slice at a traced index. @example lax.dynamicUpdateIndexInDim(np.zeros([2]), 5, 1, 0).js(); // => [0, 5] */
export function dynamicUpdateIndexInDim(
  operand: ArrayLike,
  update: ArrayLike,
  index: Start,
  axis: number | Named<"axis", number>,
): Tracer {
  return owned(() => {
    const x = lift(operand);
    const at = canonicalAxis("dynamicUpdateIndexInDim", named("axis", axis, 0), x.ndim);
    const u = lift(update);
    const block = u.ndim === x.ndim ? u : ops.expandDims(u, [at]);
    return dynamicUpdateSliceInDim(x, block, index, at);
  });
}

/** 0, 1, 2, ... @example lax.iota("int32", 3).js(); // => [0, 1, 2] */
export function iota(dtype: DType, size: number | readonly number[], dimension = 0): Tracer {
  return ops.iota(dtype, typeof size === "number" ? [size] : size, dimension);
}
/** The index along an axis of a shape. @example lax.broadcastedIota("int32", [2, 2], 1).js(); // => [[0, 1], [0, 1]] */
export function broadcastedIota(dtype: DType, shape: readonly number[], dimension: number): Tracer {
  return ops.iota(dtype, shape, dimension);
}
/** Equal elements. @example lax.full([2], 7).js(); // => [7, 7] */
export function full(
  shape: readonly number[],
  fillValue: ArrayLike,
  given?: DType | null | Named<"dtype", DType | null>,
): Tracer {
  const dtype = named("dtype", given, null as DType | null);
  return owned(() => {
    const value = lift(fillValue);
    return own(broadcastArray(convert(value, dtype ?? value.dtype), shape), fillValue);
  });
}
interface FullLikeOptions {
  dtype?: DType | null;
  shape?: readonly number[] | null;
}
/** Equal elements in the shape and dtype of x. @example lax.fullLike(np.ones([2]), 7).js(); // => [7, 7] */
export function fullLike(
  x: ArrayLike,
  fillValue: ArrayLike,
  dtype?: DType | null | FullLikeOptions,
  shape?: readonly number[] | null | FullLikeOptions,
): Tracer {
  const model = lift(x);
  const o = byPosition<FullLikeOptions>(["dtype", "shape"], [dtype, shape]);
  return full(o.shape ?? model.shape, fillValue, o.dtype ?? model.dtype);
}
