/** Updates at index vectors beyond scatter itself. */
import { checkOptions } from "../base/option-names";
import type { Tracer } from "../core/tracer";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

/** Subtracts updates at index vectors. @example lax.scatterSub(np.array([5]), np.array([[0]], { dtype: "int32" }), np.array([2]), { updateWindowDims: [], insertedWindowDims: [0], scatterDimsToOperandDims: [0] }).js(); // => [3] */
export function scatterSub(
  operand: Tracer,
  scatterIndices: Tracer,
  updates: Tracer,
  dimensionNumbers: ops.ScatterDimensionNumbers,
  mode?: ops.GatherMode,
): Tracer {
  return owned(() => ops.scatterAdd(operand, scatterIndices, ops.neg(updates), dimensionNumbers, mode));
}

export interface ScatterApplyOptions {
  /** Shape of the windows that the indices name, as updates would have it. */
  updateShape?: readonly number[] | undefined;
  mode?: ops.GatherMode | undefined;
}

/** Applies an elementwise function at index vectors, once wherever any names an element. @example lax.scatterApply(np.array([5, 6]), np.array([[0]], { dtype: "int32" }), (x) => x.mul(2), { updateWindowDims: [], insertedWindowDims: [0], scatterDimsToOperandDims: [0] }, { updateShape: [1] }).js(); // => [10, 6] */
export function scatterApply(
  operand: Tracer,
  scatterIndices: Tracer,
  func: (x: Tracer) => Tracer,
  dimensionNumbers: ops.ScatterDimensionNumbers,
  options: ScatterApplyOptions = {},
): Tracer {
  checkOptions("scatterApply", options, { updateShape: true, mode: true });
  return owned(() => {
    const zeros = ops.full(operand.shape, 0, "int32");
    const shape = options.updateShape ?? scatterIndices.shape.slice(0, -1);
    const named = ops.scatterMax(zeros, scatterIndices, ops.full(shape, 1, "int32"), dimensionNumbers, options.mode);
    return ops.where(ops.gt(named, zeros), func(operand), operand);
  });
}
