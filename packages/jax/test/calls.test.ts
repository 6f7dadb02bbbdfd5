/** Thousands of calls, edge cases included, give what JAX gives. */
import { defaultDevice } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { type Call, type Plain, check } from "./calls-case";
import { syncDevices } from "./devices";
import fftCalls from "./oracles/calls/fft.json";
import formCalls from "./oracles/calls/forms.json";
import laxCalls from "./oracles/calls/lax.json";
import linalgCalls from "./oracles/calls/linalg.json";
import nnCalls from "./oracles/calls/nn.json";
import numpyCalls from "./oracles/calls/numpy.json";
import randomCalls from "./oracles/calls/random.json";
import scipyCalls from "./oracles/calls/scipy.json";
import { test } from "./scoped";

interface File {
  readonly arrays: readonly Plain[];
  readonly cases: readonly Call[];
}
const files = [
  numpyCalls,
  linalgCalls,
  fftCalls,
  laxCalls,
  nnCalls,
  randomCalls,
  scipyCalls,
  formCalls,
] as unknown as readonly File[];

const groups = new Map<string, (readonly [Call, readonly Plain[]])[]>();
for (const { arrays, cases } of files)
  for (const c of cases) groups.set(c.f, [...(groups.get(c.f) ?? []), [c, arrays]]);

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));
    for (const [name, calls] of groups) {
      test(`${name}: ${calls.length} calls`, () => {
        expect(calls.map(([c, arrays]) => check(c, arrays)).filter((failure) => failure !== null)).toEqual([]);
      });
    }
  });
}
