/** Loops of thousands of steps that tracing unrolls: formulas deeper than the compiler may call itself. */
import { type Array as JaxArray, defaultDevice, grad, jit, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { syncDevices } from "./devices";
import { test } from "./scoped";

leavesArraysToCollector("values are the subject here");

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    test("3000 products and sums come to their fixed point, whose derivative is 0", () => {
      const f = (x: JaxArray): JaxArray => {
        for (let i = 0; i < 3000; i++) x = x.mul(0.5).add(1);
        return x;
      };
      expect(jit(f)(np.array([0, 5])).js()).toEqual([2, 2]);
      expect(jit(grad((x: JaxArray) => f(x).sum()))(np.array([0, 5])).js()).toEqual([0, 0]);
    });

    test("600 hyperbolic tangents are those that are computed one by one", () => {
      const f = (x: JaxArray): JaxArray => {
        for (let i = 0; i < 600; i++) x = np.tanh(x);
        return x;
      };
      const [together, alone] = [jit(f)(np.array([0.5])).item(), f(np.array([0.5])).item()];
      expect(Math.abs(together / alone - 1)).toBeLessThan(1e-6);
    });

    test("a sum of 1200 arguments", () => {
      const xs = Array.from({ length: 1200 }, (_, i) => np.array([i, 1]));
      expect(jit((list: JaxArray[]) => list.reduce((a, b) => a.add(b)))(xs).js()).toEqual([719400, 1200]);
    });

    test("a sum of 1200 arguments in pairs, which is wide and not deep", () => {
      const xs = Array.from({ length: 1200 }, (_, i) => np.array([i, 1]));
      const sum = (list: readonly JaxArray[]): JaxArray => {
        if (list.length === 1) return list[0]!;
        const half = list.length >> 1;
        return sum(list.slice(0, half)).add(sum(list.slice(half)));
      };
      const f = jit((list: JaxArray[]) => [sum(list), sum(list.toReversed()).mul(2), sum(list).sub(sum(list))]);
      expect(f(xs).map((x) => x.js())).toEqual([[719400, 1200], [1438800, 2400], [0, 0]]); // prettier-ignore
    });
  });
}
