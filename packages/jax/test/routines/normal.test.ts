/** Random normal numbers: the inverse error function against SciPy, and long kernels in two passes against short ones. */
import { init, jit, lax, numpy as np, random } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import oracle from "../oracles/erf-inv.json";

await init("wasm");

/** Units in the last place of a float32. */
const ulp = (x: number): number => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23);

describe("erfInv", () => {
  it("is within 3.2 units in the last place", () => {
    using x = np.array(Float32Array.from(oracle.x), { device: "wasm" });
    using y = lax.erfInv(x);
    const got = y.dataSync();
    const errors = oracle.y.map((want, i) => (want === 0 ? Math.abs(got[i]!) : Math.abs(got[i]! - want) / ulp(want)));
    expect(Math.max(...errors)).toBeLessThan(3.2);
  });

  it("keeps signs, and knows where it ends", () => {
    using x = np.array([0, -0, 1, -1, 1.5, -2, NaN, Infinity], { device: "wasm" });
    using y = lax.erfInv(x);
    expect(y.js()).toEqual([0, -0, Infinity, -Infinity, NaN, NaN, NaN, NaN]);
  });
});

describe("random.normal under jit", () => {
  it("gives the same numbers at every length", () => {
    using key = random.key(5);
    using long = random.normal(key, [20000]);
    const want = long.dataSync();
    // Lengths that are cut into blocks, and lengths that are not.
    for (const n of [4, 1023, 4096, 5000, 4099, 8192, 12288, 20000]) {
      using f = jit((k: typeof key) => random.normal(k, [n]));
      using x = f(key);
      expect(x.dataSync()).toEqual(want.slice(0, n));
    }
  });

  it("makes matrices, and fuses with what comes after", () => {
    using key = random.key(6);
    using f = jit((k: typeof key) => random.normal(k, [64, 128]).mul(2).add(1));
    using x = f(key);
    using plain = random.normal(key, [64, 128]);
    const got = x.dataSync();
    plain.dataSync().forEach((z, i) => expect(got[i]).toBe(Math.fround(Math.fround(z * 2) + 1)));
  });
});
