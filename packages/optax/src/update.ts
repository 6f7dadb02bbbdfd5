/** Applying updates to parameters. */
import { type Array, numpy as np } from "@jax-js/jax";
import { type Scalar, mapLeaves, pure } from "./base";
import { like, needScalar, sub } from "./scalars";

/**
 * `params + updates`, leaf by leaf, in the dtype of the parameters. Where updates are null, the parameters stay.
 *
 * Errors: TreeMismatchError if the trees differ.
 * Source: optax.apply_updates.
 * @example
 * applyUpdates({ w: np.array([1]) }, { w: np.array([-3]) }).w.js(); // => [-2]
 */
export function applyUpdates<P>(params: P, updates: P): P {
  const step = (p: Array, u: Array | null): Array => (u === null ? p : p.add(u).astype(p.dtype));
  return pure(() => mapLeaves(step as never, params, updates), [params, updates]);
}

/**
 * `stepSize * newTensors + (1 - stepSize) * oldTensors`: a Polyak average.
 *
 * Source: optax.incremental_update.
 * @example
 * incrementalUpdate({ w: np.array([4]) }, { w: np.array([0]) }, 0.25).w.js(); // => [1]
 */
export function incrementalUpdate<P>(newTensors: P, oldTensors: P, stepSize: Scalar): P {
  needScalar("incrementalUpdate", stepSize);
  const mix = (n: Array, o: Array): Array => n.mul(like(stepSize, n)).add(o.mul(like(sub(1, stepSize), o)));
  return pure(() => mapLeaves(mix, newTensors, oldTensors), [newTensors, oldTensors]);
}

/**
 * The new tensors at every `updatePeriod`-th of the `steps`, else the old ones.
 *
 * Source: optax.periodic_update.
 * @example
 * periodicUpdate({ w: np.array([4]) }, { w: np.array([0]) }, np.array(3, { dtype: "int32" }), 2).w.js(); // => [0]
 */
export function periodicUpdate<P>(newTensors: P, oldTensors: P, steps: Scalar, updatePeriod: number): P {
  return pure(() => {
    const due = np.mod(typeof steps === "number" ? np.array(steps, { dtype: "int32" }) : steps, updatePeriod).equal(0);
    return mapLeaves((n, o) => np.where(due, n, o), newTensors, oldTensors);
  }, [newTensors, oldTensors]);
}
