/** Arithmetic on whole trees of arrays. */
import { type Array, type DType, numpy as np, tree } from "@jax-js/jax";
import { type Params, mapLeaves } from "./base";

/** Order of a norm: 1, 2, "inf" or "infinity"; null means 2. */
export type NormOrd = 1 | 2 | "inf" | "infinity" | number | null;

const leavesOf = (tr: Params): Array[] => tree.leaves(tr) as Array[];

const total = (xs: readonly Array[]): Array => xs.reduce((a, b) => a.add(b), np.array(0));

/**
 * Sum of all elements of all leaves; a scalar.
 * @example
 * treeSum({ a: np.ones([2]), b: np.ones([3]) }).item(); // => 5
 */
export function treeSum(tr: Params): Array {
  return total(leavesOf(tr).map((x) => np.sum(x)));
}

/**
 * Greatest element of all leaves; a scalar.
 * @example
 * treeMax({ a: np.array([1, 7]), b: np.array([3]) }).item(); // => 7
 */
export function treeMax(tr: Params): Array {
  return leavesOf(tr)
    .map((x) => np.max(x))
    .reduce((a, b) => np.maximum(a, b));
}

/**
 * Norm of all elements taken as one vector; with `squared`, its square (orders 1 and 2).
 * @example
 * treeNorm({ a: np.array([3]), b: np.array([4]) }).item(); // => 5
 */
export function treeNorm(tr: Params, ord: NormOrd = 2, squared = false): Array {
  const leaves = leavesOf(tr);
  const finish = (x: Array): Array => (squared ? np.square(x) : x);
  if (ord === null || ord === 2) {
    const sum = total(leaves.map((x) => np.sum(np.square(x))));
    return squared ? sum : np.sqrt(sum);
  }
  if (ord === 1) return finish(total(leaves.map((x) => np.sum(np.abs(x)))));
  if (ord === "inf" || ord === "infinity" || ord === Infinity) {
    return finish(leaves.map((x) => np.max(np.abs(x))).reduce((a, b) => np.maximum(a, b)));
  }
  throw new RangeError(`treeNorm: unsupported ord, got ${String(ord)}; expected 1, 2, "inf" or null`);
}

/**
 * Zeros like every leaf, in the leaf's dtype or the one given.
 * @example
 * treeZerosLike({ a: np.ones([2]) }).a.js(); // => [0, 0]
 */
export function treeZerosLike<P>(tr: P, dtype?: DType): P {
  return mapLeaves((x) => np.zerosLike(x, { dtype: dtype ?? x.dtype }), tr);
}

/**
 * Ones like every leaf, in the leaf's dtype or the one given.
 * @example
 * treeOnesLike({ a: np.zeros([2]) }).a.js(); // => [1, 1]
 */
export function treeOnesLike<P>(tr: P, dtype?: DType): P {
  return mapLeaves((x) => np.onesLike(x, { dtype: dtype ?? x.dtype }), tr);
}

/**
 * Exponential moving average of the `order`-th power: `decay * m + (1 - decay) * u ** order`.
 * @example
 * treeUpdateMoment({ w: np.array([2]) }, { w: np.array([1]) }, 0.5, 1).w.js(); // => [1.5]
 */
export function treeUpdateMoment<P>(updates: P, moments: P, decay: number, order: number): P {
  const power = (u: Array): Array => (order === 1 ? u : order === 2 ? np.square(u) : np.power(u, order));
  return mapLeaves(
    (u, m) =>
      power(u)
        .mul(1 - decay)
        .add(m.mul(decay)),
    updates,
    moments,
  );
}

/**
 * Divides moments by `1 - decay ** count`, which undoes their start at zero. `count` is a scalar, at least 1.
 * @example
 * treeBiasCorrection({ w: np.array([0.5]) }, 0.5, np.array(1)).w.js(); // => [1]
 */
export function treeBiasCorrection<P>(moments: P, decay: number, count: Array): P {
  const correction = np.power(np.array(decay), count.astype("float32")).neg().add(1);
  return mapLeaves((m) => m.div(correction.astype(m.dtype)), moments);
}
