/** What a gradient transformation is: a pair of pure functions over trees of arrays. */
import { type Array, owned, tree, valueAndGrad } from "@jax-js/jax";

/** A tree of arrays: parameters, gradients, updates. */
export type Params = tree.JsTree<Array>;

/** What transformations map: gradients, or the updates of an earlier transformation. */
export type Updates = Params;

/** State of an optimizer: a tree of arrays, so it goes through `jit` as an argument and a result. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each transformation has its own shape of state
export type OptState = any;

/** A number that may be known only when the program runs. */
export type Scalar = number | Array;

/** What some transformations need besides gradients and parameters: the loss, its gradient, the loss function. */
export interface ExtraArgs {
  /** Value of the loss at the parameters. */
  value?: Scalar | undefined;
  /** Gradient of the loss at the parameters. */
  grad?: unknown;
  /** The loss as a function of the parameters. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters are trees of any depth
  valueFn?: ((params: any) => Array) | undefined;
  [name: string]: unknown;
}

/**
 * `init` makes the state from the parameters. `update` maps gradients (or the updates of an earlier transformation) and
 * a state to updates and the next state. Neither consumes its arguments, and every array that they return is a handle of
 * its own; both can be jitted.
 */
export interface GradientTransformation {
  init<P>(params: P): OptState;
  update<P>(updates: P, state: OptState, params?: P | null, extra?: ExtraArgs): [P, OptState];
}

/** A transformation that takes extra arguments: they all do. */
export type GradientTransformationExtraArgs = GradientTransformation;

/** The state of a transformation without one. */
export type EmptyState = [];

/** A learning rate or other factor as a function of the step count (an int32 scalar, from 0). */
export type Schedule = (count: Array) => Scalar;

export type ScalarOrSchedule = Scalar | Schedule;

/** The value at a step. */
export const valueAt = (x: ScalarOrSchedule, count: Array): Scalar => (typeof x === "function" ? x(count) : x);

/* eslint-disable @typescript-eslint/no-explicit-any -- trees of any depth */
/** Makes the state. */
export type TransformInitFn<S = OptState> = (params: any) => S;
/** Makes updates and the next state. `params` is undefined where none were given. */
export type TransformUpdateFn<S = OptState> = (updates: any, state: S, params: any, extra: ExtraArgs) => [any, S];
export type TransformUpdateExtraArgsFn<S = OptState> = TransformUpdateFn<S>;
/* eslint-enable @typescript-eslint/no-explicit-any */

/**
 * A transformation of an `init` and an `update`. Run on concrete arrays, both free their intermediates.
 *
 * Source: optax.GradientTransformation.
 * @example
 * const negate = GradientTransformation(
 *   () => [],
 *   (updates, state) => [jax.tree.map((u) => u.neg(), updates), state],
 * );
 * negate.update({ w: np.array([2]) }, [])[0].w.js(); // => [-2]
 */
export function GradientTransformation<S>(
  init: TransformInitFn<S>,
  update: TransformUpdateFn<S>,
): GradientTransformation {
  needFunction("GradientTransformation", init);
  needFunction("GradientTransformation", update);
  return {
    init: (params) => pure(() => init(params) as OptState, [params]),
    update: (updates, state, params, extra = {}) =>
      pure(() => update(updates, state as S, params ?? undefined, extra), [updates, state, params, extra]) as never,
  };
}

/** Errors: TypeError unless it is a function. */
export function needFunction(op: string, f: unknown): void {
  if (typeof f !== "function") throw new TypeError(`${op}: expected a function, got ${f === null ? "null" : typeof f}`);
}

/** Errors: TypeError unless it is a gradient transformation. */
export function needTransformation(op: string, tx: unknown): void {
  if (tx !== null && typeof tx === "object" && "init" in tx && "update" in tx) return;
  throw new TypeError(`${op}: expected a gradient transformation, got ${tx === null ? "null" : typeof tx}`);
}

/** Runs `run` and frees what it makes and does not return; results that are arguments, or come twice, get new handles. */
export function pure<R>(run: () => R, args: readonly unknown[]): R {
  return owned(() => {
    const seen = new Set<unknown>(tree.leaves(args));
    return tree.map((x: unknown) => {
      if (!isArray(x)) return x;
      if (seen.has(x)) return x.reshape(x.shape);
      seen.add(x);
      return x;
    }, run()) as R;
  });
}

export const isArray = (x: unknown): x is Array =>
  typeof x === "object" && x !== null && "dtype" in x && "shape" in x && "reshape" in x;

/** `tree.map` over arrays that keeps the user's type. */
export function mapLeaves<P>(f: (...leaves: Array[]) => Array, first: P, ...rest: unknown[]): P {
  return tree.map(f, first as Params, ...rest) as P;
}

/** `tree.map` where leaves become something else than arrays. */
export const mapTree = tree.map as (f: (...leaves: never[]) => unknown, ...trees: unknown[]) => unknown;

/** `valueAndGrad` over parameters of any form. */
export const valueAndGradOf = valueAndGrad as unknown as (
  f: (params: unknown, ...rest: unknown[]) => Array,
) => (params: unknown, ...rest: unknown[]) => [value: Array, grad: unknown];

const placeholders = /* @__PURE__ */ new WeakSet<object>();

/** Marks an array or a list as a stand-in for parameters, of which masks and labels know nothing. */
export function placeholder<T extends object>(x: T): T {
  placeholders.add(x);
  return x;
}

export const isPlaceholder = (x: unknown): boolean => typeof x === "object" && x !== null && placeholders.has(x);

/** The parameters, which some transformations need. */
export function needParams<P>(name: string, params: P | undefined): P {
  if (params === undefined) {
    throw new TypeError(`${name}: update needs the parameters; call update(updates, state, params)`);
  }
  return params;
}

/**
 * A transformation without state.
 * @example
 * stateless((updates) => jax.tree.map((u) => u.mul(2), updates)).update([np.array([3])], [])[0][0].js(); // => [6]
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- trees of any depth
export function stateless(f: (updates: any, params?: any) => unknown): GradientTransformation {
  needFunction("stateless", f);
  return GradientTransformation(
    () => [],
    (updates, state, params) => [f(updates, params), state],
  );
}
