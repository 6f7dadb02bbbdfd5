/** Distributions and functions of samples against scipy and jax: oracles/scipy-stats.py wrote the expected values. */
import { defaultDevice } from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { testDevices } from "./devices";
import oracle from "./oracles/scipy-stats.json";
import {
  type Allowance,
  type ScipyCase,
  byFunction,
  hasDerivatives,
  wrongDerivatives,
  wrongValues,
} from "./scipy-case";

leavesArraysToCollector("thousands of values");

/** Densities and chances are exponentials; logarithms pass through 0. */
function allowed(name: string): Allowance {
  const f = name.replace(/'\d$/, "");
  return f.startsWith("log") ? { floor: 1 } : { logs: 2 };
}

/** Derivatives that webgpu does not have, and why. */
const WITHOUT: Readonly<Record<string, string>> = {
  "stats.chi2.logcdf": "a term is subnormal, which GPUs take for 0: 6e-4 off at 1e-36",
  "stats.binom.pmf": "it is divided by the mean first, and then subnormal: 3e-3 off at 1e-38",
  "stats.beta.sf": "minus that of cdf, half a minute of compiling on a GPU in software",
  "stats.beta.logsf": "that of sf over sf, half a minute of compiling on a GPU in software",
  "stats.beta.logcdf": "that of cdf over cdf, half a minute of compiling on a GPU in software",
};

for (const device of testDevices) {
  describe(`statistics on ${device}`, () => {
    beforeAll(() => void defaultDevice(device));
    afterAll(() => void defaultDevice("wasm"));
    for (const [name, cases] of byFunction(oracle as unknown as ScipyCase[])) {
      test(name, async () => {
        const wrong = await wrongValues(cases, allowed);
        expect(wrong, wrong.slice(0, 12).join("\n")).toEqual([]);
      });
      if (!hasDerivatives(cases)) continue;
      const without = device === "webgpu" ? WITHOUT[name] : undefined;
      test.skipIf(without !== undefined)(
        `derivatives of ${name}${without === undefined ? "" : `: ${without}`}`,
        async () => {
          const wrong = await wrongDerivatives(cases, allowed);
          expect(wrong, wrong.slice(0, 12).join("\n")).toEqual([]);
        },
        60000,
      );
    }
  });
}
