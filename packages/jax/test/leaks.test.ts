/** Memory after long work is as before it: training, errors inside transformed functions, disposed programs. */
import {
  type Array as JaxArray,
  checkLeaks,
  grad,
  jit,
  jvp,
  linearize,
  numpy as np,
  tree,
  valueAndGrad,
  vjp,
  vmap,
} from "@jax-js/jax";
import { adam, applyUpdates } from "@jax-js/optax";
import { describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { getDevice } from "../src/runtime/registry";
import { type MlpParams, matrix, mlpLoss, mlpParams } from "./mlp";

// The tests here look at the device's memory, which is stricter; watching makes an Error for each of many arrays.
leavesArraysToCollector("they measure the device's memory themselves");

type A = JaxArray;
const memory = () => getDevice().memory();
const STEPS = 5000;

describe("training", () => {
  it(`${STEPS} steps of an MLP with adam keep memory as it was after step 10`, { timeout: 60_000 }, () => {
    using x = matrix(8, 4, 3);
    using y = matrix(8, 2, 4);
    using step = jit(valueAndGrad(mlpLoss));
    const solver = adam(1e-2);
    using update = jit((g: MlpParams, s: unknown, p: MlpParams) => solver.update(g, s, p));
    let params: MlpParams = mlpParams(4, 8, 2);
    let state: unknown = solver.init(params);
    let first = 0;
    let last = 0;
    let after10: ReturnType<typeof memory> | null = null;
    for (let i = 0; i < STEPS; i++) {
      const [loss, grads] = step(params, x, y);
      const [updates, newState] = update(grads, state, params);
      const newParams = applyUpdates(params, updates);
      if (i === 0) first = loss.item();
      if (i === STEPS - 1) last = loss.item();
      tree.dispose([loss, grads, updates, state, params]);
      state = newState;
      params = newParams;
      if (i === 10) after10 = memory();
    }
    expect(memory()).toEqual(after10);
    expect(last).toBeLessThan(first / 10);
    tree.dispose([params, state]);
  });

  it("a compiled step with the optimizer inside", { timeout: 60_000 }, () => {
    using x = matrix(8, 4, 3);
    using y = matrix(8, 2, 4);
    const solver = adam(1e-2);
    let params: MlpParams = mlpParams(4, 8, 2);
    let state = solver.init(params);
    using step = jit((p: MlpParams, s: typeof state, a: A, b: A) => {
      const [loss, grads] = valueAndGrad(mlpLoss)(p, a, b);
      const [updates, newState] = solver.update(grads, s, p);
      return [applyUpdates(p, updates), newState, loss] as const;
    });
    let after10: ReturnType<typeof memory> | null = null;
    for (let i = 0; i < 500; i++) {
      const [newParams, newState, loss] = step(params, state, x, y);
      tree.dispose([params, state, loss]);
      params = newParams;
      state = newState;
      if (i === 10) after10 = memory();
    }
    expect(memory()).toEqual(after10);
    tree.dispose([params, state]);
  });
});

/** Memory before and after; the first round fills caches of scalars and programs. */
function expectNothingLeft(run: () => void): void {
  run();
  const before = memory();
  for (let i = 0; i < 3; i++) run();
  expect(memory()).toEqual(before);
}

describe("errors inside transformed functions leave nothing", () => {
  const failing = (x: A): A => {
    const y = np.sin(x).mul(x).sum();
    np.exp(y).add(np.ones([2]).sum());
    throw new Error(`stop ${y.shape.length}`);
  };
  /** The user's own arrays, of which the function makes one. */
  const clean = (x: A): A => {
    np.sin(x).mul(x).sum();
    throw new Error("stop");
  };
  const roads: Readonly<Record<string, (x: A) => unknown>> = {
    jit: (x) => jit(failing)(x),
    "jit of grad": (x) => jit(grad(failing))(x),
    grad: (x) => grad(clean)(x),
    "grad of jit": (x) => grad(jit(failing))(x),
    "valueAndGrad of grad": (x) => valueAndGrad((v: A) => grad(clean)(v).sum())(x),
    jvp: (x) => jvp(clean, [x], [x]),
    vjp: (x) => vjp(clean, [x]),
    linearize: (x) => linearize(clean, [x]),
    vmap: (x) => vmap(clean)(x),
    "vmap of grad": (x) => vmap(grad(clean))(x),
    "a result that is no scalar": (x) => grad((v: A) => v.mul(v))(x),
    "a shape that does not fit": (x) => grad((v: A) => np.sin(v).add(np.matmul(v, v)).reshape([7]))(x),
    "a value asked of a tracer": (x) => jit((v: A) => np.sin(v).mul(np.sin(v).sum().item()))(x),
  };
  for (const [name, road] of Object.entries(roads)) {
    it(name, () => {
      using x = np.array([1, 2, 3]);
      expectNothingLeft(() => expect(() => road(x)).toThrow());
    });
  }
});

describe("transformations of concrete arrays keep nothing", () => {
  const f = (x: A): A =>
    np
      .tanh(x.mul(2).add(1))
      .dot(np.where(x.greater(1), x, 0.5))
      .add(np.max(x));
  const roads: Readonly<Record<string, (x: A) => unknown>> = {
    grad: (x) => grad(f)(x),
    "grad of grad": (x) => grad((v: A) => grad(f)(v).sum())(x),
    jvp: (x) => jvp(f, [x], [x]),
    vmap: (x) => vmap((v: A) => v.mul(v).add(3))(x),
    "grad of linear algebra": (x) => {
      // An array that a differentiated function makes is the user's own, so it is made out here.
      using eye = np.eye(3);
      return grad((v: A) => np.linalg.norm(np.linalg.cholesky(np.outer(v, v).add(eye))))(x);
    },
    "grad of a softmax": (x) =>
      grad((v: A) =>
        np
          .exp(v.sub(v.max()))
          .div(np.exp(v.sub(v.max())).sum())
          .slice(0),
      )(x),
  };
  for (const [name, road] of Object.entries(roads)) {
    it(name, () => {
      using x = np.array([0.5, 2, 3]);
      expectNothingLeft(() => tree.dispose(road(x)));
    });
  }
});

describe("programs", () => {
  it("are freed, with captured arrays, when the jitted function is disposed", () => {
    expectNothingLeft(() => {
      const captured = matrix(10, 100, 1);
      const f = jit((v: A) => np.sin(v).add(captured));
      using x = matrix(10, 100, 2);
      tree.dispose(f(x));
      captured.dispose();
      tree.dispose(f(x));
      const held = memory().liveBytes;
      f.dispose();
      expect(memory().liveBytes).toBeLessThanOrEqual(held - 4000);
    });
  });
  it("may be compiled again after disposal", () => {
    using x = np.array([1, 2]);
    using f = jit((v: A) => v.add(1));
    tree.dispose(f(x));
    f.dispose();
    using y = f(x);
    expect(y.js()).toEqual([2, 3]);
  });
});

describe("checkLeaks", () => {
  it("counts what is not disposed, and says where it was made", () => {
    checkLeaks.start();
    const x = np.array([1, 2]);
    np.array([3]).dispose();
    const report = checkLeaks.stop();
    x.dispose();
    expect(report.leaked).toBe(1);
    expect(report.summary).toMatch(
      /^1 array\(s\) leaked:\nf32\[2\], 1 reference\(s\), made at .*leaks\.test\.ts.*:\d+/,
    );
  });
});
