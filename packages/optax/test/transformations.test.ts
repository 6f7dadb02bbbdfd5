/** Steps of optimizers and transformations against optax: oracles/transformations.py wrote the expected values. */
import { type Array as JaxArray, defaultDevice, grad, jit, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { type GradientTransformation, LookaheadParams, applyUpdates } from "@jax-js/optax";
import { afterEach, describe, test } from "vitest";
import { Owner } from "../../jax/test/owner";
import { argument, expectTree, optaxFunction } from "./cases";
import oracle from "./oracles/transformations.json";
import { syncDevices } from "../../jax/test/devices";

interface Case {
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly inputs: keyof typeof oracle.inputs;
  /** Parameters are a pair of lookahead. */
  readonly synced: boolean;
  /** Gradients are those of this loss. */
  readonly loss: string | null;
  readonly steps: number;
  readonly tol: number;
  readonly updates: readonly unknown[];
  readonly state: unknown;
}
type Params = tree.JsTree<JaxArray>;

const LOSSES: Readonly<Record<string, (params: Params) => JaxArray>> = {
  bowl: (params) =>
    (tree.leaves(params) as JaxArray[])
      .map((x) => np.sum(np.square(x.sub(0.5)).mul(0.75).add(np.power(x, 4).mul(0.1))))
      .reduce((a, b) => a.add(b)),
  rosenbrock: (params) => {
    const { x, y } = params as unknown as { x: JaxArray; y: JaxArray };
    const [head, tail] = [x, np.concatenate([x.slice([1, 3]), y.reshape([1])])];
    return np.sum(
      np
        .square(tail.sub(np.square(head)))
        .mul(10)
        .add(np.square(head.sub(1))),
    );
  },
};

/** What transformations may ask for besides gradients and parameters. */
function extraOf(loss: (params: Params) => JaxArray, value: JaxArray, gradient: Params): object {
  return { value, grad: gradient, valueFn: loss, objFn: loss, gradFn: (params: Params) => grad(loss)(params) };
}

/** One step: updates, the next state, the next parameters; then what was computed for it. */
function stepOf(tx: GradientTransformation, c: Case): (...args: never[]) => unknown[] {
  const loss = c.loss === null ? null : LOSSES[c.loss]!;
  const next = (grads: Params, state: unknown, params: Params, extra: object): unknown[] => {
    const [updates, after] = tx.update(grads, state, params, extra as never);
    return [updates, after, applyUpdates(params, updates)];
  };
  if (loss === null) return (grads: Params, state: unknown, params: Params) => next(grads, state, params, {});
  return (_grads: Params, state: unknown, params: Params) => {
    const [value, gradient] = valueAndGrad(loss)(params) as [JaxArray, Params];
    return [...next(gradient, state, params, extraOf(loss, value, gradient)), value, gradient];
  };
}

function run(c: Case, compiled: boolean): void {
  using own = new Owner();
  const { params, grads } = argument(oracle.inputs[c.inputs], own) as { params: Params; grads: Params[] };
  const tx = optaxFunction(c.fn)(...(argument(c.args, own) as unknown[])) as GradientTransformation;
  const eager = stepOf(tx, c);
  const step = compiled ? own.of(jit(eager)) : eager;
  let p: unknown = c.synced ? own.of(LookaheadParams.initSynced(params)) : params;
  let state: unknown = own.of(tx.init(p));
  for (let i = 0; i < c.steps; i++) {
    const [updates, after, next] = own.of(step(grads[i % grads.length] as never, state as never, p as never));
    expectTree(updates, c.updates[i], c.tol, `step ${i}`);
    state = after;
    p = next;
  }
  if (c.state !== null) expectTree(state, c.state, c.tol, "state");
}

const before = defaultDevice();
afterEach(() => void defaultDevice(before));

for (const device of syncDevices) {
  describe(device, () => {
    (oracle.cases as unknown as Case[]).forEach((c, i) => {
      for (const compiled of [false, true]) {
        test(`${i} ${c.fn}${compiled ? ", jitted" : ""}`, () => {
          defaultDevice(device);
          run(c, compiled);
        });
      }
    });
  });
}
