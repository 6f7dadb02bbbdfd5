/** Pooling: windows that overlap, and their derivatives, against sums and extremes written out in JavaScript. */
import { type Array as JaxArray, defaultDevice, grad, init, jit, lax, makeJaxpr, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { testDevices } from "./devices";

leavesArraysToCollector("values are the subject here");

beforeAll(() => init());

interface Window {
  readonly size: number;
  readonly stride: number;
  readonly dilation?: number;
}

const [height, width] = [13, 21];
const windows: Window[] = [
  { size: 2, stride: 2 },
  { size: 3, stride: 2 },
  { size: 3, stride: 1 },
  { size: 2, stride: 3 },
  { size: 3, stride: 2, dilation: 2 },
  { size: 6, stride: 4 }, // more terms than are written out
  { size: 2, stride: 5 }, // more rests than are interleaved
];

/** Indices of the elements of each window, row by row. */
function places({ size, stride, dilation = 1 }: Window): number[][] {
  const count = (n: number): number => Math.floor((n - (size - 1) * dilation - 1) / stride) + 1;
  const out: number[][] = [];
  for (let i = 0; i < count(height); i++) {
    for (let j = 0; j < count(width); j++) {
      const own: number[] = [];
      for (let q = 0; q < size; q++) {
        for (let r = 0; r < size; r++) {
          own.push((i * stride + q * dilation) * width + j * stride + r * dilation);
        }
      }
      out.push(own);
    }
  }
  return out;
}

/** Small whole numbers: there are ties, and sums are exact. */
const image = Array.from({ length: height * width }, (_, i) => ((i * 37) % 23) - 11);

for (const device of testDevices) {
  describe(`pooling on ${device}`, () => {
    beforeAll(() => defaultDevice(device));
    const input = (): JaxArray => np.array(image, { dtype: "float32" }).reshape([1, height, width]);
    const numbers = async (x: JaxArray): Promise<number[]> => [...(await x.data())].map((v) => Number(v) + 0);

    for (const w of windows) {
      const o = { windowDilation: [1, w.dilation ?? 1, w.dilation ?? 1] };
      const pool = (init: number, f: (x: JaxArray, y: JaxArray) => JaxArray) => (x: JaxArray) =>
        lax.reduceWindow(x, init, f, [1, w.size, w.size], [1, w.stride, w.stride], "VALID", o);
      const maxPool = pool(-Infinity, lax.max);
      const sumPool = pool(0, lax.add);
      const name = `windows of ${w.size} by ${w.stride}${w.dilation === undefined ? "" : ", dilated"}`;

      it(`${name}: greatest elements, and sums`, async () => {
        const all = places(w);
        expect(await numbers(jit(maxPool)(input()))).toEqual(all.map((p) => Math.max(...p.map((i) => image[i]!))));
        expect(await numbers(jit(sumPool)(input()))).toEqual(all.map((p) => p.reduce((sum, i) => sum + image[i]!, 0)));
      });

      it(`${name}: derivatives go to the first greatest, or to all`, async () => {
        const all = places(w);
        const weights = all.map((_, i) => (i % 7) - 3);
        const [toGreatest, toAll] = [image.map(() => 0), image.map(() => 0)];
        all.forEach((p, i) => {
          const best = p.reduce((a, b) => (image[b]! > image[a]! ? b : a));
          toGreatest[best]! += weights[i]!;
          for (const at of p) toAll[at]! += weights[i]!;
        });
        const loss = (f: (x: JaxArray) => JaxArray) => (x: JaxArray) =>
          f(x)
            .ravel()
            .mul(np.array(weights, { dtype: "float32" }))
            .sum();
        expect(await numbers(jit(grad(loss(maxPool)))(input()))).toEqual(toGreatest.map((v) => v + 0));
        expect(await numbers(jit(grad(loss(sumPool)))(input()))).toEqual(toAll.map((v) => v + 0));
      });
    }

    const sides: readonly (readonly [size: number, stride: number, padding: number, side: number, planes: number])[] = [
      [5, 1, 2, 13, 3], // borders wider than pieces are cut for
      [9, 1, 4, 20, 2],
      [4, 1, 3, 11, 2], // padded on one side only
      [3, 2, 1, 9, 4], // rows of few results
      [3, 1, 1, 7, 3],
      [5, 3, 2, 30, 2],
    ];
    for (const [size, stride, low, side, planes] of sides) {
      it(`padded windows of ${size} by ${stride} over ${side} x ${side}`, async () => {
        const high = size === 4 ? 0 : low;
        const values = Array.from({ length: planes * side * side }, (_, i) => ((i * 41) % 29) - 14);
        const x = np.array(values, { dtype: "float32" }).reshape([planes, side, side]);
        const count = Math.floor((side + low + high - size) / stride) + 1;
        const expected = (combine: (all: number[]) => number): number[] =>
          Array.from({ length: planes * count * count }, (_, at) => {
            const [p, i, j] = [Math.floor(at / (count * count)), Math.floor(at / count) % count, at % count];
            const own: number[] = [];
            for (let q = 0; q < size; q++) {
              for (let r = 0; r < size; r++) {
                const [row, column] = [i * stride + q - low, j * stride + r - low];
                const isInside = row >= 0 && column >= 0 && row < side && column < side;
                if (isInside) own.push(values[(p * side + row) * side + column]!);
              }
            }
            return combine(own);
          });
        const padding: [number, number][] = [[0, 0], [low, high], [low, high]]; // prettier-ignore
        const pool = (init: number, f: (a: JaxArray, b: JaxArray) => JaxArray) =>
          jit((y: JaxArray) => lax.reduceWindow(y, init, f, [1, size, size], [1, stride, stride], padding));
        expect(await numbers(pool(-Infinity, lax.max)(x))).toEqual(expected((own) => Math.max(...own)));
        expect(await numbers(pool(0, lax.add)(x))).toEqual(expected((own) => own.reduce((a, b) => a + b, 0)));
        // channels last
        const last = np.moveaxis(x, 0, 2);
        const lastPool = jit(
          (y: JaxArray) =>
          lax.reduceWindow(y, -Infinity, lax.max, [size, size, 1], [stride, stride, 1], [padding[1]!, padding[2]!, padding[0]!]), // prettier-ignore
        );
        expect(await numbers(np.moveaxis(lastPool(last), 2, 0))).toEqual(expected((own) => Math.max(...own)));
      });
    }

    it("a function of whole windows, in jax-js's form", async () => {
      const w = windows[1]!;
      const range = jit((x: JaxArray) =>
        lax.reduceWindow(x, (v: JaxArray) => np.max(v).sub(np.min(v)), [1, w.size, w.size], [1, w.stride, w.stride]),
      );
      expect(await numbers(range(input()))).toEqual(
        places(w).map((p) => Math.max(...p.map((i) => image[i]!)) - Math.min(...p.map((i) => image[i]!))),
      );
    });
  });
}

describe("functions of two scalars", () => {
  const primitives = (f: (x: JaxArray) => JaxArray): string[] =>
    makeJaxpr(f)(np.ones([4, 4])).jaxpr.jaxpr.eqns.map((e) => e.primitive.name);

  it("that are primitives are recognised, also as initial values that are no identity", async () => {
    const pool = (init: number, f: (a: JaxArray, b: JaxArray) => JaxArray) => (x: JaxArray) =>
      lax.reduceWindow(x, init, f, [2, 2], [1, 1], "VALID");
    expect(primitives(pool(-Infinity, lax.max))).toEqual(["reduce_window_max"]);
    expect(primitives(pool(Infinity, (a, b) => np.minimum(b, a)))).toEqual(["reduce_window_min"]);
    expect(primitives((x) => lax.reduce(x, 0, (a: JaxArray, b: JaxArray) => a.add(b), [0]))).toEqual(["reduce_sum"]);
    expect(await lax.reduce(np.array([1, 2, 3]), 10, lax.add, [0]).jsAsync()).toBe(16);
    expect(await lax.reduce(np.array([1, 2, 3]), 2, lax.max, [0]).jsAsync()).toBe(3);
  });

  it("that do more are not", async () => {
    const halves = (a: JaxArray, b: JaxArray): JaxArray => a.add(b).mul(1);
    expect(primitives((x) => lax.reduce(x, 0, halves, [0]))).not.toContain("reduce_sum");
    const captured = np.array(2);
    const scaled = (a: JaxArray, b: JaxArray): JaxArray => np.maximum(a, np.maximum(b, captured));
    expect(await lax.reduce(np.array([1, 0.5]), 0, scaled, [0]).jsAsync()).toBe(2);
  });

  it("is traced once for each dtype", async () => {
    let calls = 0;
    const sum = (a: JaxArray, b: JaxArray): JaxArray => (calls++, a.add(b));
    for (const dtype of ["float32", "float32", "int32", "float32", "int32"] as const) {
      expect(await lax.reduce(np.arange(4, { dtype }), 0, sum, [0]).jsAsync()).toBe(6);
    }
    expect(await lax.reduceWindow(np.arange(4), 0, sum, [2], [2], "VALID").jsAsync()).toEqual([1, 5]);
    expect(calls).toBe(2);
  });
});
