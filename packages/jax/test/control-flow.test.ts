/** Loops and branches: values against plain JavaScript and JAX 0.10.2, memory of their backward passes, errors. */
import {
  type Array as JaxArray,
  defaultDevice,
  grad,
  init,
  jit,
  jvp,
  lax,
  numpy as np,
  tree,
  vjp,
  vmap,
} from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { getDevice } from "../src/runtime/registry";
import { testDevices } from "./devices";
import { programOf } from "./program-of";

leavesArraysToCollector("values are the subject here; memory is measured where it is");

beforeAll(() => init());

type Step = (c: JaxArray, x: JaxArray) => [JaxArray, JaxArray];
const addAndMultiply: Step = (c, x) => [c.add(x), c.mul(x)];

for (const device of testDevices) {
  const read = (x: unknown): Promise<unknown[]> => Promise.all(tree.leaves<JaxArray>(x).map((a) => a.jsAsync()));
  describe(`loops and branches on ${device}`, () => {
    beforeAll(() => defaultDevice(device));

    it("scan: both directions, with a tree of carries, without xs, without ys, of no steps", async () => {
      const xs = np.array([1, 2, 3]);
      expect(await read(lax.scan(addAndMultiply, np.array(0), xs))).toEqual([6, [0, 2, 9]]);
      expect(await read(lax.scan(addAndMultiply, np.array(0), xs, { reverse: true }))).toEqual([6, [5, 6, 0]]);
      const swap = ({ a, b }: { a: JaxArray; b: JaxArray }, x: JaxArray): unknown => [{ a: b, b: a.add(x) }, null];
      expect(await read(lax.scan(swap as never, { a: np.array(1), b: np.array(2) }, xs))).toEqual([4, 5]);
      const double = (c: JaxArray, _: null): [JaxArray, null] => [c.mul(2), null];
      expect(await read(lax.scan(double, np.array(1), null, { length: 5 }))).toEqual([32]);
      expect(await read(lax.scan(addAndMultiply, np.array(7), np.zeros([0])))).toEqual([7, []]);
    });

    it("scan in segments gives what scan gives", async () => {
      const xs = np.arange(7).astype("float32");
      const want = await read(lax.scan(addAndMultiply, np.array(0), xs));
      for (const checkpoint of [true, 1, 3, 7, 100]) {
        expect(await read(lax.scan(addAndMultiply, np.array(0), xs, { checkpoint }))).toEqual(want);
      }
    });

    it("foriLoop and map", async () => {
      expect(await read(lax.foriLoop(2, 6, (i: JaxArray, x: JaxArray) => x.add(i), np.array(0)))).toEqual([14]);
      expect(await read(lax.foriLoop(6, 2, (i: JaxArray, x: JaxArray) => x.add(i), np.array(3)))).toEqual([3]);
      const xs = np.arange(5).astype("float32");
      expect(await read(lax.map((x: JaxArray) => x.mul(x), xs))).toEqual([[0, 1, 4, 9, 16]]);
      expect(await read(lax.map((x: JaxArray) => x.mul(x), xs, { batchSize: 2 }))).toEqual([[0, 1, 4, 9, 16]]);
    });

    it("cond and switch take one branch, and clamp the index", async () => {
      const f = jit(
        (x: JaxArray) =>
          lax.cond(
            x.greater(0),
            (y: JaxArray) => y.mul(2),
            (y: JaxArray) => y.sub(1),
            x,
          ) as JaxArray,
      );
      expect(await read([f(np.array(3)), f(np.array(-3))])).toEqual([6, -4]);
      const g = (i: number): unknown =>
        lax.switch(
          np.array(i).astype("int32"),
          [(x: JaxArray) => x, (x: JaxArray) => x.neg(), (x: JaxArray) => x.mul(10)],
          np.array(4),
        );
      expect(await read([g(-5), g(0), g(1), g(2), g(9)])).toEqual([4, 4, -4, 40, 40]);
    });

    it("gradients of scan, cond and map under vmap and jit", async () => {
      const loss = (w: JaxArray): JaxArray => {
        const [c, ys] = lax.scan(
          (s: JaxArray, x: JaxArray) => [np.tanh(s.mul(w).add(x)), s],
          np.array(0.5),
          np.array([0.1, 0.2, 0.3]),
        );
        return (c as JaxArray).add((ys as JaxArray).sum());
      };
      // jax.vmap(jax.grad(loss))(jnp.array([0.5, -1.0]))
      const want = [1.4117758, 0.8972119];
      const got = (await read(jit(vmap(grad(loss)))(np.array([0.5, -1]))))[0] as number[];
      got.forEach((g, i) => expect(g).toBeCloseTo(want[i]!, 3));
    });

    it("whileLoop: values, forward mode, batched conditions", async () => {
      const f = (x: JaxArray): JaxArray =>
        lax.whileLoop(
          (y: JaxArray) => y.less(100),
          (y: JaxArray) => y.mul(2),
          x,
        ) as JaxArray;
      expect(await read(f(np.array(3)))).toEqual([192]);
      expect(await read(jvp(f, [np.array(3)], [np.array(1)]))).toEqual([192, 64]);
      expect(await read(vmap(f)(np.array([3, 5, 200])))).toEqual([[192, 160, 200]]);
      expect(
        await read(
          lax.foriLoop(
            np.array(0).astype("int32"),
            np.array(4).astype("int32"),
            (i: JaxArray, x: JaxArray) => x.add(i),
            np.array(0),
          ),
        ),
      ).toEqual([6]);
    });
    it("a loop inside a loop inside a branch, as long as values say", async () => {
      // The Collatz steps of n, counted by two nested loops: the inner one halves.
      const steps = jit((n: JaxArray): JaxArray => {
        const odd = (m: JaxArray): JaxArray => m.mod(2).equal(1);
        const [, count] = lax.whileLoop(
          ([m]: [JaxArray, JaxArray]) => m.greater(1),
          ([m, k]: [JaxArray, JaxArray]) => {
            const up = lax.cond(
              odd(m),
              (x: JaxArray) => x.mul(3).add(1),
              (x: JaxArray) => x,
              m,
            ) as JaxArray;
            const k1 = k.add(odd(m).astype("int32"));
            return lax.whileLoop(
              ([x]: [JaxArray, JaxArray]) => np.logicalNot(odd(x)),
              ([x, j]: [JaxArray, JaxArray]) => [x.div(2), j.add(1)] as [JaxArray, JaxArray],
              [up, k1],
            ) as [JaxArray, JaxArray];
          },
          [n, np.array(0, { dtype: "int32" })],
        ) as [JaxArray, JaxArray];
        return lax.cond(
          n.greater(0),
          (x: JaxArray) => x,
          (x: JaxArray) => x.neg(),
          count,
        ) as JaxArray;
      });
      // 27 takes 111 steps, 97 takes 118, 1 none.
      expect(await read([27, 97, 1].map((n) => steps(np.array(n))))).toEqual([111, 118, 0]);
      // What is done meanwhile waits its turn.
      const slow = steps(np.array(27)).add(1);
      const x = np.array([1, 2]);
      const y = x.add(slow.astype("float32"));
      expect(await read([y, x.mul(2)])).toEqual([[113, 114], [2, 4]]); // prettier-ignore
    });
  });
}

