/** Factorizations and solves by the laws that define them, at sizes around the blocks of the algorithms. */
import { init, lax, numpy as np } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { type FloatDType, Matrix, epsilon, floats, identity, matricesOf, randomSource } from "./matrices";

await init("wasm");

const random = randomSource(11);
const SIZES = [1, 2, 3, 4, 5, 7, 8, 13, 23, 24, 25, 31, 47, 48, 49, 50, 96, 97, 150, 201];

const array = (dtype: FloatDType, shape: readonly number[], data: ArrayLike<number>) =>
  np.array(floats(dtype, data), { dtype, shape, device: "wasm" });

const randoms = (length: number): number[] => Array.from({ length }, () => random());

describe.each(["float32", "float64"] as const)("%s on wasm", (dtype) => {
  const eps = epsilon(dtype);

  it("cholesky", async () => {
    for (const n of SIZES) {
      const batch = n < 20 ? 3 : 1;
      const halves = matricesOf(randoms(batch * n * n), n, n);
      const data = halves.flatMap((h) => [...h.times(h.t).data].map((x, i) => x / n + (i % (n + 1) === 0 ? 0.1 : 0)));
      using x = array(dtype, [batch, n, n], data);
      using l = np.linalg.cholesky(x);
      const factors = matricesOf(await l.data(), n, n);
      matricesOf(await x.data(), n, n).forEach((a, b) => {
        const f = factors[b]!;
        const symmetric = Matrix.of(n, n, (i, j) => (a.at(i, j) + a.at(j, i)) / 2);
        expect(f.times(f.t).minus(symmetric).largest, `n = ${n}`).toBeLessThan(4 * eps * (2 + n));
        let good = true;
        for (let i = 0; i < n; i++) {
          good &&= f.at(i, i) > 0;
          for (let j = i + 1; j < n; j++) good &&= Object.is(f.at(i, j), 0);
        }
        expect(good).toBe(true);
      });
    }
  });

  it("cholesky of matrices that are not positive definite is NaN", async () => {
    for (const n of [1, 5, 60, 100]) {
      for (const bad of new Set([0, n >> 1, n - 1])) {
        const a = Matrix.of(n, n, (i, j) => (i === j ? (i === bad ? -1 : 2) : 0));
        using x = array(dtype, [2, n, n], [...a.data, ...identity(n).data]);
        using l = np.linalg.cholesky(x);
        const [first, second] = matricesOf(await l.data(), n, n) as [Matrix, Matrix];
        let good = true;
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) good &&= Object.is(first.at(i, j), j <= i ? NaN : 0);
        }
        expect(good).toBe(true);
        expect(second.minus(identity(n)).largest).toBe(0);
      }
    }
  });

  it("lu of all shapes", async () => {
    const shapes = [
      ...SIZES.map((n) => [n, n]),
      [1, 7],
      [7, 1],
      [30, 100],
      [100, 30],
      [49, 48],
      [48, 49],
      [120, 70],
      [110, 290],
      [290, 110],
    ];
    for (const [m, n] of shapes as [number, number][]) {
      const batch = m < 20 ? 3 : 1;
      using x = array(dtype, [batch, m, n], randoms(batch * m * n));
      const [lu, pivots, permutation] = lax.linalg.lu(x);
      const k = Math.min(m, n);
      const factors = matricesOf(await lu.data(), m, n);
      const orders = matricesOf(await permutation.data(), 1, m);
      const swaps = matricesOf(await pivots.data(), 1, k);
      matricesOf(await x.data(), m, n).forEach((a, b) => {
        const f = factors[b]!;
        const l = Matrix.of(m, k, (i, j) => (i === j ? 1 : i > j ? f.at(i, j) : 0));
        const u = Matrix.of(k, n, (i, j) => (i <= j ? f.at(i, j) : 0));
        const order = [...orders[b]!.data];
        const rows = Matrix.of(m, n, (i, j) => a.at(order[i]!, j));
        expect(l.times(u).minus(rows).largest, `${m} x ${n}`).toBeLessThan(8 * eps * (1 + Math.sqrt(k)));
        expect(l.largest).toBeLessThanOrEqual(1);
        const made = Array.from({ length: m }, (_, i) => i);
        swaps[b]!.data.forEach((to, i) => ([made[i], made[to]] = [made[to]!, made[i]!]));
        expect(made).toEqual(order);
      });
      for (const out of [lu, pivots, permutation]) out.dispose();
    }
  });

  it("lu of singular matrices", async () => {
    using x = array(dtype, [3, 3], [1, 2, 3, 2, 4, 6, 0, 0, 0]);
    const [lu, pivots, permutation] = lax.linalg.lu(x);
    expect([...(await lu.data())]).toEqual([2, 4, 6, 0.5, 0, 0, 0, 0, 0]);
    expect([...(await pivots.data())]).toEqual([1, 1, 2]);
    expect([...(await permutation.data())]).toEqual([1, 0, 2]);
    for (const out of [lu, pivots, permutation]) out.dispose();
  });

  it("qr of all shapes", async () => {
    const shapes = [
      ...SIZES.map((n) => [n, n]),
      [1, 7],
      [7, 1],
      [30, 100],
      [100, 30],
      [49, 48],
      [48, 49],
      [150, 25],
      [131, 140],
      [770, 45],
      [801, 100],
    ];
    for (const [m, n] of shapes as [number, number][]) {
      const batch = m < 20 ? 3 : 1;
      using x = array(dtype, [batch, m, n], randoms(batch * m * n));
      for (const fullMatrices of m < 500 ? [false, true] : [false]) {
        const [q, r] = lax.linalg.qr(x, { fullMatrices });
        const k = fullMatrices ? m : Math.min(m, n);
        const qs = matricesOf(await q.data(), m, k);
        const rs = matricesOf(await r.data(), k, n);
        matricesOf(await x.data(), m, n).forEach((a, b) => {
          const [f, g] = [qs[b]!, rs[b]!];
          expect(f.times(g).minus(a).largest, `${m} x ${n}`).toBeLessThan(6 * eps * (1 + Math.sqrt(n)));
          expect(f.t.times(f).minus(identity(k)).largest, `${m} x ${n}`).toBeLessThan(6 * eps * (1 + Math.sqrt(m)));
          const below = Matrix.of(k, n, (i, j) => (j < i ? g.at(i, j) : 0));
          expect(below.largest).toBe(0);
        });
        q.dispose();
        r.dispose();
      }
    }
  });

  it("qr of extreme and of dependent columns", async () => {
    const huge = dtype === "float64" ? 1e200 : 1e30;
    for (const scale of [huge, 1 / huge]) {
      using x = array(dtype, [3, 2], [scale, scale, 2 * scale, 2 * scale, 2 * scale, 2 * scale]);
      const [q, r] = np.linalg.qr(x);
      const product = new Matrix(3, 2, await q.data()).times(new Matrix(2, 2, await r.data()));
      expect(product.minus(new Matrix(3, 2, await x.data())).largest / scale).toBeLessThan(16 * eps);
      q.dispose();
      r.dispose();
    }
    using zeros = np.zeros([3, 3], { dtype, device: "wasm" });
    const [q, r] = np.linalg.qr(zeros);
    expect([...(await q.data())]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect([...(await r.data())]).toEqual(new Array(9).fill(0));
    q.dispose();
    r.dispose();
  });

  it("triangular solves of all kinds", async () => {
    for (const n of [1, 2, 3, 5, 8, 24, 47, 48, 49, 97, 130]) {
      for (const columns of n < 50 ? [1, 5, 33] : [17]) {
        for (let kind = 0; kind < 8; kind++) {
          const [lower, transposeA, unitDiagonal] = [1, 2, 4].map((bit) => (kind & bit) !== 0) as [
            boolean,
            boolean,
            boolean,
          ];
          const batch = n < 10 ? 2 : 1;
          // The other triangle and a unit diagonal are not to be read.
          const entry = (i: number, j: number): number =>
            i === j ? (unitDiagonal ? NaN : 2 + random()) : i > j === lower ? random() / n : NaN;
          const as = Array.from({ length: batch }, () => Matrix.of(n, n, entry));
          using a = array(dtype, [batch, n, n], as.flatMap((m) => [...m.data])); // prettier-ignore
          using b = array(dtype, [batch, n, columns], randoms(batch * n * columns));
          using x = lax.linalg.triangularSolve(a, b, { leftSide: true, lower, transposeA, unitDiagonal });
          const found = matricesOf(await x.data(), n, columns);
          const rights = matricesOf(await b.data(), n, columns);
          matricesOf(await a.data(), n, n).forEach((m, at) => {
            const triangle = Matrix.of(n, n, (i, j) =>
              i === j ? (unitDiagonal ? 1 : m.at(i, i)) : i > j === lower ? m.at(i, j) : 0,
            );
            const product = (transposeA ? triangle.t : triangle).times(found[at]!);
            expect(product.minus(rights[at]!).largest, `n ${n}, kind ${kind}`).toBeLessThan(eps * (12 + Math.sqrt(n)));
          });
        }
      }
    }
  });

  it("solve and inverse", async () => {
    for (const n of [1, 2, 5, 24, 49, 97, 150]) {
      using a = array(dtype, [n, n], Matrix.of(n, n, (i, j) => random() + (i === j ? 2 + 2 * Math.sqrt(n) : 0)).data);
      using b = array(dtype, [n, 3], randoms(3 * n));
      using x = np.linalg.solve(a, b);
      using inverse = np.linalg.inv(a);
      const matrix = new Matrix(n, n, await a.data());
      const residual = matrix.times(new Matrix(n, 3, await x.data())).minus(new Matrix(n, 3, await b.data()));
      expect(residual.largest).toBeLessThan(eps * (20 + n));
      const unit = matrix.times(new Matrix(n, n, await inverse.data())).minus(identity(n));
      expect(unit.largest).toBeLessThan(eps * (40 + 2 * n));
    }
  });

  it("leaves empty matrices alone", () => {
    using empty = np.zeros([0, 3, 3], { dtype, device: "wasm" });
    using none = np.zeros([2, 0, 0], { dtype, device: "wasm" });
    for (const x of [empty, none]) {
      using l = np.linalg.cholesky(x);
      expect(l.shape).toEqual(x.shape);
      const out = lax.linalg.lu(x);
      expect(out[0].shape).toEqual(x.shape);
      out.forEach((y) => y.dispose());
    }
  });
});
