/** Says in which mode the wasm device runs here; the projects of vitest.config.ts run it in all four. */
import { type Array as JaxArray, jit, nn, numThreads, numpy as np } from "@jax-js/jax";
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

describe("a sum of products", () => {
  const N = 37;
  const value = Math.fround(1 / 3);

  it("is rounded alike at every place of an array", () => {
    using f = jit((x: JaxArray, y: JaxArray) => x.mul(y).add(y.mul(0.7)).add(x));
    using x = np.full([N], value);
    using y = np.full([N], -value);
    using z = f(x, y);
    expect(new Set(z.dataSync()).size).toBe(1);
  });

  it("less the same product is 0", () => {
    using f = jit((x: JaxArray) =>
      x
        .mul(x)
        .sub(x.mul(x))
        .add(x.mul(x).add(x.mul(x).neg())),
    );
    using x = np.full([N], value);
    using z = f(x);
    expect([...z.dataSync()]).toEqual(Array<number>(N).fill(0));
  });
});
