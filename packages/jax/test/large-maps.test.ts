/** Maps of arrays that are larger than caches, which wasm writes in bursts: against loops in JavaScript. */
import { type Array as JaxArray, defaultDevice, jit, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import { owned, test } from "./scoped";

/** Three arrays of so many float32 are 24 MB; the rest is neither a burst nor a vector. */
const N = 2 ** 21 + 519;

const numbers = (n: number, factor: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => ((i * factor) % 1013) - 506);

/** The first place where they differ, if there is one. */
function firstDifference(got: JaxArray, want: (i: number) => number): string | null {
  const values = got.dataSync();
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== want(i)) return `${values[i]} instead of ${want(i)} at ${i}`;
  }
  return null;
}

/** As text, what is compiled for the arguments. */
interface Lowers {
  lower(...args: JaxArray[]): { compile(): { asText(): string } };
}

const isInBursts = (f: Lowers, ...args: JaxArray[]): boolean =>
  f
    .lower(...args)
    .compile()
    .asText()
    .includes("$scratch");

for (const device of syncDevices) {
  describe(`large maps on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    test("whose elements repeat, one operation at a time", () => {
      const x = numbers(2 ** 17 + 3, 7);
      const a = owned(np.array(x));
      expect(firstDifference(owned(np.repeat(a, 3)), (i) => x[Math.trunc(i / 3)]!)).toBeNull();
      const rows = owned(a.slice([0, 2 ** 17])).reshape([256, 512]);
      const wide = (i: number): number => x[Math.trunc(i / 1024) * 512 + Math.trunc((i % 1024) / 2)]!;
      expect(firstDifference(owned(np.repeat(owned(rows), 2, 1)), wide)).toBeNull();
    });

    test("of two arrays, with a rest", () => {
      const [x, y] = [numbers(N, 7), numbers(N, 11)];
      const [a, b] = [owned(np.array(x)), owned(np.array(y))];
      const f = owned(jit((p: JaxArray, q: JaxArray) => p.mul(2).sub(q)));
      expect(isInBursts(f, a, b)).toBe(device === "wasm");
      // On wasm the first runs are in bursts, the next one is not; on cpu all are the same.
      const runs = device === "wasm" ? 4 : 1;
      for (let run = 0; run < runs; run++) {
        const got = owned(f(a, b));
        expect(firstDifference(got, (i) => 2 * x[i]! - y[i]!)).toBe(null);
      }
    });

    test("of integers in rows, one of them along the row", () => {
      const [rows, cols] = [2050, 1030];
      const [x, y, z] = [numbers(rows * cols, 7), numbers(rows * cols, 11), numbers(cols, 3)];
      const [a, b, c] = [x, y, z].map((d) => owned(np.array(d).astype("int32"))) as [JaxArray, JaxArray, JaxArray];
      const inRows = (p: JaxArray): JaxArray => p.reshape([rows, cols]);
      const f = owned(jit((p: JaxArray, q: JaxArray, r: JaxArray) => inRows(p).mul(inRows(q)).add(r)));
      expect(isInBursts(f, a, b, c)).toBe(device === "wasm");
      const got = owned(f(a, b, c));
      expect(firstDifference(got, (i) => x[i]! * y[i]! + z[i % cols]!)).toBe(null);
    });

    test("with several results", () => {
      const data = [7, 11, 13, 17].map((factor) => numbers(N, factor));
      const [x, y, z, w] = data as [Float32Array, Float32Array, Float32Array, Float32Array];
      const [a, b, c, d] = data.map((values) => owned(np.array(values))) as [JaxArray, JaxArray, JaxArray, JaxArray];
      const f = owned(
        jit((p: JaxArray, q: JaxArray, r: JaxArray, s: JaxArray) => [p.add(q), r.sub(s), p.mul(s)] as const),
      );
      expect(isInBursts(f, a, b, c, d)).toBe(device === "wasm");
      const [sum, difference, product] = f(a, b, c, d).map(owned);
      expect(firstDifference(sum!, (i) => x[i]! + y[i]!)).toBe(null);
      expect(firstDifference(difference!, (i) => z[i]! - w[i]!)).toBe(null);
      expect(firstDifference(product!, (i) => x[i]! * w[i]!)).toBe(null);
    });

    test("of arguments that are given away", () => {
      const [x, y] = [numbers(N, 7), numbers(N, 11)];
      const b = owned(np.array(y));
      const f = owned(jit((p: JaxArray, q: JaxArray) => p.add(q), { donateArgnums: [0] }));
      const got = owned(f(np.array(x), b));
      expect(firstDifference(got, (i) => x[i]! + y[i]!)).toBe(null);
    });
  });
}
