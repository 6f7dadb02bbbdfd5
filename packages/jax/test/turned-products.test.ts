/** Products whose transposes are wanted: one kernel, with the values of the product. */
import { type Array as JaxArray, defaultDevice, grad, init, jit, lax, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { testDevices } from "./devices";
import { programOf } from "./program-of";

leavesArraysToCollector("values are the subject here");

beforeAll(() => init());

const [M, K, N] = [5, 7, 6];
const numbers = (n: number, seed: number): number[] => Array.from({ length: n }, (_, i) => ((i * seed) % 11) - 5);
const [left, right, other] = [numbers(M * K, 7), numbers(K * N, 3), numbers(N * M, 5)];
/** Element (i, j) of the product. */
const product = (i: number, j: number): number =>
  Array.from({ length: K }, (_, k) => left[i * K + k]! * right[k * N + j]!).reduce((a, b) => a + b);
const turned = Array.from({ length: N * M }, (_, at) => product(at % M, Math.floor(at / M)));

const of = (values: readonly number[], shape: readonly number[]): JaxArray =>
  np.array(values as number[], { dtype: "float32" }).reshape(shape as number[]);

for (const device of testDevices) {
  describe(`transposed products on ${device}`, () => {
    beforeAll(() => defaultDevice(device));
    const read = async (x: JaxArray): Promise<number[]> => [...(await x.data())].map(Number);
    const arrays = (): JaxArray[] => [of(left, [M, K]), of(right, [K, N]), of(other, [N, M])];

    it("alone, and with work on them", async () => {
      const [a, b, c] = arrays() as [JaxArray, JaxArray, JaxArray];
      expect(await read(jit((x: JaxArray, y: JaxArray) => np.matmul(x, y).T)(a, b))).toEqual(turned);
      const sum = jit((x: JaxArray, y: JaxArray, z: JaxArray) => np.matmul(x, y).T.add(z));
      expect(await read(sum(a, b, c))).toEqual(turned.map((v, i) => v + other[i]!));
    });

    it("that are wanted as they are too", async () => {
      const [a, b] = arrays() as [JaxArray, JaxArray];
      const both = jit((x: JaxArray, y: JaxArray) => {
        const p = np.matmul(x, y);
        return [p, p.T.mul(2), p.T.sum(0)];
      });
      const [p, q, r] = both(a, b) as [JaxArray, JaxArray, JaxArray];
      expect(await read(p)).toEqual(Array.from({ length: M * N }, (_, at) => product(Math.floor(at / N), at % N)));
      expect(await read(q)).toEqual(turned.map((v) => 2 * v));
      expect(await read(r)).toEqual(
        Array.from({ length: M }, (_, i) =>
          Array.from({ length: N }, (__, j) => product(i, j)).reduce((x, y) => x + y),
        ),
      );
    });

    it("in batches", async () => {
      const f = jit((x: JaxArray, y: JaxArray) => np.swapaxes(np.matmul(x, y), 1, 2).add(1));
      const x = np.stack([of(left, [M, K]), of(left, [M, K]).mul(2)]);
      const y = np.stack([of(right, [K, N]), of(right, [K, N])]);
      expect(await read(f(x, y))).toEqual([1, 2].flatMap((by) => turned.map((v) => by * v + 1)));
      // the batch goes elsewhere: no exchange of rows and columns
      const g = jit((p: JaxArray, q: JaxArray) => np.transpose(np.matmul(p, q), [2, 0, 1]).add(1));
      const want = Array.from({ length: N * 2 * M }, (_, at) => {
        const [j, by, i] = [Math.floor(at / (2 * M)), 1 + (Math.floor(at / M) % 2), at % M];
        return by * product(i, j) + 1;
      });
      expect(await read(g(x, y))).toEqual(want);
    });

    it("added up over a loop, as derivatives by weights are", async () => {
      const steps = 3;
      const loss = (w: JaxArray, xs: JaxArray): JaxArray =>
        (lax.scan((c: JaxArray, x: JaxArray): [JaxArray, null] => [np.matmul(x.add(c.sum()), w), null], np.zeros([2, N]), xs)[0] as unknown as JaxArray).sum(); // prettier-ignore
      const w = numbers(K * N, 3).map((v) => v / 64);
      const xs = numbers(steps * 2 * K, 9).map((v) => v / 8);
      const run = (weights: number[]): number => {
        let total = 0;
        for (let t = 0; t < steps; t++) {
          let next = 0;
          for (let b = 0; b < 2; b++) {
            for (let j = 0; j < N; j++) {
              for (let k = 0; k < K; k++) next += (xs[(t * 2 + b) * K + k]! + total) * weights[k * N + j]!;
            }
          }
          total = next;
        }
        return total;
      };
      const got = await read(jit(grad(loss))(of(w, [K, N]), of(xs, [steps, 2, K])));
      const h = 1e-4;
      got.forEach((v, at) => {
        const moved = (by: number): number => run(w.map((u, i) => (i === at ? u + by : u)));
        const want = (moved(h) - moved(-h)) / (2 * h);
        expect(Math.abs(v - want)).toBeLessThan(1e-3 * (1 + Math.abs(want)));
      });
    });
  });
}

describe("programs of transposed products", () => {
  const count = (f: (...args: JaxArray[]) => unknown): number =>
    programOf(f, np.ones([M, K]), np.ones([K, N]), np.ones([N, M])).kernels.length;

  it("have one kernel, also with work on them", () => {
    expect(count((x, y) => np.matmul(x, y).T)).toBe(1);
    expect(count((x, y, z) => np.matmul(x, y).T.add(z))).toBe(1);
  });

  it("have one product where it is wanted both ways", () => {
    const program = programOf(
      (x: JaxArray, y: JaxArray) => [np.matmul(x, y), np.matmul(x, y).T],
      np.ones([M, K]),
      np.ones([K, N]),
    );
    expect(program.kernels.filter((k) => k.kind === "contract").length).toBeLessThanOrEqual(2);
    const shared = programOf(
      (x: JaxArray, y: JaxArray) => {
        const p = np.matmul(x, y);
        return [p, p.T];
      },
      np.ones([M, K]),
      np.ones([K, N]),
    );
    expect(shared.kernels.filter((k) => k.kind === "contract").length).toBe(1);
  });
});
