import { describe, expect, it } from "vitest";
import { TeamChoice } from "./team-choice";

/** Runs a program so many times as the choice says; `together(n)` is the time of its n-th run in a row with the team. */
function run(choice: TeamChoice, runs: number, alone: number, together: (n: number) => number): { shared: number } {
  let shared = 0;
  for (let i = 0, row = 0; i < runs; i++) {
    const withTeam = choice.wantsTeam();
    row = withTeam ? row + 1 : 0;
    if (withTeam) shared++;
    choice.add(withTeam ? together(row) : alone, withTeam);
  }
  return { shared };
}

describe("alone or together", () => {
  it("a program runs as it is faster, but for tries", () => {
    expect(run(new TeamChoice(), 1000, 1, () => 0.5).shared).toBeGreaterThan(950);
    expect(run(new TeamChoice(), 1000, 1, () => 2).shared).toBeLessThan(80);
  });

  it("a team that was late when it was tried is tried again, and its first run, from sleep, does not decide", () => {
    const choice = new TeamChoice();
    run(choice, 100, 1, () => 3);
    expect(run(choice, 500, 1, (n) => (n === 1 ? 1.5 : 0.5)).shared).toBeGreaterThan(350);
  });

  it("a team that never comes is called seldom", () => {
    const choice = new TeamChoice();
    let called = 0;
    for (let i = 0; i < 1000; i++) {
      if (choice.wantsTeam()) {
        called++;
        choice.miss();
      } else choice.add(1, false);
    }
    expect(called).toBeLessThan(80);
    expect(run(choice, 500, 1, () => 0.5).shared).toBeGreaterThan(350);
  });

  it("a team that has become slow is left", () => {
    const choice = new TeamChoice();
    run(choice, 500, 1, () => 0.5);
    expect(run(choice, 1000, 1, () => 4).shared).toBeLessThan(300);
  });
});
