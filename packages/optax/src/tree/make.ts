/** Trees of fresh arrays in the form of another tree. */
import { type Array, type DType, numpy as np, random, tree } from "@jax-js/jax";
import { type Params, type Scalar, isArray, mapLeaves, pure } from "../base";

/**
 * Zeros like every leaf, in the leaf's dtype or the one given.
 *
 * Source: optax.tree.zeros_like.
 * @example
 * treeZerosLike({ a: np.ones([2]) }).a.js(); // => [0, 0]
 */
export function treeZerosLike<P>(tr: P, dtype?: DType | null): P {
  return mapLeaves((x) => np.zerosLike(x, { dtype: dtype ?? x.dtype }), tr);
}

/**
 * Ones like every leaf, in the leaf's dtype or the one given.
 *
 * Source: optax.tree.ones_like.
 * @example
 * treeOnesLike({ a: np.zeros([2]) }).a.js(); // => [1, 1]
 */
export function treeOnesLike<P>(tr: P, dtype?: DType | null): P {
  return mapLeaves((x) => np.onesLike(x, { dtype: dtype ?? x.dtype }), tr);
}

/**
 * Arrays like every leaf, full of one value.
 *
 * Source: optax.tree.full_like.
 * @example
 * treeFullLike({ a: np.zeros([2]) }, 3).a.js(); // => [3, 3]
 */
export function treeFullLike<P>(tr: P, fillValue: Scalar, dtype?: DType | null): P {
  return mapLeaves((x) => np.fullLike(x, fillValue, { dtype: dtype ?? x.dtype }), tr);
}

/**
 * A key for every leaf.
 *
 * Source: optax.tree.split_key_like.
 * @example
 * jax.tree.leaves(treeSplitKeyLike(random.key(0), { a: np.ones([2]), b: np.ones([1]) })).length; // => 2
 */
export function treeSplitKeyLike<P>(key: Array, tr: P): P {
  return pure(() => {
    const treedef = tree.structure(tr);
    const keys = random.split(key, treedef.size);
    return tree.unflatten(
      treedef,
      list(treedef.size, (i) => keys.slice(i)),
    ) as P;
  }, [key, tr]);
}

const list = <T>(n: number, f: (i: number) => T): T[] => globalThis.Array.from({ length: n }, (_, i) => f(i));

/** Draws an array: `random.normal`, say. */
export type Sampler = (key: Array, shape: number[], dtype?: DType) => Array;

const normal: Sampler = (key, shape, dtype) => random.normal(key, shape, { dtype } as never);

/**
 * Random arrays in the shapes of the leaves, standard normal unless a sampler is given.
 *
 * Source: optax.tree.random_like.
 * @example
 * treeRandomLike(random.key(0), { a: np.ones([2, 3]) }).a.shape; // => [2, 3]
 */
export function treeRandomLike<P>(key: Array, tr: P, sampler: Sampler = normal, dtype?: DType | null): P {
  return pure(
    () => mapLeaves((x, k) => sampler(k, x.shape, dtype ?? x.dtype), tr, treeSplitKeyLike(key, tr)),
    [key, tr],
  );
}

/**
 * A leading batch shape for every leaf.
 *
 * Source: optax.tree.batch_shape.
 * @example
 * treeBatchShape({ a: np.ones([3]) }, [2]).a.shape; // => [2, 3]
 */
export function treeBatchShape<P>(tr: P, shape: number[] = []): P {
  return pure(() => mapLeaves((x) => np.broadcastTo(x, [...shape, ...x.shape]), tr), [tr]);
}

/** Applies f to the arrays of a tree and leaves what else is a leaf. */
export const mapArrays = (f: (x: Array) => unknown, tr: unknown): unknown =>
  tree.map((x: unknown) => (isArray(x) ? f(x) : x), tr as Params);
