/** Schur forms, eigenvalues and singular values by their laws, and derivatives where these coincide. */
import { type Array as Tensor, defaultDevice, grad, jvp, lax, numpy as np, random, scipy, vmap } from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { syncDevices } from "./devices";
import { Owner } from "./owner";

vi.setConfig({ testTimeout: 60_000 });

const { linalg } = scipy;
type Matrix = readonly (readonly number[])[];
interface Pair {
  readonly real: Tensor;
  readonly imag: Tensor;
}

const rows = (x: Tensor): number[][] => x.js() as number[][];
const transposed = (a: Matrix): number[][] => a[0]!.map((_, j) => a.map((r) => r[j]!));
const product = (a: Matrix, b: Matrix): number[][] =>
  a.map((r) => b[0]!.map((_, j) => r.reduce((s, x, k) => s + x * b[k]![j]!, 0)));
const largest = (a: Matrix): number => Math.max(1, ...a.flat().map(Math.abs));
const near = (a: Matrix, b: Matrix, tol: number): void => {
  const scale = largest(b);
  a.forEach((r, i) =>
    r.forEach((x, j) =>
      expect(Math.abs(x - b[i]![j]!), `[${i}, ${j}] is ${x}, not ${b[i]![j]!}`).toBeLessThanOrEqual(tol * scale),
    ),
  );
};
const unit = (n: number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)));

/** Matrices that are hard for the iteration, or have known eigenvalues. */
const cycle = (n: number): number[][] => unit(n).map((_, i, all) => all[(i + 1) % n]!);
const SPECIAL: Readonly<Record<string, Matrix>> = {
  one: [[3]],
  zeros: [[0, 0], [0, 0]],
  unit: unit(4),
  rotation: [[0, 1], [-1, 0]],
  triangular: [[1, 2, 3], [0, 4, 5], [0, 0, 6]],
  "lower triangular": [[1, 0, 0], [2, 4, 0], [3, 5, 6]],
  "a cycle of 3": cycle(3),
  "a cycle of 4": cycle(4),
  "a cycle of 6": cycle(6),
  "a Jordan block": [[2, 1, 0], [0, 2, 1], [0, 0, 2]],
  "nilpotent": [[0, 0, 0], [1, 0, 0], [0, 1, 0]],
  "two equal pairs": [[0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1], [0, 0, -1, 0]],
  "badly scaled": [[1, 1e6, 1e-6], [1e-6, 2, 1e6], [1e-6, 1e-6, 3]],
  "of small numbers": [[1e-20, 2e-20], [-3e-20, 4e-20]],
}; // prettier-ignore

