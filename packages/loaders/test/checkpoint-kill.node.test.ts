/** A process that is killed while it saves: what it leaves behind can be restored, and training goes on. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Array as JaxArray } from "@jax-js/jax";
import { CheckpointManager, nodeStore } from "@jax-js/loaders";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rng } from "./random-bytes";

const source = (path: string) => fileURLToPath(new URL(`../../${path}/src/index.ts`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "jax-js-kill-"));
const program = join(folder, "train.mjs");

/** Goes on from the last checkpoint; each step adds one to all elements. */
const code = `
import { numpy as np } from "@jax-js/jax";
import { CheckpointManager, nodeStore } from "@jax-js/loaders";
const manager = new CheckpointManager(nodeStore(process.argv[2]), { maxToKeep: 3 });
let step = await manager.latestStep() ?? 0;
let w = step > 0 ? (await manager.restore()).w : np.zeros([200000]);
process.send("ready");
for (;;) {
  w = w.add(1);
  await manager.save(++step, { w, step });
  process.send("saved");
}
`;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder },
    alias: { "@jax-js/jax": source("jax"), "@jax-js/loaders": source("loaders") },
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "node20",
  });
  writeFileSync(program, outputFiles[0]!.contents);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the program, and kills it some time after it begins to save, or has saved once. */
function runAndKill(ms: number, after: "ready" | "saved"): Promise<void> {
  const child = spawn(process.execPath, [program, join(folder, "run")], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  let waits = true;
  child.on("message", (what) => {
    if (what === after && waits) setTimeout(() => child.kill("SIGKILL"), ms);
    waits &&= what !== after;
  });
  return new Promise((resolve, reject) => {
    child.once("exit", (status) => (status === null ? resolve() : reject(new Error(`it ended by itself: ${status}`))));
  });
}

test("every checkpoint that is there is whole, and steps never go back", { timeout: 60_000 }, async () => {
  const rng = new Rng(5);
  let last = 0;
  for (let i = 0; i < 6; i++) {
    await runAndKill(rng.below(120), i % 2 === 0 ? "ready" : "saved");
    const manager = new CheckpointManager(nodeStore(join(folder, "run")));
    const steps = await manager.allSteps();
    expect(steps.length).toBeLessThanOrEqual(4);
    for (const step of steps) {
      const state = await manager.restore<{ w: JaxArray; step: number }>(step);
      expect(state.step).toBe(step);
      const values = new Set(await state.w.data());
      expect([...values]).toEqual([step]);
      state.w.dispose();
    }
    const latest = steps.at(-1) ?? 0;
    expect(latest).toBeGreaterThanOrEqual(last);
    last = latest;
  }
  expect(last).toBeGreaterThan(0);
});
