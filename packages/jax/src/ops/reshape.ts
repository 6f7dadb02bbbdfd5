/** Reshape, and adding and dropping axes of size 1. */
import type { Shape } from "../aval/shaped-array";
import { ShapeError } from "../base/errors";
import { listsEqual, prod, without } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { exprReshape } from "../kernel/expr-build";
import { moveaxis } from "./transpose";

interface ReshapeParams {
  readonly newSizes: readonly number[];
}

export const reshape_p: Primitive<ReshapeParams, 1> = {
  name: "reshape",
  type([x], { newSizes }) {
    if (prod(newSizes) !== x.size) {
      throw new ShapeError(
        `reshape: the number of elements must stay, got ${x} (${x.size}) to [${newSizes.join(",")}] (${prod(newSizes)})`,
      );
    }
    return [x.withShape(newSizes)];
  },
  derivative: { kind: "linear", transpose: ([ct], [x]) => [reshape(ct!, x.shape)] },
  batch: ([x], [bdim], size, { newSizes }) => [[reshape(moveaxis(x, bdim!, 0), [size, ...newSizes])], [0]],
  lower: ([x], _avals, { newSizes }) => [exprReshape(x, newSizes)],
};

/**
 * The same elements, row-major, in another shape.
 *
 * Errors: ShapeError if the number of elements differs.
 * @example
 * lax.reshape(np.array([1, 2, 3, 4]), [2, 2]).js(); // => [[1, 2], [3, 4]]
 */
export function reshape(x: Tracer, newSizes: Shape): Tracer {
  return listsEqual(x.shape, newSizes) ? x : bind1(reshape_p, [x], { newSizes: [...newSizes] });
}

/**
 * Adds axes of size 1 at these positions of the result.
 * @example
 * lax.expandDims(np.array([1, 2]), [1]).js(); // => [[1], [2]]
 */
export function expandDims(x: Tracer, axes: readonly number[]): Tracer {
  const ndim = x.ndim + axes.length;
  const at = axes.map((a) => (a < 0 ? a + ndim : a));
  const shape: number[] = [];
  let next = 0;
  for (let i = 0; i < ndim; i++) shape.push(at.includes(i) ? 1 : x.shape[next++]!);
  return reshape(x, shape);
}

/**
 * Drops axes of size 1.
 *
 * Errors: ShapeError if one has another size.
 * @example
 * lax.squeeze(np.array([[1, 2]]), [0]).js(); // => [1, 2]
 */
export function squeeze(x: Tracer, axes: readonly number[]): Tracer {
  const at = axes.map((a) => (a < 0 ? a + x.ndim : a));
  for (const a of at) {
    if (x.shape[a] !== 1) throw new ShapeError(`squeeze: axis ${a} of ${x.aval} has size ${x.shape[a]}, expected 1`);
  }
  return reshape(x, without(x.shape, at));
}
