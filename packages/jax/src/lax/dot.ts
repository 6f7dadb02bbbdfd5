/** Contractions. */
import { type OptionNames, checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import type { DType } from "../aval/dtype";
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { promoteDTypes } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

/** Which axes are contracted and which are batches; the lists of lhs and rhs pair up. */
export interface DotDimensionNumbers {
  lhsContractingDims?: readonly number[] | undefined;
  rhsContractingDims?: readonly number[] | undefined;
  lhsBatchDims?: readonly number[] | undefined;
  rhsBatchDims?: readonly number[] | undefined;
}

export interface DotOptions extends DotDimensionNumbers {
  /** Dtype of the result, in which sums are taken. */
  preferredElementType?: DType | null | undefined;
}

/**
 * Values of `precision` in code for JAX. They change nothing: products of float32 have its precision on every device.
 * @example
 * lax.Precision.HIGHEST; // => "highest"
 */
export const Precision = { DEFAULT: "default", HIGH: "high", HIGHEST: "highest" } as const;

const OPTIONS: OptionNames<DotOptions> = {
  lhsContractingDims: true, rhsContractingDims: true, lhsBatchDims: true, rhsBatchDims: true, preferredElementType: true,
}; // prettier-ignore

/**
 * Product of vectors and matrices; with dimension numbers, any contraction.
 *
 * Shapes: the result has the batch axes, the other axes of lhs, then those of rhs.
 * Errors: ShapeError for sizes that do not fit.
 * @example
 * lax.dot(np.array([1, 2]), np.array([3, 4])).js(); // => 11
 */
export function dot(lhs: Tracer, rhs: Tracer, options: DotOptions = {}): Tracer {
  checkOptions("dot", options, OPTIONS);
  const dtype = options.preferredElementType ?? null;
  return owned(() => {
    const [a, b] = promoteDTypes([lhs, rhs]) as [Tracer, Tracer];
    const lists = [options.lhsContractingDims, options.rhsContractingDims, options.lhsBatchDims, options.rhsBatchDims];
    if (lists.some((l) => l !== undefined)) {
      const axes = (list: readonly number[] | undefined, x: Tracer): number[] =>
        (list ?? []).map((i) => (i < 0 ? i + x.ndim : i));
      const [lc, rc, lb, rb] = [axes(lists[0], a), axes(lists[1], b), axes(lists[2], a), axes(lists[3], b)];
      return ops.dotGeneral(a, b, [[lc, rc], [lb, rb]], dtype); // prettier-ignore
    }
    if (a.ndim < 1 || a.ndim > 2 || b.ndim < 1 || b.ndim > 2) {
      throw new ShapeError(
        `dot: expected vectors or matrices, got ${a.aval} and ${b.aval}; give dimension numbers for others`,
      );
    }
    return ops.dotGeneral(a, b, [[[a.ndim - 1], [0]], [[], []]], dtype); // prettier-ignore
  });
}

/** Any contraction: `[[lhsContract, rhsContract], [lhsBatch, rhsBatch]]`. @example lax.dotGeneral(np.ones([2, 3]), np.ones([3]), [[[1], [0]], [[], []]]).js(); // => [3, 3] */
export function dotGeneral(
  lhs: Tracer,
  rhs: Tracer,
  dimensionNumbers: ops.DotDimensionNumbers,
  options: { preferredElementType?: DType | null } | DType | null = null,
): Tracer {
  if (typeof options === "object") checkOptions("dotGeneral", options ?? {}, { preferredElementType: true });
  const dtype = typeof options === "string" ? options : (options?.preferredElementType ?? null);
  return owned(() =>
    ops.dotGeneral(...(promoteDTypes([lhs, rhs], "dot_general") as [Tracer, Tracer]), dimensionNumbers, dtype),
  );
}

/** Products of matrices in the last two axes; the axes before must be equal. @example lax.batchMatmul(np.ones([1, 2, 2]), np.ones([1, 2, 1])).js(); // => [[[2], [2]]] */
export function batchMatmul(lhs: Tracer, rhs: Tracer): Tracer {
  const lead = range(Math.max(0, lhs.ndim - 2));
  if (lhs.ndim < 2 || rhs.ndim !== lhs.ndim)
    throw new ShapeError(`batchMatmul: expected equally many axes, at least 2, got ${lhs.aval} and ${rhs.aval}`);
  return ops.dotGeneral(lhs, rhs, [
    [[lhs.ndim - 1], [lhs.ndim - 2]],
    [lead, lead],
  ]);
}

/**
 * Products of groups of rows of lhs with one matrix of rhs each: the first groupSizes[0] rows with rhs[0], and so on.
 *
 * Shapes: `f32[m, k] x f32[g, k, n] x i32[g] -> f32[m, n]`; rows after the last group give 0.
 * @example
 * lax.raggedDot(np.ones([2, 1]), np.array([[[2]], [[3]]]), np.array([1, 1], { dtype: "int32" })).js(); // => [[2], [3]]
 */
export function raggedDot(lhs: Tracer, rhs: Tracer, groupSizes: Tracer): Tracer {
  return owned(() => {
    const [a, b] = promoteDTypes([lhs, rhs]) as [Tracer, Tracer];
    const [m, g] = [a.shape[0]!, b.shape[0]!];
    const ends = ops.cumsum(groupSizes, 0);
    const rows = ops.iota(groupSizes.dtype, [m, g], 0);
    const wide = (t: Tracer): Tracer => ops.broadcastInDim(t, [m, g], [1]);
    const inside = ops.and(ops.lt(rows, wide(ends)), ops.ge(rows, wide(ops.sub(ends, groupSizes))));
    const mask = ops.convertElementType(inside, a.dtype); // [m, g]
    const spread = ops.mul(
      ops.broadcastInDim(a, [m, g, a.shape[1]!], [0, 2]),
      ops.broadcastInDim(mask, [m, g, a.shape[1]!], [0, 1]),
    );
    return ops.dotGeneral(spread, b, [
      [
        [1, 2],
        [0, 1],
      ],
      [[], []],
    ]);
  });
}
