/** scipy.optimize.minimize on functions with known minima. */
import { type Array as Tensor, defaultDevice, jit, numpy as np, scipy, vmap } from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { syncDevices } from "./devices";
import { Owner } from "./owner";

const { minimize } = scipy.optimize;
const at = (x: Tensor, i: number): Tensor => x.slice(i) as Tensor;
const BFGS = { method: "BFGS" } as const;

interface Problem {
  readonly f: (x: Tensor) => Tensor;
  readonly start: readonly number[];
  readonly minima: readonly (readonly number[])[];
  readonly value: number;
}

/** Moré, Garbow and Hillstrom, "Testing unconstrained optimization software" (1981). */
const PROBLEMS: Readonly<Record<string, Problem>> = {
  rosenbrock: {
    f: (x) => {
      const n = x.shape[0]!;
      const [a, b] = [x.slice([0, n - 1]), x.slice([1, n])] as [Tensor, Tensor];
      return np.sum(np.square(b.sub(np.square(a))).mul(100).add(np.square(a.mul(-1).add(1))));
    },
    start: [-1.2, 1],
    minima: [[1, 1]],
    value: 0,
  },
  himmelblau: {
    f: (x) => {
      const [a, b] = [at(x, 0), at(x, 1)];
      return np.square(np.square(a).add(b).sub(11)).add(np.square(a.add(np.square(b)).sub(7)));
    },
    start: [1, 1],
    minima: [[3, 2], [-2.805118, 3.131312], [-3.77931, -3.283186], [3.584428, -1.848127]],
    value: 0,
  },
  beale: {
    f: (x) => {
      const [a, b] = [at(x, 0), at(x, 1)];
      const term = (y: number, k: number): Tensor => np.square(a.mul(np.power(b, k).mul(-1).add(1)).mul(-1).add(y));
      return term(1.5, 1).add(term(2.25, 2)).add(term(2.625, 3));
    },
    start: [1, 1],
    minima: [[3, 0.5]],
    value: 0,
  },
  matyas: {
    f: (x) => np.sum(np.square(x)).mul(0.26).sub(at(x, 0).mul(at(x, 1)).mul(0.48)),
    start: [1, 2],
    minima: [[0, 0]],
    value: 0,
  },
  logarithms: {
    // The sum of x - log(x - 1): 1 + 1 at x = 2, in each of 3.
    f: (x) => np.sum(x.sub(np.log(x.sub(1)))),
    start: [1.5, 4, 30],
    minima: [[2, 2, 2]],
    value: 6,
  },
}; // prettier-ignore

for (const device of syncDevices) {
  describe(`minimize on ${device}`, () => {
    beforeAll(() => void defaultDevice(device));
    afterAll(() => void defaultDevice("wasm"));

    for (const [name, { f, start, minima, value }] of Object.entries(PROBLEMS)) {
      for (const [dtype, digits, tol] of [
        ["float32", 2, 1e-5],
        ["float64", 5, 1e-9],
      ] as const) {
        // prettier-ignore
        test(`${name}, ${dtype}`, { timeout: 60_000 }, () => {
          using own = new Owner();
          const found = own.of(minimize(f, own.of(np.array([...start], { dtype })), [], { ...BFGS, tol }));
          expect(found.success.js()).toBe(true);
          expect(found.status.js()).toBe(0);
          expect(found.x.dtype).toBe(dtype);
          expect(found.fun.item()).toBeCloseTo(value, digits + 2);
          const x = found.x.js() as number[];
          const best = minima.find((m) => m.every((v, i) => Math.abs(v - x[i]!) < 10 ** -digits));
          expect(best, `found ${x.join(", ")}`).toBeDefined();
          expect(Math.max(...(found.jac.js() as number[]).map(Math.abs))).toBeLessThan(tol);
          expect(found.nfev.item()).toBeGreaterThan(found.nit.item());
          expect(found.njev.item()).toBe(found.nfev.item());
        });
      }
    }
  });
}

