/** A product with an approximate inverse of the Hessian, from the last changes of parameters and gradients. */
import { type Array, lax, numpy as np } from "@jax-js/jax";
import { GradientTransformation, type Scalar, mapLeaves, needParams } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { treeZerosLike } from "../tree/make";
import { treeAddScale, treeScale, treeSub } from "../tree/math";
import { treeNorm, treeVdot } from "../tree/reduce";

export interface ScaleByLbfgsOptions {
  /** Number of changes that are kept; 10. */
  memorySize?: number;
  /** Scale the first approximation by the last change; true. */
  scaleInitPrecond?: boolean;
}

export interface ScaleByLBFGSState<P = unknown> {
  count: Array;
  params: P;
  updates: P;
  /** Leaves have a leading axis of size memorySize, as the next. */
  diffParamsMemory: P;
  diffUpdatesMemory: P;
  weightsMemory: Array;
}

/**
 * Multiplies updates by the approximate inverse of the Hessian that the last changes of parameters and gradients give. State
 * `{ count, params, updates, diffParamsMemory, diffUpdatesMemory, weightsMemory }`.
 *
 * Options: memorySize = 10, scaleInitPrecond = true; by position too.
 * Errors: RangeError for a memorySize less than 1; TypeError if `update` is called without params.
 * Source: Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989; optax.scale_by_lbfgs.
 * @example
 * const tx = scaleByLbfgs();
 * const params = np.array([2]);
 * const [first, state] = tx.update(np.array([8]), tx.init(params), params);
 * [first.js(), tx.update(np.array([4]), state, np.array([1]))[0].js()]; // => [[1], [1]]
 */
export function scaleByLbfgs(...rest: Rest<ScaleByLbfgsOptions>): GradientTransformation {
  const options = named<ScaleByLbfgsOptions>("scaleByLbfgs", ["memorySize", "scaleInitPrecond"], rest);
  const { memorySize = 10, scaleInitPrecond = true } = options;
  if (!(memorySize >= 1)) throw new RangeError(`scaleByLbfgs: memorySize must be at least 1, got ${memorySize}`);
  const stacked = (p: Array): Array => np.zeros([memorySize, ...p.shape], { dtype: p.dtype });

  return GradientTransformation(
    (params: unknown): ScaleByLBFGSState => ({
      count: zeroCount(),
      params: treeZerosLike(params),
      updates: treeZerosLike(params),
      diffParamsMemory: mapLeaves(stacked, params),
      diffUpdatesMemory: mapLeaves(stacked, params),
      weightsMemory: np.zeros([memorySize]),
    }),
    (updates: unknown, state, given) => {
      const params: unknown = needParams("scaleByLbfgs", given);
      const { count } = state;
      const started = count.greater(0);
      const known = <P>(x: P): P => mapLeaves((a) => np.where(started, a, np.zerosLike(a)), x);
      const s = known(treeSub(params, state.params));
      const y = known(treeSub(updates, state.updates));
      const product = treeVdot(y, s);
      const weight = np.where(product.equal(0), 0, np.reciprocal(product)).astype("float32");

      const slot = np.mod(count.sub(1), memorySize);
      const isSlot = np.arange(memorySize).equal(slot); // [memory]
      const stored = (memory: Array, x: Array): Array =>
        np.where(isSlot.reshape([memorySize, ...x.shape.map(() => 1)]), np.expandDims(x, 0), memory);
      const diffParamsMemory = mapLeaves(stored, state.diffParamsMemory, s);
      const diffUpdatesMemory = mapLeaves(stored, state.diffUpdatesMemory, y);
      const weightsMemory = stored(state.weightsMemory, weight);

      const memory = { diffParamsMemory, diffUpdatesMemory, weightsMemory };
      const scale = scaleInitPrecond ? firstScale(updates, y, product, started) : 1;
      const out = precondition(updates, memory, scale, np.mod(count, memorySize));
      return [out, { count: safeIncrement(count), params, updates, ...memory }];
    },
  );
}

/** Size of the inverse Hessian: `<y, s> / <y, y>`, and before there is a change `min(1, 1 / |g|)`. */
function firstScale(updates: unknown, y: unknown, product: Array, started: Array): Array {
  const square = treeNorm(y, 2, true);
  const fromChange = np.where(square.greater(0), product.div(square), 1);
  const capped = np.minimum(np.reciprocal(lax.stopGradient(treeNorm(updates))), 1);
  return np.where(started, fromChange, capped);
}

type Memory = Pick<ScaleByLBFGSState, "diffParamsMemory" | "diffUpdatesMemory" | "weightsMemory">;

/** The two-loop recursion. Slots are visited from the newest to the oldest and back; empty ones have weight 0. */
function precondition(updates: unknown, memory: Memory, scale: Scalar, oldest: Array): unknown {
  const { diffParamsMemory, diffUpdatesMemory, weightsMemory } = memory;
  const size = weightsMemory.shape[0]!;
  const slots = np.mod(np.arange(size).add(oldest), size).astype("int32"); // oldest first
  const row = (x: Array, slot: Array): Array => np.take(x, slot, 0);
  const at = (slot: Array): { s: unknown; y: unknown; weight: Array } => ({
    s: mapLeaves((x) => row(x, slot), diffParamsMemory),
    y: mapLeaves((x) => row(x, slot), diffUpdatesMemory),
    weight: row(weightsMemory, slot),
  });
  const down = (q: unknown, slot: Array): [unknown, Array] => {
    const { s, y, weight } = at(slot);
    const alpha = weight.mul(treeVdot(s, q));
    return [treeAddScale(q, alpha.neg(), y), alpha];
  };
  const up = (r: unknown, [slot, alpha]: [Array, Array]): [unknown, null] => {
    const { s, y, weight } = at(slot);
    const beta = weight.mul(treeVdot(y, r));
    return [treeAddScale(r, alpha.sub(beta), s), null];
  };
  const [q, alphas] = lax.scan(down as never, updates, slots, { reverse: true } as never) as [unknown, Array];
  const [out] = lax.scan(up as never, treeScale(scale, q), [slots, alphas]) as [unknown, unknown];
  return out;
}
