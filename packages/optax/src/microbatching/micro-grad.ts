/** Maps and gradients over examples in small batches. */
import { type Array, numpy as np, tree, valueAndGrad, vmap } from "@jax-js/jax";
import { type Scalar, mapLeaves, pure } from "../base";
import { type Rest, named, checkNames } from "../named";
import { AccumulationType, type AccumulatorTree, composed } from "./accumulators";
import { type AnyFunction, listOf, microbatch } from "./microbatch";

type VmapOf = (f: AnyFunction, inAxes: readonly (number | null)[]) => (...args: unknown[]) => unknown;

export interface MicroVmapOptions {
  /** Size of small batches; null for the whole batch at once. */
  microbatchSize?: number | null;
  /** AccumulationType.CONCAT. */
  accumulator?: AccumulatorTree;
  numRealMicrobatches?: Scalar | null;
}

/**
 * `vmap(fun, inAxes)` on small batches, one after the other, and what it gives gathered by the accumulator.
 *
 * Options: microbatchSize, accumulator = AccumulationType.CONCAT, numRealMicrobatches.
 * Source: optax.microbatching.micro_vmap.
 * @example
 * microVmap((x) => x.mul(x), 0, { microbatchSize: 2 })(np.array([1, 2, 3, 4])).js(); // => [1, 4, 9, 16]
 */
export function microVmap<F extends AnyFunction>(
  fun: F,
  inAxes: number | readonly (number | null)[] = 0,
  options: MicroVmapOptions = {},
): F {
  checkNames("microVmap", ["microbatchSize", "accumulator", "numRealMicrobatches"], options);
  const { microbatchSize = null, accumulator = AccumulationType.CONCAT, numRealMicrobatches = null } = options;
  const axes = listOf<number | null>(inAxes);
  const mapped = (...args: unknown[]): unknown => {
    const out = (vmap as unknown as VmapOf)(fun, axes)(...args);
    const n = tree.leaves<Array>(out)[0]!.shape[0]!;
    return composed(accumulator, n).aggregate(out) as unknown;
  };
  const nums = axes.flatMap((a, i) => (a === null ? [] : [i]));
  const batchAxes = axes.filter((a) => a !== null);
  const small = microbatch(mapped, nums, microbatchSize, accumulator, { inAxes: batchAxes, numRealMicrobatches });
  return ((...args: unknown[]) => pure(() => small(...args), args)) as F;
}

export interface MicroGradOptions extends MicroVmapOptions {
  /** fun gives `[value, aux]`; false. */
  hasAux?: boolean;
  /** Arguments to differentiate with respect to; 0. */
  argnums?: number | readonly number[];
  /** Arguments with a leading batch axis; 1. */
  batchArgnums?: number | readonly number[];
  /** Examples keep a batch axis of size 1; true. */
  keepBatchDim?: boolean;
  /** Applied to the gradient of each example, clipping for instance. */
  transformFn?: (grad: never) => unknown;
  /** A measurement of the gradient of each example. */
  metricsFn?: (grad: never) => unknown;
}

const names = [
  "hasAux", "argnums", "batchArgnums", "keepBatchDim", "microbatchSize", "accumulator", "transformFn", "metricsFn",
  "numRealMicrobatches",
] as const; // prettier-ignore

/** What there is of every example. */
export interface IndividualOutputs {
  values: Array;
  metrics: unknown;
  aux: unknown;
}

/**
 * Gradients of examples, transformed and gathered (summed by default), with the values, metrics and aux of every example.
 *
 * Arguments: fun, hasAux = false, argnums = 0, then options batchArgnums = 1, keepBatchDim = true, microbatchSize,
 * accumulator = AccumulationType.SUM, transformFn, metricsFn, numRealMicrobatches; the first by name too.
 * Source: optax.microbatching.micro_grad.
 * @example
 * const loss = (w, x) => np.sum(w.mul(x));
 * const [grad, { values }] = microGrad(loss, { microbatchSize: 1 })(np.array(2), np.array([1, 3]));
 * [grad.item(), values.js()]; // => [4, [2, 6]]
 */
export function microGrad(
  fun: AnyFunction,
  ...rest: Rest<MicroGradOptions>
): (...args: unknown[]) => [grad: unknown, individual: IndividualOutputs] {
  const options = named<MicroGradOptions>("microGrad", names, rest) as MicroGradOptions;
  const { hasAux = false, argnums = 0, batchArgnums = 1, keepBatchDim = true, microbatchSize = null } = options;
  const { accumulator = AccumulationType.SUM, numRealMicrobatches = null, transformFn, metricsFn } = options;
  const batch = listOf(batchArgnums);
  const withAux = hasAux ? fun : (...args: unknown[]): unknown => [fun(...args), null];
  const ofExample = (...args: unknown[]): unknown => {
    const f = valueAndGrad(withAux as never, { argnums: argnums as never, hasAux: true }) as unknown as AnyFunction;
    const [[values, aux], grad] = f(...args) as [[Array, unknown], unknown];
    const result = transformFn === undefined ? grad : transformFn(grad as never);
    return [result, { values, metrics: metricsFn?.(grad as never) ?? null, aux }];
  };
  const axes = globalThis.Array.from({ length: Math.max(...batch) + 1 }, (_, i) => (batch.includes(i) ? 0 : null));
  const whole = [accumulator, AccumulationType.CONCAT];
  const mapped = microVmap(ofExample, axes, { microbatchSize, accumulator: whole, numRealMicrobatches });
  const extra = (x: unknown): unknown => mapLeaves((a) => np.expandDims(a, 1), x);
  return (...args) =>
    pure(() => {
      const given = args.map((x, i) => (keepBatchDim && batch.includes(i) ? extra(x) : x));
      return mapped(...given) as [unknown, IndividualOutputs];
    }, args);
}
