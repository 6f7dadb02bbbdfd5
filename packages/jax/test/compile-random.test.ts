import { describe, expect, it } from "vitest";
import { checkProgram } from "./run-program";
import { randomProgram } from "./random-exprs";

describe("random programs", () => {
  for (let block = 0; block < 10; block++) {
    it(`${block * 40} to ${block * 40 + 39} agree with their plain meaning`, () => {
      for (let seed = block * 40; seed < block * 40 + 40; seed++) {
        const { inputs, results } = randomProgram(seed + 1);
        try {
          checkProgram(inputs, results, { seed: seed + 1, tolerance: 1e-3 });
        } catch (error) {
          throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
        }
      }
      expect(true).toBe(true);
    });
  }
});
