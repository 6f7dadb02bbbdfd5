/** Rejection: as many rounds as surely are enough, of which those are passed over in which no place waits any more. */
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { cond } from "../lax/control";
import { plainScan } from "../lax/scan-loop";
import * as ops from "../ops/index";

/** Does a step n times, or until `done`, which gives one bool. */
export function repeat<S>(n: number, state: S, done: (state: S) => Tracer, step: (state: S) => S): S {
  const next = (now: S): [S, null] => [cond(done(now), (same: S) => same, step, now) as S, null];
  return plainScan(next, state, null, { length: n })[0] as S;
}

/** Whether bools hold everywhere. */
export const everywhere = (x: Tracer): Tracer => ops.reduceAnd(x, range(x.ndim));

/** The state of a search for an accepted candidate at each place. */
export interface Search {
  readonly value: Tracer;
  readonly accepted: Tracer;
}

/** Nothing accepted yet: zeros in the shape and dtype of x. */
export function startSearch(x: Tracer): Search {
  return { value: ops.full(x.shape, 0, x.dtype), accepted: ops.full(x.shape, false, "bool") };
}

/** Takes a candidate where none was accepted before: each place keeps its first. Of none it is the last. */
export function keepFirst({ value, accepted }: Search, candidate: Tracer, good: Tracer): Search {
  return { value: ops.where(accepted, value, candidate), accepted: ops.or(accepted, good) };
}

/**
 * Takes a good candidate at every place of a sample (its `ndim` trailing axes) until all of them have one: what JAX's
 * loop leaves, which goes on for all places until the last is done.
 */
export function keepLast({ value, accepted }: Search, candidate: Tracer, good: Tracer, ndim: number): Search {
  const batch = accepted.ndim - ndim;
  const finished = ops.reduceAnd(accepted, range(batch, accepted.ndim));
  const take = ops.and(good, ops.not(ops.broadcastInDim(finished, accepted.shape, range(batch))));
  return { value: ops.where(take, candidate, value), accepted: ops.or(accepted, good) };
}
