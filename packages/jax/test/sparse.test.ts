/** scipy.sparse.linalg: against JAX, also before the end, and equations of many forms. */
import { type Array as Tensor, defaultDevice, grad, jit, numpy as np, scipy, vmap } from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { syncDevices, testDevices } from "./devices";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import oracle from "./oracles/sparse.json";
import { test } from "./scoped";

leavesArraysToCollector("scopes end before an asynchronous test does");

const solvers = scipy.sparse.linalg;
const list = (x: Tensor): number[] => [...x.dataSync()];

/** The greatest difference, beside the greatest number. */
function distance(got: readonly number[], want: readonly number[]): number {
  expect(got.length).toBe(want.length);
  const size = Math.max(1, ...want.map(Math.abs));
  return Math.max(...got.map((v, i) => Math.abs(v - want[i]!))) / size;
}

/** Arrays of webgpu are read asynchronously, and compiling takes long there: the solutions alone, to the end. */
for (const device of testDevices.filter((d) => !syncDevices.includes(d))) {
  describe(`on ${device}`, () => {
    beforeAll(() => void defaultDevice(device));
    afterAll(() => void defaultDevice("wasm"));

    for (const name of ["cg", "bicgstab", "gmres"] as const) {
      it(`${name} as in JAX, and its gradient`, { timeout: 120_000 }, async () => {
        const [first] = oracle.cases.filter((c) => c.name === name);
        const { options, x, grads } = first!;
        const [a, b] = [np.array(name === "cg" ? oracle.spd : oracle.general), np.array(oracle.b)];
        const solve = (q: Tensor): Tensor => solvers[name](a, q, options)[0] as Tensor;
        expect(distance([...(await solve(b).data())], x)).toBeLessThan(2e-4);
        const slope = grad((q: Tensor) => np.sum(np.sin(solve(q))))(b);
        expect(distance([...(await slope.data())], grads[1]!.flat() as number[])).toBeLessThan(2e-3);
      });
    }
  });
}

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeAll(() => void defaultDevice(device));
    afterAll(() => void defaultDevice("wasm"));

    for (const name of ["cg", "bicgstab", "gmres"] as const) {
      test(`${name} as in JAX, with few steps too, and its gradients`, () => {
        const cases = oracle.cases.filter((c) => c.name === name);
        expect(cases.length).toBe(20);
        const a = np.array(name === "cg" ? oracle.spd : oracle.general);
        const [b, start, near] = [np.array(oracle.b), np.array(oracle.start), np.array(oracle.near)];
        for (const { options, preconditioned, given, x, grads } of cases) {
          const o = { ...options, M: preconditioned ? near : null, x0: given ? start : null };
          const solve = (p: Tensor, q: Tensor): Tensor => solvers[name](p, q, o)[0] as Tensor;
          const what = JSON.stringify({ options, preconditioned, given });
          expect(distance(list(solve(a, b)), x), what).toBeLessThan(2e-4);
          // Where little is asked for, another number of restarts gives a slope that is as good.
          if (name === "gmres" && "tol" in options) continue;
          const [da, db] = grad((p: Tensor, q: Tensor) => np.sum(np.sin(solve(p, q))), { argnums: [0, 1] })(a, b);
          expect(distance(list(da), grads[0]!.flat() as number[]), `${what} of A`).toBeLessThan(2e-3);
          expect(distance(list(db), grads[1]!.flat() as number[]), `${what} of b`).toBeLessThan(2e-3);
        }
      });

      test(`${name} of a tree, under jit and vmap`, () => {
        // Tridiagonal on one part, a multiple on the other, both coupled by a sum.
        const apply = ({ u, v }: { u: Tensor; v: Tensor }): { u: Tensor; v: Tensor } => {
          const sides = np.roll(u, 1).add(np.roll(u, -1));
          return { u: u.mul(4).sub(sides).add(np.sum(v).mul(0.1)), v: v.mul(3).add(np.sum(u).mul(0.1)) };
        };
        const b = { u: np.sin(np.arange(12)), v: np.cos(np.arange(6).reshape([2, 3])) };
        const solve = (at: typeof b): typeof b => solvers[name](apply, at, { tol: 1e-6 })[0] as typeof b;
        for (const run of [solve, jit(solve)]) {
          const back = apply(run(b));
          expect(distance(list(back.u), list(b.u))).toBeLessThan(1e-5);
          expect(distance(list(back.v), list(b.v))).toBeLessThan(1e-5);
          expect(back.v.shape).toEqual([2, 3]);
        }
        const many = { u: np.stack([b.u, b.u.mul(0), b.u.mul(-2)]), v: np.stack([b.v, b.v.mul(0), b.v]) };
        const got = vmap(solve)(many);
        for (const i of [0, 1, 2]) {
          const one = solve({ u: many.u.slice(i), v: many.v.slice(i) });
          expect(distance(list(got.u.slice(i)), list(one.u))).toBeLessThan(1e-4);
          expect(distance(list(got.v.slice(i)), list(one.v))).toBeLessThan(1e-4);
        }
      });

      test(`${name} says what does not fit`, () => {
        const b = np.ones([3]);
        const f = solvers[name];
        expect(() => f(np.ones([3, 2]), b)).toThrow(/A must be a function or a square matrix, got f32\[3,2\]/);
        expect(() => f((x: Tensor) => x.slice([0, 2]), b)).toThrow(/A must give a tree like b, of 3 elements; got 2/);
        expect(() => f((x: Tensor) => x, b, np.ones([2]))).toThrow(/x0 must be like b/);
        expect(() => f((x: Tensor) => x, b, { maxIter: 3 } as never)).toThrow(/did you mean "maxiter"/);
        expect(distance(list(f((x: Tensor) => x.mul(2), b)[0] as Tensor), [0.5, 0.5, 0.5])).toBeLessThan(1e-6);
      });
    }

    test("the Poisson equation of a grid, and its gradient", () => {
      const n = 24;
      const laplace = (u: Tensor): Tensor => {
        const p = np.pad(u, 1);
        const at = (i: number, j: number): Tensor => p.slice([i, i + n], [j, j + n]) as Tensor;
        return u.mul(4).sub(at(0, 1)).sub(at(2, 1)).sub(at(1, 0)).sub(at(1, 2));
      };
      const source = np.outer(np.hanning(n), np.hamming(n));
      const solve = jit(
        (s: Tensor, k: Tensor) => solvers.cg((u: Tensor) => laplace(u).mul(k), s, { tol: 1e-6 })[0] as Tensor,
      );
      const u = solve(source, np.array(2));
      expect(distance(list(laplace(u).mul(2)), list(source))).toBeLessThan(1e-4);
      // u = s / (k laplace): d sum(u) / dk = -sum(u) / k.
      const slope = grad((k: Tensor) => np.sum(solve(source, k)))(np.array(2));
      expect(slope.item() / (np.sum(u).item() as number)).toBeCloseTo(-0.5, 3);
    });
  });
}
