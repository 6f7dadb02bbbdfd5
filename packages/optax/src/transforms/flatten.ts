/** All updates as one vector. */
import { type Array, numpy as np, tree } from "@jax-js/jax";
import { type OptState, GradientTransformation } from "../base";

/**
 * Flattens all updates to one vector for a transformation: fewer, larger operations, and statistics of all at once.
 *
 * Source: optax.flatten.
 * @example
 * const tx = flatten(scale(2));
 * tx.update({ a: np.ones([1]), b: np.ones([2]) }, tx.init({}))[0].b.js(); // => [2, 2]
 */
export function flatten(inner: GradientTransformation): GradientTransformation {
  return GradientTransformation(
    (params: unknown) => inner.init(vector(params)) as OptState,
    (updates: unknown, state, params: unknown, extra) => {
      const [u, next] = inner.update(vector(updates), state, params === undefined ? undefined : vector(params), extra);
      return [unvector(u, updates), next];
    },
  );
}

function vector(x: unknown): Array {
  const leaves = tree.leaves(x) as Array[];
  return leaves.length === 0 ? np.zeros([0]) : np.concatenate(leaves.map((a) => a.reshape([-1])));
}

function unvector(v: Array, form: unknown): unknown {
  let start = 0;
  return tree.map((a: Array) => {
    const part = v.slice([start, start + a.size]).reshape(a.shape);
    start += a.size;
    return part.astype(a.dtype);
  }, form);
}
