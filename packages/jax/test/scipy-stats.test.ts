/** Distributions and functions of samples against scipy and jax: oracles/scipy-stats.py wrote the expected values. */
import { defaultDevice } from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { syncDevices } from "./devices";
import oracle from "./oracles/scipy-stats.json";
import { type Allowance, type ScipyCase, allFailures, byFunction } from "./scipy-case";

leavesArraysToCollector("thousands of values");

/** Densities and chances are exponentials; logarithms pass through 0. */
function allowed(name: string): Allowance {
  const f = name.replace(/'\d$/, "");
  return f.startsWith("log") ? { floor: 1 } : { logs: 2 };
}

for (const device of syncDevices) {
  describe(`statistics on ${device}`, () => {
    beforeAll(() => void defaultDevice(device));
    afterAll(() => void defaultDevice("wasm"));
    for (const [name, cases] of byFunction(oracle as unknown as ScipyCase[])) {
      test(
        name,
        async () => {
          const wrong = await allFailures(cases, allowed);
          expect(wrong, wrong.slice(0, 12).join("\n")).toEqual([]);
        },
        60000,
      );
    }
  });
}
