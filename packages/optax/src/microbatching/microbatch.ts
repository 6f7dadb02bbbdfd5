/** Functions of large batches, computed on one small batch after the other in less memory. */
import { checkNames } from "../named";
import { type Array, ShapeError, evalShape, lax, numpy as np, tree } from "@jax-js/jax";
import { type Scalar, mapLeaves, pure } from "../base";
import { AccumulationType, type AccumulatorTree, composed } from "./accumulators";

/* eslint-disable @typescript-eslint/no-explicit-any -- functions of the user's own arguments */
export type AnyFunction = (...args: any[]) => any;
/* eslint-enable @typescript-eslint/no-explicit-any */

export const listOf = <T>(x: T | readonly T[]): readonly T[] => [x].flat() as T[];

/**
 * Splits the batch axis into `[number of small batches, microbatchSize]`. Example k is in small batch k mod n, so that every
 * small batch has examples of all parts.
 *
 * Source: optax.microbatching.reshape_batch_axis.
 * @example
 * reshapeBatchAxis(np.arange(4), 2).js(); // => [[0, 2], [1, 3]]
 */
export function reshapeBatchAxis<P>(x: P, microbatchSize: number, axis = 0): P {
  const split = (a: Array): Array => {
    const shape = [...a.shape.slice(0, axis), microbatchSize, -1, ...a.shape.slice(axis + 1)];
    return np.swapaxes(a.reshape(shape), axis, axis + 1);
  };
  return pure(() => mapLeaves(split, x), [x]);
}

export interface MicrobatchOptions {
  /** Batch axis, of all batch arguments or of each; 0. */
  inAxes?: number | readonly number[];
  /** Number of small batches to compute, the others are padding; all. */
  numRealMicrobatches?: Scalar | null;
}

/** The size of the batch axes, which must be equal. */
function batchSizeOf(batches: readonly unknown[], axes: readonly number[], microbatchSize: number): number {
  const sizes = new Set(batches.flatMap((b, i) => tree.leaves<Array>(b).map((x) => x.shape[axes[i]!]!)));
  if (sizes.size !== 1) throw new ShapeError(`microbatch: batch axes must have one size, got ${[...sizes]}`);
  const [size] = [...sizes] as [number];
  if (size % microbatchSize !== 0) {
    throw new ShapeError(`microbatch: a batch of ${size} is not divisible into small batches of ${microbatchSize}`);
  }
  return size;
}

/**
 * `fun` on small batches of its batch arguments (those with numbers `argnums`), one after the other, and what it gives gathered
 * by the accumulator. A microbatchSize of null gives `fun` itself.
 *
 * Arguments: fun, argnums, microbatchSize, accumulator = AccumulationType.SUM; options inAxes = 0, numRealMicrobatches.
 * Errors: ShapeError for batches of different sizes, or of one not divisible by microbatchSize.
 * Source: optax.microbatch.
 * @example
 * const loss = (x) => np.sum(x.mul(x));
 * microbatch(loss, 0, 2)(np.array([1, 2, 3, 4])).item(); // => 30
 */
export function microbatch<F extends AnyFunction>(
  fun: F,
  argnums: number | readonly number[],
  microbatchSize: number | null,
  accumulator: AccumulatorTree = AccumulationType.SUM,
  options: MicrobatchOptions = {},
): F {
  checkNames("microbatch", ["inAxes", "numRealMicrobatches"], options);
  const { inAxes = 0, numRealMicrobatches = null } = options;
  if (microbatchSize === null) return fun;
  const nums = listOf(argnums);
  const axes = typeof inAxes === "number" ? nums.map(() => inAxes) : inAxes;
  const run = (...args: unknown[]): unknown => {
    const size = batchSizeOf(nums.map((n) => args[n]), axes, microbatchSize); // prettier-ignore
    const nBatches = size / microbatchSize;
    const acc = composed(accumulator, nBatches);
    const split = nums.map((n, i) => reshapeBatchAxis(args[n], microbatchSize, axes[i]!));
    const at = (index: Array): unknown => {
      const given = [...args];
      nums.forEach((n, i) => (given[n] = mapLeaves((x) => np.take(x, index, axes[i]!), split[i])));
      return fun(...given) as unknown;
    };
    const shapes = evalShape(at as never, np.array(0, { dtype: "int32" })) as unknown;
    const body = (index: Array, carry: unknown): unknown => acc.update(carry, at(index), index) as unknown;
    const end = lax.foriLoop(0, numRealMicrobatches ?? nBatches, body as never, acc.init(shapes)) as unknown;
    return acc.finalize(end) as unknown;
  };
  return ((...args: unknown[]) => pure(() => run(...args), args)) as F;
}
