/** Sums of very many products in float32, against sums in double precision. */
import { init, numpy as np, random } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";

leavesArraysToCollector("values are the subject here");

const DEPTH = 20_000;
/** One by one the sums are wrong by 7e-6; in pieces NumPy's are wrong by 4.4e-7. */
const BOUND = 1e-6;

await init("wasm");

describe("a product of long rows and columns", () => {
  const positives = (m: number, n: number, seed: number) => random.uniform(random.key(seed), [m, n]);

  const largestError = async (m: number, n: number): Promise<number> => {
    const [a, b] = [positives(m, DEPTH, 1), positives(DEPTH, n, 2)];
    const [x, y, got] = [await a.data(), await b.data(), await np.matmul(a, b).data()];
    let worst = 0;
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < DEPTH; k++) sum += x[i * DEPTH + k]! * y[k * n + j]!;
        worst = Math.max(worst, Math.abs(got[i * n + j]! - sum) / sum);
      }
    }
    return worst;
  };

  it.each([
    [24, 24],
    [7, 33],
    [33, 5],
  ])("%i by %i results", async (m, n) => {
    expect(await largestError(m, n)).toBeLessThan(BOUND);
  });
});
