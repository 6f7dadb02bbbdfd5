/** Optimizers and schedules of `exampleLibraries.optimizers` do what JAX's do (oracles/optimizers.py). */
import { type Array as JaxArray, TreeMismatchError, exampleLibraries, jit, numpy as np, tree } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { syncDevices } from "./devices";
import oracle from "./oracles/optimizers.json";
import { owned, test } from "./scoped";

const { optimizers } = exampleLibraries;
type Optimizer = exampleLibraries.optimizers.Optimizer;
type Schedule = exampleLibraries.optimizers.Schedule;

interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
/** A name of JAX's and arguments, of which the first may be a schedule written so too. */
type Spec = readonly unknown[];

function made(spec: Spec): unknown {
  const [name, ...args] = spec as [string, ...unknown[]];
  const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const [first] = args;
  if (Array.isArray(first) && typeof first[0] === "string") args[0] = made(first);
  return (optimizers as unknown as Record<string, (...args: unknown[]) => unknown>)[camel]!(...args);
}

const treeOf = ([b, s, w0, w1]: readonly Plain[], device: "cpu" | "wasm" = "wasm"): Record<string, unknown> => {
  const array = ({ shape, data }: Plain): JaxArray => owned(np.array([...data], { device }).reshape([...shape]));
  return { b: array(b!), s: array(s!), w: [array(w0!), array(w1!)] };
};

function expectLeaves(got: unknown, want: readonly Plain[]): void {
  tree.leaves<JaxArray>(got).forEach((x, k) => {
    const { shape, data } = want[k]!;
    expect(owned(x).shape).toEqual(shape);
    const close = data.map((v): unknown => expect.closeTo(v, 5));
    expect(owned(x.ravel()).js()).toEqual(close);
  });
}

describe.each(syncDevices)("optimizers on %s", (device) => {
  for (const { optimizer, leaves } of oracle.runs) {
    const grads = (): Record<string, unknown>[] => oracle.grads.map((g) => treeOf(g, device as "cpu"));
    test(JSON.stringify(optimizer), () => {
      const [init, update, getParams] = made(optimizer) as Optimizer;
      let state = owned(init(treeOf(oracle.params, device as "cpu")));
      grads().forEach((g, i) => (state = owned(update(i, g, state))));
      expectLeaves(getParams(state), leaves);
    });
    test(`${JSON.stringify(optimizer)} in jit`, () => {
      const [init, update, getParams] = made(optimizer) as Optimizer;
      let state = owned(init(treeOf(oracle.params, device as "cpu")));
      const step = owned(jit(update));
      grads().forEach((g, i) => (state = owned(step(owned(np.array(i, { dtype: "int32", device })), g, state))));
      expectLeaves(getParams(state), leaves);
    });
  }
});

describe("schedules", () => {
  for (const { schedule, values } of oracle.schedules) {
    test(JSON.stringify(schedule), () => {
      const f = made(schedule) as Schedule;
      const valueOf = (x: number | boolean | JaxArray): number => (typeof x === "object" ? owned(x).item() : Number(x));
      const close = values.map((v): unknown => expect.closeTo(v, 6));
      expect(values.map((_, i) => valueOf(f(i)))).toEqual(close);
      expect(values.map((_, i) => valueOf(f(owned(np.array(i, { dtype: "int32" })))))).toEqual(close);
    });
  }
  test("by name", () => {
    const at = (schedule: Schedule, i: number): number => (owned(schedule(i)) as JaxArray).item();
    expect(at(optimizers.inverseTimeDecay(1, 2, 1, { staircase: true }), 3)).toBeCloseTo(0.5, 6);
    expect(at(optimizers.polynomialDecay(1, 2, 0, { power: 2 }), 1)).toBeCloseTo(0.25, 6);
    expect(optimizers.adam(0.1, { b2: 0.9 })).toHaveLength(3);
  });
  it("errors", () => {
    expect(() => optimizers.piecewiseConstant([1, 2], [1, 2])).toThrow(/one value more than boundaries, got 2 and 2/);
    expect(() => optimizers.rmsprop(0.1, { gama: 1 } as never)).toThrow(/unknown option "gama"/);
  });
  test("a learning rate with axes", () => {
    expect(() => optimizers.sgd(owned(np.ones([2])))).toThrow(/makeSchedule: expected a scalar or a function/);
  });
});

test("l2Norm and clipGrads", () => {
  const grads = treeOf(oracle.grads[0]!);
  expect(owned(optimizers.l2Norm(grads)).item()).toBeCloseTo(oracle.norm, 5);
  expect(owned(optimizers.l2Norm([])).item()).toBe(0);
  for (const [norm, want] of Object.entries(oracle.clipped))
    expectLeaves(optimizers.clipGrads(grads, Number(norm)), want);
});

describe("states", () => {
  test("are unpacked by the names of parameters, and packed again", () => {
    const [init, update, getParams] = optimizers.adam(0.1);
    const params = treeOf(oracle.params);
    const state = owned(update(0, params, owned(init(params))));
    const marked = optimizers.unpackOptimizerState(state) as { w: exampleLibraries.optimizers.JoinPoint[] };
    expect(marked.w[1]).toBeInstanceOf(optimizers.JoinPoint);
    expect((marked.w[1]!.subtree as JaxArray[]).map((x) => x.shape)).toEqual([[2, 1, 2], [2, 1, 2], [2, 1, 2]]); // prettier-ignore
    const again = optimizers.packOptimizerState(marked);
    expect(tree.structure(again).equals(tree.structure(state))).toBe(true);
    expectLeaves(getParams(again), tree.map((x: JaxArray) => ({ shape: x.shape, data: x.ravel().js() as number[] }), tree.leaves(owned(getParams(state))))); // prettier-ignore
    expect(() => optimizers.packOptimizerState([1])).toThrow(TreeMismatchError);
  });
  test("are the same structure after each step, so a jitted step is traced once", () => {
    const [init, update, getParams] = optimizers.momentum(0.1, 0.9);
    let traces = 0;
    const step = owned(
      jit((i: JaxArray, g: unknown, s: exampleLibraries.optimizers.OptimizerState) => (traces++, update(i, g, s))),
    );
    const g = treeOf(oracle.grads[0]!);
    for (let run = 0; run < 2; run++) {
      let state = owned(init(treeOf(oracle.params)));
      for (let i = 0; i < 3; i++) state = owned(step(i as never, g, state));
      owned(getParams(state));
    }
    expect(traces).toBe(1);
  });
  test("gradients of another tree, and updates that change the state's tree", () => {
    const [init, update] = optimizers.sgd(0.1);
    const x = owned(np.ones([2]));
    const state = owned(init({ a: x }));
    expect(() => update(0, [x], state)).toThrow(
      /the gradients are JsTreeDef\(\[\*\]\); expected the tree of the parameters/,
    );
    const growing = optimizers.optimizer(() => [
      (y) => [y],
      (_, g, [y]: JaxArray[]) => [y, g],
      ([y]: JaxArray[]) => y!,
    ])();
    expect(() => growing[1](0, x, owned(growing[0](x)))).toThrow(/update gave the state/);
  });
});
