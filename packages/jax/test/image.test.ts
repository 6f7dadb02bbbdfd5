/** jax.image and jax.scipy.ndimage: oracles/image.py wrote the expected values. */
import { defaultDevice, image, jit, numpy as np, scipy } from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { syncDevices } from "./devices";
import { Owner } from "./owner";
import { type OracleCase, byFunction, expectCases } from "./oracle-case";
import oracle from "./oracles/image.json";

const cases = oracle as unknown as OracleCase[];

for (const device of syncDevices) {
  describe(`equals JAX on ${device}`, () => {
    beforeAll(() => void defaultDevice(device));
    afterAll(() => void defaultDevice("wasm"));
    for (const [name, own] of byFunction(cases))
      test(`${name}: ${own.length} calls`, { timeout: 120_000 }, () => expectCases(own));
  });
}

describe("image", () => {
  test("runs under jit", () => {
    using own = new Owner();
    const x = own.of(np.array([[1, 3, 5]]));
    const f = own.of(jit((y) => image.resize(y, [2, 2], "linear", { antialias: false })));
    expect(own.of(f(x)).js()).toEqual([
      [1.5, 4.5],
      [1.5, 4.5],
    ]);
    const at = own.of(np.zeros([2]));
    const g = own.of(jit((y, c) => scipy.ndimage.mapCoordinates(y, [at, c], 1)));
    expect(own.of(g(x, own.of(np.array([0.5, 1])))).js()).toEqual([2, 3]);
  });

  test("errors say what to do", () => {
    using own = new Owner();
    const [x, one, none] = own.of([np.ones([2, 3]), np.ones([1]), np.ones([0, 3])]);
    expect(() => image.resize(x, [4], "linear")).toThrow(/a size for each axis/);
    expect(() => image.resize(x, [4, 4], "sharp" as "linear")).toThrow(/"sharp" is not known; expected one of/);
    expect(() => image.resize(x, [4, -1], "linear")).toThrow(/whole numbers/);
    expect(() => image.resize(none, [4, 3], "linear")).toThrow(/no pixels/);
    expect(() => image.scaleAndTranslate(x, [4, 4], [0], one, one, "linear")).toThrow(/not one of spatialDims/);
    expect(() => image.scaleAndTranslate(x, [2, 3], [0], one, one, "nearest")).toThrow(/use resize/);
    expect(() => image.scaleAndTranslate(x, [2, 3], [0, 1], one, one, "linear")).toThrow(/for each of 2 spatial axes/);
    expect(() => scipy.ndimage.mapCoordinates(x, [one], 1)).toThrow(/for each axis/);
    expect(() => scipy.ndimage.mapCoordinates(x, [one, one], 2)).toThrow(/order must be 0 or 1/);
    expect(() => scipy.ndimage.mapCoordinates(x, [one, one], 1, "grid" as "wrap")).toThrow(/"grid" is not known/);
  });
});
