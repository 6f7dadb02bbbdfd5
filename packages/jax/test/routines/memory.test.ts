/** Tables and scratch memory of routines go with the programs that use them. */
import { init, jit, numpy as np } from "@jax-js/jax";
import { expect, it } from "vitest";
import type { WasmDevice } from "../../src/devices/wasm/device";
import { getDevice } from "../../src/runtime/registry";

await init("wasm");

it("a table is kept while a program uses it, and freed with the last one", () => {
  const device = getDevice("wasm") as WasmDevice;
  using x = np.ones([1024], { device: "wasm" });
  const transform = () => jit((y: typeof x) => np.fft.fft(y).real.add(1));
  const run = (f: ReturnType<typeof transform>): void => {
    using out = f(x);
    expect(out.dataSync()[0]).toBeCloseTo(1025, 3);
  };
  const first = transform();
  run(first);
  const before = device.ownMemory();
  const second = jit((y: typeof x) => np.fft.fft(y).real.add(2));
  using out = second(x);
  expect(out.dataSync()[0]).toBeCloseTo(1026, 3);
  first.dispose();
  // The table is still there.
  using again = second(x);
  expect(again.dataSync()).toEqual(out.dataSync());
  second.dispose();
  expect(device.ownMemory().ownBytes).toBeLessThan(before.ownBytes);
  const third = transform();
  run(third);
  expect(device.ownMemory()).toEqual(before);
  third.dispose();
});

it("much scratch memory is not kept", () => {
  const device = getDevice("wasm") as WasmDevice;
  const sorted = (n: number): void => {
    using x = np.arange(n, { device: "wasm" });
    using y = np.sort(x);
    expect(y.dataSync()[n - 1]).toBe(n - 1);
  };
  sorted(1000);
  sorted(2_000_000);
  const before = device.ownMemory().ownBytes;
  sorted(3_000_000);
  expect(device.ownMemory().ownBytes - before).toBeLessThan(2 ** 20);
});
