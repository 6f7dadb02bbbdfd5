/** What a gradient transformation is: a pair of pure functions over trees of arrays. */
import { type Array, numpy as np, tree } from "@jax-js/jax";

/** A tree of arrays: parameters, gradients, updates. */
export type Params = tree.JsTree<Array>;

/** State of an optimizer: a tree of arrays, so it goes through `jit` as an argument and a result. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each transformation has its own shape of state
export type OptState = any;

/**
 * `init` makes the state from the parameters. `update` maps gradients (or the updates of an earlier transformation) and
 * a state to updates and the next state. Neither consumes its arguments; both can be jitted.
 */
export interface GradientTransformation {
  init<P>(params: P): OptState;
  update<P>(updates: P, state: OptState, params?: P): [P, OptState];
}

/** A learning rate or other factor as a function of the step count (an int32 scalar, from 0). */
export type Schedule = (count: Array) => Array | number;

export type ScalarOrSchedule = number | Schedule;

/**
 * Leaves updates as they are.
 * @example
 * const [u] = identity().update({ w: np.ones([2]) }, []);
 * u.w.js(); // => [1, 1]
 */
export function identity(): GradientTransformation {
  return { init: () => [], update: (updates, state) => [updates, state] };
}

/**
 * Replaces updates by zeros.
 * @example
 * const [u] = setToZero().update({ w: np.ones([2]) }, []);
 * u.w.js(); // => [0, 0]
 */
export function setToZero(): GradientTransformation {
  return {
    init: () => [],
    update: (updates, state) => [mapLeaves((u) => np.zerosLike(u), updates), state],
  };
}

/** `tree.map` over arrays that keeps the user's type. */
export function mapLeaves<P>(f: (...leaves: Array[]) => Array, first: P, ...rest: unknown[]): P {
  return tree.map(f, first as Params, ...(rest as Params[])) as P;
}

/** The int32 scalar 0 that step counters start from. */
export function zeroCount(): Array {
  return np.array(0, { dtype: "int32" });
}
