/** Which elements of the arguments of a loss belong together. */
import { type Array, numpy as np } from "@jax-js/jax";

export interface AxisOptions {
  /** The axis, or axes, of classes or features; the last. */
  axis?: number | number[] | null;
  /** True for elements that take part; all of them by default. */
  where?: Array;
}

export const axisNames = ["axis", "where"] as const;

/** A mask of the shape without the axis, ready to broadcast along it. */
export function alongAxis(where: Array | undefined, x: Array, axis: number | number[] | null): Array | undefined {
  if (where === undefined || where.ndim === x.ndim || axis === null) return where;
  return np.expandDims(where, axis as number);
}
