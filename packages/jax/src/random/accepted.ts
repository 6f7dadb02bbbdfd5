/** Rejection without a loop: candidates of a fixed number of rounds (axis 0) are made at once, and one is taken. */
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { broadcastArray, constantLike } from "../numpy/lift";
import * as ops from "../ops/index";

/** For each place, the first candidate that is accepted; of none, the first candidate. */
export function firstAccepted(candidates: Tracer, accepted: Tracer): Tracer {
  return candidateAt(candidates, ops.argmax(ops.convertElementType(accepted, "int32"), 0));
}

/**
 * For each place, the last candidate that is accepted up to the round when all places of the sample, its `ndim` trailing
 * axes, have one: what JAX's loop leaves, which goes on for all places until the last is done.
 */
export function lastAccepted(candidates: Tracer, accepted: Tracer, ndim: number): Tracer {
  const taken = ops.convertElementType(accepted, "int32");
  const axes = range(taken.ndim - ndim, taken.ndim);
  const done = ops.cummax(taken, 0);
  const allDone = axes.length === 0 ? done : ops.reduceMin(done, axes); // [rounds, ...batch]
  const rounds = ops.iota("int32", taken.shape, 0);
  // Round r runs if all were not done at the end of round r - 1: there are as many earlier done rounds as 0.
  const before = ops.sub(ops.cumsum(allDone, 0), allDone);
  const runs = ops.eq(ops.broadcastInDim(before, taken.shape, range(before.ndim)), constantLike(taken, 0));
  const valid = ops.and(accepted, runs);
  return candidateAt(candidates, ops.reduceMax(ops.where(valid, rounds, constantLike(rounds, 0)), [0]));
}

/** The candidate of one round for each place. */
function candidateAt(candidates: Tracer, round: Tracer): Tracer {
  const rounds = ops.iota("int32", candidates.shape, 0);
  const here = ops.eq(rounds, broadcastArray(round, candidates.shape));
  return ops.reduceSum(ops.where(here, candidates, constantLike(candidates, 0)), [0]);
}
