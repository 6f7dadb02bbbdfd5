/** Library functions that are one program where they are called on arrays. */
import { type Array as JaxArray, grad, makeJaxpr, nn, numpy as np, random, vmap } from "@jax-js/jax";
import { describe, expect } from "vitest";
import type { WasmDevice } from "../src/devices/wasm/device";
import { getDevice } from "../src/runtime/registry";
import { eagerProgram } from "../src/transforms/eager-program";
import { jit, owned, test } from "./scoped";

const ramp = (...shape: number[]): JaxArray => {
  const n = shape.reduce((a, b) => a * b, 1);
  return owned(
    np.array(
      Float32Array.from({ length: n }, (_, i) => Math.sin(i * 1.7) * 3),
      { shape },
    ),
  );
};
const close = (got: JaxArray, want: JaxArray): void => {
  const [g, w] = [owned(got).dataSync(), owned(want).dataSync()];
  expect(got.shape).toEqual(want.shape);
  for (let i = 0; i < w.length; i++) expect(Math.abs(Number(g[i]) - Number(w[i]))).toBeLessThan(1e-5);
};

describe("a library function called on an array", () => {
  test("gives what it gives inside of a compiled function, for arrays, views and settings", () => {
    const x = ramp(6, 10);
    const turned = owned(x.transpose());
    const settings = [undefined, 0, [0, 1], { axis: 0 }, -1] as const;
    for (const axis of settings)
      for (const y of [x, turned])
        close(nn.softmax(y, axis as number), jit((z: JaxArray) => nn.softmax(z, axis as number))(y));
    for (const f of [nn.relu, nn.gelu, nn.silu, nn.elu, nn.logSoftmax, nn.standardize])
      for (const y of [x, turned]) close(f(y), jit((z: JaxArray) => f(z))(y));
    close(nn.gelu(x, { approximate: false }), jit((z: JaxArray) => nn.gelu(z, false))(x));
    close(nn.leakyRelu(x, 0.3), jit((z: JaxArray) => nn.leakyRelu(z, 0.3))(x));
  });

  test("is compiled once for all sizes", () => {
    const { generic } = getDevice("wasm") as WasmDevice;
    const run = (n: number): void => void owned(nn.softmax(ramp(n + 2, 7 + 3 * n)));
    for (let n = 30; n < 34; n++) run(n);
    const before = generic.size;
    for (let n = 34; n < 70; n++) run(n);
    expect(generic.size - before).toBeLessThan(3);
  });

  test("is compiled once for all sizes also where it divides by one", () => {
    const { generic } = getDevice("wasm") as WasmDevice;
    const run = (n: number): void => {
      const x = ramp(n + 2, 7 + 3 * n);
      for (const f of [np.mean, np.var_, np.std]) for (const axis of [null, 0, 1]) owned(f(x, axis));
    };
    for (let n = 30; n < 34; n++) run(n);
    const before = generic.size;
    for (let n = 34; n < 50; n++) run(n);
    expect(generic.size - before).toBeLessThan(3);
  });

  test("takes arrays among the settings, lists and numbers as it did", () => {
    const mask = owned(np.array([true, false, true]));
    expect(owned(nn.softmax(owned(np.array([1, 5, 1])), { where: mask })).js()).toEqual([0.5, 0, 0.5]);
    expect(owned(nn.relu(-3)).js()).toBe(0);
    expect(owned(nn.elu(owned(np.array([1, 2])), owned(np.array([1, 1])))).js()).toEqual([1, 2]);
  });

  test("is compiled once for all sizes also where indices may be outside", () => {
    const device = getDevice("wasm") as WasmDevice;
    const table = ramp(100, 101);
    device.forgetKernels();
    for (const n of [300, 301, 302]) {
      const rows = owned(np.take(table, owned(np.full([n], 7, "int32")), 0));
      expect(owned(rows.slice(n - 1)).js()).toEqual(owned(table.slice(7)).js());
    }
    // One for the rows, one for full, one for each kind of slice: none of them again for another n.
    expect(device.generic.size).toBeGreaterThan(0);
    expect(device.generic.size).toBeLessThan(6);
  });

  test("takes settings as they are at the call, whatever their lists and objects are later", () => {
    const x = ramp(3, 4);
    const axes = [0];
    const program = (): JaxArray => owned(nn.softmax(x, axes));
    const rows = owned(jit((z: JaxArray) => nn.softmax(z, 0))(x));
    const columns = owned(jit((z: JaxArray) => nn.softmax(z, 1))(x));
    close(program(), rows);
    axes[0] = 1;
    close(program(), columns);
    axes[0] = 0;
    close(program(), rows);
    const options: { axis?: number | undefined; mode?: "clip" } = { axis: undefined };
    const far = owned(np.array([0, 99], { dtype: "int32" }));
    expect(owned(np.take(x, far, options)).js()[1]).toBeNaN();
    expect(owned(np.take(x, far, { mode: "clip" })).js()).toEqual([x.dataSync()[0], x.dataSync()[11]]);
  });

  test("takes several arrays, and numbers as scalars of one program", () => {
    const { generic } = getDevice("wasm") as WasmDevice;
    const x = ramp(5, 7);
    const run = (low: number): void => {
      const want = Array.from(x.dataSync(), (v) => Math.min(2, Math.max(Math.fround(low), Number(v))));
      expect(Array.from(owned(np.clip(x, low, 2)).dataSync())).toEqual(want);
    };
    run(-1);
    const before = generic.size;
    for (let i = 0; i < 20; i++) run(-(i + 1) / 10);
    expect(generic.size).toBe(before);
    const ints = owned(np.array([1, 5, 9], { dtype: "int32" }));
    expect(owned(np.clip(ints, 2, 6)).dtype).toBe("int32");
    expect(owned(np.clip(ints, 2.5, 6)).js()).toEqual([2.5, 5, 6]);
    const far = owned(np.array([-1, 2, 99], { dtype: "int32" }));
    const vector = ramp(4);
    const [a, , c, d] = Array.from(vector.dataSync(), Number);
    expect(owned(vector.slice(far)).js()).toEqual([d, c, d]);
    expect(owned(vector.at(far).set(a!)).js()).toEqual([a, vector.dataSync()[1], a, a]);
  });

  test("gives the same of much as of little", () => {
    const x = ramp(300, 300);
    const data = x.dataSync();
    const places = Int32Array.from({ length: 300 }, (_, i) => ((i * 7) % 600) - 300);
    const index = owned(np.array(places));
    const wanted = (at: (row: number, place: number) => number): number[] =>
      Array.from({ length: 300 * 300 }, (_, k) => Number(data[at(Math.floor(k / 300), k % 300)]));
    const from = (i: number): number => (places[i]! + 300) % 300;
    const columns = wanted((row, k) => row * 300 + from(k));
    const rows = wanted((row, k) => from(row) * 300 + k);
    expect(Array.from(owned(np.take(x, index, 1)).dataSync())).toEqual(columns);
    expect(Array.from(owned(np.take(x, index, -1)).dataSync())).toEqual(columns);
    expect(Array.from(owned(np.take(x, index, 0)).dataSync())).toEqual(rows);
    expect(Array.from(owned(x.slice([], index)).dataSync())).toEqual(columns);
    expect(Array.from(owned(x.slice(index)).dataSync())).toEqual(rows);
    const key = owned(random.key(3));
    close(owned(random.normal(key, [70_000])).slice([0, 100]), random.normal(key, [100]));
  });

  test("is recorded operation by operation in transformations", () => {
    expect(makeJaxpr(nn.silu)(np.array(0.5)).toString()).not.toContain("jit");
    const x = ramp(4, 5);
    const slope = owned(grad((y: JaxArray) => nn.silu(y).sum())(x)).dataSync();
    owned(x)
      .dataSync()
      .forEach((v, i) => {
        const s = 1 / (1 + Math.exp(-Number(v)));
        expect(Math.abs(Number(slope[i]) - s * (1 + Number(v) * (1 - s)))).toBeLessThan(1e-5);
      });
    close(vmap((y: JaxArray) => nn.softmax(y))(x), nn.softmax(x));
  });

  test("is traced once for a shape, also if it makes arrays of its own and is no program then", () => {
    let nCalls = 0;
    const f = eagerProgram(function shifted(x: JaxArray): JaxArray {
      nCalls++;
      return x.add(owned(np.array([1, 2])));
    });
    const x = owned(np.array([3, 4]));
    for (let i = 0; i < 5; i++) expect(owned(f(x)).js()).toEqual([4, 6]);
    expect(nCalls).toBe(6);
  });

  test("keeps its name, and its errors", () => {
    const f = eagerProgram(function doubled(x: JaxArray): JaxArray {
      return x.add(x);
    });
    expect(f.name).toBe("doubled");
    expect(() => nn.softmax(ramp(2, 3), 5)).toThrow(/softmax/);
    const gone = np.array([1, 2]);
    gone.dispose();
    expect(() => nn.relu(gone)).toThrow(/dispose/);
  });
});
