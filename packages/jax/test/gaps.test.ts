/** Behaviour that users trip on elsewhere: one test a line, each on every device that needs no set-up. */
import { type Array as JaxArray, defaultDevice, grad, jit, numpy as np, tree } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { logsumexp } from "../src/nn/index";
import { syncDevices } from "./devices";
import { owned, test } from "./scoped";

const value = (x: JaxArray): unknown => owned(x).js() as unknown;
const f32 = (...values: readonly number[]): JaxArray => owned(np.array(values));
const i32 = (...values: readonly number[]): JaxArray => owned(np.array(values, { dtype: "int32" }));

/** Equal to a float32 to one in its last place. */
function near(got: unknown, want: number): void {
  expect(Math.abs((got as number) - want)).toBeLessThanOrEqual(2 ** -23 * Math.abs(want));
}

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    test("int32 divided by a number is float32", () => {
      const out = owned(i32(1, 3, -3).div(2));
      expect(out.dtype).toBe("float32");
      expect(out.js()).toEqual([0.5, 1.5, -1.5]);
    });

    test("the sum of bools counts", () => {
      const out = owned(np.array([true, true, false])).sum();
      expect(out.dtype).toBe("int32");
      expect(out.item()).toBe(2);
    });

    test("a list of JS numbers is float32, a typed array keeps its dtype", () => {
      expect(owned(np.array([1, 2])).dtype).toBe("float32");
      expect(owned(np.array(new Int32Array([1, 2]))).dtype).toBe("int32");
    });

    test("dict keys of trees are sorted", () => {
      expect(tree.leaves({ b: 1, a: 2 })).toEqual([2, 1]);
      expect(Object.keys(tree.map((x: number) => x, { b: 1, a: 2 }))).toEqual(["b", "a"]);
    });

    test("null is an empty node", () => {
      expect(tree.leaves([1, null, { a: undefined, b: 2 }])).toEqual([1, 2]);
    });

    test("index arrays out of range are clamped or filled", () => {
      for (const x of [owned(np.arange(4)), i32(0, 1, 2, 3)]) {
        expect(value(x.slice(i32(1, 9, -9)))).toEqual([1, 3, 0]);
        expect(value(np.take(x, i32(1, 9)))).toEqual([1, -(2 ** 31)]);
      }
      expect(value(np.take(f32(1, 2), i32(1, 9)))).toEqual([2, NaN]);
      expect(value(np.take(f32(1, 2), i32(1, 9), null, { mode: "clip" }))).toEqual([2, 2]);
    });

    test("an int to an int power is an int", () => {
      const out = owned(np.power(i32(2, -3, 0), i32(3, 2, 0)));
      expect(out.dtype).toBe("int32");
      expect(out.js()).toEqual([8, 9, 1]);
      expect(owned(i32(2).pow(5)).dtype).toBe("int32");
    });

    test("the gradient of x ** 2 at 0 is 0", () => {
      expect(value(grad((x: JaxArray) => x.pow(2))(f32(0).slice(0)))).toBe(0);
      expect(value(grad((x: JaxArray) => np.power(x, f32(2).slice(0)))(f32(0).slice(0)))).toBe(0);
      expect(value(grad((x: JaxArray) => np.power(x, 2.5))(f32(0).slice(0)))).toBe(0);
    });

    test("the gradient of abs at 0 is 0", () => {
      expect(value(grad((x: JaxArray) => np.abs(x))(f32(0).slice(0)))).toBe(0);
    });

    test("logsumexp of -Infinity is -Infinity", () => {
      expect(value(logsumexp(f32(-Infinity, -Infinity)))).toBe(-Infinity);
      expect(value(logsumexp(f32(Infinity, 0)))).toBe(Infinity);
      expect(value(logsumexp(f32(1000, 1000)))).toBeCloseTo(1000 + Math.log(2), 3);
    });

    test("det(eye(2)) is float32 and has a gradient", () => {
      const out = owned(np.linalg.det(owned(np.eye(2))));
      expect(out.dtype).toBe("float32");
      expect(out.item()).toBe(1);
      expect(value(grad((x: JaxArray) => np.linalg.det(x))(owned(np.eye(2))))).toEqual([
        [1, 0],
        [0, 1],
      ]);
    });

    test("tanh near 0 keeps its digits", () => {
      near(value(np.tanh(f32(1e-5).slice(0))), Math.fround(1e-5));
      near(value(np.tanh(f32(-3e-4).slice(0))), Math.tanh(Math.fround(-3e-4)));
    });

    test("sin of large numbers is reduced exactly", () => {
      near(value(np.sin(f32(1e6).slice(0))), Math.sin(1e6));
      near(value(np.cos(f32(1e6).slice(0))), Math.cos(1e6));
      near(value(np.sin(f32(3e38).slice(0))), Math.sin(Math.fround(3e38)));
    });

    test("hypot does not overflow", () => {
      near(value(np.hypot(1e30, 1e30)), Math.hypot(1e30, 1e30));
      near(value(np.hypot(3e-30, 4e-30)), 5e-30);
    });

    test("small singular values are there", () => {
      const a = owned(np.array([[1, 1], [1, 1.0001]])); // prettier-ignore
      const [, small] = value(np.linalg.svdvals(a)) as number[];
      // The determinant over the larger one.
      const second = (Math.fround(1.0001) - 1) / 2.00005;
      expect(Math.abs(small! - second)).toBeLessThan(1e-3 * second);
    });

    test("an int divided by 0 does not trap", () => {
      expect(value(np.floorDivide(i32(7, -7, 0), i32(0, 0, 0)))).toEqual(expected.floorDivide);
      expect(value(np.remainder(i32(7, -7, 0), i32(0, 0, 0)))).toEqual(expected.remainder);
      const compiled = owned(jit((x: JaxArray, y: JaxArray) => np.floorDivide(x, y)));
      expect(value(compiled(i32(7), i32(0)))).toEqual(expected.floorDivide.slice(0, 1));
    });
  });
}

/** What JAX 0.10.2 gives on the CPU. */
const expected = { floorDivide: [-2, -2, -1], remainder: [0, 0, 0] };
