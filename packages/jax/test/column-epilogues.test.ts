/** Elementwise work on the sums of products of one column, exact in whole numbers, against plain loops. */
import { type Array as JaxArray, type DType, defaultDevice, init, jit, numpy as np } from "@jax-js/jax";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { testDevices } from "./devices";
import { at, generator, productOf, randomMatrix } from "./matrix-case";
import { programOf } from "./program-of";

leavesArraysToCollector("values are the subject here");

beforeAll(() => init());

const ROWS = [1, 3, 4, 5, 13, 97, 301, 2501];
const DEPTHS = [5, 40];

for (const device of testDevices) {
  describe(`work on one column of sums, on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    const numbers = async (x: JaxArray): Promise<number[]> => Array.from(await x.data(), Number);

    // webgpu has no float64
    const dtypes: DType[] = ["float32", "int32", ...(device === "webgpu" ? [] : (["float64"] as const))];

    it.each(dtypes)("of %s, by rows and by columns of memory", async (dtype) => {
      const random = generator(1);
      for (const m of ROWS) {
        for (const k of DEPTHS) {
          const [w, x, bias] = [randomMatrix(m, k, [-9, 9], random), randomMatrix(k, 1, [-9, 9], random), randomMatrix(m, 1, [-50, 50], random)]; // prettier-ignore
          const sums = productOf(w, x);
          const want = sums.map((s, i) => Math.max(s + at(bias, i, 0), -20) * (i % 5) - 3);
          const factors = np.arange(m).mod(5).astype(dtype);
          const [p, q, b] = [w, x, bias].map((matrix) => np.array([...matrix.values]).astype(dtype));
          const finish = (s: JaxArray, c: JaxArray): JaxArray => np.maximum(s.add(c), -20).mul(factors).sub(3);
          const right = (rows: JaxArray, column: JaxArray, c: JaxArray): JaxArray[] => {
            const s = np.matmul(rows.reshape([m, k]), column);
            return [finish(s, c), s];
          };
          const left = (rows: JaxArray, column: JaxArray, c: JaxArray): JaxArray =>
            finish(np.matmul(rows.reshape([k, m]).T, column), c);
          const turned = np
            .array([...w.values])
            .astype(dtype)
            .reshape([m, k])
            .T.ravel();
          const [got, plain] = jit(right)(p!, q!, b!) as JaxArray[];
          expect(await numbers(got!), `${m}x${k}`).toEqual(want);
          expect(await numbers(plain!), `sums of ${m}x${k}`).toEqual(sums);
          expect(await numbers(jit(left)(turned, q!, b!)), `${k}x${m} transposed`).toEqual(want);
          expect(await numbers(finish(np.matmul(p!.reshape([m, k]), q!), b!)), `${m}x${k} at once`).toEqual(want);
        }
      }
    });

    it("in batches, with a residual", async () => {
      const random = generator(2);
      for (const [batch, m, k] of [
        [3, 7, 11],
        [5, 16, 4],
        [2, 130, 65],
      ] as const) {
        // prettier-ignore
        const [w, x, r] = [randomMatrix(batch * m, k, [-9, 9], random), randomMatrix(batch, k, [-9, 9], random), randomMatrix(batch, m, [-50, 50], random)]; // prettier-ignore
        const f = (a: JaxArray, b: JaxArray, c: JaxArray): JaxArray =>
          np.abs(np.matmul(a.reshape([batch, m, k]), b.reshape([batch, k, 1])).add(c.reshape([batch, m, 1]))).sub(1);
        const want = Array.from({ length: batch * m }, (_, i) => {
          const part = Math.floor(i / m);
          let sum = r.values[i]!;
          for (let j = 0; j < k; j++) sum += at(w, i, j) * at(x, part, j);
          return Math.abs(sum) - 1;
        });
        const args = [w, x, r].map((matrix) => np.array([...matrix.values]));
        expect(await numbers(jit(f)(...(args as [JaxArray, JaxArray, JaxArray])))).toEqual(want);
      }
    });
  });
}

it("is done where the sums are made", () => {
  const f = (w: JaxArray, x: JaxArray, b: JaxArray): JaxArray => np.tanh(np.matmul(w, x).add(b));
  const program = programOf(f, np.ones([64, 32]), np.ones([32]), np.ones([64]));
  expect(program.kernels.map(({ kind }) => kind)).toEqual(["contract"]);
});