function randomMatrix(own: Owner, seed: number, n: number): Matrix {
  const key = own.of(random.key(seed));
  return rows(own.of(random.normal(key, [n, n])));
}
const randomCases = (own: Owner): Matrix[] => [1, 2, 3, 4, 5, 8, 12].map((n) => randomMatrix(own, n, n));

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeAll(() => void defaultDevice(device));
    afterAll(() => void defaultDevice("wasm"));

    const everyMatrix = (f: (own: Owner, a: Matrix) => void): void => {
      for (const a of Object.values(SPECIAL)) {
        using own = new Owner();
        f(own, a);
      }
      using own = new Owner();
      for (const a of randomCases(own)) f(own, a);
    };
    const float64 = (own: Owner, a: Matrix): Tensor => own.of(np.array(a, { dtype: "float64" }));

    test("the Schur form", () => {
      everyMatrix((own, a) => {
        const [t, z] = own.of(linalg.schur(float64(own, a))).map(rows) as [number[][], number[][]];
        near(product(product(z, t), transposed(z)), a, 1e-13);
        near(product(transposed(z), z), unit(a.length), 1e-13);
        t.forEach((row, i) => row.forEach((x, j) => (j < i - 1 ? expect(x).toBe(0) : undefined)));
        for (let k = 0; k + 1 < a.length; k++) {
          if (t[k + 1]![k] === 0) continue;
          // A block of complex eigenvalues in standard form, that touches no other.
          expect(t[k + 1]![k + 1]).toBe(t[k]![k]);
          expect(t[k + 1]![k]! * t[k]![k + 1]!).toBeLessThan(0);
          if (k + 2 < a.length) expect(t[k + 2]![k + 1]).toBe(0);
        }
      });
    });

    test("the complex Schur form", () => {
      everyMatrix((own, a) => {
        const x = float64(own, a);
        const [t, z] = own.of(linalg.schur(x, "complex"));
        const [tr, ti, zr, zi] = [t.real, t.imag, z.real, z.imag].map(rows) as [
          number[][],
          number[][],
          number[][],
          number[][],
        ];
        [tr, ti].forEach((m) => m.forEach((row, i) => row.forEach((v, j) => (j < i ? expect(v).toBe(0) : undefined))));
        const sum = (p: Matrix, q: Matrix, sign: number): number[][] =>
          p.map((r, i) => r.map((v, j) => v + sign * q[i]![j]!));
        const re = sum(product(zr, tr), product(zi, ti), -1);
        const im = sum(product(zr, ti), product(zi, tr), 1);
        near(sum(product(re, transposed(zr)), product(im, transposed(zi)), 1), a, 1e-13);
        near(
          sum(product(im, transposed(zr)), product(re, transposed(zi)), -1),
          a.map((r) => r.map(() => 0)),
          1e-13 * largest(a),
        );
      });
    });

    test("eigenvalues and eigenvectors", () => {
      everyMatrix((own, a) => {
        const [w, left, right] = own.of(lax.linalg.eig(float64(own, a))) as [Pair, Pair, Pair];
        const [wr, wi] = [w.real.js(), w.imag.js()] as [number[], number[]];
        const residual = (m: Matrix, v: Pair, conjugate: number): void => {
          const [vr, vi] = [rows(v.real), rows(v.imag)];
          const scale = largest(a);
          for (let k = 0; k < a.length; k++) {
            const [x, y] = [vr.map((r) => r[k]!), vi.map((r) => r[k]!)];
            expect(Math.hypot(...x, ...y)).toBeCloseTo(1, 12);
            const times = (u: number[]): number[] => m.map((r) => r.reduce((s, e, i) => s + e * u[i]!, 0));
            const [p, q] = [times(x), times(y)];
            const c = conjugate * wi[k]!;
            p.forEach((e, i) => expect(Math.abs(e - wr[k]! * x[i]! + c * y[i]!)).toBeLessThan(1e-12 * scale));
            q.forEach((e, i) => expect(Math.abs(e - wr[k]! * y[i]! - c * x[i]!)).toBeLessThan(1e-12 * scale));
          }
        };
        residual(a, right, 1);
        residual(transposed(a), left, -1);
        // Conjugate pairs are side by side, the positive imaginary part first.
        wi.forEach((v, k) => (v > 0 ? expect([wr[k + 1], wi[k + 1]]).toEqual([wr[k], -v]) : undefined));
      });
    });

    test("known eigenvalues", () => {
      using own = new Owner();
      const of = (a: Matrix): [number, number][] => {
        const w = own.of(np.linalg.eigvals(float64(own, a)));
        const [re, im] = [w.real.js(), w.imag.js()] as [number[], number[]];
        return re.map((x, i): [number, number] => [x, im[i]!]).sort((p, q) => p[0] - q[0] || p[1] - q[1]);
      };
      near(of(SPECIAL.rotation!), [[0, -1], [0, 1]], 1e-15); // prettier-ignore
      near(of(SPECIAL["a cycle of 3"]!), [[-0.5, -Math.sqrt(0.75)], [-0.5, Math.sqrt(0.75)], [1, 0]], 1e-15); // prettier-ignore
      near(of(SPECIAL["lower triangular"]!), [[1, 0], [4, 0], [6, 0]], 1e-14); // prettier-ignore
      // (x - 1) (x - 2) ... (x - 6)
      const roots = rows(own.of(linalg.companion(own.of(np.array([1, -21, 175, -735, 1624, -1764, 720])))));
      near(of(roots), [1, 2, 3, 4, 5, 6].map((x) => [x, 0]), 1e-11); // prettier-ignore
    });

    test("batches, vmap, and matrices that are not finite", () => {
      using own = new Owner();
      const x = own.of(random.normal(own.of(random.key(3)), [4, 3, 3]));
      const [whole, mapped] = [own.of(np.linalg.eigvals(x)), own.of(vmap((a: Tensor) => np.linalg.eigvals(a))(x))];
      expect(mapped.real.js()).toEqual(whole.real.js());
      const bad = own.of(np.array([[[1, 2], [3, NaN]], [[1, 0], [0, 2]]])); // prettier-ignore
      const [w, v] = own.of(np.linalg.eig(bad));
      expect(w.real.js()).toEqual([[NaN, NaN], [1, 2]]); // prettier-ignore
      expect((v.real.js() as number[][][])[0]!.flat().every(Number.isNaN)).toBe(true);
      expect((own.of(linalg.schur(bad))[0].js() as number[][][])[0]!.flat().every(Number.isNaN)).toBe(true);
    });

    test("square roots and powers", () => {
      using own = new Owner();
      for (const a of [SPECIAL.rotation!, ...randomCases(own)]) {
        const root = own.of(linalg.sqrtm(float64(own, a)));
        const [re, im] = [rows(root.real), rows(root.imag)];
        const minus = (p: Matrix, q: Matrix): number[][] => p.map((r, i) => r.map((v, j) => v - q[i]![j]!));
        near(minus(product(re, re), product(im, im)), a, 1e-11);
        near(product(re, im), product(im, re).map((r) => r.map((v) => -v)), 1e-11); // prettier-ignore
      }
    });
  });
}

