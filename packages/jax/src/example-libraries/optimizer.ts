/** Optimizers of single arrays as optimizers of trees, and their states. */
import { TreeMismatchError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, lift, own } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { type PytreeNode, flatten, leaves, pytreeNode, unflatten } from "../tree/index";
import type { JsTreeDef } from "../tree/treedef";

/* eslint-disable @typescript-eslint/no-explicit-any -- parameters and states are trees of any depth */

/** What an optimizer keeps: for each array of the parameters its own tree, as a list of leaves. */
export class OptimizerState {
  readonly packedState: readonly (readonly Tracer[])[];
  readonly treeDef: JsTreeDef;
  readonly subtreeDefs: readonly JsTreeDef[];
  constructor(packedState: readonly (readonly Tracer[])[], treeDef: JsTreeDef, subtreeDefs: readonly JsTreeDef[]) {
    this.packedState = packedState;
    this.treeDef = treeDef;
    this.subtreeDefs = subtreeDefs;
  }
  get [pytreeNode](): PytreeNode<OptimizerState, readonly [JsTreeDef, readonly JsTreeDef[]]> {
    return stateNode;
  }
}

const stateNode: PytreeNode<OptimizerState, readonly [JsTreeDef, readonly JsTreeDef[]]> = {
  name: "OptimizerState",
  flatten: (state) => [[state.packedState], [state.treeDef, state.subtreeDefs]],
  unflatten: ([treeDef, subtreeDefs], [packed]) => new OptimizerState(packed as Tracer[][], treeDef, subtreeDefs),
  keys: () => ["packedState"],
};

/** The learning rate, or what a schedule gives for a step. */
export type Schedule = (step: ArrayLike) => ArrayLike;

/** `[init, update, getParams]`, of trees. */
export type Optimizer = readonly [
  init: (params: any) => OptimizerState,
  update: (step: ArrayLike, grads: any, state: OptimizerState) => OptimizerState,
  getParams: (state: OptimizerState) => any,
];

/** `[init, update, getParams]`, of one array: the state is a tree. */
export type ArrayOptimizer<State = any> = readonly [
  init: (x0: Tracer) => State,
  update: (step: ArrayLike, grad: Tracer, state: State) => State,
  getParams: (state: State) => Tracer,
];

/** The leaves of what was made of `given`, which its caller may dispose. */
const ownLeaves = (made: unknown, given: readonly unknown[]): Tracer[] =>
  leaves<ArrayLike>(made).map((x) => own(lift(x), ...given));

/**
 * A maker of optimizers of one array as one of optimizers of trees: both give `[init, update, getParams]`.
 *
 * Errors: of update: TreeMismatchError if the gradients are another tree than the parameters.
 * Source: jax.example_libraries.optimizers.optimizer
 * @example
 * const { optimizer } = exampleLibraries.optimizers;
 * const sign = optimizer((rate) => [(x) => x, (i, g, x) => x.sub(np.sign(g).mul(rate)), (x) => x]);
 * const [init, update, getParams] = sign(0.5);
 * getParams(update(0, { w: np.array([3, -2]) }, init({ w: np.array([1, 1]) }))).w.js(); // => [0.5, 1.5]
 */
export function optimizer<Args extends readonly any[]>(
  maker: (...args: Args) => ArrayOptimizer,
): (...args: Args) => Optimizer {
  return (...args) => {
    const [init, update, getParams] = maker(...args);

    const treeInit = (params: unknown): OptimizerState => {
      const [xs, treeDef] = flatten<ArrayLike>(params);
      const subtreeDefs: JsTreeDef[] = [];
      const packed = owned(() =>
        xs.map((x) => {
          const made: unknown = init(own(lift(x)));
          subtreeDefs.push(flatten(made)[1]);
          return ownLeaves(made, xs);
        }),
      );
      return new OptimizerState(packed, treeDef, subtreeDefs);
    };

    const treeUpdate = (step: ArrayLike, grads: unknown, state: OptimizerState): OptimizerState => {
      const { packedState, treeDef, subtreeDefs } = state;
      const [gs, gradDef] = flatten<ArrayLike>(grads);
      if (!gradDef.equals(treeDef))
        throw new TreeMismatchError(
          `optimizer: the gradients are ${gradDef}; expected the tree of the parameters, ${treeDef}`,
        );
      const packed = owned(() =>
        gs.map((g, k) => {
          const before = packedState[k]!;
          const made: unknown = update(step, lift(g), unflatten(subtreeDefs[k]!, before));
          const subtreeDef = flatten(made)[1];
          if (!subtreeDef.equals(subtreeDefs[k]!))
            throw new TreeMismatchError(
              `optimizer: update gave the state ${subtreeDef}; expected ${subtreeDefs[k]}, as it was given`,
            );
          return ownLeaves(made, [...before, ...gs]);
        }),
      );
      return new OptimizerState(packed, treeDef, subtreeDefs);
    };

    const treeParams = ({ packedState, treeDef, subtreeDefs }: OptimizerState): unknown => {
      const params = owned(() =>
        packedState.map((part, k) => own(getParams(unflatten(subtreeDefs[k]!, part)), ...part)),
      );
      return unflatten(treeDef, params);
    };

    return [treeInit, treeUpdate, treeParams];
  };
}

/** The place of a parameter, in which its own state lies: a leaf of what `unpackOptimizerState` gives. */
export class JoinPoint {
  readonly subtree: any;
  constructor(subtree: any) {
    this.subtree = subtree;
  }
}

/**
 * The state as the tree of the parameters, with a `JoinPoint` for each array that holds its state: to store it by names.
 * The arrays are those of the state.
 * @example
 * const { adam, unpackOptimizerState } = exampleLibraries.optimizers;
 * const [init] = adam(0.1);
 * unpackOptimizerState(init({ w: np.array([1, 2]) })).w.subtree[1].js(); // => [0, 0]
 */
export function unpackOptimizerState({ packedState, treeDef, subtreeDefs }: OptimizerState): any {
  const points = packedState.map((part, k) => new JoinPoint(unflatten(subtreeDefs[k]!, part)));
  return unflatten(treeDef, points);
}

/**
 * The state of which `unpackOptimizerState` gave this tree.
 *
 * Errors: TreeMismatchError for a leaf that is no `JoinPoint`.
 * @example
 * const { momentum, packOptimizerState, unpackOptimizerState } = exampleLibraries.optimizers;
 * const [init, , getParams] = momentum(0.1, 0.9);
 * getParams(packOptimizerState(unpackOptimizerState(init([np.array(3)]))))[0].js(); // => 3
 */
export function packOptimizerState(marked: any): OptimizerState {
  const [points, treeDef] = flatten<JoinPoint>(marked);
  if (!points.every((point) => point instanceof JoinPoint))
    throw new TreeMismatchError(
      "packOptimizerState: expected JoinPoints as leaves, as unpackOptimizerState gives them",
    );
  const parts = points.map((point) => flatten<Tracer>(point.subtree));
  return new OptimizerState(
    parts.map(([xs]) => xs),
    treeDef,
    parts.map(([, subtreeDef]) => subtreeDef),
  );
}
