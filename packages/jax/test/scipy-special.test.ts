/** Special functions against scipy and jax: oracles/scipy-special.py wrote the expected values. */
import { defaultDevice } from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { syncDevices } from "./devices";
import oracle from "./oracles/scipy-special.json";
import { type Allowance, type ScipyCase, byFunction, wrongDerivatives, wrongValues } from "./scipy-case";

leavesArraysToCollector("thousands of values");

/** What is not within 16 units, and why. A name with a quote and a number is the derivative in that argument. */
const ALLOWED: Readonly<Record<string, Allowance>> = {
  // Zeros between the points.
  digamma: { floor: 1 },
  "gammaln'0": { floor: 1 },
  "gamma'0": { floor: 2 },
  "factorial'0": { floor: 1 },
  "poch'1": { floor: 1 },
  "dawsn'0": { floor: 1 },
  "i1e'0": { floor: 0.1 },
  betaln: { floor: 1 },
  sici: { floor: 0.25 },
  // Exponentials of sums.
  beta: { logs: 1 },
  "beta'0": { logs: 1 },
  "beta'1": { logs: 1 },
  comb: { logs: 1 },
  gammainc: { logs: 1 },
  gammaincc: { logs: 1 },
  "gammainc'0": { logs: 1 },
  "gammainc'1": { logs: 2 },
  "gammaincc'0": { logs: 1 },
  "gammaincc'1": { logs: 2 },
  "ndtri'0": { logs: 1 },
  betainc: { logs: 1 },
  "betainc'2": { logs: 2 },
  "owensT'1": { logs: 1 },
  // Jax has no derivative in a and b.
  "betainc'0": { ulps: 64, logs: 8 },
  "betainc'1": { ulps: 64, logs: 8 },
  // 1 - y where y is rounded, as jax has it.
  "expit'0": { floor: 1 },
  "expn'0": { ulps: 24 },
  // Products of many factors.
  sphHarmY: { floor: 0.1 },
};

const allowed = (name: string): Allowance => ALLOWED[name] ?? {};

for (const device of syncDevices) {
  describe(`special functions on ${device}`, () => {
    beforeAll(() => void defaultDevice(device));
    afterAll(() => void defaultDevice("wasm"));
    for (const [name, cases] of byFunction(oracle as unknown as ScipyCase[])) {
      test(
        name,
        async () => {
          const wrong = [...(await wrongValues(cases, allowed)), ...(await wrongDerivatives(cases, allowed))];
          expect(wrong, wrong.slice(0, 12).join("\n")).toEqual([]);
        },
        60000,
      );
    }
  });
}
