/** Reading without new arrays, and memory at its limits. */
import { type Array as JaxArray, jit, numpy as np, OutOfMemoryError } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { createWasmDevice } from "../src/devices/wasm/device";
import { testDevices } from "./devices";

describe.each(testDevices)("on %s", (device) => {
  it("dataInto fills an array of the caller's", async () => {
    using x = np.array([[1, 2, 3], [4, 5, 6]], { device }); // prettier-ignore
    const target = new Float32Array(6);
    expect(await x.dataInto(target)).toBe(target);
    expect([...target]).toEqual([1, 2, 3, 4, 5, 6]);
    using t = x.transpose();
    await t.dataInto(target);
    expect([...target]).toEqual([1, 4, 2, 5, 3, 6]);
    const wide = new Float64Array(2);
    using row = x.slice(1, [1, 3]);
    await row.dataInto(wide);
    expect([...wide]).toEqual([5, 6]);
  });

  it("dataInto of other dtypes", async () => {
    using flags = np.array([true, false], { device });
    expect([...(await flags.dataInto(new Int32Array(2)))]).toEqual([1, 0]);
    using halves = np.array([0.5, 2], { device, dtype: "float16" });
    expect([...(await halves.dataInto(new Float32Array(2)))]).toEqual([0.5, 2]);
    using none = np.zeros([0], { device });
    expect((await none.dataInto(new Float32Array(0))).length).toBe(0);
  });

  it("dataInto refuses arrays of another length", async () => {
    using x = np.array([1, 2, 3], { device });
    await expect(x.dataInto(new Float32Array(2))).rejects.toThrow(
      "dataInto: expected a typed array of 3 elements for f32[3], got a Float32Array of 2",
    );
  });
});

describe.each(testDevices.filter((d) => d !== "webgpu"))("peek on %s", (device) => {
  it("shows the elements where they lie", () => {
    using x = np.array([1, 2, 3, 4], { device });
    expect(x.peek((view) => [...view])).toEqual([1, 2, 3, 4]);
    const buffers = [x.peek((view) => view.buffer), x.peek((view) => view.buffer)];
    expect(buffers[0]).toBe(buffers[1]);
    using part = x.slice([1, 3]);
    expect(part.peek((view) => [view.buffer === buffers[0], ...view])).toEqual([true, 2, 3]);
    using reversed = np.flip(x);
    expect(reversed.peek((view) => [...view])).toEqual([4, 3, 2, 1]);
  });

  it("gives nothing to keep while tracing", () => {
    using x = np.array([1, 2], { device });
    using f = jit((y: typeof x) => y.mul(y.peek((view) => view[0]!)));
    expect(() => f(x)).toThrow("peek");
  });
});

describe("memory of wasm", () => {
  it("ends with an error that says what was asked for, and goes on", () => {
    const device = createWasmDevice({ limitBytes: 64 * 2 ** 20 });
    const blocks: unknown[] = [];
    let error: unknown;
    try {
      for (;;) blocks.push(device.malloc(2 ** 20));
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect(error).toMatchObject({ requestedBytes: 2 ** 20, limitBytes: 64 * 2 ** 20 });
    expect(blocks.length).toBeGreaterThan(55);
    for (const block of blocks) device.free(block as number);
    device.free(device.malloc(60 * 2 ** 20));
  });

  it("a result that cannot be is refused, also of a call in the background, and leaves nothing", async () => {
    using f = jit((x: JaxArray) => np.broadcastTo(x, [2 ** 14, 2 ** 16]).add(1));
    using x = np.ones([2 ** 16], { device: "wasm" });
    expect(() => f(x)).toThrow(OutOfMemoryError);
    await expect(f.async(x)).rejects.toThrow(OutOfMemoryError);
  });

  it("is used above 2 GiB, where addresses are negative as int32", () => {
    // Pages are taken from the system when they are written to: most of these are not.
    const device = createWasmDevice();
    const blocks = [device.malloc(1.5 * 2 ** 30), device.malloc(0.75 * 2 ** 30)];
    const high = device.malloc(4096) as number;
    expect(high).toBeGreaterThan(2 ** 31);
    device.write(high, "float32", new Uint8Array(new Float32Array([1, 2, 3]).buffer));
    expect([...new Float32Array(device.readSync(high, "float32", 1, 2).buffer)]).toEqual([2, 3]);
    for (const block of [...blocks, high]) device.free(block);
  });
});
