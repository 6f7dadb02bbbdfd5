import { describe, expect, it } from "vitest";
import { BurstChoice } from "./burst-choice";

/** Of so many runs, those in bursts; the first two take long. */
function run(choice: BurstChoice, runs: number, direct: number, inBursts: number): number {
  let count = 0;
  for (let i = 0; i < runs; i++) {
    const wanted = choice.wantsBursts();
    if (wanted) count++;
    choice.add(i < 2 ? 100 : wanted ? inBursts : direct, wanted);
  }
  return count;
}

describe("bursts or none", () => {
  it("a program runs as it is faster, but for tries", () => {
    expect(run(new BurstChoice(), 1000, 1, 0.8)).toBeGreaterThan(950);
    expect(run(new BurstChoice(), 1000, 1, 1.2)).toBeLessThan(40);
  });

  it("where a clock does not tell, there are none", () => {
    expect(run(new BurstChoice(), 1000, 0, 0)).toBeLessThan(40);
    expect(run(new BurstChoice(), 1000, 1, 0.99)).toBeLessThan(40);
  });

  it("a machine that changes is noticed", () => {
    const choice = new BurstChoice();
    run(choice, 200, 1, 1.2);
    run(choice, 1000, 1, 0.8);
    expect(run(choice, 100, 1, 0.8)).toBeGreaterThan(90);
    expect(choice.areFaster).toBe(true);
  });
});
