/** Binary search in lists of all small lengths, against counting; and scatters whose operands are costly. */
import { type Array as JaxArray, numpy as np } from "@jax-js/jax";
import { describe, expect } from "vitest";
import { randomNumbers } from "./run-program";
import { jit, owned, test } from "./scoped";

/** As sorting orders: NaN is larger than everything. */
const isLess = (x: number, y: number): boolean => x < y || (!Number.isNaN(x) && Number.isNaN(y));

describe("searchsorted", () => {
  for (const side of ["left", "right"] as const) {
    test(`counts what is before a value, ${side}`, () => {
      const random = randomNumbers(9);
      for (let n = 0; n <= 36; n++) {
        for (const span of [3, 60]) {
          const list = Array.from({ length: n }, () => Math.floor(random() * span) - 1);
          if (n > 4) list.push(NaN, NaN, Infinity, -Infinity, -0);
          list.sort((x, y) => (isLess(x, y) ? -1 : isLess(y, x) ? 1 : 0));
          const values = [
            NaN,
            Infinity,
            -Infinity,
            -0,
            0,
            0.5,
            ...list,
            ...Array.from({ length: 20 }, (_, i) => 3 * i - 2),
          ];
          const got = owned(np.searchsorted(owned(np.array(list)), owned(np.array(values)), side)).js();
          const isBefore = (x: number, v: number): boolean => (side === "left" ? isLess(x, v) : !isLess(v, x));
          expect(got, `${n} of ${span}`).toEqual(values.map((v) => list.filter((x) => isBefore(x, v)).length));
        }
      }
    });
  }
});

describe("a scatter", () => {
  test("adds values of a formula at places of a formula", () => {
    const n = 5000;
    const f = jit((x: JaxArray, i: JaxArray) => {
      const place = np.round(np.sin(i).mul(3)).astype("int32").add(3) as JaxArray;
      return np.bincount(place, { weights: np.exp(x), length: 7 }) as JaxArray;
    });
    const x = Array.from({ length: n }, (_, i) => (i % 11) / 4 - 1);
    const i = x.map((_, k) => k % 50);
    const want = new Array<number>(7).fill(0);
    x.forEach((v, k) => (want[Math.round(Math.sin(i[k]!) * 3) + 3]! += Math.exp(v)));
    const got = owned(f(owned(np.array(x)), owned(np.array(i)))).js() as number[];
    want.forEach((w, k) => expect(Math.abs(got[k]! - w)).toBeLessThan(1e-4 * w));
  });
});
