/** Cases of independent implementations (see conformance/README.md): one test for some of a module, whose failures name the cases. */
import { DTypeError, type Device, DeviceError, defaultDevice, init } from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Case, type Suite, loadCases } from "./conformance/cases";
import { runCase } from "./conformance/run-case";
import { leavesArraysToCollector } from "../../../test/leak-rule";

leavesArraysToCollector("programs of the cases do not dispose their intermediate results");

const suites: readonly Suite[] = ["autodiff", "fuzz", "random", "numpy"];
/** Cases of a test: all of a module would take a GPU in software most of two minutes. */
const TOGETHER = 50;
/** Of those that draw thousands of samples. */
const LONG_TOGETHER = 3;
const inBrowser = typeof window !== "undefined";
const devices: readonly Device[] = inBrowser ? ["wasm", "webgpu"] : ["wasm", "cpu"];

/** Cases where JAX itself does something else than the data asks. */
const disputed: Readonly<Record<string, string>> = {
  "autodiff.kink.norm0.grad": "the gradient of norm at 0 is NaN in JAX",
  "numpy.bitwiseCount.2": "counts are uint8 in JAX, and in NumPy 2",
  "linalg.cholesky.6": "the factor of an indefinite matrix is NaN below its diagonal, zero above",
  "linalg.norm.24": "the norm overflows in XLA too",
};

const hasTag = (c: Case, tag: string): boolean => c.tags?.includes(tag) ?? false;

function casesFor(device: Device, cases: readonly Case[]): Case[] {
  // Drawing thousands of samples takes minutes on the reference device.
  return cases.filter((c) => !(c.id in disputed) && !(device === "cpu" && hasTag(c, "stat")));
}

/** What webgpu refuses by design: float64, and values of arrays as JS values at once. */
function isRefusal(device: Device, c: Case, error: unknown): boolean {
  if (device !== "webgpu") return false;
  if (error instanceof DTypeError) return JSON.stringify(c).includes("float64");
  return error instanceof DeviceError && error.message.includes("cannot be read at once");
}

async function failures(device: Device, cases: readonly Case[]): Promise<string[]> {
  const out: string[] = [];
  const refused: string[] = [];
  for (const c of cases) {
    try {
      await runCase(c);
    } catch (error) {
      if (isRefusal(device, c, error)) {
        refused.push(c.id);
        continue;
      }
      out.push(`${c.id}: ${String(error).slice(0, 300)}`);
    }
  }
  if (refused.length > 0) console.info(`${device} refuses ${refused.length} cases: ${refused.join(", ")}`);
  return out;
}

for (const suite of suites) {
  const all = await loadCases(suite);
  for (const device of devices) {
    const cases = casesFor(device, all);
    describe(`${suite} on ${device}`, () => {
      beforeAll(async () => {
        await init(device);
        defaultDevice(device);
      });
      afterAll(() => void defaultDevice("wasm"));

      for (const module of new Set(cases.map((c) => c.module))) {
        const own = cases.filter((c) => c.module === module);
        for (const isLong of [false, true]) {
          const alike = own.filter((c) => hasTag(c, "stat") === isLong);
          const together = isLong ? LONG_TOGETHER : TOGETHER;
          for (let from = 0; from < alike.length; from += together) {
            const some = alike.slice(from, from + together);
            test(
              `${module}: ${some.length} ${isLong ? "long " : ""}cases from ${from}`,
              { timeout: 120_000 },
              async () => {
                expect(await failures(device, some)).toEqual([]);
              },
            );
          }
        }
      }
    });
  }
}
