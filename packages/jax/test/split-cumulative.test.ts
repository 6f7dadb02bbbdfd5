/** Running values of long rows, which are cut into blocks, against plain loops in float64. */
import { type Array as JaxArray, defaultDevice, init, jit, lax, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { testDevices } from "./devices";
import { programOf } from "./program-of";
import { randomNumbers } from "./run-program";

leavesArraysToCollector("values are the subject here");

beforeAll(() => init());

interface Case {
  readonly shape: readonly [number, number];
  readonly f: (x: JaxArray) => JaxArray;
  readonly combine: (a: number, b: number) => number;
  readonly reverse?: boolean;
  readonly value?: (random: number, i: number) => number;
  /** Relative to the largest value so far; exact unless given. */
  readonly tolerance?: number;
}

const most = (a: number, b: number): number => (b > a || b !== b ? b : a);
const plus = (a: number, b: number): number => a + b;
const nearOne = (random: number): number => 1 + 1e-3 * (random - 0.5);

const CASES: Readonly<Record<string, Case>> = {
  "sums of one row": { shape: [1, 200_003], f: (x) => np.cumsum(x, 1), combine: plus, tolerance: 1e-5 },
  "sums of few rows": { shape: [3, 131_072], f: (x) => np.cumsum(x, 1), combine: plus, tolerance: 1e-5 },
  "sums backward": {
    shape: [2, 150_001],
    f: (x) => lax.cumsum(x, 1, true),
    combine: plus,
    reverse: true,
    tolerance: 1e-5,
  },
  "whole numbers": {
    shape: [1, 140_000],
    f: (x) => np.cumsum(x.astype(np.int32), 1),
    combine: plus,
    value: (random) => Math.floor(100 * random) - 40,
  },
  products: {
    shape: [1, 150_000],
    f: (x) => np.cumprod(x, 1),
    combine: (a, b) => a * b,
    value: nearOne,
    tolerance: 1e-3,
  },
  maxima: { shape: [1, 180_000], f: (x) => lax.cummax(x, 1), combine: most },
  "maxima from a NaN on": {
    shape: [2, 140_000],
    f: (x) => lax.cummax(x, 1, true),
    combine: most,
    reverse: true,
    value: (random, i) => (i === 90_000 ? NaN : random),
  },
  "minima of whole numbers": {
    shape: [1, 140_000],
    f: (x) => lax.cummin(x.astype(np.int32), 1),
    combine: Math.min,
    value: (random, i) => Math.floor(1e6 * random) - i,
  },
};

for (const device of testDevices) {
  describe(`long running values on ${device}`, () => {
    beforeAll(() => defaultDevice(device));
    for (const [name, { shape, f, combine, reverse = false, value, tolerance = 0 }] of Object.entries(CASES)) {
      it(`${name}: ${shape.join(" x ")}`, async () => {
        const next = randomNumbers(1);
        const [rows, size] = shape;
        const data = Float32Array.from({ length: rows * size }, (_, i) => (value ?? ((r) => 2 * r - 1))(next(), i));
        const x = np.array(data).reshape([rows, size]);
        expect(programOf(f, x).kernels.length).toBeGreaterThan(1);
        const got = await jit(f)(x).data();
        let worst = 0;
        for (let row = 0; row < rows; row++) {
          let want = NaN;
          let largest = 0;
          for (let i = 0; i < size; i++) {
            const at = row * size + (reverse ? size - 1 - i : i);
            want = i === 0 ? data[at]! : combine(want, data[at]!);
            largest = Math.max(largest, Math.abs(want));
            const error = Object.is(Number(got[at]), want) ? 0 : Math.abs(Number(got[at]) - want) / largest;
            worst = error > worst || error !== error ? error : worst;
          }
        }
        expect(worst).toBeLessThanOrEqual(tolerance);
      });
    }
  });
}
