/** What a program computes more than once is computed once, but for what is to be computed again and what has effects. */
import { type Array as JaxArray, checkpoint, defaultDevice, grad, lax, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { syncDevices } from "./devices";
import { spec } from "./golden/show";
import { programOf } from "./program-of";
import { jit, owned, test } from "./scoped";

const kinds = (f: (...args: JaxArray[]) => unknown, ...args: JaxArray[]): string =>
  programOf(f, ...args)
    .kernels.map((k) => k.kind)
    .join(" ");

describe("equal values of a program", () => {
  const [x, w] = [spec([16, 16]), spec([16, 16])];
  const loss = (a: JaxArray, b: JaxArray): JaxArray => np.sum(np.tanh(np.matmul(a, b)));

  it("are computed once", () => {
    expect(kinds((a) => np.sort(a).add(np.sort(a)), x)).toBe("sort loop");
    expect(kinds((a) => [np.cumsum(np.exp(a), 1), np.cumsum(np.exp(a), 1)], x).split("cumulative")).toHaveLength(2);
    // The value beside the gradient is that of the forward pass.
    expect(kinds((a, b) => [loss(a, b), grad(loss)(a, b)], x, w).split("contract")).toHaveLength(3);
    // Two transposed views of one product.
    expect(
      kinds(
        (a, b) =>
          np
            .matmul(a, b)
            .transpose()
            .mul(np.sin(np.matmul(a, b).transpose())),
        x,
        w,
      ),
    ).toBe("contract");
  });

  it("stay apart behind a barrier, and where a backward pass is to compute them again", () => {
    expect(kinds((a) => np.sort(a).add(np.sort(lax.optimizationBarrier(a))), x).split("sort")).toHaveLength(3);
    const layers = (a: JaxArray): JaxArray => {
      for (let i = 0; i < 8; i++) a = np.sin(np.matmul(np.sin(np.matmul(a, a)), a));
      return np.sum(a);
    };
    const [kept, again] = [layers, checkpoint(layers)].map(
      (f) => kinds((a) => [f(a), grad(f)(a)], x).split("contract").length,
    );
    expect(again).toBeGreaterThanOrEqual(kept! + 15);
  });
});

for (const device of syncDevices) {
  describe(`equal values on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    test("are not those of another sign, dtype, or place", () => {
      const x = owned(np.array([[1, -2], [3, 4]])); // prettier-ignore
      const f = jit((a: JaxArray) => [
        a.mul(0),
        a.mul(-0),
        np.sum(a, 0),
        np.sum(a, 1),
        a.astype("int32"),
        a,
        np.sin(a),
        np.sin(a),
      ]);
      const out = f(x).map((y) => owned(y));
      expect(out[0]!.js()).toEqual([[0, -0], [0, 0]]); // prettier-ignore
      expect(out[1]!.js()).toEqual([[-0, 0], [-0, -0]]); // prettier-ignore
      expect(out.slice(2, 6).map((y) => y.js())).toEqual([[4, 2], [-1, 7], [[1, -2], [3, 4]], [[1, -2], [3, 4]]]); // prettier-ignore
      expect(out[4]!.dtype).toBe("int32");
      expect(out[6]!.js()).toEqual(out[7]!.js());
      expect(out[6] === out[7]).toBe(false);
    });
  });
}
