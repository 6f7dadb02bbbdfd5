/** Rejection without a loop of unknown length: a fixed number of rounds, of which a place takes what is accepted. */
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { constantLike } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

/** Does a step n times. What all but the last few steps made is freed. */
export function repeat<S>(n: number, state: S, step: (state: S) => S): S {
  if (n === 1) return owned(() => step(state));
  const half = n >> 1;
  return owned(() => repeat(n - half, repeat(half, state, step), step));
}

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

/** Candidates of all rounds, and which are accepted: bit r is that of round r. */
export interface Trials {
  readonly candidates: readonly Tracer[];
  readonly mask: Tracer;
}

/** No rounds yet, for places in the shape of x. */
export function startTrials(x: Tracer): Trials {
  return { candidates: [], mask: ops.full(x.shape, 0, "int32") };
}

/** One round more. */
export function addTrial({ candidates, mask }: Trials, candidate: Tracer, good: Tracer): Trials {
  const bit = ops.where(good, constantLike(mask, 2 ** candidates.length), constantLike(mask, 0));
  return { candidates: [...candidates, candidate], mask: ops.or(mask, bit) };
}

/**
 * For each place, the last candidate accepted up to the round when all places of the sample, its `ndim` trailing axes,
 * have one: what JAX's loop leaves, which goes on for all places until the last is done.
 */
export function lastAccepted({ candidates, mask }: Trials, ndim: number): Tracer {
  const zero = constantLike(mask, 0);
  const axes = range(mask.ndim - ndim, mask.ndim);
  // The lowest bit is the first accepted round; the highest of those ends the loop.
  const end = constantLike(mask, 2 ** (candidates.length - 1));
  const first = ops.where(ops.eq(mask, zero), end, ops.and(mask, ops.neg(mask)));
  const last = axes.length === 0 ? first : ops.reduceMax(first, axes);
  const limit = ops.broadcastInDim(last, mask.shape, range(last.ndim));
  let value = constantLike(candidates[0]!, 0);
  candidates.forEach((candidate, r) => {
    const bit = constantLike(mask, 2 ** r);
    const take = ops.and(ops.ne(ops.and(mask, bit), zero), ops.le(bit, limit));
    value = ops.where(take, candidate, value);
  });
  return value;
}
