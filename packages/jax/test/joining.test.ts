/** Joining more arrays than one kernel can read. */
import { type Array as JaxArray, defaultDevice, grad, lax, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { syncDevices } from "./devices";
import { test } from "./scoped";

leavesArraysToCollector("hundreds of arrays; values are the subject here");

const COUNT = 1500;
const numbers = Array.from({ length: COUNT }, (_, i) => i);

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    test("arrays of several sizes, one after another", () => {
      const xs = numbers.map((i) => np.array(new Array<number>(1 + (i % 3)).fill(i)));
      const expected = numbers.flatMap((i) => new Array<number>(1 + (i % 3)).fill(i));
      expect(np.concatenate(xs).js()).toEqual(expected);
      expect(lax.concatenate(xs, 0).js()).toEqual(expected);
      expect(np.hstack(xs).js()).toEqual(expected);
    });

    test("along a new axis, in front and behind", () => {
      const xs = numbers.map((i) => np.array([i, -1 - i]));
      expect(np.stack(xs).js()).toEqual(numbers.map((i) => [i, -1 - i]));
      expect(np.stack(xs, 1).js()).toEqual([numbers, numbers.map((i) => -1 - i)]);
    });

    test("and the gradient finds its way back", () => {
      const xs = numbers.slice(0, 200).map((i) => np.array([i, 1]));
      const weights = np.arange(400).reshape([200, 2]);
      const slopes = grad((list: JaxArray[]) => np.sum(np.stack(list).mul(weights)))(xs) as unknown as JaxArray[];
      expect(slopes.map((g) => g.js())).toEqual(numbers.slice(0, 200).map((i) => [2 * i, 2 * i + 1]));
    });
  });
}
