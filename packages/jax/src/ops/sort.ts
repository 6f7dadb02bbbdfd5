/** Stable sorting of several arrays together. */
import { type Aval, printAvals } from "../aval/shaped-array";
import { ShapeError } from "../base/errors";
import { listsEqual, range, without } from "../base/list";
import { bind } from "../core/interpreter";
import type { BatchDim, Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { exprSort } from "../kernel/expr-build";
import { iota } from "./broadcast";
import { alignBatch } from "./families";
import { gather } from "./gather";
import { reshape } from "./reshape";

interface SortParams {
  readonly dimension: number;
  readonly numKeys: number;
}

export const sort_p: Primitive<SortParams> = {
  name: "sort",
  type(xs: readonly Aval[], { dimension, numKeys }) {
    const [first] = xs;
    if (first === undefined || xs.some((x) => !listsEqual(x.shape, first.shape))) {
      throw new ShapeError(`sort: expected arrays of equal shape, got ${printAvals(xs)}`);
    }
    if (dimension < 0 || dimension >= first.ndim)
      throw new ShapeError(`sort: dimension ${dimension} is out of range for ${first}`);
    if (numKeys < 1 || numKeys > xs.length) throw new ShapeError(`sort: ${numKeys} keys of ${xs.length} arrays`);
    return [...xs];
  },
  derivative: {
    kind: "jvp",
    jvp(xs: readonly Tracer[], tangents: readonly (Tracer | null)[], { dimension, numKeys }) {
      const sorted = sort([...xs, iota("int32", xs[0]!.shape, dimension)], dimension, numKeys);
      const order = sorted[xs.length]!;
      return [sorted.slice(0, xs.length), tangents.map((t) => (t === null ? null : takeAlong(t, order, dimension)))];
    },
  },
  batch(xs: readonly Tracer[], dims: readonly BatchDim[], size, { dimension, numKeys }) {
    return [sort(alignBatch(xs, dims, size), dimension + 1, numKeys), xs.map(() => 0)];
  },
  lower: (xs, _avals, { dimension, numKeys }) => exprSort(xs, dimension, numKeys),
};

/** x[.., order[.., i, ..], ..] along one axis; x and order have the same shape. */
function takeAlong(x: Tracer, order: Tracer, axis: number): Tracer {
  if (x.size === 0) return x;
  const others = without(range(x.ndim), [axis]);
  const dims = {
    offsetDims: [],
    collapsedSliceDims: [axis],
    startIndexMap: [axis],
    operandBatchingDims: others,
    startIndicesBatchingDims: others,
  };
  return gather(
    x,
    reshape(order, [...order.shape, 1]),
    dims,
    x.shape.map(() => 1),
    "promise_in_bounds",
  );
}

/**
 * Arrays of one shape, sorted together along `dimension` by the first `numKeys` of them: ascending, stable, NaN last.
 *
 * Gradient: goes with the elements.
 */
export function sort(operands: readonly Tracer[], dimension: number, numKeys = 1): Tracer[] {
  return bind(sort_p, [...operands], { dimension, numKeys });
}
