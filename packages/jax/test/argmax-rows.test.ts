/** Places of greatest and least elements of rows, which are looked for by blocks: against a loop in JavaScript. */
import { type Array as JaxArray, type DType, defaultDevice, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import { randomNumbers } from "./run-program";
import { jit, owned, test } from "./scoped";

/** The first element that no other beats; NaNs beat numbers. */
function placeOf(row: readonly number[], beats: (x: number, y: number) => boolean): number {
  let at = 0;
  row.forEach((x, i) => {
    const y = row[at]!;
    if (beats(x, y) || (Number.isNaN(x) && !Number.isNaN(y))) at = i;
  });
  return at;
}

const most = (x: JaxArray): unknown => owned(jit((y: JaxArray) => np.argmax(y, 1))(x)).js();
const least = (x: JaxArray): unknown => owned(jit((y: JaxArray) => np.argmin(y, 1))(x)).js();

function check(rows: readonly (readonly number[])[], dtype: DType, label: string): void {
  const x = owned(np.array(rows, { dtype }));
  const got = [most(x), least(x)];
  const want = [rows.map((r) => placeOf(r, (a, b) => a > b)), rows.map((r) => placeOf(r, (a, b) => a < b))];
  expect(got, label).toEqual(want);
}

for (const device of syncDevices) {
  describe(`argmax and argmin on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    test("of rows of numbers", () => {
      const random = randomNumbers(11);
      for (const dtype of ["float32", "int32", "uint32", "int8", "bool", "float16"] as const)
        for (const n of [1, 3, 4, 5, 16, 19, 100, 511, 512, 513, 531, 1024, 4095, 4099, 9000]) {
          for (const span of dtype === "bool" ? [2] : [2, 120]) {
            const row = (): number[] => Array.from({ length: n }, () => Math.floor(random() * span));
            check([row(), row(), row()], dtype, `${dtype}, ${n} of ${span}`);
          }
        }
    });

    test("of rows with one greatest element, wherever it is", () => {
      const n = 1100;
      const rows = Array.from({ length: n }, (_, i) => Array.from({ length: n }, () => 0).with(i, 1));
      const x = owned(np.array(rows));
      expect(most(x)).toEqual(rows.map((_, i) => i));
      expect(least(owned(np.negative(x)))).toEqual(rows.map((_, i) => i));
    });

    test("of NaNs, infinities and zeros of both signs", () => {
      const n = 1030;
      const even = Array.from({ length: n }, () => 1);
      const low = even.map(() => -Infinity);
      const nans = [0, 1, 7, 511, 512, 600, 1027, 1029].flatMap((i) => [even.with(i, NaN), low.with(i, NaN)]);
      const twice = [even.with(1029, NaN).with(30, NaN), even.with(900, NaN).with(2, Infinity)];
      const zeros = even.map((_, i) => (i % 3 === 0 ? -0 : 0));
      check([...nans, ...twice, zeros, low, low.map((x) => -x), low.with(700, -1), even.map(() => NaN)], "float32", "");
    });

    test("of a formula, along two axes, and of what is cut into blocks", () => {
      const random = randomNumbers(3);
      const data = Array.from({ length: 300_000 }, () => Math.fround(random() - 0.5));
      const x = owned(np.array(data));
      const square = jit((y: JaxArray) => np.argmax(np.square(y)));
      expect(owned(square(x)).item()).toBe(
        placeOf(
          data.map((v) => Math.fround(v * v)),
          (a, b) => a > b,
        ),
      );
      const planes = jit((y: JaxArray) => np.argmax(y.reshape([3, 100, 1000]).reshape([3, -1]), 1));
      expect(owned(planes(x)).js()).toEqual(
        [0, 1, 2].map((i) => placeOf(data.slice(i * 100_000, (i + 1) * 100_000), (a, b) => a > b)),
      );
    });
  });
}