describe("minimize", () => {
  // The estimate comes near, as line searches are not exact.
  test("the inverse Hessian of a quadratic function", () => {
    using own = new Owner();
    const h = own.of(np.array([[4, 1, 0], [1, 3, 1], [0, 1, 2]], { dtype: "float64" })); // prettier-ignore
    const f = (x: Tensor): Tensor => np.sum(np.matmul(h, x).mul(x)).mul(0.5).sub(np.sum(x));
    const found = own.of(minimize(f, own.of(np.zeros([3], { dtype: "float64" })), [], { ...BFGS, tol: 1e-12 }));
    const want = own.of(np.linalg.inv(h)).js() as number[][];
    want.forEach((r, i) => r.forEach((v, j) => expect((found.hessInv.js() as number[][])[i]![j]).toBeCloseTo(v, 3)));
    want.forEach((r, i) => expect((found.x.js() as number[])[i]).toBeCloseTo(r.reduce((s, v) => s + v, 0), 10)); // prettier-ignore
  });

  test("under jit and vmap, with arguments", { timeout: 60_000 }, () => {
    using own = new Owner();
    const f = (x: Tensor, centre: Tensor): Tensor => np.sum(np.square(x.sub(centre)).mul(np.array([1, 10])));
    const solve = (centre: Tensor): Tensor => minimize(f, np.zeros([2]), [centre], BFGS).x;
    const compiled = own.of(jit(solve));
    const x = own.of(compiled(own.of(np.array([3, -4])))).js() as number[];
    [3, -4].forEach((v, i) => expect(x[i]).toBeCloseTo(v, 4));
    const centres = [[1, 2], [0, 0], [-5, 7]]; // prettier-ignore
    const all = own.of(jit(vmap(solve)));
    const found = own.of(all(own.of(np.array(centres)))).js() as number[][];
    centres.forEach((c, k) => c.forEach((v, i) => expect(found[k]![i]).toBeCloseTo(v, 4)));
  });

  test("says why it ended", () => {
    using own = new Owner();
    const x0 = own.of(np.array([-1.2, 1]));
    const cut = own.of(minimize(PROBLEMS.rosenbrock!.f, x0, [], { ...BFGS, options: { maxiter: 3 } }));
    expect([cut.success.js(), cut.status.js(), cut.nit.js()]).toEqual([false, 1, 3]);
    const endless = own.of(minimize((x: Tensor) => np.sum(x), x0, [], BFGS));
    expect([endless.success.js(), endless.status.js()]).toEqual([false, 5]);
    const bad = own.of(minimize((x: Tensor) => np.sum(x).mul(NaN), x0, [], BFGS));
    expect([bad.success.js(), bad.status.js(), bad.nit.js()]).toEqual([false, -1, 0]);
    const there = own.of(minimize((x: Tensor) => np.sum(np.square(x)), own.of(np.zeros([2])), [], BFGS));
    expect([there.success.js(), there.nit.js(), there.nfev.js()]).toEqual([true, 0, 1]);
  });

  test("norms of the gradient", () => {
    using own = new Owner();
    for (const norm of [1, 2, Infinity]) {
      const start = own.of(np.array([5, 5]));
      const found = own.of(
        minimize((x: Tensor) => np.sum(np.square(x)), start, [], { ...BFGS, options: { norm, gtol: 1e-3 } }),
      );
      expect(found.success.js()).toBe(true);
    }
  });

  test("errors say what to do", () => {
    using own = new Owner();
    const x0 = own.of(np.ones([2]));
    const f = (x: Tensor): Tensor => np.sum(x);
    expect(() => minimize(f, x0, [], { method: "Newton" as "BFGS" })).toThrow(/must be "BFGS"/);
    expect(() => minimize(f, own.of(np.eye(2)), [], BFGS)).toThrow(/ravelPytree/);
    expect(() => minimize((x: Tensor) => x, x0, [], BFGS)).toThrow(/scalar/);
    expect(() => minimize(f, x0, [], { ...BFGS, options: { norm: 3 } })).toThrow(/1, 2 or Infinity/);
  });
});
