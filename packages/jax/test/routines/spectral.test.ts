/** Eigenvalues and singular values by the laws that define them, and by spectra that are known. */
import { init, lax, numpy as np } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { type FloatDType, Matrix, epsilon, floats, identity, matricesOf, randomSource } from "./matrices";

await init("wasm");

const random = randomSource(5);
const SIZES = [1, 2, 3, 4, 5, 8, 13, 24, 25, 26, 49, 50, 64, 97, 130];

const array = (dtype: FloatDType, shape: readonly number[], data: ArrayLike<number>) =>
  np.array(floats(dtype, data), { dtype, shape, device: "wasm" });

const randoms = (length: number): number[] => Array.from({ length }, () => random());

/** A random orthogonal matrix: a product of reflections. */
function orthogonal(n: number): Matrix {
  let q = identity(n);
  for (let k = 0; k < Math.min(n, 4); k++) {
    const v = randoms(n);
    const square = v.reduce((s, x) => s + x * x, 0);
    q = q.minus(new Matrix(n, 1, v).times(new Matrix(1, n, v).times(q)).scaled(2 / square));
  }
  return q;
}

const diagonal = (rows: number, columns: number, values: ArrayLike<number>): Matrix =>
  Matrix.of(rows, columns, (i, j) => (i === j ? values[i]! : 0));

