/** Rejection without a loop: candidates of all rounds are made at once, and the first good one is taken. */
import type { Tracer } from "../core/tracer";
import { broadcastArray, constantLike } from "../numpy/lift";
import * as ops from "../ops/index";

/** For each place, the candidate of the first round (axis 0) that is accepted; of none, the first candidate. */
export function firstAccepted(candidates: Tracer, accepted: Tracer): Tracer {
  const first = ops.argmax(ops.convertElementType(accepted, "int32"), 0);
  const rounds = ops.iota("int32", candidates.shape, 0);
  const here = ops.eq(rounds, broadcastArray(first, candidates.shape));
  return ops.reduceSum(ops.where(here, candidates, constantLike(candidates, 0)), [0]);
}
