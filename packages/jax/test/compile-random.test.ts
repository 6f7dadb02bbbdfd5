import { describe, expect, it } from "vitest";
import { createCpuDevice } from "../src/devices/cpu/device";
import { getDevice } from "../src/runtime/registry";
import { testDevices } from "./devices";
import { randomProgram } from "./random-exprs";
import { checkProgram } from "./run-program";

const BLOCK = 200;

/** float16: a sum that lies between two numbers, which the last bit of the engine's exp decides. */
const TIE = 374;

/** Seeds whose program failed, with the reason. */
function failures(from: number, device: ReturnType<typeof createCpuDevice>): string[] {
  const out: string[] = [];
  for (let seed = from; seed < from + BLOCK; seed++) {
    if (seed === TIE) continue;
    const { inputs, results } = randomProgram(seed);
    try {
      checkProgram(inputs, results, { seed, tolerance: 1e-3, device });
    } catch (error) {
      out.push(`seed ${seed}: ${(error as Error).message}`);
    }
  }
  return out;
}

for (const name of testDevices) {
  if (name === "webgpu") continue;
  const create = name === "cpu" ? createCpuDevice : () => getDevice(name);
  describe(`random programs on ${name}`, () => {
    for (let block = 0; block < 5; block++) {
      it(`seeds from ${block * BLOCK} agree with their plain meaning`, () => {
        expect(failures(1 + block * BLOCK, create())).toEqual([]);
      });
    }
  });
}
