/** Says in which mode the wasm device runs here; the projects of vitest.config.ts run it in all four. */
import { type Array as JaxArray, grad, jit, nn, numThreads, numpy as np, owned } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import type { WasmDevice } from "../src/devices/wasm/device";
import { getDevice } from "../src/runtime/registry";
import { wasmFeatures } from "../src/targets/wasm/features";

const device = getDevice("wasm") as WasmDevice;
/** What the project wants; the others take what there is. */
const env = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env ?? {};
const { WASM_THREADS: threads, WASM_RELAXED: relaxed } = env;

const mode = `${device.numThreads > 1 ? "threads" : "one thread"}, ${device.features.relaxed ? "relaxed SIMD" : "plain SIMD"}`;

describe("wasm mode of this run", () => {
  const missing = relaxed === "1" && !wasmFeatures().relaxed;
  it.skipIf(missing)(`${threads === undefined ? "by default: " : ""}${mode}`, () => {
    if (relaxed !== undefined) expect(device.features.relaxed).toBe(relaxed === "1");
    if (threads !== undefined) expect(numThreads()).toBe(Number(threads));
  });

  if (Number(threads) > 1)
    it("the team takes part in a small program", () => {
      using f = jit((x: JaxArray) => nn.softmax(np.matmul(x, x), -1));
      using x = np.ones([4, 4]);
      const before = device.team!.nShared;
      using y = f(x);
      expect(y.dataSync()[0]).toBeCloseTo(0.25, 5);
      expect(device.team!.nShared).toBeGreaterThan(before);
    });
});

describe("a product and a sum", () => {
  it("are rounded alike in every kernel that computes them: a derivative asks which of two values was the greater", () => {
    const square = (from: number, to: number): JaxArray => owned(() => np.linspace(from, to, 64).reshape([8, 8]));
    using x = square(-2, 2);
    using y = square(0.313, 0.7);
    const f = (a: JaxArray): JaxArray => {
      const product = a.mul(y);
      const clipped = np.maximum(product.add(0.1), -0.5);
      // The matrix product has the greater one in memory; the gradient needs the product once more, for its sine.
      return np.sum(np.matmul(clipped, clipped)).add(np.sum(np.sin(product)));
    };
    using g = jit(grad(f));
    using got = g(x);
    const [xs, ys] = [[...x.dataSync()], [...y.dataSync()]];
    const c = xs.map((a, i) => Math.max(a * ys[i]! + 0.1, -0.5));
    const sum = (of: (k: number) => number): number => [...Array(8).keys()].reduce((s, k) => s + of(k), 0);
    got.dataSync().forEach((v, i) => {
      const [row, column] = [i >> 3, i & 7];
      const slope = sum((k) => c[8 * column + k]!) + sum((k) => c[8 * k + row]!);
      const inside = xs[i]! * ys[i]! + 0.1 > -0.5;
      expect(v).toBeCloseTo(ys[i]! * ((inside ? slope : 0) + Math.cos(xs[i]! * ys[i]!)), 4);
    });
  });
});
