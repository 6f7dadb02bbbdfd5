/** One number from a whole tree of arrays. */
import { type Array, numpy as np, tree } from "@jax-js/jax";
import { mapLeaves, pure } from "../base";
import { type Rest, named, checkNames } from "../named";

/** Order of a norm: 1, 2, "inf" or "infinity"; null means 2. */
export type NormOrd = 1 | 2 | "inf" | "infinity" | number | null;

const leavesOf = (tr: unknown): Array[] => tree.leaves(tr) as Array[];
const total = (xs: readonly Array[]): Array => (xs.length === 0 ? np.array(0) : xs.reduce((a, b) => a.add(b)));
const greatest = (xs: readonly Array[]): Array => xs.reduce((a, b) => np.maximum(a, b));

/**
 * Sum of all elements of all leaves; a scalar.
 *
 * Source: optax.tree.sum.
 * @example
 * treeSum({ a: np.ones([2]), b: np.ones([3]) }).item(); // => 5
 */
export function treeSum(tr: unknown): Array {
  return pure(() => total(leavesOf(tr).map((x) => np.sum(x))), [tr]);
}

/**
 * Greatest element of all leaves; a scalar.
 *
 * Source: optax.tree.max.
 * @example
 * treeMax({ a: np.array([1, 7]), b: np.array([3]) }).item(); // => 7
 */
export function treeMax(tr: unknown): Array {
  return pure(() => greatest(leavesOf(tr).map((x) => np.max(x))), [tr]);
}

/**
 * Least element of all leaves; a scalar.
 *
 * Source: optax.tree.min.
 * @example
 * treeMin({ a: np.array([1, 7]), b: np.array([3]) }).item(); // => 1
 */
export function treeMin(tr: unknown): Array {
  return pure(
    () =>
      leavesOf(tr)
        .map((x) => np.min(x))
        .reduce((a, b) => np.minimum(a, b)),
    [tr],
  );
}

/** Number of all elements. @example treeSize({ a: np.ones([2, 3]), b: np.ones([1]) }); // => 7 */
export function treeSize(tr: unknown): number {
  return leavesOf(tr).reduce((n, x) => n + x.size, 0);
}

/**
 * Inner product of two trees taken as vectors; a scalar.
 *
 * Source: optax.tree.vdot.
 * @example
 * treeVdot({ a: np.array([1, 2]) }, { a: np.array([3, 4]) }).item(); // => 11
 */
export function treeVdot(x: unknown, y: unknown): Array {
  return pure(() => total(leavesOf(mapLeaves((a, b) => np.sum(a.mul(b)), x, y))), [x, y]);
}

/**
 * Norm of all elements taken as one vector; with `squared`, its square.
 *
 * Errors: RangeError for orders other than 1, 2 and infinity.
 * Source: optax.tree.norm.
 * @example
 * treeNorm({ a: np.array([3]), b: np.array([4]) }).item(); // => 5
 */
export function treeNorm(tr: unknown, ord: NormOrd | { ord?: NormOrd; squared?: boolean } = 2, squared = false): Array {
  if (typeof ord === "object" && ord !== null) {
    checkNames("treeNorm", ["ord", "squared"], ord);
    return treeNorm(tr, ord.ord, ord.squared);
  }
  const finish = (x: Array): Array => (squared ? np.square(x) : x);
  return pure(() => {
    const leaves = leavesOf(tr);
    if (ord === null || ord === 2) {
      const sum = total(leaves.map((x) => np.sum(np.square(x))));
      return squared ? sum : np.sqrt(sum);
    }
    if (ord === 1) return finish(total(leaves.map((x) => np.sum(np.abs(x)))));
    if (ord === "inf" || ord === "infinity" || ord === Infinity) {
      return finish(leaves.length === 0 ? np.array(0) : greatest(leaves.map((x) => np.max(np.abs(x)))));
    }
    throw new RangeError(`treeNorm: unsupported ord, got ${String(ord)}; expected 1, 2, "inf" or null`);
  }, [tr]);
}

/** Euclidean norm of the whole tree. @example treeL2Norm([np.array([3]), np.array([4])]).item(); // => 5 */
export function treeL2Norm(tr: unknown, squared = false): Array {
  return treeNorm(tr, 2, squared);
}

/** Sum of absolute values of the whole tree. @example treeL1Norm([np.array([3]), np.array([-4])]).item(); // => 7 */
export function treeL1Norm(tr: unknown): Array {
  return treeNorm(tr, 1);
}

/** Greatest absolute value of the whole tree. @example treeLinfNorm([np.array([3]), np.array([-4])]).item(); // => 4 */
export function treeLinfNorm(tr: unknown): Array {
  return treeNorm(tr, "inf");
}

/** Euclidean norm of all updates together. @example globalNorm([np.array([3]), np.array([4])]).item(); // => 5 */
export function globalNorm(updates: unknown): Array {
  return treeNorm(updates, 2);
}

export interface AllcloseOptions {
  rtol?: number;
  atol?: number;
  equalNan?: boolean;
}

/**
 * True where all leaves are close, as `np.allclose`; a bool scalar.
 *
 * Source: optax.tree.allclose.
 * @example
 * treeAllclose([np.array([1])], [np.array([1.0000001])]).item(); // => 1
 */
export function treeAllclose(a: unknown, b: unknown, ...rest: Rest<AllcloseOptions>): Array {
  const options = named<AllcloseOptions>("treeAllclose", ["rtol", "atol", "equalNan"], rest);
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options;
  const close = (x: Array, y: Array): Array => np.all(np.isclose(x, y, { rtol, atol, equalNan } as never));
  return pure(() => leavesOf(mapLeaves(close, a, b)).reduce((x, y) => np.logicalAnd(x, y), np.array(true)), [a, b]);
}