describe("derivatives", () => {
  test("of eigenvalues: the trace of the cube", () => {
    using own = new Owner();
    for (const n of [1, 2, 3, 5]) {
      const a = own.of(random.normal(own.of(random.key(n)), [n, n], { dtype: "float64" }));
      const cubes = (x: Tensor): Tensor => {
        const { real, imag } = np.linalg.eigvals(x);
        return np.sum(real.mul(real.mul(real).sub(imag.mul(imag).mul(3))));
      };
      const want = product(rows(a), rows(a)).map((r) => r.map((v) => 3 * v));
      near(rows(own.of(grad(cubes)(a))), transposed(want), 1e-10);
    }
  });

  test("of eigenvectors: differences", () => {
    using own = new Owner();
    const a = own.of(np.array([[1, 2, 0.5, 0.3], [-3, 1.5, 0.7, 1], [0.2, -1, 2.5, 1.2], [0.3, 0.1, -2, 0.5]], { dtype: "float64" })); // prettier-ignore
    const da = own.of(random.normal(own.of(random.key(5)), [4, 4], { dtype: "float64" }));
    const vectors = (x: Tensor): Tensor[] => {
      const [w, left, right] = lax.linalg.eig(x, { enableEigvecDerivs: true }) as [Pair, Pair, Pair];
      return [w.real, w.imag, left.real, left.imag, right.real, right.imag];
    };
    const [, tangents] = own.of(jvp(vectors, [a], [da])) as [Tensor[], Tensor[]];
    const h = 1e-6;
    const at = (sign: number): number[][] => {
      const moved = own.of(a.add(own.of(da.mul(sign * h))));
      return own.of(vectors(moved)).map((x) => own.of(np.ravel(x)).js() as number[]);
    };
    const [up, down] = [at(1), at(-1)];
    tangents.forEach((t, k) => {
      const slopes = up[k]!.map((x, i) => (x - down[k]![i]!) / (2 * h));
      (own.of(np.ravel(t)).js() as number[]).forEach((v, i) => expect(v).toBeCloseTo(slopes[i]!, 6));
    });
  });

  test("of eigenvectors are asked for", () => {
    using own = new Owner();
    const a = own.of(np.eye(2));
    expect(() => grad((x: Tensor) => np.sum(np.linalg.eig(x)[1].real))(a)).toThrow(/enableEigvecDerivs/);
    expect(() => grad((x: Tensor) => np.sum(linalg.schur(x)[0]))(a)).toThrow(/Schur form is not unique/);
  });

  test("at equal singular values and eigenvalues", () => {
    using own = new Owner();
    for (const a of [
      unit(3),
      [
        [2, 0, 0],
        [0, 2, 0],
        [0, 0, 1],
      ],
      [
        [1, 0],
        [0, 1],
        [0, 0],
      ],
      [
        [0, 0],
        [0, 0],
      ],
    ]) {
      // prettier-ignore
      const x = own.of(np.array(a));
      const k = Math.min(a.length, a[0]!.length);
      const want = a[0]![0] === 0 ? null : a.map((r) => r.map((v) => Math.sign(v)));
      const nuclear = own.of(grad((y: Tensor) => np.sum(np.linalg.svd(y, { computeUv: false })))(x)).js() as number[][];
      expect(nuclear.flat().every(Number.isFinite)).toBe(true);
      if (want !== null) near(nuclear, want, 1e-6);
      if (a.length !== a[0]!.length) continue;
      const trace = own.of(grad((y: Tensor) => np.sum(np.linalg.eigvalsh(y)))(x)).js() as number[][];
      near(trace, unit(k), 1e-6);
    }
  });

  test("of what singular vectors make together, at equal singular values", () => {
    using own = new Owner();
    const x = own.of(np.array([[2, 0, 0], [0, 2, 0], [0, 0, 1]])); // prettier-ignore
    const low = (y: Tensor): Tensor => {
      const [u, s, vt] = np.linalg.svd(y, { fullMatrices: false });
      return np.sum(np.matmul(u.mul(s), vt));
    };
    const slopes = own.of(grad(low)(x)).js() as number[][];
    expect(slopes.flat().every(Number.isFinite)).toBe(true);
  });

  test("of pseudo-inverses, at equal singular values too", () => {
    using own = new Owner();
    const w = own.of(np.array([[1, 2, 3], [4, 5, 6]], { dtype: "float64" })); // prettier-ignore
    const weighted = (x: Tensor): Tensor => np.sum(np.linalg.pinv(x).mul(w));
    for (const a of [
      [
        [2, 0],
        [0, 2],
        [0, 0],
      ],
      [
        [1, 2],
        [0.5, -1],
        [3, 0.2],
      ],
    ]) {
      // prettier-ignore
      const x = own.of(np.array(a, { dtype: "float64" }));
      const slopes = own.of(grad(weighted)(x)).js() as number[][];
      const h = 1e-6;
      const at = (i: number, j: number, sign: number): number => {
        const moved = a.map((r, p) => r.map((v, q) => v + (p === i && q === j ? sign * h : 0)));
        return own.of(own.run(() => weighted(np.array(moved, { dtype: "float64" })))).item();
      };
      slopes.forEach((r, i) => r.forEach((v, j) => expect(v).toBeCloseTo((at(i, j, 1) - at(i, j, -1)) / (2 * h), 6)));
    }
    // Least squares with orthonormal columns: the residual is (0, 0, 3).
    const q = own.of(np.array([[1, 0], [0, 1], [0, 0]])); // prettier-ignore
    const b = own.of(np.array([1, 2, 3]));
    const fit = own.of(grad((x: Tensor) => np.sum(np.linalg.lstsq(x, b)))(q)).js() as number[][];
    near(fit, [[-1, -2], [-1, -2], [3, 3]], 1e-5); // prettier-ignore
  });
});

describe("accuracy", () => {
  for (const device of syncDevices) {
    test(`small singular values keep their digits on ${device}`, () => {
      using own = new Owner();
      defaultDevice(device);
      // Orthonormal columns, each with a size of its own: these are the singular values.
      const q = [[0.6, -0.48, 0.64], [0.8, 0.36, -0.48], [0, 0.8, 0.6]]; // prettier-ignore
      const sizes = [1, 1e-9, 1e-18];
      const a = own.of(
        np.array(
          q.map((r) => r.map((v, j) => v * sizes[j]!)),
          { dtype: "float64" },
        ),
      );
      const s = own.of(np.linalg.svd(a, { computeUv: false })).js() as number[];
      s.forEach((v, i) => expect(Math.abs(v / sizes[i]! - 1)).toBeLessThan(1e-14));
      const f = own.of(np.linalg.svd(own.of(a.astype("float32")), { computeUv: false })).js() as number[];
      f.forEach((v, i) => expect(Math.abs(v / sizes[i]! - 1)).toBeLessThan(3e-7));
      defaultDevice("wasm");
    });
  }
});
