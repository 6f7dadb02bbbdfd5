/** Contractions that become loops (columns of products, few results, outer products): against plain sums. */
import { type Array as JaxArray, type DType, defaultDevice, grad, lax, nn, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import { randomNumbers } from "./run-program";
import { jit, owned, test } from "./scoped";

type Labels = readonly [lhs: string, rhs: string, out: string];

/** Sums over all values of the labels, in float64. */
function einsum(
  [lhs, rhs, out]: Labels,
  sizes: Record<string, number>,
  x: readonly number[],
  y: readonly number[],
): number[] {
  const labels = [...new Set(lhs + rhs)];
  const flat = (of: string, at: Record<string, number>): number =>
    [...of].reduce((index, l) => index * sizes[l]! + at[l]!, 0);
  const result = new Array<number>([...out].reduce((p, l) => p * sizes[l]!, 1)).fill(0);
  const visit = (depth: number, at: Record<string, number>): void => {
    if (depth === labels.length) return void (result[flat(out, at)]! += x[flat(lhs, at)]! * y[flat(rhs, at)]!);
    const l = labels[depth]!;
    for (let i = 0; i < sizes[l]!; i++) visit(depth + 1, { ...at, [l]: i });
  };
  visit(0, {});
  return result;
}

const CASES: readonly (readonly [Labels, Record<string, number>])[] = [
  [["ij", "ij", "j"], { i: 70, j: 33 }],
  [["ij", "ij", "j"], { i: 300, j: 600 }],
  [["bij", "bij", "bj"], { b: 3, i: 5, j: 19 }],
  [["ijk", "ijk", "k"], { i: 4, j: 7, k: 17 }],
  [["bi", "bj", "bij"], { b: 5, i: 9, j: 37 }],
  [["ik", "kj", "ij"], { i: 50, k: 1, j: 45 }],
  [["ik", "kj", "ij"], { i: 13, k: 3, j: 130 }],
  [["ki", "kj", "ij"], { k: 4, i: 21, j: 64 }],
  [["bik", "bkj", "bij"], { b: 3, i: 6, k: 2, j: 40 }],
  [["ik", "kj", "ij"], { i: 5, k: 0, j: 40 }],
  [["ij", "ij", "j"], { i: 0, j: 12 }],
];

for (const device of syncDevices) {
  describe(`loops of products on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const [labels, sizes] of CASES) {
      const spec = `${labels[0]},${labels[1]}->${labels[2]}`;
      test(`${spec} of ${JSON.stringify(sizes)}`, () => {
        const random = randomNumbers(4);
        const shapes = [labels[0], labels[1]].map((l) => [...l].map((c) => sizes[c]!));
        const [x, y] = shapes.map((s) =>
          Array.from({ length: s.reduce((p, n) => p * n, 1) }, () => Math.floor(random() * 9) - 4),
        ) as [number[], number[]];
        const want = einsum(labels, sizes, x, y);
        for (const dtype of ["float32", "float64", "int32", "float16"] as readonly DType[]) {
          const [a, b] = [x, y].map((d, i) => owned(np.array(d, { dtype }).reshape(shapes[i]!)));
          const plain = jit((p: JaxArray, q: JaxArray) => np.einsum(spec, p, q) as JaxArray);
          const followed = jit((p: JaxArray, q: JaxArray) => nn.relu(np.einsum(spec, p, q)).add(1) as JaxArray);
          // small integers: exact in every dtype but for the largest sums of float16
          const tolerance = dtype === "float16" ? 2 ** -10 : 0;
          const isNear = (g: number, w: number): boolean => Math.abs(g - w) <= tolerance * Math.abs(w);
          const values = (z: JaxArray): number[] => owned(owned(z).ravel()).js() as number[];
          expect(
            values(plain(a!, b!)).filter((g, i) => !isNear(g, want[i]!)),
            dtype,
          ).toEqual([]);
          expect(
            values(followed(a!, b!)).filter((g, i) => !isNear(g, Math.max(0, want[i]!) + 1)),
            dtype,
          ).toEqual([]);
        }
      });
    }

    test("gradients of depthwise kernels", () => {
      const [batch, channels, size, window] = [2, 3, 12, 3];
      const random = randomNumbers(8);
      const numbers = (n: number): number[] => Array.from({ length: n }, () => Math.floor(random() * 9) - 4);
      const out = size - window + 1;
      const [x, ct] = [numbers(batch * channels * size * size), numbers(batch * channels * out * out)];
      const f = jit((a: JaxArray, c: JaxArray) =>
        grad((w: JaxArray) =>
          lax.convGeneralDilated(a, w, [1, 1], "VALID", { featureGroupCount: channels }).mul(c).sum(),
        )(np.zeros([channels, 1, window, window])),
      );
      const images = owned(np.array(x).reshape([batch, channels, size, size]));
      const got = owned(owned(f(images, owned(np.array(ct).reshape([batch, channels, out, out])))).ravel()).js();
      const want: number[] = [];
      for (let c = 0; c < channels; c++)
        for (let p = 0; p < window; p++)
          for (let q = 0; q < window; q++) {
            let sum = 0;
            for (let n = 0; n < batch; n++)
              for (let i = 0; i < out; i++)
                for (let j = 0; j < out; j++) {
                  const image = n * channels + c;
                  sum += ct[(image * out + i) * out + j]! * x[(image * size + i + p) * size + j + q]!;
                }
            want.push(sum);
          }
      expect(got).toEqual(want);
    });
  });
}