describe("the backward pass of a scan", () => {
  beforeAll(() => defaultDevice("wasm"));
  const loss =
    (length: number, checkpoint: boolean) =>
    (x: JaxArray): JaxArray =>
      (lax.scan((c: JaxArray, _: null) => [np.sin(c), null], x, null, { length, checkpoint })[0] as JaxArray).sum();

  it("stores every step without checkpoints, and about the square root of them with", () => {
    const x = np.ones([256]);
    const bytes = (length: number, checkpoint: boolean): number =>
      programOf(grad(loss(length, checkpoint)), x).arenaBytes;
    const [all, some] = [true, false].map((plain) => [100, 400, 1600].map((n) => bytes(n, !plain)));
    // Four times the steps: four times the memory, or twice.
    expect(all![1]! / all![0]!).toBeGreaterThan(3);
    expect(all![2]! / all![1]!).toBeGreaterThan(3);
    expect(some![1]! / some![0]!).toBeLessThan(2.5);
    expect(some![2]! / some![1]!).toBeLessThan(2.5);
    expect(some![2]!).toBeLessThan(all![2]! / 8);
  });

  it("stores no factors that are the same in each step, and no slices of what it reads", () => {
    const steps = 100;
    const [x, rows] = [np.ones([256]), np.ones([steps, 256])];
    const linear = (x: JaxArray): JaxArray =>
      lax.scan((c: JaxArray): [JaxArray, null] => [c.mul(0.5).sub(np.roll(c, 1).mul(np.arange(256))), null], x, null, {
        length: steps,
      })[0];
    const scaled = (x: JaxArray): JaxArray =>
      lax.scan((c: JaxArray, row: JaxArray): [JaxArray, null] => [c.mul(row), null], x, rows)[0];
    const stack = 4 * 256 * steps;
    expect(
      programOf(
        grad((x: JaxArray) => linear(x).sum()),
        x,
      ).arenaBytes,
    ).toBeLessThan(stack / 8);
    expect(
      programOf(
        grad((x: JaxArray) => scaled(x).sum()),
        x,
      ).arenaBytes,
    ).toBeLessThan(stack / 8);
    // both factors: the carries have to be stored
    const both = (x: JaxArray, rows: JaxArray): JaxArray =>
      lax.scan((c: JaxArray, row: JaxArray): [JaxArray, null] => [c.mul(row), null], x, rows)[0].sum();
    expect(programOf(grad(both, [0, 1]), x, rows).arenaBytes).toBeLessThan(2.2 * stack);
    const factors = np
      .linspace(0.9, 1.1, steps)
      .reshape([steps, 1])
      .mul(np.ones([1, 256]));
    const [slope, slopes] = jit(grad(both, [0, 1]))(np.full([256], 2), factors) as unknown as [JaxArray, JaxArray];
    const product = [...factors.slice([], 0).dataSync()].reduce((a, b) => a * b, 1);
    expect([...slope.dataSync()].every((v) => Math.abs(v - product) < 1e-4)).toBe(true);
    const first = [...slopes.slice([], 0).dataSync()].map((v, t) => v * factors.slice(t, 0).item());
    expect(first.every((v) => Math.abs(v - 2 * product) < 1e-4)).toBe(true);
  });

  it("does not overflow the stack or leak over 10,000 steps", () => {
    const x = np.ones([4]);
    const device = getDevice("wasm");
    const once = (): void => {
      const [y, back] = vjp(loss(10000, false), [x]) as [JaxArray, ((ct: number) => JaxArray[]) & { dispose(): void }];
      tree.dispose([y, back(1)]);
      back.dispose();
    };
    once();
    const before = device.memory();
    for (let i = 0; i < 3; i++) once();
    expect(device.memory()).toEqual(before);
  });
});

