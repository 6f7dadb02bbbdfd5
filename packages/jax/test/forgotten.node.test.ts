/** Forgetting is no leak: without any dispose, memory comes back after garbage collection. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Array as JaxArray, grad, jit, numpy as np, scipy, tree, valueAndGrad } from "@jax-js/jax";
import { adam, applyUpdates } from "@jax-js/optax";
import { expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { getDevice } from "../src/runtime/registry";
import { matrix, mlpLoss, mlpParams } from "./mlp";

leavesArraysToCollector("collection is what is tried here");

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Collects until finalizers have run: they do after a turn of the event loop. */
async function collect(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

it("5,000 forgetful training steps end with the memory of step 10", { timeout: 60_000 }, async () => {
  const [x, y] = [matrix(8, 4, 3), matrix(8, 2, 4)];
  const step = jit(valueAndGrad(mlpLoss));
  const solver = adam(1e-2);
  const params = mlpParams(4, 8, 2);
  const now = { params, state: solver.init(params) as unknown };
  // In a function of its own, so that no variable of a finished step is still in sight when memory is looked at.
  const train = async (steps: number): Promise<void> => {
    for (let i = 0; i < steps; i++) {
      const [, grads] = step(now.params, x, y);
      const [updates, newState] = solver.update(grads, now.state, now.params);
      now.params = applyUpdates(now.params, updates);
      now.state = newState;
      // Finalizers need turns of the event loop, which an application has and this loop has not.
      if (i % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
  };
  await train(10);
  await collect();
  const after10 = getDevice().memory();
  await train(4990);
  await collect();
  expect(getDevice().memory()).toEqual(after10);
  // Still in sight: x and y, the first and the last four parameters, the count, and two moments of each.
  expect(tree.leaves([x, y, params, now]).length).toBe(19);
});

it("arrays in the place of disposed ones come back as well", async () => {
  const make = (n: number): JaxArray[] => Array.from({ length: n }, (_, i) => np.array([i], { device: "cpu" }));
  const forgetAfterOthers = (): void => {
    tree.dispose(make(100));
    make(100);
  };
  await collect();
  const before = getDevice("cpu").memory();
  forgetAfterOthers();
  expect(getDevice("cpu").memory().liveBlocks).toBe(before.liveBlocks + 100);
  await collect();
  expect(getDevice("cpu").memory()).toEqual(before);
});

it("derivative rules that are kept for later keep no arguments", async () => {
  const refs: WeakRef<JaxArray>[] = [];
  const forget = (): void => {
    for (let n = 2; n < 10; n++) {
      const x = np.full([n], 2);
      refs.push(new WeakRef(x));
      grad((y: JaxArray) => np.sum(scipy.special.gammainc(y, x)))(np.ones([n]));
    }
  };
  forget();
  await collect();
  // The engine may still see the last one.
  expect(refs.filter((r) => r.deref() !== undefined).length).toBeLessThan(3);
});
