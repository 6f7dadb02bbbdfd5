/** Reductions along axes without elements, of rows that are long enough to be done in other ways. */
import { type DType, type Array as JaxArray, defaultDevice, init, jit, lax, numpy as np } from "@jax-js/jax";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { testDevices } from "./devices";

leavesArraysToCollector("values are the subject here");

beforeAll(() => init());

const EXTREMES: Partial<Record<DType, readonly [least: number, greatest: number]>> = {
  bool: [0, 1],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  bfloat16: [-Infinity, Infinity],
  float16: [-Infinity, Infinity],
  float32: [-Infinity, Infinity],
};

const SHAPES = [[0], [0, 70], [5, 0, 32]] as const;

for (const device of testDevices) {
  describe(`reductions of nothing on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    it.each(Object.entries(EXTREMES))("of %s", async (dtype, [least, greatest]) => {
      for (const shape of SHAPES) {
        const axes = [shape.indexOf(0 as never)];
        const x = np.zeros(shape, { dtype: dtype as DType });
        const functions: [(y: JaxArray) => JaxArray, number][] = [
          [(y) => lax.reduceMax(y, axes), least],
          [(y) => lax.reduceMin(y, axes), greatest],
        ];
        if (dtype !== "bool") {
          functions.push([(y) => lax.reduceSum(y, axes), 0], [(y) => lax.reduceProd(y, axes), 1]);
        }
        for (const [f, want] of functions) {
          for (const g of [f, jit(f)]) {
            const y = g(x);
            expect(y.dtype).toBe(dtype);
            expect(new Set(Array.from(await y.data(), Number)), `${f} of [${shape}]`).toEqual(new Set([want]));
          }
        }
      }
    });

    it("of formulas, beside another sum", async () => {
      const f = (x: JaxArray, y: JaxArray): JaxArray => np.sum(np.tanh(x)).add(np.sum(np.stack([y, y])));
      const [x, y] = [np.zeros([2, 0, 16, 48]), np.array(3)];
      for (const g of [f, jit(f)]) expect(Array.from(await g(x, y).data())).toEqual([6]);
    });
  });
}
