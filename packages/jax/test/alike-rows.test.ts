/** Depthwise convolutions with channels last, and stencils, whose rows are computed side by side: odd sizes against plain sums. */
import { type Array as JaxArray, defaultDevice, lax, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import { randomNumbers } from "./run-program";
import { jit, owned, test } from "./scoped";

interface Case {
  readonly space: readonly [number, number];
  readonly channels: number;
  readonly window: number;
  readonly stride: number;
  /** The same before and behind rows and columns. */
  readonly pad: number;
}

const CASES: readonly Case[] = [
  { space: [9, 40], channels: 16, window: 3, stride: 1, pad: 1 },
  { space: [13, 17], channels: 24, window: 3, stride: 1, pad: 0 },
  { space: [20, 23], channels: 64, window: 3, stride: 2, pad: 1 },
  { space: [12, 38], channels: 12, window: 5, stride: 1, pad: 2 },
  { space: [31, 81], channels: 8, window: 4, stride: 2, pad: 1 },
  { space: [9, 33], channels: 33, window: 3, stride: 1, pad: 1 }, // no multiple of a vector
];

function convolved({ space, channels, window, stride, pad }: Case, x: Float32Array, w: Float32Array): number[] {
  const [rows, columns] = space.map((n) => Math.floor((n + 2 * pad - window) / stride) + 1) as [number, number];
  return Array.from({ length: rows * columns * channels }, (_, i) => {
    const c = i % channels;
    const [row, column] = [Math.floor(i / channels / columns), Math.floor(i / channels) % columns];
    let sum = 0;
    for (let p = 0; p < window; p++) {
      for (let q = 0; q < window; q++) {
        const [y, z] = [row * stride + p - pad, column * stride + q - pad];
        if (y < 0 || z < 0 || y >= space[0] || z >= space[1]) continue;
        sum += x[(y * space[1] + z) * channels + c]! * w[(p * window + q) * channels + c]!;
      }
    }
    return sum;
  });
}

for (const device of syncDevices) {
  describe(`rows side by side on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const c of CASES) {
      test(`depthwise, ${c.space.join(" x ")} of ${c.channels}, ${c.window} x ${c.window}, by ${c.stride}`, () => {
        const random = randomNumbers(c.channels);
        const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, () => random() - 0.5);
        const x = numbers(c.space[0] * c.space[1] * c.channels);
        const w = numbers(c.window * c.window * c.channels);
        const f = jit((a: JaxArray, b: JaxArray) =>
          lax.convGeneralDilated(a, b, [c.stride, c.stride], [[c.pad, c.pad], [c.pad, c.pad]], {
            dimensionNumbers: ["NHWC", "HWIO", "NHWC"],
            featureGroupCount: c.channels,
          }),
        ); // prettier-ignore
        const [a, b] = [
          owned(np.array(x, { shape: [1, ...c.space, c.channels] })),
          owned(np.array(w, { shape: [c.window, c.window, 1, c.channels] })),
        ];
        const got = owned(f(a, b)).dataSync();
        convolved(c, x, w).forEach((want, i) => expect(Math.abs(got[i]! - want)).toBeLessThan(1e-5));
      });
    }

    test("a stencil over an array that it is written to", () => {
      const [rows, columns] = [26, 50];
      const x = Float32Array.from({ length: rows * columns }, (_, i) => ((i * 37) % 101) - 50);
      const at = (r: number, c: number): number => x[r * columns + c]!;
      // The first value dies where the last one is stored, in its memory.
      const f = jit((a: JaxArray) => {
        const once = np.cumsum(a, 0);
        const part = (p: number, q: number): JaxArray => a.slice([p, rows - 2 + p], [q, columns - 2 + q]);
        let sum = once.slice([0, rows - 2], [0, columns - 2]);
        for (const p of [0, 1, 2]) for (const q of [0, 1, 2]) sum = sum.add(part(p, q).mul(p + 2 * q));
        return sum;
      });
      const got = owned(f(owned(np.array(x, { shape: [rows, columns] })))).dataSync();
      for (let r = 0; r < rows - 2; r++) {
        for (let c = 0; c < columns - 2; c++) {
          let want = 0;
          for (let above = 0; above <= r; above++) want += at(above, c);
          for (const p of [0, 1, 2]) for (const q of [0, 1, 2]) want += at(r + p, c + q) * (p + 2 * q);
          expect(got[r * (columns - 2) + c]).toBe(want);
        }
      }
    });
  });
}
