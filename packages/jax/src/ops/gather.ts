/** Gather with XLA's dimension numbers; its transpose is scatter_add. */
import { needObject } from "../base/needed";
import { type Aval, ShapedArray } from "../aval/shaped-array";
import { isInteger } from "../aval/dtype";
import { DTypeError, ShapeError } from "../base/errors";
import { range, needList } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { exprGather } from "../kernel/expr-build";
import { zerosLike } from "./broadcast";
import { scatterAdd } from "./scatter";
import { moveaxis } from "./transpose";

/** See https://openxla.org/xla/operation_semantics#gather. */
export interface GatherDimensionNumbers {
  /** Axes of the result that hold the window. */
  readonly offsetDims: readonly number[];
  /** Axes of the operand that are not in the window; their slice size is 1. */
  readonly collapsedSliceDims: readonly number[];
  /** Axis of the operand that each component of an index is for. */
  readonly startIndexMap: readonly number[];
  readonly operandBatchingDims?: readonly number[];
  readonly startIndicesBatchingDims?: readonly number[];
}

/** Out-of-range indices: clamped, or the result is `fillValue`, or they never occur. */
export type GatherMode = "clip" | "fill" | "promise_in_bounds";

interface GatherParams {
  readonly dimensionNumbers: Required<GatherDimensionNumbers>;
  readonly sliceSizes: readonly number[];
  readonly mode: GatherMode;
  readonly fillValue: number;
}

function gatherShape(indices: Aval, { dimensionNumbers: d, sliceSizes }: GatherParams): number[] {
  const batch = indices.shape.slice(0, -1);
  const window = sliceSizes.filter((_, i) => !d.collapsedSliceDims.includes(i) && !d.operandBatchingDims.includes(i));
  const ndim = batch.length + window.length;
  let b = 0;
  let w = 0;
  return range(ndim).map((i) => (d.offsetDims.includes(i) ? window[w++]! : batch[b++]!));
}

export const gather_p: Primitive<GatherParams, 2> = {
  name: "gather",
  type([operand, indices], p) {
    const { dimensionNumbers: d, sliceSizes } = p;
    if (!isInteger(indices.dtype)) throw new DTypeError(`gather: indices must be integers, got ${indices}`);
    if (sliceSizes.length !== operand.ndim || sliceSizes.some((n, i) => n < 0 || n > operand.shape[i]!)) {
      throw new ShapeError(`gather: slice sizes [${sliceSizes.join(",")}] do not fit ${operand}`);
    }
    if (indices.ndim === 0 || indices.shape[indices.ndim - 1] !== d.startIndexMap.length) {
      throw new ShapeError(
        `gather: the last axis of indices ${indices} must have ${d.startIndexMap.length} components`,
      );
    }
    return [ShapedArray.of(gatherShape(indices, p), operand.dtype, operand.weakType)];
  },
  derivative: {
    kind: "jvp",
    // Filled places are constants: their tangent is 0, whatever the fill value.
    jvp: ([operand, indices], [dx], params) => [
      [bind1(gather_p, [operand, indices], params)],
      [dx === null ? null : bind1(gather_p, [dx, indices], { ...params, fillValue: 0 })],
    ],
    transpose([ct], [, indices], [operand], { dimensionNumbers: d, mode }) {
      const zeros = zerosLike(operand);
      const dims = {
        updateWindowDims: d.offsetDims,
        insertedWindowDims: d.collapsedSliceDims,
        scatterDimsToOperandDims: d.startIndexMap,
        operandBatchingDims: d.operandBatchingDims,
        scatterIndicesBatchingDims: d.startIndicesBatchingDims,
      };
      return [scatterAdd(zeros, indices!, ct!, dims, mode), null];
    },
  },
  batch([operand, indices], [od, id], size, { dimensionNumbers: d, sliceSizes, mode, fillValue }) {
    const up = (axes: readonly number[]): number[] => axes.map((a) => a + 1);
    if (od !== null && id === null) {
      // The batch axis is one more axis of the window.
      const dims = {
        offsetDims: [0, ...up(d.offsetDims)],
        collapsedSliceDims: up(d.collapsedSliceDims),
        startIndexMap: up(d.startIndexMap),
        operandBatchingDims: up(d.operandBatchingDims),
        startIndicesBatchingDims: d.startIndicesBatchingDims,
      };
      return [[gather(moveaxis(operand, od, 0), indices, dims, [size, ...sliceSizes], mode, fillValue)], [0]];
    }
    const moved = moveaxis(indices, id!, 0);
    if (od === null) {
      const dims = { ...d, offsetDims: up(d.offsetDims), startIndicesBatchingDims: up(d.startIndicesBatchingDims) };
      return [[gather(operand, moved, dims, sliceSizes, mode, fillValue)], [0]];
    }
    const dims = {
      offsetDims: up(d.offsetDims),
      collapsedSliceDims: up(d.collapsedSliceDims),
      startIndexMap: up(d.startIndexMap),
      operandBatchingDims: [0, ...up(d.operandBatchingDims)],
      startIndicesBatchingDims: [0, ...up(d.startIndicesBatchingDims)],
    };
    return [[gather(moveaxis(operand, od, 0), moved, dims, [1, ...sliceSizes], mode, fillValue)], [0]];
  },
  lower: ([operand, indices], [, b], p) => [
    exprGather({
      operand,
      indices,
      shape: gatherShape(b, p),
      offsetDims: p.dimensionNumbers.offsetDims,
      collapsedSliceDims: p.dimensionNumbers.collapsedSliceDims,
      operandBatchingDims: p.dimensionNumbers.operandBatchingDims,
      indicesBatchingDims: p.dimensionNumbers.startIndicesBatchingDims,
      startIndexMap: p.dimensionNumbers.startIndexMap,
      sliceSizes: p.sliceSizes,
      mode: p.mode,
      fillValue: operand.dtype === "bool" ? Number(p.fillValue !== 0) : p.fillValue,
    }),
  ],
};

/**
 * Takes a window of `sliceSizes` out of the operand for every index vector in the last axis of `indices`.
 *
 * Errors: ShapeError, DTypeError for indices that are not integers.
 * Differs from JAX: the mode defaults to "clip".
 * @example
 * const dims = { offsetDims: [], collapsedSliceDims: [0], startIndexMap: [0] };
 * lax.gather(np.array([5, 6, 7]), np.array([[2], [0]]).astype("int32"), dims, [1]).js(); // => [7, 5]
 */
export function gather(
  operand: Tracer,
  indices: Tracer,
  dimensionNumbers: GatherDimensionNumbers,
  sliceSizes: readonly number[],
  mode: GatherMode = "clip",
  fillValue = 0,
): Tracer {
  const {
    operandBatchingDims = [],
    startIndicesBatchingDims = [],
    ...rest
  } = needObject("gather", "dimensionNumbers", dimensionNumbers);
  return bind1(gather_p, [operand, indices], {
    dimensionNumbers: { ...rest, operandBatchingDims, startIndicesBatchingDims },
    sliceSizes: [...needList("gather", sliceSizes)],
    mode,
    fillValue,
  });
}
