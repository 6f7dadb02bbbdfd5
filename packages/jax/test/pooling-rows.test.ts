/** Reductions over windows as the wasm device makes them in registers, against windows gone through in JavaScript. */
import { type Array as JaxArray, type DType, defaultDevice, init, jit, lax, nn, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";

leavesArraysToCollector("values are the subject here");

beforeAll(async () => {
  await init();
  defaultDevice("wasm");
});

interface Case {
  readonly shape: readonly number[];
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly dilation?: readonly number[];
  readonly padding?: readonly [number, number][];
}

type Combine = (x: number, y: number) => number;

const count = (size: number): readonly number[] => Array.from({ length: size }, (_, i) => i);
const points = (sizes: readonly number[]): number[][] =>
  sizes.reduce<number[][]>((all, n) => all.flatMap((p) => count(n).map((i) => [...p, i])), [[]]);

function expected(x: readonly number[], c: Case, first: number, combine: Combine): number[] {
  const { shape, window, strides } = c;
  const dilation = c.dilation ?? window.map(() => 1);
  const padding = c.padding ?? window.map(() => [0, 0] as const);
  const sizes = shape.map((n, d) => {
    const room = n + padding[d]![0] + padding[d]![1] - (window[d]! - 1) * dilation[d]! - 1;
    return Math.floor(room / strides[d]!) + 1;
  });
  const offsets = points(window);
  return points(sizes).map((p) => {
    let all = first;
    for (const offset of offsets) {
      const at = p.map((i, d) => i * strides[d]! + offset[d]! * dilation[d]! - padding[d]![0]);
      if (at.some((i, d) => i < 0 || i >= shape[d]!)) continue;
      all = combine(all, x[at.reduce((flat, i, d) => flat * shape[d]! + i, 0)]!);
    }
    return all + 0;
  });
}

type Pool = (x: JaxArray, y: JaxArray) => JaxArray;
const pool = (c: Case, first: number, f: Pool) => (x: JaxArray) =>
  lax.reduceWindow(x, first, f, [...c.window], [...c.strides], c.padding?.map((p) => [...p] as [number, number]) ?? "VALID", {
    windowDilation: [...(c.dilation ?? c.window.map(() => 1))],
  }); // prettier-ignore

const values = async (x: JaxArray): Promise<number[]> => [...(await x.data())].map((v) => Number(v) + 0);

const plane = (h: number, w: number, window: number, stride: number, dilation = 1): Case => ({
  shape: [2, 3, h, w],
  window: [1, 1, window, window],
  strides: [1, 1, stride, stride],
  dilation: [1, 1, dilation, dilation],
});

const CASES: Record<string, Case> = {
  "2 by 2": plane(8, 46, 2, 2),
  "3 by 2": plane(13, 112, 3, 2),
  "3 by 1, rows of 54": plane(9, 56, 3, 1),
  "3 by 3": plane(12, 75, 3, 3),
  "4 by 4": plane(8, 92, 4, 4),
  "5 by 3": plane(11, 71, 5, 3),
  "7 by 7": plane(14, 77, 7, 7),
  "7 by 8, apart": plane(15, 111, 7, 8),
  "13 by 13": plane(13, 67, 13, 13),
  "2 by 4, with gaps": plane(9, 86, 2, 4),
  "11 by 4": plane(15, 64, 11, 4),
  "15 by 1": plane(18, 49, 15, 1),
  "3 by 1, dilated by 2": plane(9, 43, 3, 1, 2),
  "3 by 2, dilated by 4": plane(11, 61, 3, 2, 4),
  "3 by 1, dilated by 20": plane(42, 59, 3, 1, 20),
  "4 results": plane(7, 9, 3, 2),
  "5 results": plane(7, 11, 3, 2),
  "17 results": plane(7, 19, 3, 1),
  "18 results": plane(4, 37, 2, 2),
  "one row of many": { shape: [9001], window: [3], strides: [2] },
  "one row, apart": { shape: [50003], window: [6], strides: [6] },
  "channels last": { shape: [2, 9, 11, 21], window: [1, 3, 3, 1], strides: [1, 2, 2, 1] },
  "volumes": { shape: [2, 6, 8, 29], window: [1, 2, 3, 4], strides: [1, 1, 2, 3] },
  "window of rows only": { shape: [3, 9, 45], window: [1, 4, 1], strides: [1, 1, 2] },
  "padded": { ...plane(10, 57, 3, 2), padding: [[0, 0], [0, 0], [1, 1], [1, 1]] },
  "padded, 3 by 1": { ...plane(40, 58, 3, 1), padding: [[0, 0], [0, 0], [1, 1], [1, 1]] },
  "padded, 5 by 1": { ...plane(37, 41, 5, 1), padding: [[0, 0], [0, 0], [2, 2], [2, 2]] },
  "padded on one side": { ...plane(34, 67, 2, 2), padding: [[0, 0], [0, 0], [0, 1], [0, 1]] },
  "padded by more than a window": { ...plane(33, 45, 2, 3), padding: [[0, 0], [0, 0], [3, 4], [4, 3]] },
}; // prettier-ignore

/** Small whole numbers, so that sums are exact, and ties. */
const whole = (n: number): number[] => count(n).map((i) => ((i * 37 + ((i * i) % 11)) % 23) - 11);
const sizeOf = (c: Case): number => c.shape.reduce((a, b) => a * b, 1);
/** Powers of two whose product is exact as long as it is a float. */
const powers = (n: number): number[] => count(n).map((i) => [1, -1, 2, 0.5, 1, 1, -1][(i * 5 + (i % 9)) % 7]!);

for (const [name, c] of Object.entries(CASES)) {
  describe(`windows ${name}`, () => {
    const run = (data: readonly number[], dtype: DType, first: number, f: Pool): Promise<number[]> =>
      values(jit(pool(c, first, f))(np.array([...data], { dtype }).reshape([...c.shape])));

    it("sums and extremes", async () => {
      const x = whole(sizeOf(c));
      expect(await run(x, "float32", 0, lax.add)).toEqual(expected(x, c, 0, (a, b) => a + b));
      expect(await run(x, "float32", -Infinity, lax.max)).toEqual(expected(x, c, -Infinity, Math.max));
      expect(await run(x, "float32", Infinity, lax.min)).toEqual(expected(x, c, Infinity, Math.min));
    });

    it("of other dtypes", async () => {
      const x = whole(sizeOf(c));
      const [sum, max] = [expected(x, c, 0, (a, b) => a + b), expected(x, c, -128, Math.max)];
      for (const dtype of ["int32", "float64"] as const) {
        expect(await run(x, dtype, 0, lax.add)).toEqual(sum);
        expect(await run(x, dtype, -128, lax.max)).toEqual(max);
      }
      expect(await run(x, "float16", -128, lax.max)).toEqual(max);
      expect(await run(x, "int8", -128, lax.max)).toEqual(max);
      // beyond 2^31, where a signed comparison would be wrong
      const high = x.map((v) => (v < 0 ? 2 ** 32 + v : v));
      expect(await run(high, "uint32", 0, lax.max)).toEqual(expected(high, c, 0, Math.max));
    });

    it("products", async () => {
      const x = powers(sizeOf(c));
      const product = (a: number, b: number): number => Math.fround(a * b);
      expect(await run(x, "float32", 1, lax.mul)).toEqual(expected(x, c, 1, product));
    });

    it("NaNs go to all windows that have them, infinities are numbers", async () => {
      const x = whole(sizeOf(c)).map((v, i) => (i % 83 === 5 ? NaN : i % 29 === 3 ? Infinity : i % 31 === 4 ? -Infinity : v)); // prettier-ignore
      expect(await run(x, "float32", -Infinity, lax.max)).toEqual(expected(x, c, -Infinity, Math.max));
      expect(await run(x, "float32", Infinity, lax.min)).toEqual(expected(x, c, Infinity, Math.min));
      const none = x.map((v) => (Number.isNaN(v) ? -Infinity : v));
      expect(await run(none, "float32", -Infinity, lax.max)).toEqual(expected(none, c, -Infinity, Math.max));
    });

    it("with something done before and after", async () => {
      const x = whole(sizeOf(c));
      const halved = jit((v: JaxArray) => {
        const all = pool(c, 0, lax.add)(v);
        return [nn.relu(all).mul(0.5), all.add(np.arange(all.shape.at(-1)!, { dtype: "float32" }))];
      });
      const sums = expected(x, c, 0, (a, b) => a + b);
      const [half, moved] = halved(np.array(x, { dtype: "float32" }).reshape([...c.shape])) as [JaxArray, JaxArray];
      const row = moved.shape.at(-1)!;
      expect(await values(half)).toEqual(sums.map((v) => Math.max(v, 0) / 2));
      expect(await values(moved)).toEqual(sums.map((v, i) => v + (i % row)));
    });
  });
}
