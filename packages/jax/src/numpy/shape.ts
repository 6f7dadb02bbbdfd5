/** The shape of arrays: reshape, axes, broadcasting. Where memory allows, results are views. */
import { ShapeError } from "../base/errors";
import { isPermutation, listsEqual, prod, range, needList } from "../base/list";
import { broadcastShapes as joinShapes, canonicalAxes, canonicalAxis } from "../aval/promote";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { type Named, named } from "./arguments";
import { owned } from "./owned";
import { type ArrayLike, type Axis, broadcastArray, lift, own, promoteShapes } from "./lift";

/** The shape, a list of sizes. @example np.shape(np.ones([2, 3])); // => [2, 3] */
export function shape(x: ArrayLike): number[] {
  return [...lift(x).shape];
}

/** The number of axes. @example np.ndim(5); // => 0 */
export function ndim(x: ArrayLike): number {
  return lift(x).ndim;
}

/** The number of elements, of all or along one axis. @example np.size(np.ones([2, 3]), 1); // => 3 */
export function size(a: ArrayLike, axis?: Axis | Named<"axis", Axis>): number {
  const x = lift(a);
  return prod(canonicalAxes("size", named("axis", axis, null as Axis), x.ndim).map((i) => x.shape[i]!));
}

/** In which order elements are taken: the last axis runs fastest ("C"), or the first ("F"). */
export type Order = "C" | "F";

/**
 * The same elements in another shape, row-major unless `order` is "F". One size may be -1: what is left.
 *
 * Errors: ShapeError if the number of elements differs.
 * @example
 * np.reshape(np.arange(4), [2, -1]).js(); // => [[0, 1], [2, 3]]
 */
export function reshape(
  x: ArrayLike,
  newShape: number | readonly number[],
  order?: Order | Named<"order", Order>,
): Tracer {
  if (named("order", order, "C") === "F") {
    const sizes = typeof newShape === "number" ? [newShape] : [...newShape].reverse();
    return owned(() => transpose(reshape(transpose(lift(x)), sizes)));
  }
  const y = lift(x);
  const sizes = typeof newShape === "number" ? [newShape] : [...needList("reshape", newShape)];
  const free = sizes.indexOf(-1);
  const fail = (): never => {
    throw new ShapeError(
      `reshape: the number of elements must stay, got ${y.aval} of ${y.size} elements to [${sizes.join(",")}]; ` +
        `one size may be -1 and is then found from the others`,
    );
  };
  if (free >= 0) {
    const rest = prod(sizes.filter((_, i) => i !== free));
    if (sizes.indexOf(-1, free + 1) >= 0 || rest < 0) fail();
    if (rest === 0 ? y.size !== 0 : y.size % rest !== 0) fail();
    sizes[free] = rest === 0 ? 0 : y.size / rest;
  }
  if (prod(sizes) !== y.size || sizes.some((n) => n < 0)) fail();
  return own(listsEqual(sizes, y.shape) ? y : ops.reshape(y, sizes), x);
}

/** All elements in one axis; with `order` "F" the first axis runs fastest. @example np.ravel(np.ones([2, 2])).shape; // => [4] */
export function ravel(a: ArrayLike, order?: Order | Named<"order", Order>): Tracer {
  if (order !== undefined) return reshape(a, [-1], order);
  const x = lift(a);
  return own(x.ndim === 1 ? x : ops.reshape(x, [x.size]), a);
}

type Permutation = readonly number[] | null | Named<"axes", readonly number[] | null>;

/** Axes in another order; reversed if none is given. @example np.transpose(np.ones([2, 3])).shape; // => [3, 2] */
export function transpose(x: ArrayLike, axes?: Permutation): Tracer {
  const y = lift(x);
  const perm = named("axes", axes, null);
  const order = perm === null ? range(y.ndim).reverse() : perm.map((p) => canonicalAxis("transpose", p, y.ndim));
  if (!isPermutation(order, y.ndim)) {
    throw new ShapeError(`transpose: [${order.join(", ")}] is not a permutation of the ${y.ndim} axes of ${y.aval}`);
  }
  return own(order.every((p, i) => p === i) ? y : ops.transpose(y, order), x);
}

/** As `transpose`. @example np.permuteDims(np.ones([2, 3]), [1, 0]).shape; // => [3, 2] */
export function permuteDims(x: ArrayLike, perm?: Permutation): Tracer {
  return transpose(x, perm);
}

/** Swaps the last two axes. @example np.matrixTranspose(np.ones([4, 2, 3])).shape; // => [4, 3, 2] */
export function matrixTranspose(a: ArrayLike): Tracer {
  const x = lift(a);
  if (x.ndim < 2) throw new ShapeError(`matrixTranspose: expected at least 2 axes, got ${x.aval}`);
  return swapaxes(x, -1, -2);
}

/** Swaps two axes. @example np.swapaxes(np.ones([1, 2, 3]), 0, 2).shape; // => [3, 2, 1] */
export function swapaxes(a: ArrayLike, axis1: number, axis2: number): Tracer {
  const x = lift(a);
  const [i, j] = [canonicalAxis("swapaxes", axis1, x.ndim), canonicalAxis("swapaxes", axis2, x.ndim)];
  const order = range(x.ndim);
  [order[i], order[j]] = [j, i];
  return transpose(a, order);
}

