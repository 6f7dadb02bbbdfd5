/** Arrays cut apart, joined and repeated, in lax's call forms. */
import { needNumber } from "../base/needed";
import { type Named, named } from "../numpy/arguments";
import type { DType } from "../aval/dtype";
import { broadcastShapes as broadcastShapesOf, canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { range } from "../base/list";
import { type Tracer } from "../core/tracer";
import { type ArrayLike, broadcastArray, lift, own } from "../numpy/lift";
import { gatherAxes } from "../numpy/gather";
import { stack as stackOf, unstack as unstackOf } from "../numpy/joining";
import { owned } from "../numpy/owned";
import { tile as tileOf } from "../numpy/rearrange";
import * as ops from "../ops/index";

type Along = number | Named<"axis", number>;

/** Pieces of given sizes along an axis. @example lax.split(np.arange(3), [1, 2])[1].js(); // => [1, 2] */
export function split(operand: ArrayLike, sizes: readonly number[], axis?: Along): Tracer[] {
  const x = lift(operand);
  const at = canonicalAxis("split", named("axis", axis, 0), x.ndim);
  const total = sizes.reduce((a, b) => a + b, 0);
  if (total !== x.shape[at]) throw new ShapeError(`split: sizes [${sizes.join(", ")}] do not add up to ${x.shape[at]}`);
  let from = 0;
  return sizes.map((n) => {
    const piece = ops.slice(
      x,
      x.shape.map((_, i) => (i === at ? from : 0)),
      x.shape.map((s, i) => (i === at ? from + n : s)),
    );
    from += n;
    return own(piece, operand);
  });
}
/** Arrays of one shape on a new axis. @example lax.stack([np.ones([1]), np.zeros([1])]).js(); // => [[1], [0]] */
export function stack(operands: readonly ArrayLike[], axis?: Along): Tracer {
  return stackOf(operands, named("axis", axis, 0));
}
/** Slices along an axis, which is dropped. @example lax.unstack(np.arange(2))[1].js(); // => 1 */
export function unstack(operand: ArrayLike, axis?: Along): Tracer[] {
  return unstackOf(operand, axis);
}
/** The array repeated `reps[i]` times along axis i. @example lax.tile(np.arange(2), [2]).js(); // => [0, 1, 0, 1] */
export function tile(operand: ArrayLike, reps: readonly number[]): Tracer {
  return tileOf(operand, reps);
}
/** The shape that shapes broadcast to. @example lax.broadcastShapes([2, 1], [3]); // => [2, 3] */
export function broadcastShapes(...shapes: readonly (readonly number[])[]): number[] {
  return [...broadcastShapesOf("broadcastShapes", ...shapes)];
}
/** New axes of size 1 in front, up to a rank. @example lax.broadcastToRank(np.ones([2]), 3).shape; // => [1, 1, 2] */
export function broadcastToRank(x: ArrayLike, rank: number): Tracer {
  const y = lift(x);
  if (needNumber("broadcastToRank", "rank", rank) < y.ndim)
    throw new ShapeError(`broadcastToRank: ${y.aval} has more than ${rank} axes`);
  return own(ops.reshape(y, [...range(rank - y.ndim).map(() => 1), ...y.shape]), x);
}
/** The array repeated to the shape of another. @example lax.broadcastLike(1, np.ones([2])).js(); // => [1, 1] */
export function broadcastLike(x: ArrayLike, like: ArrayLike): Tracer {
  return own(broadcastArray(lift(x), lift(like).shape), x);
}
/** Zeros: memory is never uninitialised here. @example lax.empty([2], "int32").js(); // => [0, 0] */
export function empty(shape: readonly number[], dtype: DType): Tracer {
  return ops.full(shape, 0, dtype);
}
/** A shape as an int32 vector. @example lax.shapeAsValue([2, 3]).js(); // => [2, 3] */
export function shapeAsValue(shape: readonly number[]): Tracer {
  return owned(() => {
    if (shape.length === 0) return ops.full([0], 0, "int32");
    return stackOf(shape.map((n) => ops.full([], n, "int32")));
  });
}
/** Elements at index vectors, one for each axis named; the indexed axes come first. @example lax.indexTake(np.array([5, 6, 7]), [np.array([2, 0], { dtype: "int32" })], [0]).js(); // => [7, 5] */
export function indexTake(src: ArrayLike, idxs: readonly Tracer[], axes: readonly number[]): Tracer {
  return owned(() => gatherAxes(lift(src), axes, idxs, 0, "clip"));
}
