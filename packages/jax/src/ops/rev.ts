/** Reversing axes. */
import { canonicalAxes } from "../aval/promote";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { exprFlip } from "../kernel/expr-build";

interface RevParams {
  readonly dimensions: readonly number[];
}

export const rev_p: Primitive<RevParams, 1> = {
  name: "rev",
  type([x], { dimensions }) {
    canonicalAxes("rev", dimensions, x.ndim);
    return [x];
  },
  derivative: { kind: "linear", transpose: ([ct], _avals, { dimensions }) => [rev(ct!, dimensions)] },
  batch: ([x], [bdim], _size, { dimensions }) => [
    [
      rev(
        x,
        dimensions.map((d) => (d < bdim! ? d : d + 1)),
      ),
    ],
    [bdim],
  ],
  lower: ([x], _avals, { dimensions }) => [exprFlip(x, dimensions)],
};

/**
 * Reverses the order of elements along the dimensions.
 *
 * Errors: ShapeError for an axis out of range.
 * @example
 * lax.rev(np.array([1, 2, 3]), [0]).js(); // => [3, 2, 1]
 */
export function rev(x: Tracer, dimensions: readonly number[]): Tracer {
  if (dimensions.length === 0) return x;
  return bind1(rev_p, [x], { dimensions: canonicalAxes("rev", dimensions, x.ndim) });
}
