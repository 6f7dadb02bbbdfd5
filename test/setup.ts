/**
 * Around every test: each array that it made must be disposed when it ends. Files share a process, and begin on wasm.
 * Nothing is tuned, so that what an earlier run found on this machine changes nothing.
 */
import { checkLeaks, defaultDevice, setTuning, tuning } from "@jax-js/jax";
import { afterEach, beforeAll, beforeEach } from "vitest";
import "./equal-numbers";
import { leaksExcused, resetLeakRule } from "./leak-rule";

resetLeakRule();

// Before the file is read, for arrays that it makes at its top, and before its tests, for files that are read together.
defaultDevice("wasm");
beforeAll(() => void defaultDevice("wasm"));
if (tuning().mode !== "off") setTuning("off");

beforeEach(() => {
  if (!leaksExcused() && !checkLeaks.active) checkLeaks.start();
});

afterEach((context) => {
  if (!checkLeaks.active) return;
  const report = checkLeaks.stop();
  // A test that failed half-way has not come to its disposals; its own error is the one to show.
  if (leaksExcused() || context.task.result?.state === "fail" || report.leaked === 0) return;
  throw new Error(
    `${report.summary}\nDispose them, or call leavesArraysToCollector(because) at the top of the test file.`,
  );
});
