/** The namespace `numpy.linalg`. */
import type { Tracer } from "../core/tracer";
import type { ArrayLike } from "./lift";
import { cross as crossOf } from "./linear";
import { byPosition, named } from "./arguments";
import { type DiagonalArguments, type DiagonalOptions, diagonal as diagonalOf, trace as traceOf } from "./matrix";

export * from "./linalg";
export { eig, eigvals } from "./linalg-eig";
export { type MatrixNormOrder, type NormOptions, cond, matrixNorm, norm, vectorNorm } from "./linalg-norm";
export { matmul, outer, tensordot, vecdot } from "./linear";
export { type PinvOptions, lstsq, pinv } from "./pseudo-inverse";
export { matrixTranspose } from "./shape";

/** Cross product along one axis. @example np.linalg.cross(np.array([1, 0, 0]), np.array([0, 1, 0])).js(); // => [0, 0, 1] */
export function cross(x1: ArrayLike, x2: ArrayLike, axis: number | { axis?: number } = -1): Tracer {
  return crossOf(x1, x2, { axis: named<"axis", number>("axis", axis, -1) });
}

/** The last two axes, unless others are given. */
const ofMatrices = (rest: DiagonalArguments): DiagonalOptions => ({
  axis1: -2,
  axis2: -1,
  ...byPosition<DiagonalOptions>(["offset", "axis1", "axis2"], rest, ["dtype"]),
});

/** Diagonals of matrices in the last two axes. @example np.linalg.diagonal(np.eye(2)).js(); // => [1, 1] */
export function diagonal(a: ArrayLike, ...rest: DiagonalArguments): Tracer {
  return diagonalOf(a, ofMatrices(rest));
}

/** Traces of matrices in the last two axes. @example np.linalg.trace(np.eye(2)).js(); // => 2 */
export function trace(a: ArrayLike, ...rest: DiagonalArguments): Tracer {
  return traceOf(a, ofMatrices(rest));
}
