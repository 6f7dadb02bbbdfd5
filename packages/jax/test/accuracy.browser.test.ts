/** Errors of elementary functions on webgpu, in units of the last place of float32, against JS's float64. */
import { type Array as JaxArray, defaultDevice, init, lax, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { UNARY, note32, nothing, points } from "./accuracy-points";

leavesArraysToCollector("values are the subject here");

const available = await init("webgpu");

/** Shader compilers may reorder sums, which costs some functions part of a unit. */
const BOUND: Readonly<Record<string, number>> = { tan: 4 };
const LEAST_NORMAL = 2 ** -126;

describe.skipIf(available.length === 0)("elementary functions on webgpu", () => {
  beforeAll(() => defaultDevice("webgpu"));
  for (const [name, exact] of Object.entries(UNARY)) {
    const bound = BOUND[name] ?? 3;
    it(`${name} is within ${bound} units`, async () => {
      const xs = points(2 ** 14, 7);
      const f = { ...lax, ...np }[name as "exp"] as (x: JaxArray) => JaxArray;
      const ys = await f(np.array(xs)).data();
      const worst = nothing();
      xs.forEach((x, i) => {
        // Denormal numbers may be flushed to 0.
        if (Math.abs(x) < LEAST_NORMAL || Math.abs(exact(x)) < LEAST_NORMAL) return;
        note32(worst, Number(ys[i]), exact(x), [x]);
      });
      expect(worst.wrong, `special values, as at ${worst.at.join()}`).toBe(0);
      expect(worst.ulp, `at ${worst.at.join()}`).toBeLessThan(bound);
    });
  }
});