describe.each(["float32", "float64"] as const)("%s on wasm", (dtype) => {
  const eps = epsilon(dtype);

  async function checkEigh(a: Matrix, n: number, what: string): Promise<Float64Array> {
    using x = array(dtype, [n, n], a.data);
    const [w, v] = np.linalg.eigh(x);
    const rounded = new Matrix(n, n, await x.data());
    const symmetric = Matrix.of(n, n, (i, j) => (rounded.at(i, j) + rounded.at(j, i)) / 2);
    const values = Float64Array.from(await w.data());
    const vectors = new Matrix(n, n, await v.data());
    const size = values.reduce((most, w) => Math.max(most, Math.abs(w)), 0) || 1;
    const back = vectors.times(diagonal(n, n, values)).times(vectors.t);
    expect(back.minus(symmetric).largest / size, what).toBeLessThan(eps * (16 + 3 * Math.sqrt(n)));
    expect(vectors.t.times(vectors).minus(identity(n)).largest, what).toBeLessThan(eps * (16 + 3 * Math.sqrt(n)));
    for (let i = 1; i < n; i++) expect(values[i]!).toBeGreaterThanOrEqual(values[i - 1]!);
    w.dispose();
    v.dispose();
    return values;
  }

  it("eigh of random matrices", async () => {
    for (const n of SIZES) await checkEigh(new Matrix(n, n, randoms(n * n)), n, `n = ${n}`);
  });

  it("eigh of a known spectrum: repeated, zero and far apart", async () => {
    for (const n of [2, 5, 30, 60]) {
      for (const spectrum of [
        (i: number) => (i < n / 2 ? 1 : 2),
        (i: number) => (i < n / 2 ? 0 : i),
        (i: number) => 2 ** -i,
        () => 3,
      ]) {
        const want = Array.from({ length: n }, (_, i) => spectrum(i)).sort((x, y) => x - y);
        const q = orthogonal(n);
        const a = q.times(diagonal(n, n, want)).times(q.t);
        const got = await checkEigh(a, n, `n = ${n}`);
        got.forEach((x, i) => expect(Math.abs(x - want[i]!)).toBeLessThan(eps * 4 * Math.sqrt(n) * want[n - 1]!));
      }
    }
  });

  it("eigh of diagonal, tridiagonal, zero and extreme matrices", async () => {
    const n = 40;
    await checkEigh(diagonal(n, n, randoms(n)), n, "diagonal");
    await checkEigh(Matrix.of(n, n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)), n, "tridiagonal"); // prettier-ignore
    await checkEigh(new Matrix(n, n, new Float64Array(n * n)), n, "zero");
    await checkEigh(new Matrix(n, n, new Float64Array(n * n).fill(1)), n, "ones");
    const huge = dtype === "float64" ? 1e250 : 1e30;
    for (const scale of [huge, 1 / huge]) {
      await checkEigh(new Matrix(n, n, randoms(n * n).map((x) => x * scale)), n, `times ${scale}`); // prettier-ignore
    }
    // Eigenvalues of the second difference are known.
    const values = await checkEigh(Matrix.of(n, n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)), n, ""); // prettier-ignore
    values.forEach((x, i) =>
      expect(Math.abs(x - (2 - 2 * Math.cos(((i + 1) * Math.PI) / (n + 1))))).toBeLessThan(16 * eps),
    );
  });

  it("eigh of a batch, one of which has NaN", async () => {
    const n = 7;
    const data = randoms(3 * n * n);
    data[n * n + 3] = NaN;
    using x = array(dtype, [3, n, n], data);
    const [w, v] = np.linalg.eigh(x);
    const vectors = matricesOf(await v.data(), n, n);
    const values = matricesOf(await w.data(), 1, n);
    expect(vectors.map((m) => Number.isNaN(m.largest))).toEqual([false, true, false]);
    expect(values[1]!.data.every(Number.isNaN)).toBe(true);
    w.dispose();
    v.dispose();
  });

  async function checkSvd(a: Matrix, full: boolean, what: string): Promise<Float64Array> {
    const { rows: m, columns: n } = a;
    const k = Math.min(m, n);
    using x = array(dtype, [m, n], a.data);
    const [u, s, vt] = lax.linalg.svd(x, { fullMatrices: full });
    const rounded = new Matrix(m, n, await x.data());
    const left = new Matrix(m, full ? m : k, await u.data());
    const right = new Matrix(full ? n : k, n, await vt.data());
    const values = Float64Array.from(await s.data());
    const size = values[0]! || 1;
    const limit = eps * (16 + 3 * Math.sqrt(Math.max(m, n)));
    const back = left.times(diagonal(left.columns, right.rows, values)).times(right);
    expect(back.minus(rounded).largest / size, what).toBeLessThan(limit);
    expect(left.t.times(left).minus(identity(left.columns)).largest, what).toBeLessThan(limit);
    expect(right.times(right.t).minus(identity(right.rows)).largest, what).toBeLessThan(limit);
    for (let i = 1; i < k; i++) expect(values[i - 1]!).toBeGreaterThanOrEqual(values[i]!);
    expect(values[k - 1]!).toBeGreaterThanOrEqual(0);
    for (const out of [u, s, vt]) out.dispose();
    return values;
  }

  it("svd of random matrices of all shapes", async () => {
    const shapes = [
      ...SIZES.map((n) => [n, n]),
      [1, 7],
      [7, 1],
      [2, 9],
      [9, 2],
      [30, 70],
      [70, 30],
      [49, 48],
      [100, 9],
    ];
    for (const [m, n] of shapes as [number, number][]) {
      const a = new Matrix(m, n, randoms(m * n));
      for (const full of [false, true]) await checkSvd(a, full, `${m} x ${n}`);
    }
  });

  it("svd of a known spectrum: repeated, zero and far apart", async () => {
    for (const n of [2, 5, 30, 60]) {
      for (const spectrum of [
        (i: number) => (i < n / 2 ? 2 : 1),
        (i: number) => Math.max(0, n / 2 - i),
        (i: number) => 2 ** -i,
        () => 3,
      ]) {
        const want = Array.from({ length: n }, (_, i) => spectrum(i));
        const a = orthogonal(n + 3).times(diagonal(n + 3, n, want)).times(orthogonal(n)); // prettier-ignore
        for (const b of [a, a.t]) {
          const got = await checkSvd(b, false, `n = ${n}`);
          got.forEach((x, i) => expect(Math.abs(x - want[i]!)).toBeLessThan(eps * 4 * Math.sqrt(n) * want[0]!));
        }
      }
    }
  });

  it("svd of diagonal, bidiagonal, zero, singular and extreme matrices", async () => {
    const n = 40;
    await checkSvd(diagonal(n, n, randoms(n)), false, "diagonal");
    await checkSvd(
      Matrix.of(n, n, (i, j) => (i === j || j === i + 1 ? 1 : 0)),
      false,
      "bidiagonal",
    );
    await checkSvd(
      Matrix.of(n, n, (i, j) => (j === i + 1 ? 1 : 0)),
      true,
      "shift",
    );
    await checkSvd(new Matrix(n, n - 2, new Float64Array(n * (n - 2))), true, "zero");
    await checkSvd(new Matrix(n, n, new Float64Array(n * n).fill(1)), true, "ones");
    const low = new Matrix(n, 3, randoms(3 * n)).times(new Matrix(3, n, randoms(3 * n)));
    await checkSvd(low, false, "rank 3");
    const huge = dtype === "float64" ? 1e250 : 1e30;
    for (const scale of [huge, 1 / huge]) {
      await checkSvd(new Matrix(n, n, randoms(n * n)).scaled(scale), false, `times ${scale}`);
    }
  });

  it("small singular values keep their digits", async () => {
    // An upper bidiagonal matrix determines all its singular values to high relative accuracy.
    const n = 30;
    const graded = Matrix.of(n, n, (i, j) => (i === j ? 2 ** -i : j === i + 1 ? 2 ** -(i + 1) : 0));
    const values = await checkSvd(graded, false, "graded");
    // Their product is the determinant, and that of the flipped matrix is the same.
    const logs = values.reduce((s, x) => s + Math.log2(x), 0);
    expect(Math.abs(logs + (n * (n - 1)) / 2)).toBeLessThan(1e3 * eps * n);
    const flipped = await checkSvd(
      Matrix.of(n, n, (i, j) => graded.at(n - 1 - i, n - 1 - j)),
      false,
      "flipped",
    );
    values.forEach((x, i) => expect(Math.abs(flipped[i]! / x - 1)).toBeLessThan(200 * eps));
    // float32 matrices are factored in float64: values far below the rounding errors of float32 are right.
    if (dtype === "float32") {
      const size = 8;
      const hilbert = Matrix.of(size, size, (i, j) => 1 / (i + j + 1));
      using x = array(dtype, [size, size], hilbert.data);
      const exact = new Matrix(size, size, await x.data());
      using wide = array("float64", [size, size], exact.data);
      const [s32, s64] = [np.linalg.svdvals(x), np.linalg.svdvals(wide)];
      const reference = await s64.data();
      [...(await s32.data())].forEach((s, i) => expect(Math.abs(s / reference[i]! - 1)).toBeLessThan(4 * eps));
      s32.dispose();
      s64.dispose();
    }
  });

  it("svd of a batch, one of which has NaN", async () => {
    const data = randoms(3 * 6 * 4);
    data[30] = Infinity;
    for (const shape of [
      [3, 6, 4],
      [3, 4, 6],
    ]) {
      using x = array(dtype, shape, data);
      const [u, s, vt] = lax.linalg.svd(x, { fullMatrices: true });
      const bad = matricesOf(await s.data(), 1, 4).map((m) => Number.isNaN(m.largest));
      expect(bad).toEqual([false, true, false]);
      const [m, n] = shape.slice(1) as [number, number];
      expect(matricesOf(await u.data(), m, m).map((q) => Number.isNaN(q.largest))).toEqual(bad);
      expect(matricesOf(await vt.data(), n, n).map((q) => Number.isNaN(q.largest))).toEqual(bad);
      for (const out of [u, s, vt]) out.dispose();
    }
  });
});
