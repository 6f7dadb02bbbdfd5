/** Reductions and normalizations of many short rows, of which a device may take several at once: against plain JavaScript. */
import { type Array as JaxArray, defaultDevice, grad, nn, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import { randomNumbers } from "./run-program";
import { jit, owned, test } from "./scoped";

type Row = readonly number[];

const total = (x: Row): number => x.reduce((a, b) => a + b, 0);
const mean = (x: Row): number => total(x) / x.length;
/** NaN if there is one. */
const most = (x: Row): number => x.reduce((a, b) => (Number.isNaN(a) || a > b ? a : b), -Infinity);
/** The first NaN, or the first of the greatest. */
const placeOfMost = (x: Row): number => x.findIndex((v) => Object.is(v, most(x)) || v === most(x));
const logSumExp = (x: Row): number => {
  const m = most(x);
  return m + Math.log(total(x.map((v) => Math.exp(v - m))));
};
const variance = (x: Row): number => mean(x.map((v) => (v - mean(x)) ** 2));

/** Of rows: the function on a device, and on one row. */
const CASES: Readonly<Record<string, readonly [(x: JaxArray) => JaxArray, (x: Row) => number | Row]>> = {
  sum: [(x) => np.sum(x, 1), total],
  max: [(x) => np.max(x, 1), most],
  argmax: [(x) => np.argmax(x, 1), placeOfMost],
  variance: [(x) => np.var_(x, 1), variance],
  logsumexp: [(x) => nn.logsumexp(x, 1), logSumExp],
  softmax: [(x) => nn.softmax(x), (x) => x.map((v) => Math.exp(v - logSumExp(x)))],
  standardize: [(x) => nn.standardize(x), (x) => x.map((v) => (v - mean(x)) / Math.sqrt(variance(x) + 1e-5))],
};

const SIZES = [
  [1, 10], [2, 10], [3, 3], [4, 4], [5, 7], [15, 10], [16, 1], [17, 2], [33, 12], [64, 16], [67, 17], [100, 19], [35, 33],
] as const; // prettier-ignore

function expectNear(got: Row, want: Row, label: string): void {
  got.forEach((g, i) => {
    const w = want[i]!;
    if (!(Math.abs(g - w) <= 1e-5 * (1 + Math.abs(w))) && !Object.is(g, w))
      expect.fail(`${label} [${i}]: got ${g}, expected ${w}`);
  });
}

for (const device of syncDevices) {
  describe(`short rows on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const [name, [f, ofRow]] of Object.entries(CASES)) {
      const check = (rows: readonly Row[], label: string): void => {
        const got = (owned(jit(f)(owned(np.array(rows)))).js() as (number | Row)[]).flat();
        expectNear(got as Row, rows.flatMap(ofRow), `${name}, ${label}`);
      };

      test(`${name} of all shapes`, () => {
        const random = randomNumbers(3);
        for (const [r, c] of SIZES)
          check(
            Array.from({ length: r }, () => Array.from({ length: c }, () => Math.fround(random() * 8 - 4))),
            `${r} x ${c}`,
          );
      });
    }

    test("maxima and their places with NaN, infinities and equals", () => {
      const values = [NaN, Infinity, -Infinity, 1, 1, 2, 0, -0];
      const random = randomNumbers(7);
      const rows = Array.from({ length: 50 }, () =>
        Array.from({ length: 10 }, () => values[Math.floor(random() * values.length * (random() < 0.5 ? 1 : 0.99))]!),
      );
      const plain = rows.map((row) => row.map((v) => (Number.isNaN(v) ? 3 : v)));
      for (const [label, x] of Object.entries({ rows, plain })) {
        const places = owned(jit((y: JaxArray) => np.argmax(y, 1))(owned(np.array(x)))).js();
        const maxima = owned(jit((y: JaxArray) => np.max(y, 1))(owned(np.array(x)))).js() as number[];
        expect(places, label).toEqual(x.map(placeOfMost));
        expect(maxima.map(String), label).toEqual(x.map((row) => String(most(row))));
      }
    });

    test("several reductions of two dtypes in one kernel", () => {
      const rows = Array.from({ length: 8 }, (_, i) => Array.from({ length: 36 }, (_, j) => (7 * j + 5 * i) % 37));
      const f = (x: JaxArray): JaxArray => np.sum(np.nanmax(x, 1)).add(np.max(x));
      const all = most(rows.flat());
      const shares = total(rows.flat().map((v) => Number(v === all)));
      const want = rows.map((row) => row.map((v) => Number(v === most(row)) + Number(v === all) / shares));
      expectNear((owned(jit(grad(f))(owned(np.array(rows)))).js() as Row[]).flat(), want.flat(), "gradient");
    });
  });
}

/** Maps of short rows: with a vector of their own, a number for each row, or neighbours. */
const MAPS: Readonly<Record<string, readonly [(x: JaxArray, y: JaxArray) => JaxArray, (x: Row, y: Row) => Row]>> = {
  plus: [(x, y) => x.add(y), (x, y) => x.map((v, j) => v + y[j]!)],
  "in place": [
    (x, y) => np.cumsum(x, 1).mul(y).add(1),
    (x, y) => x.map((_, j) => total(x.slice(0, j + 1)) * y[j]! + 1),
  ],
  "of one": [(x, y) => x.slice([], [0, 1]).mul(y), (x, y) => y.map((v) => x[0]! * v)],
  square: [(x) => np.square(x).sub(x), (x) => x.map((v) => v * v - v)],
};

for (const device of syncDevices) {
  describe(`maps of short rows on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const [rows, size] of [
      [1024, 4],
      [1023, 5],
      [1024, 6],
      [1000, 7],
      [1024, 10],
      [512, 16],
      [400, 23],
      [1001, 24],
    ] as const) {
      test(`${rows} of ${size}`, () => {
        const random = randomNumbers(size);
        const data = Array.from({ length: rows }, () => Array.from({ length: size }, () => Math.round(random() * 9)));
        const row = Array.from({ length: size }, (_, j) => j - 2);
        const [x, y] = [owned(np.array(data, { dtype: "float32" })), owned(np.array(row, { dtype: "float32" }))];
        for (const [name, [f, g]] of Object.entries(MAPS))
          expect(owned(jit(f)(x, y)).js(), name).toEqual(data.map((r) => g(r, row)));
        const hot = owned(jit((c: JaxArray) => nn.oneHot(c.astype("int32"), size))(owned(x.slice([], 0))));
        expect(hot.js()).toEqual(data.map((r) => row.map((_, j) => (j === r[0] ? 1 : 0))));
      });
    }
  });
}
