/** Planes that become pixels: a last axis shorter than a vector, along which nothing lies in memory. */
import { type Array as JaxArray, type DType, defaultDevice, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import { randomNumbers } from "./run-program";
import { jit, owned, test } from "./scoped";

for (const device of syncDevices) {
  describe(`planes to pixels on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const [channels, height, width] of [
      [3, 41, 43],
      [2, 64, 64],
      [3, 2, 1001],
      [4, 33, 33],
    ] as const) {
      test(`${channels} planes of ${height} x ${width}`, () => {
        const random = randomNumbers(6);
        const n = height * width;
        const x = Array.from({ length: 2 * channels * n }, () => Math.floor(random() * 300) - 20);
        const pixel = (i: number): number => {
          const [image, p, c] = [Math.floor(i / (channels * n)), Math.floor(i / channels) % n, i % channels];
          return x[(image * channels + c) * n + p]!;
        };
        for (const dtype of ["float32", "int32", "uint8", "int8", "float16", "float64", "bool"] as readonly DType[]) {
          const f = jit((a: JaxArray) => np.clip(a, 0, 100).astype(dtype).transpose([0, 2, 3, 1]) as JaxArray);
          const images = owned(np.array(x).reshape([2, channels, height, width]));
          const got = owned(owned(owned(f(images)).ravel()).astype("int32")).js();
          const held = (v: number): number => Math.min(Math.max(v, 0), 100);
          const want = x.map((_, i) => (dtype === "bool" ? Number(held(pixel(i)) !== 0) : held(pixel(i))));
          expect(got, dtype).toEqual(want);
        }
      });
    }

    test("floats beyond the range of narrow integers", () => {
      const x = [
        NaN,
        Infinity,
        -Infinity,
        -0,
        1e10,
        -1e10,
        2 ** 31,
        3e9,
        255.9,
        256,
        -0.9,
        -128.9,
        127.9,
        65535.5,
        7e4,
      ];
      const narrow = { uint8: [0, 255], int8: [-128, 127], uint16: [0, 65535], int16: [-32768, 32767] } as const;
      for (const [dtype, [lo, hi]] of Object.entries(narrow)) {
        const f = jit((a: JaxArray) => a.astype(dtype as DType) as JaxArray);
        for (const from of ["float32", "float64"] as const) {
          const got = owned(owned(f(owned(np.array([...x, ...x], { dtype: from })))).astype("int32")).js() as number[];
          const want = x.map((v) => (Number.isNaN(v) ? 0 : Math.min(Math.max(Math.trunc(v), lo), hi) + 0));
          expect(got, `${from} to ${dtype}`).toEqual([...want, ...want]);
        }
      }
    });
  });
}
