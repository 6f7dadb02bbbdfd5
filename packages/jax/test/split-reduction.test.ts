/** Long reductions, which are cut into blocks, against plain loops in float64. */
import { type Array as JaxArray, defaultDevice, grad, init, jit, nn, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { testDevices } from "./devices";
import { programOf } from "./program-of";
import { randomNumbers } from "./run-program";

leavesArraysToCollector("values are the subject here");

beforeAll(() => init());

interface Case {
  readonly shape: readonly number[];
  readonly axes: readonly number[];
  readonly f: (x: JaxArray, axes: number[]) => JaxArray;
  /** The same of the values that one result is made of, in their order. */
  readonly plain: (values: readonly number[]) => number;
  readonly value?: (random: number, i: number) => number;
  /** Relative to 1 or the result; exact unless given. */
  readonly tolerance?: number;
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => total(values) / values.length;
function variance(values: readonly number[]): number {
  const middle = mean(values);
  return mean(values.map((v) => (v - middle) ** 2));
}
const greatest = (values: readonly number[]): number => values.reduce((a, b) => (b > a || b !== b ? b : a));
const firstOf = (best: (values: readonly number[]) => number) => (values: readonly number[]) => {
  const wanted = best(values);
  return values.findIndex((v) => Object.is(v, wanted));
};
const coarse = (random: number): number => Math.floor(40 * random);

const sum = { f: (x: JaxArray, axes: number[]) => np.sum(x, axes), plain: total, tolerance: 1e-5 };
const max = { f: (x: JaxArray, axes: number[]) => np.max(x, axes), plain: greatest };
const vary = { f: (x: JaxArray, axes: number[]) => np.var(x, axes), plain: variance, tolerance: 1e-5 };
const argmax = { f: (x: JaxArray, [axis]: number[]) => np.argmax(x, axis), plain: firstOf(greatest), value: coarse };

const CASES: Readonly<Record<string, Case>> = {
  "a sum of everything": { ...sum, shape: [140_003], axes: [0] },
  "a mean of squares of a matrix": {
    shape: [301, 701],
    axes: [0, 1],
    f: (x) => np.mean(np.square(x)),
    plain: (values) => mean(values.map((v) => v * v)),
    tolerance: 1e-5,
  },
  "a variance of everything": { ...vary, shape: [200_000], axes: [0] },
  "a product": {
    shape: [150_000],
    axes: [0],
    f: (x) => np.prod(x),
    plain: (values) => values.reduce((a, b) => a * b),
    value: (random) => 1 + 1e-3 * random,
    tolerance: 2e-3,
  },
  "a maximum": { ...max, shape: [262_144], axes: [0] },
  "a maximum with a NaN": { ...max, shape: [200_001], axes: [0], value: (random, i) => (i === 199_990 ? NaN : random) },
  "a minimum of few rows": {
    shape: [3, 90_001],
    axes: [1],
    f: (x, axes) => np.min(x, axes),
    plain: (values) => values.reduce((a, b) => Math.min(a, b)),
  },
  "the first greatest of equals": { ...argmax, shape: [140_001], axes: [0] },
  "the first NaN": { ...argmax, shape: [150_000], axes: [0], value: (_, i) => (i % 70_001 === 70_000 ? NaN : i % 99) },
  "the first greatest of columns": { ...argmax, shape: [1030, 130], axes: [0] },
  "the first least of narrow columns": {
    shape: [70_000, 3],
    axes: [0],
    f: (x) => np.argmin(x, 0),
    plain: firstOf((values) => values.reduce((a, b) => Math.min(a, b))),
    value: coarse,
  },
  "whether any is so": {
    shape: [150_001],
    axes: [0],
    f: (x) => np.any(np.greater(x, 0.99)),
    plain: (values) => Number(values.some((v) => v > 0.99)),
    value: (random, i) => (i === 150_000 ? 1 : 0.9 * random),
  },
  "whether all of columns are so": {
    shape: [600, 300],
    axes: [0],
    f: (x) => np.all(np.less(x, 0.999), 0),
    plain: (values) => Number(values.every((v) => v < 0.999)),
    value: (random) => Math.fround(random),
  },
  "whole numbers": { ...sum, shape: [701, 600], axes: [0], value: coarse, f: (x) => np.sum(x.astype(np.int32), 0) },
  "sums of columns": { ...sum, shape: [521, 1027], axes: [0] },
  "sums of long columns": { ...sum, shape: [9001, 17], axes: [0] },
  "sums of narrow columns": { ...sum, shape: [70_001, 3], axes: [0] },
  "sums of short columns": { ...sum, shape: [67, 2100], axes: [0] },
  "maxima of columns": { ...max, shape: [521, 1027], axes: [0] },
  "maxima of narrow columns": { ...max, shape: [40_003, 5], axes: [0] },
  "variances of columns": { ...vary, shape: [2100, 128], axes: [0] },
  "two results of columns": {
    shape: [1030, 512],
    axes: [0],
    f: (x) => np.add(np.sum(x, 0), np.max(x, 0)),
    plain: (values) => total(values) + greatest(values),
    tolerance: 1e-5,
  },
  "columns of a batch": { ...sum, shape: [3, 600, 130], axes: [1] },
  "a batch normalization of planes": { ...vary, shape: [4, 3, 120, 100], axes: [0, 2, 3] },
  "a batch normalization of pixels": { ...vary, shape: [4, 60, 50, 16], axes: [0, 1, 2] },
  "columns of a transposed matrix": {
    shape: [1100, 130],
    axes: [0],
    f: (x) => np.sum(x.transpose(), 1),
    plain: total,
    tolerance: 1e-5,
  },
  "a padded vector": {
    shape: [140_000],
    axes: [0],
    f: (x) => np.sum(np.pad(x, [[3, 5]], { constantValues: 1 })),
    plain: (values) => total(values) + 8,
    tolerance: 1e-5,
  },
  "half precision": {
    shape: [150_000],
    axes: [0],
    f: (x) => np.sum(x.astype(np.float16)),
    plain: total,
    value: (random) => Math.round(16 * random) / 64,
    tolerance: 1e-3,
  },
};

/** Values by result. */
function grouped(data: Float32Array, shape: readonly number[], axes: readonly number[]): number[][] {
  const groups = new Map<number, number[]>();
  data.forEach((value, i) => {
    let [rest, key, scale] = [i, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const at = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
      if (axes.includes(axis)) continue;
      key += scale * at;
      scale *= shape[axis]!;
    }
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  });
  return [...groups].sort((a, b) => a[0] - b[0]).map(([, values]) => values);
}

for (const device of testDevices) {
  describe(`long reductions on ${device}`, () => {
    beforeAll(() => defaultDevice(device));
    for (const [name, c] of Object.entries(CASES)) {
      it(`${name}: [${c.shape.join()}] over ${c.axes.join()}`, async () => {
        const next = randomNumbers(1);
        const size = c.shape.reduce((a, b) => a * b);
        const data = Float32Array.from({ length: size }, (_, i) => (c.value ?? ((r) => 2 * r - 0.7))(next(), i));
        const x = np.array(data).reshape([...c.shape]);
        const f = (y: JaxArray): JaxArray => c.f(y, [...c.axes]);
        expect(programOf(f, x).kernels.length).toBeGreaterThan(1);
        const want = grouped(data, c.shape, c.axes).map(c.plain);
        for (const got of [await jit(f)(x).data(), await f(x).data()]) {
          expect(got.length).toBe(want.length);
          let worst = 0;
          want.forEach((w, i) => {
            const error = Object.is(Number(got[i]), w) ? 0 : Math.abs(Number(got[i]) - w) / Math.max(1, Math.abs(w));
            worst = error > worst || error !== error ? error : worst;
          });
          expect(worst).toBeLessThanOrEqual(c.tolerance ?? 0);
        }
      });
    }

    it("of one element each, of many rows", async () => {
      const x = np.arange(140_000).reshape([140_000, 1]);
      for (const f of [nn.softmax, jit((y: JaxArray) => nn.softmax(y))]) {
        expect((await f(x).data()).every((v) => v === 1)).toBe(true);
      }
    });

    it("the derivative of a maximum goes to the first greatest", async () => {
      const x = np.array(Float32Array.from({ length: 150_000 }, (_, i) => i % 1000));
      const slope = await jit(grad((y: JaxArray) => np.max(y)))(x).data();
      const want = 1 / 150;
      slope.forEach((s, i) => {
        if (Math.abs(Number(s) - (i % 1000 === 999 ? want : 0)) > 1e-7) throw new Error(`at ${i}: ${String(s)}`);
      });
    });
  });
}