describe("errors of loops and branches", () => {
  beforeAll(() => defaultDevice("wasm"));
  const x = (): JaxArray => np.array(1);

  it.each([
    [
      "a carry that changes its shape",
      () => lax.scan((c: JaxArray) => [np.stack([c, c]), null], x(), null, { length: 2 }),
      "scan: the carry must keep its shape, got f32[2] for carry; expected f32[], the shape it came in with",
    ],
    [
      "a carry that changes its dtype",
      () => lax.scan((c: JaxArray) => [c.astype("int32"), null], x(), null, { length: 2 }),
      'scan: the carry must keep its dtype, got i32[] for carry; expected f32[]; convert with astype("float32")',
    ],
    [
      "a function that gives no pair",
      () => lax.scan((c: JaxArray) => c, x(), null, { length: 2 }),
      "scan: the function must return a list [carry, y], got JsTreeDef(*); use null for no y",
    ],
    [
      "an unknown number of steps",
      () => lax.scan((c: JaxArray) => [c, null], x(), null),
      "scan: the number of steps is not known; pass xs or { length }",
    ],
    [
      "a condition that is no bool",
      () =>
        lax.whileLoop(
          (y: JaxArray) => y,
          (y: JaxArray) => y,
          x(),
        ),
      "whileLoop: the condition must give one bool, got f32[]; compare with less, equal, ...",
    ],
    [
      "branches that differ",
      () =>
        lax.cond(
          true,
          (y: JaxArray) => y,
          (y: JaxArray) => np.stack([y, y]),
          x(),
        ),
      "cond: branches must give equal shapes and dtypes, got f32[2] and, from branch 1, f32[] at result",
    ],
    [
      "reverse mode through whileLoop",
      () =>
        grad(
          (y: JaxArray) =>
            lax.whileLoop(
              (z: JaxArray) => z.less(9),
              (z: JaxArray) => z.mul(2),
              y,
            ) as JaxArray,
        )(x()),
      "whileLoop: reverse-mode differentiation needs to know the number of steps; use scan, or foriLoop with bounds that are JS numbers, or forward mode (jvp, jacfwd), or customVjp, or lax.customRoot for a fixed point",
    ],
  ])("%s", (_, run, text) => {
    expect(run).toThrow(text);
  });
});
