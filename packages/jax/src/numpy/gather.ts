/** Integer-array indexing in terms of gather. */
import { DTypeError, ShapeError } from "../base/errors";
import { prod } from "../base/list";
import { isInteger, isUnsigned } from "../aval/dtype";
import { broadcastShapes } from "../aval/promote";
import { Tracer, literal } from "../core/tracer";
import * as ops from "../ops/index";
import { type HostData, arrayFromHost, isHostData } from "./host";
import { type ArrayLike, broadcastArray, constantLike, convert } from "./lift";

/** What happens to indices out of range: the nearest element, a fill value, or nothing checked. */
export type GatherMode = "clip" | "fill" | "promise_in_bounds";

/** Indices as int32; JS numbers and lists of whole numbers are integers. Throws DTypeError for floats and bools. */
export function indexArray(op: string, x: ArrayLike | HostData): Tracer {
  if (typeof x === "number") {
    if (!Number.isInteger(x)) throw new DTypeError(`${op}: indices must be whole numbers, got ${x}`);
    return ops.copy(literal(x, "int32"));
  }
  if (isHostData(x)) return arrayFromHost(op, x, { dtype: "int32" });
  if (x instanceof Tracer && isInteger(x.dtype)) return convert(x, "int32");
  const got = x instanceof Tracer ? String(x.aval) : typeof x;
  throw new DTypeError(`${op}: indices must be integers, got ${got}; make them with { dtype: "int32" } or astype`);
}

/** Negative indices counted from the end. */
export function fromEnd(index: Tracer, size: number): Tracer {
  if (isUnsigned(index.dtype)) return index;
  const negative = ops.lt(index, constantLike(index, 0));
  return ops.where(negative, ops.add(index, constantLike(index, size)), index);
}

/**
 * Whether so much is taken that indices are better counted from the start in an operation of their own than again for
 * each element: 2048 columns of 1024 x 1024 take 0.8 ms so, and 1.2 as one program.
 */
export function takesMuch(x: Tracer, axes: readonly number[], indices: readonly Tracer[]): boolean {
  let kept = x.size;
  for (const a of axes) kept /= Math.max(1, x.shape[a < 0 ? a + x.ndim : a] ?? 1);
  return indices.some((index) => kept * index.size > 2 ** 16);
}

/** Index arrays for some axes of an array of this shape, counted from the start. */
export function allFromEnd(indices: readonly Tracer[], axes: readonly number[], shape: readonly number[]): Tracer[] {
  return indices.map((index, i) => fromEnd(index, shape[axes[i]!]!));
}

/**
 * Elements of `x` at `indices` (int32, broadcast together), one list entry per axis of `axes`. The result has the axes of
 * `x` without `axes`, and those of the indices put in at `at`.
 */
export function gatherAxes(
  x: Tracer,
  axes: readonly number[],
  indices: readonly Tracer[],
  at: number,
  mode: GatherMode,
  fillValue?: number,
): Tracer {
  const shape = broadcastShapes("indexing", ...indices.map((i) => i.shape));
  const kept = x.shape.filter((_, i) => !axes.includes(i));
  const size = prod(shape) * prod(kept);
  // Nothing is taken, so it does not matter that there may be nothing to take.
  if (size === 0) return ops.full([...kept.slice(0, at), ...shape, ...kept.slice(at)], 0, x.dtype);
  const empty = axes.find((a) => x.shape[a] === 0);
  if (empty !== undefined)
    throw new ShapeError(`indexing: nothing can be taken along the empty axis ${empty} of ${x.aval}`);
  const start = stackLast(indices, shape);
  const nKept = x.ndim - axes.length;
  const offsetDims = Array.from({ length: nKept }, (_, i) => (i < at ? i : i + shape.length));
  const sorted = [...axes].sort((a, b) => a - b);
  return ops.gather(
    x,
    start,
    {
      offsetDims,
      collapsedSliceDims: sorted,
      startIndexMap: [...axes],
      operandBatchingDims: [],
      startIndicesBatchingDims: [],
    },
    x.shape.map((n, i) => (axes.includes(i) ? 1 : n)),
    mode,
    fillValue,
  );
}

/** Index arrays broadcast to `shape` and stacked on a new last axis, as gather and scatter take them. */
export function stackLast(indices: readonly Tracer[], shape: readonly number[]): Tracer {
  const columns = indices.map((i) => ops.reshape(broadcastArray(i, shape), [...shape, 1]));
  return columns.length === 1 ? columns[0]! : ops.concatenate(columns, shape.length);
}

/** Slices of `x` along `axis` at int32 indices of any shape, which take the place of the axis. */
export function takeRows(
  x: Tracer,
  index: Tracer,
  axis: number,
  mode: GatherMode = "clip",
  fillValue?: number,
): Tracer {
  return gatherAxes(x, [axis], [index], axis, mode, fillValue);
}

/** `out[i, ..] = x[.., index[i, ..], ..]`: index has the axes of x, and its own size along `axis`. */
export function gatherAlong(x: Tracer, index: Tracer, axis: number, mode: GatherMode, fillValue?: number): Tracer {
  const full = broadcastArray(
    index,
    index.shape.map((n, i) => (i === axis ? n : Math.max(n, x.shape[i]!))),
  );
  const source = broadcastArray(
    x,
    x.shape.map((n, i) => (i === axis ? n : full.shape[i]!)),
  );
  if (full.size === 0) return ops.full(full.shape, 0, x.dtype);
  if (x.shape[axis] === 0)
    throw new ShapeError(`indexing: nothing can be taken along the empty axis ${axis} of ${x.aval}`);
  // Every axis but one is a batch axis of both.
  const batch = x.shape.map((_, i) => i).filter((i) => i !== axis);
  return ops.gather(
    source,
    ops.reshape(full, [...full.shape, 1]),
    {
      offsetDims: [],
      collapsedSliceDims: [axis],
      startIndexMap: [axis],
      operandBatchingDims: batch,
      startIndicesBatchingDims: batch,
    },
    x.shape.map(() => 1),
    mode,
    fillValue,
  );
}
