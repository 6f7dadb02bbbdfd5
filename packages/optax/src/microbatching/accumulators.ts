/** Ways to gather what a function gives for one small batch after the other. */
import { type Array, numpy as np } from "@jax-js/jax";
import { mapLeaves, mapTree } from "../base";

/** A shape and dtype. */
interface ShapeDtype {
  readonly shape: readonly number[];
  readonly dtype: Array["dtype"];
}

/**
 * Names of the usual ways: the sum or the mean of what the small batches give, the mean of as many as there were
 * (RUNNING_MEAN), or all of it in the order of the batch (CONCAT).
 *
 * Source: optax.microbatching.AccumulationType.
 * @example
 * AccumulationType.SUM; // => "sum"
 */
export const AccumulationType = { MEAN: "mean", SUM: "sum", RUNNING_MEAN: "runningMean", CONCAT: "concat" } as const;
export type AccumulationType = (typeof AccumulationType)[keyof typeof AccumulationType];

/* eslint-disable @typescript-eslint/no-explicit-any -- values are trees of any depth */
/** A way to gather values: `init` of the shapes and dtypes of one, `update` with each, `finalize` at the end. */
export interface AccumulatorFunctions {
  init: (shapes: any) => any;
  update: (carry: any, value: any, index: Array) => any;
  finalize: (carry: any) => any;
  /** From all values at once, stacked along a leading axis. */
  aggregate: (values: any) => any;
}
/* eslint-enable @typescript-eslint/no-explicit-any */

/**
 * A way to gather values, in four functions.
 *
 * Source: optax.microbatching.Accumulator.
 * @example
 * const id = (x) => x;
 * new Accumulator({ init: id, update: (carry, value) => value, finalize: id, aggregate: id }).finalize(3); // => 3
 */
export class Accumulator implements AccumulatorFunctions {
  readonly init: AccumulatorFunctions["init"];
  readonly update: AccumulatorFunctions["update"];
  readonly finalize: AccumulatorFunctions["finalize"];
  readonly aggregate: AccumulatorFunctions["aggregate"];

  constructor({ init, update, finalize, aggregate }: AccumulatorFunctions) {
    this.init = init;
    this.update = update;
    this.finalize = finalize;
    this.aggregate = aggregate;
  }
}

const zeros = ({ shape, dtype }: ShapeDtype, leading: number[] = []): Array =>
  np.zeros([...leading, ...shape], { dtype });

function floatZeros(x: ShapeDtype): Array {
  if (/float/.test(x.dtype)) return zeros(x);
  throw new TypeError(`microbatch: means are of floats, got ${x.dtype}; gather it with AccumulationType.CONCAT`);
}

/** Functions of arrays, applied to the leaves of trees. */
function lifted(f: AccumulatorFunctions): Accumulator {
  const each = (g: (x: never) => unknown) => (x: unknown) => mapTree(g as never, x);
  return new Accumulator({
    init: each(f.init),
    update: (carry: unknown, value: unknown, index) =>
      mapLeaves((c: Array, v: Array) => f.update(c, v, index) as Array, carry, value),
    finalize: each(f.finalize),
    aggregate: each(f.aggregate),
  });
}

const same = <T>(x: T): T => x;
const add = (carry: Array, value: Array): Array => carry.add(value);
const meanOf = (x: Array): Array => np.mean(x, 0);

function usual(type: AccumulationType, nBatches: number): Accumulator {
  switch (type) {
    case "sum":
      return lifted({
        init: (x: ShapeDtype) => zeros(x),
        update: add,
        finalize: same,
        aggregate: (x: Array) => np.sum(x, 0),
      });
    case "mean":
      return lifted({ init: floatZeros, update: add, finalize: (x: Array) => x.div(nBatches), aggregate: meanOf });
    case "runningMean":
      return lifted({
        init: floatZeros,
        update: (carry: Array, value: Array, i: Array) => {
          const known = i.astype(carry.dtype).div(i.add(1).astype(carry.dtype));
          return carry.mul(known).add(value.mul(known.neg().add(1)));
        },
        finalize: same,
        aggregate: meanOf,
      });
    case "concat":
      return lifted({
        init: (x: ShapeDtype) => zeros(x, [nBatches]),
        update: (carry: Array, value: Array, i: Array) => {
          const here = np
            .arange(nBatches)
            .equal(i)
            .reshape([nBatches, ...value.shape.map(() => 1)]);
          return np.where(here, np.expandDims(value, 0), carry);
        },
        // Example k of a batch is in small batch k mod n.
        finalize: (x: Array) => (x.ndim < 2 ? x : np.swapaxes(x, 0, 1).reshape([-1, ...x.shape.slice(2)])),
        aggregate: same,
      });
    default:
      throw new RangeError(`microbatch: unknown accumulator ${String(type satisfies never)}`);
  }
}

/** One accumulator, or a tree of them like the top of what the function gives. */
export type AccumulatorTree = Accumulator | AccumulationType | readonly unknown[] | Record<string, unknown>;

/** One accumulator for a tree of them. */
export function composed(accumulators: AccumulatorTree, nBatches: number): Accumulator {
  const parts: unknown = mapTree(
    ((a: Accumulator | AccumulationType) => (a instanceof Accumulator ? a : usual(a, nBatches))) as never,
    accumulators,
  );
  const each = (g: (a: Accumulator, ...values: unknown[]) => unknown, ...values: unknown[]): unknown =>
    mapTree(g as never, parts, ...values);
  return new Accumulator({
    init: (shapes: unknown) => each((a, x) => a.init(x) as unknown, shapes),
    update: (carry: unknown, value: unknown, i) => each((a, c, v) => a.update(c, v, i) as unknown, carry, value),
    finalize: (carry: unknown) => each((a, c) => a.finalize(c) as unknown, carry),
    aggregate: (values: unknown) => each((a, v) => a.aggregate(v) as unknown, values),
  });
}