/** Moves axes to other places; the others keep their order. @example np.moveaxis(np.ones([1, 2, 3]), 0, -1).shape; // => [2, 3, 1] */
export function moveaxis(x: ArrayLike, src: number | readonly number[], dst: number | readonly number[]): Tracer {
  const y = lift(x);
  const list = (v: number | readonly number[]): number[] =>
    (typeof v === "number" ? [v] : [...needList("moveaxis", v)]).map((a) => canonicalAxis("moveaxis", a, y.ndim));
  const [from, to] = [list(src), list(dst)];
  if (from.length !== to.length || new Set(from).size !== from.length || new Set(to).size !== to.length) {
    throw new ShapeError(`moveaxis: sources [${from.join(", ")}] and destinations [${to.join(", ")}] must pair up`);
  }
  const order = range(y.ndim).filter((a) => !from.includes(a));
  to.map((t, i) => [t, from[i]!] as const)
    .sort((a, b) => a[0] - b[0])
    .forEach(([t, f]) => order.splice(t, 0, f));
  return transpose(x, order);
}

/** Moves an axis back until it lies at `start`. @example np.rollaxis(np.ones([1, 2, 3]), 2).shape; // => [3, 1, 2] */
export function rollaxis(a: ArrayLike, axis: number, before?: number | Named<"start", number>): Tracer {
  const x = lift(a);
  const start = named("start", before, 0);
  const from = canonicalAxis("rollaxis", axis, x.ndim);
  const to = start < 0 ? start + x.ndim : start;
  return moveaxis(a, from, from < to ? to - 1 : to);
}

/** New axes of size 1 at these places of the result. @example np.expandDims(np.ones([2]), 0).shape; // => [1, 2] */
export function expandDims(
  a: ArrayLike,
  where: number | readonly number[] | Named<"axis", number | readonly number[]>,
): Tracer {
  const x = lift(a);
  const axis = named("axis", where, null as never);
  const list = typeof axis === "number" ? [axis] : needList("expandDims", axis);
  const n = x.ndim + list.length;
  const places = canonicalAxes("expandDims", list, n);
  const sizes = [...x.shape];
  for (const p of places) sizes.splice(p, 0, 1);
  return reshape(a, sizes);
}

/** Without axes of size 1: all of them, or the given. Errors: ShapeError if a given one is larger. @example np.squeeze(np.ones([1, 2, 1])).shape; // => [2] */
export function squeeze(a: ArrayLike, which?: Axis | Named<"axis", Axis>): Tracer {
  const x = lift(a);
  const axis = named("axis", which, null as Axis);
  const axes = axis === null ? range(x.ndim).filter((i) => x.shape[i] === 1) : canonicalAxes("squeeze", axis, x.ndim);
  const wide = axes.find((i) => x.shape[i] !== 1);
  if (wide !== undefined) throw new ShapeError(`squeeze: axis ${wide} of ${x.aval} has size ${x.shape[wide]}, not 1`);
  return reshape(
    a,
    x.shape.filter((_, i) => !axes.includes(i)),
  );
}

/** Repeats to a shape. Errors: ShapeError if it does not broadcast. @example np.broadcastTo(np.ones([2]), [3, 2]).shape; // => [3, 2] */
export function broadcastTo(a: ArrayLike, newShape: number | readonly number[]): Tracer {
  const x = lift(a);
  const target = typeof newShape === "number" ? [newShape] : needList("broadcastTo", newShape);
  if (!listsEqual(joinShapes("broadcastTo", x.shape, target), target)) {
    throw new ShapeError(
      `broadcastTo: ${x.aval} cannot be broadcast to [${target.join(",")}]; ` +
        `axes are aligned at the end, and only those of size 1 repeat`,
    );
  }
  return own(broadcastArray(x, target), a);
}

/** All in the shape that they broadcast to together. @example np.broadcastArrays(np.ones([2]), 1)[1].shape; // => [2] */
export function broadcastArrays(...arrays: readonly ArrayLike[]): Tracer[] {
  if (arrays.length === 0) return [];
  return promoteShapes("broadcastArrays", arrays.map(lift)).map((x, i) => own(x, arrays[i]));
}

/** The shape that shapes broadcast to together. @example np.broadcastShapes([2, 1], [3]); // => [2, 3] */
export function broadcastShapes(...shapes: readonly (readonly number[])[]): number[] {
  return joinShapes("broadcastShapes", ...shapes);
}

/** With at least one axis. @example np.atleast1d(5).shape; // => [1] */
export function atleast1d(x: ArrayLike): Tracer {
  return lift(x).ndim >= 1 ? reshape(x, lift(x).shape) : reshape(x, [1]);
}

/** With at least two axes, new ones first. @example np.atleast2d(np.ones([3])).shape; // => [1, 3] */
export function atleast2d(x: ArrayLike): Tracer {
  const y = lift(x);
  return reshape(x, y.ndim >= 2 ? y.shape : y.ndim === 1 ? [1, y.size] : [1, 1]);
}

/** With at least three axes. @example np.atleast3d(np.ones([3])).shape; // => [1, 3, 1] */
export function atleast3d(x: ArrayLike): Tracer {
  const y = lift(x);
  return reshape(x, y.ndim >= 3 ? y.shape : y.ndim === 2 ? [...y.shape, 1] : [1, y.size, 1]);
}
