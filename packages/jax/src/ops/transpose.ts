/** Permuting axes. */
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { insertAt, inversePermutation, isPermutation, pick, range, without } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { exprPermute } from "../kernel/expr-build";

interface TransposeParams {
  readonly permutation: readonly number[];
}

export const transpose_p: Primitive<TransposeParams, 1> = {
  name: "transpose",
  type([x], { permutation }) {
    if (!isPermutation(permutation, x.ndim)) {
      throw new ShapeError(`transpose: [${permutation.join(",")}] is not a permutation of the axes of ${x}`);
    }
    return [x.withShape(pick(x.shape, permutation))];
  },
  derivative: {
    kind: "linear",
    transpose: ([ct], _avals, { permutation }) => [transpose(ct!, inversePermutation(permutation))],
  },
  batch: ([x], [bdim], _size, { permutation }) => [
    [transpose(x, [bdim!, ...permutation.map((p) => (p < bdim! ? p : p + 1))])],
    [0],
  ],
  lower: ([x], _avals, { permutation }) => [exprPermute(x, permutation)],
};

/**
 * Axis i of the result is axis `permutation[i]` of x; reversed axes if none is given.
 *
 * Errors: ShapeError if it is no permutation.
 * @example
 * lax.transpose(np.array([[1, 2], [3, 4]]), [1, 0]).js(); // => [[1, 3], [2, 4]]
 */
export function transpose(x: Tracer, permutation: readonly number[] = range(x.ndim).reverse()): Tracer {
  if (permutation.length === x.ndim && permutation.every((p, i) => p === i)) return x;
  return bind1(transpose_p, [x], { permutation: [...permutation] });
}

/** Moves one axis; the others keep their order. */
export function moveaxis(x: Tracer, from: number, to: number): Tracer {
  const source = canonicalAxis("moveaxis", from, x.ndim);
  const target = canonicalAxis("moveaxis", to, x.ndim);
  return transpose(x, insertAt(without(range(x.ndim), [source]), target, source));
}
