/** Arrays with more elements than kernels can count: fine as views, and an error at once where each would be visited. */
import { type Array as JaxArray, defaultDevice, jit, lax, numpy as np, ShapeError } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testDevices } from "./devices";
import { owned, scoped } from "./scoped";

type A = JaxArray;

const MANY = 2 ** 31;
const HALF = 2 ** 16;
const MOST = 2 ** 31 - 2 ** 24;

it("the most elements are counted", () => {
  using x = np.ones([1]);
  using all = np.broadcastTo(x, [MOST]);
  using sum = np.sum(all);
  expect(sum.item()).toBe(MOST);
  using more = np.broadcastTo(x, [MOST + 1]);
  expect(() => np.sum(more)).toThrow(ShapeError);
});

for (const device of testDevices) {
  describe(device, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    const square = (x: A): A => np.broadcastTo(x, [HALF, HALF]);

    it.each<readonly [name: string, f: (x: A) => A]>([
      ["reduce_sum", (x) => np.sum(square(x))],
      ["reduce_max", (x) => np.max(np.broadcastTo(x, [MANY]))],
      ["argmax", (x) => np.argmax(np.broadcastTo(x, [2, MANY / 2]))],
      ["add", (x) => square(x).add(x)],
      ["cumsum", (x) => np.cumsum(np.broadcastTo(x, [MANY]))],
      ["sort", (x) => np.sort(np.broadcastTo(x, [MANY]))],
      ["dot_general", (x) => np.matmul(np.broadcastTo(x, [1, MANY]), np.broadcastTo(x, [MANY, 1]))],
      ["reshape", (x) => np.broadcastTo(np.concatenate([x, x]), [MANY / 2, 2]).reshape([2, MANY / 2])],
      ["scan", (x) => lax.scan((c: A) => [c.mul(1), null], x, null, { length: MANY })[0] as A],
    ])(
      "%s of too many says so",
      scoped((name: string, f: (x: A) => A) => {
        const x = np.ones([1]);
        const message =
          /: cannot go over the \d+ elements of \[[\d,]+\], at most 2130706432 can be counted; compute parts/;
        const call = (): A => f(x);
        expect(call).toThrow(ShapeError);
        expect(call).toThrow(message);
        expect(call).toThrow(`${name}: cannot`);
        const fast = owned(jit(f));
        expect(() => fast(x)).toThrow(ShapeError);
        expect(() => fast(x)).toThrow(message);
      }),
    );

    it("arrays in memory of too many bytes-sized elements say so", () => {
      expect(() => np.arange(MANY, { dtype: "int8" })).toThrow(ShapeError);
      using zeros = np.zeros([MANY + 5], { dtype: "bool" });
      expect(zeros.size).toBe(MANY + 5);
      expect(() => np.logicalNot(zeros)).toThrow(ShapeError);
    });

    it("views of them are arrays like others", async () => {
      using x = np.array([1, 2, 3]);
      using wide = np.broadcastTo(x, [HALF, HALF, 3]);
      using part = wide.slice([HALF - 2, HALF], [0, 1]);
      expect(await part.jsAsync()).toEqual([[[1, 2, 3]], [[1, 2, 3]]]);
    });

    it("a reduction goes on from there, if its results and each one's terms are few enough", async () => {
      using x = np.ones([1]);
      const rows = jit((y: A) => np.sum(np.broadcastTo(y, [2 ** 30, 2, 2 ** 30]).slice([0, 2], [], [0, 3]), [1, 2]));
      using y = rows(x);
      expect(await y.jsAsync()).toEqual([6, 6]);
      rows.dispose();
    });
  });
}
