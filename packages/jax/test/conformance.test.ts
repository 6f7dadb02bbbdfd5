/** Cases of independent implementations (see conformance/README.md): one test a module, whose failures name the cases. */
import { type Device, defaultDevice, init } from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Case, type Suite, loadCases } from "./conformance/cases";
import { runCase } from "./conformance/run-case";

const suites: readonly Suite[] = ["autodiff", "fuzz", "random", "numpy"];
const inBrowser = typeof window !== "undefined";
const devices: readonly Device[] = inBrowser ? ["wasm", "webgpu"] : ["wasm", "cpu"];

async function failures(cases: readonly Case[]): Promise<string[]> {
  const out: string[] = [];
  for (const c of cases) {
    try {
      await runCase(c);
    } catch (error) {
      out.push(`${c.id}: ${String(error).slice(0, 300)}`);
    }
  }
  return out;
}

for (const suite of suites) {
  const cases = await loadCases(suite);
  for (const device of devices) {
    describe(`${suite} on ${device}`, () => {
      beforeAll(async () => {
        await init(device);
        defaultDevice(device);
      });
      afterAll(() => void defaultDevice("wasm"));

      for (const module of new Set(cases.map((c) => c.module))) {
        const own = cases.filter((c) => c.module === module);
        test(`${module}: ${own.length} cases`, { timeout: 120_000 }, async () => {
          expect(await failures(own)).toEqual([]);
        });
      }
    });
  }
}
