/** Convolutions of dilated images, which are computed phase by phase, against the definition with its zeros. */
import { defaultDevice, init, jit, lax, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { testDevices } from "./devices";

leavesArraysToCollector("values are the subject here");

beforeAll(() => init());

interface Case {
  readonly n: readonly [number, number];
  readonly k: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
}

const cases: Case[] = [
  { n: [4, 5], k: [3, 3], dilation: [2, 2], padding: [[1, 1], [1, 2]] }, // prettier-ignore
  { n: [4, 5], k: [1, 1], dilation: [2, 3], padding: [[0, 0], [0, 0]] }, // prettier-ignore
  { n: [3, 4], k: [4, 2], dilation: [3, 1], padding: [[3, 0], [0, 1]] }, // prettier-ignore
  { n: [5, 3], k: [2, 5], dilation: [2, 4], padding: [[-1, 2], [4, -2]] }, // prettier-ignore
  { n: [1, 6], k: [3, 3], dilation: [5, 2], padding: [[2, 2], [0, 0]] }, // prettier-ignore
  { n: [3, 2], k: [3, 2], dilation: [6, 5], padding: [[1, 2], [0, 1]] }, // prettier-ignore
  { n: [3, 3], k: [2, 2], dilation: [4, 4], padding: [[7, 6], [5, 9]] }, // prettier-ignore
];

const [batch, channels, filters] = [2, 3, 2];

/** Sums over a window of the image with zeros between its elements. */
function written(x: readonly number[], w: readonly number[], c: Case): { shape: number[]; values: number[] } {
  const size = [0, 1].map((i) => (c.n[i]! - 1) * c.dilation[i]! + c.padding[i]![0] + c.padding[i]![1] - c.k[i]! + 2);
  const values: number[] = [];
  /** Place in the image of element q of the window at position j; null between and outside of its elements. */
  const place = (i: number, j: number, q: number): number | null => {
    const at = j + q - c.padding[i]![0];
    return at % c.dilation[i]! === 0 && at >= 0 && at / c.dilation[i]! < c.n[i]! ? at / c.dilation[i]! : null;
  };
  for (let b = 0; b < batch; b++) {
    for (let o = 0; o < filters; o++) {
      for (let j = 0; j < size[0]!; j++) {
        for (let l = 0; l < size[1]!; l++) {
          let sum = 0;
          for (let f = 0; f < channels; f++) {
            for (let q = 0; q < c.k[0]; q++) {
              for (let r = 0; r < c.k[1]; r++) {
                const [y, z] = [place(0, j, q), place(1, l, r)];
                if (y === null || z === null) continue;
                sum +=
                  x[((b * channels + f) * c.n[0] + y) * c.n[1] + z]! *
                  w[((o * channels + f) * c.k[0] + q) * c.k[1] + r]!;
              }
            }
          }
          values.push(sum);
        }
      }
    }
  }
  return { shape: [batch, filters, ...size], values };
}

const whole = (n: number, by: number): number[] => Array.from({ length: n }, (_, i) => ((i * by) % 11) - 5);

for (const device of testDevices) {
  describe(`convolutions of dilated images on ${device}`, () => {
    beforeAll(() => defaultDevice(device));
    for (const [i, c] of cases.entries()) {
      it(`case ${i}: image ${c.n.join("x")}, kernel ${c.k.join("x")}, dilation ${c.dilation.join("x")}`, async () => {
        const x = whole(batch * channels * c.n[0] * c.n[1], 7);
        const w = whole(filters * channels * c.k[0] * c.k[1], 5);
        const conv = jit(
          (image: Parameters<typeof lax.convGeneralDilated>[0], kernel: Parameters<typeof lax.convGeneralDilated>[1]) =>
            lax.convGeneralDilated(image, kernel, [1, 1], c.padding, { lhsDilation: c.dilation }),
        );
        const out = conv(
          np.array(x, { dtype: "float32" }).reshape([batch, channels, ...c.n]),
          np.array(w, { dtype: "float32" }).reshape([filters, channels, ...c.k]),
        );
        const expected = written(x, w, c);
        expect(out.shape).toEqual(expected.shape);
        // Small whole numbers: sums are exact.
        expect([...(await out.data())].map((v) => Number(v) + 0)).toEqual(expected.values.map((v) => v + 0));
      });
    }
  });
}
