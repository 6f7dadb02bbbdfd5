/** Sums and products of narrow integers wrap, whatever becomes of them in the same program: against JavaScript's typed arrays. */
import { type Array as JaxArray, defaultDevice, lax, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import { jit, owned, test } from "./scoped";

const TYPED = { int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array };
type Narrow = keyof typeof TYPED;

const wrapped = (dtype: Narrow, x: number): number => new TYPED[dtype]([x])[0]!;
const [ROWS, COLUMNS] = [5, 700];
const at = (i: number): number => ((i * 37) % 101) + 1;
const row = (r: number): number[] => Array.from({ length: COLUMNS }, (_, i) => at(r * COLUMNS + i));

for (const device of syncDevices) {
  describe(`sums of narrow integers on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const dtype of Object.keys(TYPED) as Narrow[]) {
      const values = (): JaxArray =>
        owned(np.array(new TYPED[dtype](Array.from({ length: ROWS * COLUMNS }, (_, i) => at(i))), { shape: [ROWS, COLUMNS], dtype })); // prettier-ignore
      const sums = Array.from({ length: ROWS }, (_, r) =>
        wrapped(
          dtype,
          row(r).reduce((a, b) => a + b, 0),
        ),
      );

      test(`${dtype}, as a number of another dtype`, () => {
        const sum = (x: JaxArray): JaxArray => lax.reduceSum(x, [1]);
        expect(owned(jit(sum)(values())).js()).toEqual(sums);
        expect(owned(jit((x: JaxArray) => sum(x).astype("float32"))(values())).js()).toEqual(sums);
        expect(owned(jit((x: JaxArray) => np.greater(sum(x), 0))(values())).js()).toEqual(sums.map((s) => s > 0));
        const scaled = jit((x: JaxArray) => x.astype("float32").sub(np.expandDims(sum(x).astype("float32"), 1)));
        expect(owned(owned(scaled(values())).slice([], 0)).js()).toEqual(sums.map((s, r) => at(r * COLUMNS) - s));
      });

      test(`${dtype}, products`, () => {
        const short = jit((x: JaxArray) => lax.reduceProd(x.slice([], [0, 3]), [1]).astype("float32"));
        const product = (r: number): number => wrapped(dtype, row(r).slice(0, 3).reduce((a, b) => a * b, 1)); // prettier-ignore
        expect(owned(short(values())).js()).toEqual(sums.map((_, r) => product(r)));
      });
    }
  });
}
