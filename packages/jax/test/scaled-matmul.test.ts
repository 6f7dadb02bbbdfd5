/** Products of operands rounded in blocks: oracles/scaled.py. */
import { type Array as JaxArray, DTypeError, ShapeError, defaultDevice, grad, nn, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import oracle from "./oracles/scaled.json";
import { owned, test } from "./scoped";

const array = ({ s, v }: { s: number[]; v: number[] }): JaxArray => np.array(Float32Array.from(v), { shape: s });
const DIMS = [[[2], [2]], [[0], [0]]] as const; // prettier-ignore

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));
    for (const [i, c] of oracle.cases.entries()) {
      test(`${c.mode} ${i}`, () => {
        const config = nn.getScaledDotGeneralConfig(c.mode as "mxfp8", c.scale);
        const out = nn.scaledDotGeneral(array(c.a), array(c.b), DIMS, { configs: [config, config] });
        const largest = Math.max(...c.out.v.map(Math.abs));
        Array.from(out.dataSync()).forEach((v, k) =>
          expect(Math.abs(v - c.out.v[k]!)).toBeLessThanOrEqual(1e-6 * largest),
        );
      });
    }
  });
}

describe("scaledMatmul", () => {
  test("multiplies scaled blocks", () => {
    const a = np.array([[[1, 2, 3, 4]]]);
    const scales = np.array([[[0.5, 10]]]);
    expect(owned(nn.scaledMatmul(a, np.ones([1, 2, 4]), scales, np.ones([1, 2, 1]))).js()).toEqual([[[71.5, 71.5]]]);
    expect(owned(nn.scaledMatmul(a, a, scales, scales, "float16")).dtype).toBe("float16");
  });
  test("gradients pass through the rounding", () => {
    const config = nn.getScaledDotGeneralConfig("nvfp4");
    const b = np.arange(16).reshape([1, 1, 16]);
    const f = (x: JaxArray): JaxArray => nn.scaledDotGeneral(x, b, DIMS, { configs: [config] }).sum();
    expect(owned(grad(f)(np.ones([1, 1, 16]))).js()).toEqual(b.js());
  });
  test("errors", () => {
    const a = np.ones([1, 2, 6]);
    expect(() => nn.scaledMatmul(a, a, np.ones([1, 2, 4]), np.ones([1, 2, 1]))).toThrow(ShapeError);
    expect(() => nn.getScaledDotGeneralConfig("fp2" as "mxfp8")).toThrow(DTypeError);
    const configs = [nn.getScaledDotGeneralConfig("mxfp8")];
    expect(() => nn.scaledDotGeneral(a, a, DIMS, { configs })).toThrow(/not a multiple of the block of 32/);
  });
});
