/** Stages over tall columns are kernels of their own: values against plain JavaScript. */
import { type Array as JaxArray, defaultDevice, lax, nn, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import { randomNumbers } from "./run-program";
import { jit, owned, test } from "./scoped";

type Column = readonly number[];

const mean = (x: Column): number => x.reduce((a, v) => a + v, 0) / x.length;
const most = (x: Column): number => x.reduce((a, v) => (Number.isNaN(a) || a > v ? a : v), -Infinity);

function logSumExp(x: Column): number {
  const m = most(x);
  return m === -Infinity ? m : m + Math.log(x.reduce((a, v) => a + Math.exp(v - m), 0));
}

const minus = (x: Column, y: number): number[] => x.map((v) => v - y);

function standardized(x: Column): number[] {
  const m = mean(x);
  const deviation = Math.sqrt(mean(x.map((v) => (v - m) ** 2)) + 1e-5);
  return x.map((v) => (v - m) / deviation);
}

/** Columns of [outer, rows, columns] by a function of one. */
function byColumns(data: Column, [outer, rows, columns]: Shape, f: (x: Column) => Column): number[] {
  const out = new Array<number>(data.length);
  for (let o = 0; o < outer; o++)
    for (let c = 0; c < columns; c++) {
      const at = (r: number): number => (o * rows + r) * columns + c;
      f(Array.from({ length: rows }, (_, r) => data[at(r)]!)).forEach((v, r) => (out[at(r)] = v));
    }
  return out;
}

type Shape = readonly [number, number, number];
const SHAPES: readonly Shape[] = [[1, 512, 256], [1, 64, 2052], [2, 131, 515]]; // prettier-ignore

const FUNCTIONS: Record<string, { f: (x: JaxArray) => JaxArray; want: (x: Column) => Column; tolerance: number }> = {
  softmax: {
    f: (x) => nn.softmax(x, 1) as JaxArray,
    want: (x) => minus(x, logSumExp(x)).map(Math.exp),
    tolerance: 2e-6,
  },
  logSoftmax: {
    f: (x) => nn.logSoftmax(x, 1) as JaxArray,
    want: (x) => minus(x, logSumExp(x)),
    tolerance: 2e-6,
  },
  standardize: { f: (x) => nn.standardize(x, 1) as JaxArray, want: standardized, tolerance: 1e-5 },
  "a quotient by a maximum and a sum": {
    f: (x) => {
      const y = np.exp(x);
      return y.div(np.max(y, 1, { keepdims: true })).add(np.sum(y, 1, { keepdims: true })) as JaxArray;
    },
    want: (x) => {
      const y = x.map(Math.exp);
      const [top, total] = [most(y), mean(y) * y.length];
      return y.map((v) => v / top + total);
    },
    tolerance: 2e-6,
  },
};

for (const device of syncDevices) {
  describe(`tall columns on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const [name, { f, want, tolerance }] of Object.entries(FUNCTIONS)) {
      test(name, () => {
        const random = randomNumbers(7);
        for (const shape of SHAPES) {
          const data = Array.from({ length: shape[0] * shape[1] * shape[2] }, () => Math.fround((random() - 0.5) * 6));
          const got = owned(jit(f)(owned(np.array(data).reshape(shape)))).ravel();
          const values = Array.from(owned(got).dataSync() as Float32Array);
          byColumns(data, shape, want).forEach((w, i) => {
            if (!(Math.abs(values[i]! - w) <= tolerance * Math.max(1, Math.abs(w))))
              expect.fail(`${shape.join()} [${i}]: got ${values[i]}, expected ${w}`);
          });
        }
      });
    }

    test("with NaNs and infinities in some", () => {
      const [rows, columns] = [512, 256];
      const x = Array.from({ length: rows * columns }, () => 1);
      x[3 * columns + 5] = NaN;
      x[7 * columns + 6] = Infinity;
      x[500 * columns + 7] = -Infinity;
      for (let r = 0; r < rows; r++) x[r * columns + 9] = -Infinity;
      const y = owned(jit((v: JaxArray) => nn.softmax(v, 0))(owned(np.array(x).reshape([rows, columns]))));
      const got = y.js() as number[][];
      for (const row of got) expect([row[5], row[6], row[9]]).toEqual([NaN, NaN, NaN]);
      expect(got.map((row) => row[7] === 0)).toEqual(got.map((_, r) => r === 500));
      expect(got[0]![8]).toBeCloseTo(1 / rows, 8);
    });

    test("in float16, whose exponentials are rounded as they are kept", () => {
      const x = owned(lax.iota("float32", 131072)).mod(7).reshape([512, 256]).astype("float16");
      const y = owned(jit((v: JaxArray) => nn.softmax(v, 0))(owned(x))).astype("float32");
      const want = byColumns(
        Array.from({ length: 131072 }, (_, i) => i % 7),
        [1, 512, 256],
        FUNCTIONS["softmax"]!.want,
      );
      const errors = (owned(owned(y).ravel()).js() as number[]).map(
        (v, i) => Math.abs(v - want[i]!) - 0.002 * want[i]!,
      );
      expect(errors.every((error) => error < 1e-6)).toBe(true);
    });
  });
}
