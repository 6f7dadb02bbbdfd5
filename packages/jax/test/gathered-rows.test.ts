/** Weighted sums of gathered rows, as pooling over boxes makes them: values, and what is computed once for a row. */
import { type Array as JaxArray, defaultDevice, grad, init, jit, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import type { Kernel } from "../src/kernel/program";
import { testDevices } from "./devices";
import { programOf } from "./program-of";

leavesArraysToCollector("values are the subject here");

beforeAll(() => init());

const [C, H, W, N, S] = [12, 5, 7, 40, 3] as const;

/** Pixels of an image [C, H, W] at S positions of each of N points, weighted: [C, N], or [N, C]. */
const sampled =
  (isTurned: boolean) =>
  (image: JaxArray, at: JaxArray): JaxArray => {
    const pixels = np.transpose(image, [1, 2, 0]).reshape([H * W, C]);
    const low = np.floor(at);
    const index = np.clip(low.mul(2).add(1).astype("int32"), 0, H * W - 1); // [N, S]
    const weight = np.expandDims(at.sub(low).mul(3).add(np.square(at)), 2);
    const sums = np.sum(np.take(pixels, index, { axis: 0, mode: "clip" }).mul(weight), 1).div(S);
    return isTurned ? np.transpose(sums) : sums;
  };

const pixel = (c: number, p: number): number => Math.sin(c * 5 + p) + c / 8;
const place = (n: number, s: number): number => ((n * 7 + s * 3) % 17) + ((n + s) % 4) / 8;
const indexAt = (v: number): number => Math.min(2 * Math.floor(v) + 1, H * W - 1);
const weightAt = (v: number): number => 3 * (v - Math.floor(v)) + v * v;
const listed = (rows: number, columns: number, f: (i: number, j: number) => number): number[] =>
  Array.from({ length: rows * columns }, (_, i) => f(Math.floor(i / columns), i % columns));

for (const device of testDevices) {
  describe(`sums of gathered rows on ${device}`, () => {
    beforeAll(() => defaultDevice(device));
    const image = (): JaxArray => np.array(listed(C, H * W, pixel)).reshape([C, H, W]);
    const places = (): JaxArray => np.array(listed(N, S, place)).reshape([N, S]);
    const close = async (x: JaxArray, expected: readonly number[]): Promise<void> => {
      const got = [...(await x.data())];
      expect(got.length).toBe(expected.length);
      got.forEach((v, i) => expect(Math.abs(v - expected[i]!)).toBeLessThan(1e-5 * (10 + Math.abs(expected[i]!))));
    };
    const sum = (n: number, c: number): number =>
      [...Array(S).keys()].reduce((t, s) => t + (weightAt(place(n, s)) * pixel(c, indexAt(place(n, s)))) / S, 0);

    it("along the rows, and turned", async () => {
      await close(jit(sampled(false))(image(), places()), listed(N, C, sum));
      await close(
        jit(sampled(true))(image(), places()),
        listed(C, N, (c, n) => sum(n, c)),
      );
      await close(
        sampled(true)(image(), places()),
        listed(C, N, (c, n) => sum(n, c)),
      );
    });

    it("with their derivative", async () => {
      const slope = jit(grad((x: JaxArray, at: JaxArray) => sampled(true)(x, at).sum()))(image(), places());
      const expected = new Array<number>(H * W).fill(0);
      for (let n = 0; n < N; n++)
        for (let s = 0; s < S; s++) expected[indexAt(place(n, s))]! += weightAt(place(n, s)) / S;
      await close(
        slope.reshape([C, H * W]),
        listed(C, H * W, (_, p) => expected[p]!),
      );
    });
  });
}

describe("programs of gathered rows", () => {
  const text = (kernel: Kernel): string =>
    JSON.stringify(kernel, (_, v: unknown) => (v instanceof Set || v instanceof Map ? [...v] : v));

  it("compute an index once for its row, copy what is turned, and turn the sums at the end", () => {
    const program = programOf(sampled(true), np.zeros([C, H, W]), np.zeros([N, S]));
    const sums = program.kernels.map(text).filter((k) => /"reductions":\[\{/.test(k));
    expect(sums.length).toBe(1);
    expect(sums[0]).not.toMatch(/"floor"/);
    // the pixels, the indices with the weights, the sums, and the sums turned
    expect(program.kernels.length).toBe(4);
  });

  it("leave an index that is read for few elements where it is", () => {
    const f = (x: JaxArray, at: JaxArray): JaxArray => np.take(x, np.floor(at.mul(2).add(1)).astype("int32"), { axis: 0, mode: "clip" }); // prettier-ignore
    expect(programOf(f, np.zeros([30, 2]), np.zeros([N])).kernels.length).toBe(1);
  });
});
