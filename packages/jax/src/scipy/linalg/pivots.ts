/** Columns of matrices taken in another order. */
import type { Tracer } from "../../core/tracer";
import { gatherAlong } from "../../numpy/gather";
import { broadcastArray } from "../../numpy/lift";
import * as ops from "../../ops/index";

/** The order of the columns in which each has the longest rest of those left. */
export function columnOrder(x: Tracer): Tracer {
  const [, , order] = ops.geqrf(ops.stopGradient(x), true) as [Tracer, Tracer, Tracer];
  return order;
}

/** `x[.., :, order]`. */
export function takeColumns(x: Tracer, order: Tracer): Tracer {
  const n = order.shape[order.ndim - 1]!;
  const index = ops.reshape(order, [...order.shape.slice(0, -1), 1, n]);
  return gatherAlong(x, broadcastArray(index, x.shape), x.ndim - 1, "promise_in_bounds");
}
