/** States are arrays that go through jit: no step is traced twice, and training leaves no memory behind. */
import { type Array as JaxArray, grad, jit, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import * as optax from "@jax-js/optax";
import { describe, expect, test } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { getDevice } from "../../jax/src/runtime/registry";

// They look at the device's memory, which is stricter.
leavesArraysToCollector("they measure the device's memory themselves");

interface Params {
  w: JaxArray;
  b: JaxArray;
}
const start = (): Params => ({ w: np.array([[1, -2], [0.5, 3]]), b: np.array([0.3, -0.7]) }); // prettier-ignore
const loss = ({ w, b }: Params): JaxArray => np.sum(np.square(np.matmul(w, b).add(b).sub(1)));

const decay = optax.cosineDecaySchedule(0.1, 100);
const OPTIMIZERS: Readonly<Record<string, () => optax.GradientTransformation>> = {
  "adam with a schedule": () => optax.adam(decay),
  "clipped adamw with schedules": () =>
    optax.chain(
      optax.clipByGlobalNorm(1),
      optax.adamw(optax.warmupCosineDecaySchedule(0, 0.1, 5, 50), { weightDecay: decay }),
    ),
  MultiSteps: () => new optax.MultiSteps(optax.adam(0.1), 3),
  applyIfFinite: () => optax.applyIfFinite(optax.lion(0.01), 3),
  partition: () =>
    optax.partition({ a: optax.adafactor(0.1), b: optax.sgd(0.1, { momentum: 0.9 }) }, { w: "a", b: "b" }),
  injectHyperparams: () => optax.injectHyperparams(optax.adamw)(decay, { weightDecay: 0.01 }),
  conditionallyMask: () => optax.conditionallyMask(optax.radam(0.1), (step) => np.mod(step, 3).equal(0)),
  noisySgd: () => optax.noisySgd(0.01),
  scheduleFreeAdamw: () => optax.scheduleFreeAdamw(0.1, { warmupSteps: 5 }),
  muon: () => optax.muon(0.1),
  sam: () => optax.sam(optax.sgd(0.01), optax.chain(optax.normalize(), optax.sgd(0.05))),
  reduceOnPlateau: () => optax.chain(optax.adam(0.1), optax.reduceOnPlateau({ patience: 2 })),
  lbfgs: () => optax.lbfgs(),
  momo: () => optax.momo(),
};

const memory = () => getDevice().memory();

/** Steps of an optimizer; memory after the tenth must be memory after the last. */
function train(
  tx: optax.GradientTransformation,
  nSteps: number,
  compiled: boolean,
): { first: number; last: number; traces: number } {
  let traces = 0;
  const run = (params: Params, state: unknown): [Params, unknown, JaxArray] => {
    traces++;
    const [value, gradient] = valueAndGrad(loss)(params) as [JaxArray, Params];
    const [updates, next] = tx.update(gradient, state, params, { value, grad: gradient, valueFn: loss });
    const result: [Params, unknown, JaxArray] = [optax.applyUpdates(params, updates), next, value];
    if (!compiled) tree.dispose([gradient, updates]);
    return result;
  };
  using step = jit(run);
  let params = start();
  let state: unknown = tx.init(params);
  let [first, last] = [0, 0];
  let after10: ReturnType<typeof memory> | null = null;
  for (let i = 0; i < nSteps; i++) {
    const [nextParams, nextState, value] = (compiled ? step : run)(params, state);
    if (i === 0) first = value.item();
    last = value.item();
    tree.dispose([params, state, value]);
    [params, state] = [nextParams, nextState];
    if (i === 10) after10 = memory();
  }
  expect(memory()).toEqual(after10);
  tree.dispose([params, state]);
  return { first, last, traces };
}

describe.each(Object.entries(OPTIMIZERS))("%s", (_name, make) => {
  test("200 jitted steps are one trace, and leave nothing", () => {
    const { first, last, traces } = train(make(), 200, true);
    expect(traces).toBe(1);
    expect(last).toBeLessThan(first);
  });

  test("20 eager steps leave nothing", () => {
    train(make(), 20, false);
  });
});

test("jitted and eager steps agree", () => {
  const finals = [true, false].map((compiled) => train(optax.adam(decay), 20, compiled).last);
  expect(finals[0]).toBeCloseTo(finals[1]!, 6);
});

test("hyperparameters in the state can be changed between jitted steps", () => {
  const tx = optax.injectHyperparams(optax.sgd)(0.5);
  let traces = 0;
  using step = jit((g: JaxArray, state: optax.OptState) => {
    traces++;
    return tx.update(g, state);
  });
  const gradient = np.array([2]);
  const state = tx.init(gradient) as optax.InjectHyperparamsState;
  expect(step(gradient, state)[0].js()).toEqual([-1]);
  const faster = optax.treeSet(state, { learningRate: np.array(3) });
  expect(step(gradient, faster)[0].js()).toEqual([-6]);
  expect(traces).toBe(1);
});

test("updates can be differentiated with respect to a hyperparameter", () => {
  const after = (rate: JaxArray): JaxArray => {
    const tx = optax.sgd(rate);
    const params = np.array([1, 2]);
    return np.sum(optax.applyUpdates(params, tx.update(np.array([3, 4]), tx.init(params))[0]));
  };
  expect(grad(after)(np.array(0.1)).item()).toBeCloseTo(-7, 5);
});
