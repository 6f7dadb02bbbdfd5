/** jax.scipy.signal and fft: oracles/scipy-signal.py wrote the expected values. */
import { defaultDevice, jit, numpy as np, scipy } from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { syncDevices } from "./devices";
import { type OracleCase, byFunction, expectCases } from "./oracle-case";
import oracle from "./oracles/scipy-signal.json";
import { Owner } from "./owner";

const cases = oracle as unknown as OracleCase[];
const { signal } = scipy;

for (const device of syncDevices) {
  describe(`equals JAX on ${device}`, () => {
    beforeAll(() => void defaultDevice(device));
    afterAll(() => void defaultDevice("wasm"));
    for (const [name, own] of byFunction(cases))
      test(`${name}: ${own.length} calls`, { timeout: 120_000 }, () => expectCases(own));
  });
}

describe("signal", () => {
  test("runs under jit", () => {
    using own = new Owner();
    const x = own.of(np.array([1, 2, 3, 2, 1, 0, 1, 2]));
    const round = own.of(jit((y) => signal.istft(signal.stft(y, { nperseg: 4 })[2])[1]));
    const back = own.of(round(x)).js() as number[];
    back.forEach((v, i) => expect(v).toBeCloseTo([1, 2, 3, 2, 1, 0, 1, 2][i]!, 5));
    const density = own.of(jit((y) => signal.welch(y, { nperseg: 4 })[1]));
    expect(own.of(density(x)).shape).toEqual([3]);
  });

  test("istft undoes stft where segments do not overlap, and of odd length", () => {
    using own = new Owner();
    const x = own.of(np.array([1, 2, 3, 2, 1, 0, 1, 2, 5]));
    const values = own.of(np.ravel(x)).js() as number[];
    for (const [o, oneSided] of [
      [{ nperseg: 4, noverlap: 0, window: "boxcar" }, true],
      [{ nperseg: 5 }, true],
      [{ nperseg: 4 }, false],
    ] as const) {
      const [, , z] = own.of(signal.stft(x, { ...o, returnOnesided: oneSided }));
      const back = own.of(signal.istft(z, { ...o, inputOnesided: oneSided }))[1].js() as number[];
      values.forEach((v, i) => expect(back[i]).toBeCloseTo(v, 5));
    }
  });

  test("a function may take trends away", () => {
    using own = new Owner();
    const x = own.of(np.arange(8));
    const [, , plain] = own.of(signal.stft(x, { nperseg: 4 }));
    const [, , twice] = own.of(signal.stft(x, { nperseg: 4, detrend: (y) => y.mul(2) }));
    expect(own.of(twice.real.sub(own.of(plain.real.mul(2)))).js()).toEqual(own.of(np.zeros([3, 5])).js());
  });

  test("errors say what to do", () => {
    using own = new Owner();
    const [x, m, none] = own.of([np.ones([6]), np.ones([2, 3]), np.ones([0])]);
    expect(() => signal.convolve(x, m)).toThrow(/as many axes/);
    expect(() => signal.convolve(x, none)).toThrow(/must not be empty/);
    expect(() => signal.convolve(x, x, "half" as "full")).toThrow(/"full", "same" or "valid"/);
    expect(() => signal.convolve(x, x, "full", "slow" as "fft")).toThrow(/"auto", "direct" or "fft"/);
    const other = own.of(np.ones([3, 2]));
    expect(() => signal.convolve(m, other, "valid")).toThrow(/at least as large along every axis/);
    expect(() => signal.convolve2d(x, x)).toThrow(/two matrices/);
    expect(() => signal.convolve2d(m, m, "full", "wrap" as "fill")).toThrow(/np\.pad/);
    expect(() => signal.fftconvolve(m, other, "full", [1])).toThrow(/axes other than \[1\]/);
    expect(() => signal.detrend(x, { type: "cubic" as "linear" })).toThrow(/"linear" or "constant"/);
    expect(() => signal.detrend(x, { bp: 9 })).toThrow(/from 0 to 6/);
    expect(() => signal.stft(x, { window: "square" })).toThrow(/window "square" is not known/);
    expect(() => signal.stft(x, { window: "kaiser" })).toThrow(/needs a parameter/);
    expect(() => signal.stft(x, { nperseg: 4, noverlap: 4 })).toThrow(/less than nperseg/);
    expect(() => signal.stft(x, { nperseg: 4, nfft: 3 })).toThrow(/at least nperseg/);
    expect(() => signal.stft(x, { boundary: "round" as "even" })).toThrow(/boundary must be/);
    expect(() => signal.stft(none)).toThrow(/empty/);
    expect(() => signal.stft(x, { detrend: "mean" as "constant" })).toThrow(/detrend must be/);
    expect(() => signal.welch(x, { scaling: "power" as "density" })).toThrow(/scaling must be/);
    expect(() => signal.welch(x, { average: "mode" as "mean" })).toThrow(/average must be/);
    expect(() => signal.istft(x)).toThrow(/frequency and time/);
    expect(() => scipy.fft.dct(x, 3)).toThrow(/only type 2/);
    expect(() => scipy.fft.dct(x, { norm: "forward" as "ortho" })).toThrow(/norm must be/);
    expect(() => scipy.fft.dct(x, { n: 0 })).toThrow(/at least 1/);
    expect(() => scipy.fft.dctn(m, { s: [2], axes: [0, 1] })).toThrow(/1 lengths for 2 axes/);
    expect(() => scipy.fft.dctn(m, { axes: [0, -2] })).toThrow(/one twice/);
  });
});
