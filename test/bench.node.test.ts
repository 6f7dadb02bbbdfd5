/** The benchmark runs: a tiny workload with every peer, whose values are right. How fast it was says nothing here. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { PEERS } from "../bench/src/peers/peer";
import type { Result } from "../bench/src/result";
import { disagreement } from "../bench/src/workload";
import { chooseWorkloads, findWorkload } from "../bench/src/workloads/index";

const script = fileURLToPath(new URL("../bench/run.mjs", import.meta.url));

test("a table comes out, in which every peer computed the right values", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "jax-js-bench-"));
  const [json, md] = [join(folder, "result.json"), join(folder, "table.md")];
  try {
    const args = ["--only", "matmul_16", "--rounds", "1", "--budget", "1", "--json", json, "--md", md];
    const ran = spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
    expect(ran.status, ran.stderr).toBe(0);
    const { limits, rows } = JSON.parse(readFileSync(json, "utf8")) as Result;
    expect(limits.flops).toBeGreaterThan(0);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.leastMs).toBeGreaterThan(0);
    for (const peer of PEERS) {
      const cell = rows[0]!.cells[peer]!;
      expect(cell.error, peer).toBeUndefined();
      expect(cell.wrong, peer).toBeUndefined();
      expect(cell.samples.length, peer).toBeGreaterThan(0);
    }
    const line = readFileSync(md, "utf8")
      .split("\n")
      .find((text) => text.startsWith("| matmul_16 |"))!;
    expect(line.split("|").slice(2, 2 + PEERS.length)).toEqual(PEERS.map(() => expect.stringMatching(/^ \d/)));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a wrong value is found, and so is a missing one", () => {
  const workload = findWorkload("matmul_16");
  const inputs = workload.inputs();
  const at = [0, 1, 2];
  const values = Array.from(workload.reference(inputs, at));
  const { size } = workload;
  expect(disagreement(workload, { size, values }, values)).toBeNull();
  expect(disagreement(workload, { size: size - 1, values }, values)).toContain(`${size - 1} values`);
  const changed = (value: number) => ({ size, values: [values[0]!, value, values[2]!] });
  expect(disagreement(workload, changed(values[1]! + 0.1), values)).toContain("at probe 1");
  expect(disagreement(workload, changed(NaN), values)).toContain("NaN instead of");
});

test("an unknown workload is named, with those that there are", () => {
  expect(() => chooseWorkloads(["matmul_17"], [])).toThrow(/no workload matmul_17; there are matmul_256, /);
  expect(() => chooseWorkloads([], ["cooking"])).toThrow(/no suite cooking; there are matmul, conv, /);
});
