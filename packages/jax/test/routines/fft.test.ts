/** Fourier transforms against the sum that defines them, in float64 (and against laws where that would take too long). */
import { init, numpy as np } from "@jax-js/jax";
import { describe, expect, it } from "vitest";

await init("wasm");

type Floats = Float32Array | Float64Array;
type FloatDType = "float32" | "float64";

function randomSource(seed: number): () => number {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return (seed >>> 4) / 2 ** 27 - 1;
  };
}

const random = randomSource(3);

function randoms(dtype: FloatDType, length: number): Floats {
  const out = dtype === "float64" ? new Float64Array(length) : new Float32Array(length);
  return out.map(() => random());
}

/** X[k] for one k of one row. */
function term(re: Floats, im: Floats, row: number, n: number, k: number, inverse: boolean): [number, number] {
  let [x, y] = [0, 0];
  for (let j = 0; j < n; j++) {
    const turns = (j * k) % n; // exact below 2^53
    const angle = ((inverse ? 2 : -2) * Math.PI * turns) / n;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const [a, b] = [re[row * n + j]!, im[row * n + j]!];
    x += a * c - b * s;
    y += a * s + b * c;
  }
  return inverse ? [x / n, y / n] : [x, y];
}

/** Largest error, in units of the root mean square of the results, at up to 40 places of each row. */
async function error(dtype: FloatDType, batch: number, n: number, inverse = false): Promise<number> {
  const [re, im] = [randoms(dtype, batch * n), randoms(dtype, batch * n)];
  using real = np.array(re, { dtype, shape: [batch, n], device: "wasm" });
  using imag = np.array(im, { dtype, shape: [batch, n], device: "wasm" });
  const out = inverse ? np.fft.ifft({ real, imag }) : np.fft.fft({ real, imag });
  const [x, y] = [await out.real.data(), await out.imag.data()];
  out.real.dispose();
  out.imag.dispose();
  const scale = inverse ? 1 / Math.sqrt(n) : Math.sqrt(n);
  let worst = 0;
  for (let row = 0; row < batch; row++) {
    for (let t = 0; t < Math.min(n, 40); t++) {
      const k = n <= 40 ? t : Math.floor(((random() + 1) / 2) * n);
      const [a, b] = term(re, im, row, n, k, inverse);
      worst = Math.max(worst, Math.hypot(x[row * n + k]! - a, y[row * n + k]! - b) / scale);
    }
  }
  return worst;
}

/** What JAX's own transforms keep: a few units in the last place, growing with the logarithm of the length. */
const bound = (dtype: FloatDType, n: number): number =>
  (dtype === "float64" ? 2 ** -52 : 2 ** -23) * (2 + 2 * Math.log2(n)) + (dtype === "float64" ? n * 1e-17 : 0);

describe.each(["float32", "float64"] as const)("fft of %s on wasm", (dtype) => {
  it("of every short length", async () => {
    for (let n = 1; n <= 130; n++) expect(await error(dtype, 3, n), `length ${n}`).toBeLessThan(bound(dtype, n));
  });

  it("of long lengths with small factors", async () => {
    for (const n of [
      256, 500, 512, 1000, 1024, 1155, 2048, 2187, 4096, 5005, 8192, 10000, 16384, 30030, 65536, 98304,
    ]) {
      expect(await error(dtype, 1, n), `length ${n}`).toBeLessThan(bound(dtype, n));
    }
  });

  it("of lengths with a large prime factor", async () => {
    for (const n of [131, 257, 509, 1021, 2 * 521, 4099, 3 * 4099, 65537]) {
      expect(await error(dtype, 1, n), `length ${n}`).toBeLessThan(bound(dtype, n));
    }
  });

  it("and back", async () => {
    for (const n of [1, 2, 12, 128, 255, 263, 4096, 20000, 65536]) {
      expect(await error(dtype, 2, n, true), `length ${n}`).toBeLessThan(bound(dtype, n));
    }
  });

  it("of many short rows", async () => {
    for (const n of [2, 4, 8, 12, 16, 17, 32, 64]) expect(await error(dtype, 200, n)).toBeLessThan(bound(dtype, n));
  });

  it("of NaN and infinity stays in its row", async () => {
    using real = np.array([1, NaN, 2, 3, 1, 2, 3, 4], { dtype, shape: [2, 4], device: "wasm" });
    const out = np.fft.fft(real);
    const [x, y] = [await out.real.data(), await out.imag.data()];
    expect([...x].map((_, i) => Number.isNaN(x[i]! + y[i]!))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    out.real.dispose();
    out.imag.dispose();
  });
});
