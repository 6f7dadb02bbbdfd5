/** Parts, angle and absolute value of complex arrays, which are pairs; values of jax.numpy 0.10.2 for the same numbers. */
import { type Array as JaxArray, defaultDevice, grad, jit, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import { owned, test } from "./scoped";

const vector = (...values: readonly number[]): JaxArray => owned(np.array(values));
const value = (x: JaxArray): unknown => owned(x).js() as unknown;

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    test("of a pair", () => {
      const z = { real: vector(3, 0, -1), imag: vector(-4, 2, 0) };
      expect(value(np.real(z))).toEqual([3, 0, -1]);
      expect(value(np.imag(z))).toEqual([-4, 2, 0]);
      expect(value(np.abs(z))).toEqual([5, 2, 1]);
      expect(value(np.absolute(z))).toEqual([5, 2, 1]);
      expect(value(np.angle(z))).toEqual([-0.9272952, Math.PI / 2, Math.PI].map((v) => expect.closeTo(v, 6) as number));
      expect(value(np.angle(z, { deg: true }))).toEqual([-53.1301, 90, 180].map((v) => expect.closeTo(v, 3) as number));
      const { real, imag } = np.conj(z);
      expect([value(real), value(imag)]).toEqual([[3, 0, -1], [4, -2, -0]]); // prettier-ignore
    });

    test("of an array", () => {
      const x = vector(-2, 3);
      expect(value(np.real(x))).toEqual([-2, 3]);
      expect(value(np.imag(x))).toEqual([0, 0]);
      expect(value(np.conjugate(x))).toEqual([-2, 3]);
      expect(value(np.angle(x))).toEqual([expect.closeTo(Math.PI, 6), 0]);
    });

    test("the power spectrum and its gradient, compiled", () => {
      const power = (x: JaxArray): JaxArray => np.square(np.abs(np.fft.rfft(x))).sum();
      const f = owned(jit(power));
      expect(value(f(vector(1, 2, 3, 4)))).toBeCloseTo(112, 3);
      const slope = value(grad(power)(vector(1, 2, 3, 4))) as number[];
      expect(slope).toEqual([12, 20, 20, 28].map((v) => expect.closeTo(v, 3) as number));
    });

    test("the absolute value has derivative 0 at 0", () => {
      const size = (x: JaxArray): JaxArray => np.abs({ real: x, imag: x.mul(2) }).sum();
      expect(value(grad(size)(vector(0)))).toEqual([0]);
    });
  });
}
