// `npm test`: everything a change must pass, from a fresh clone, with Node, npm and git alone.
//
// Every step runs and reports, also after another has failed. The last line is exactly
// `N passed, N failed, N skipped`: the tests of all projects, and each other step as one check. Whatever did not run
// is said loudly in the lines before it.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { build, buildWebsite, ensureBrowser, installDependencies, root } from "./setup.mjs";

const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const failures = [];
/** @type {string[]} */
const notRun = [];
/**
 * Modes of the wasm device that tests ran in.
 *
 * @type {Set<string>}
 */
const modes = new Set();
const MODE = /^wasm mode of this run (.*(?:thread|SIMD).*)$/;

/** @param {string} what @param {boolean} ok @param {number} start */
function record(what, ok, start) {
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${ok ? "ok    " : "FAILED"} ${what} (${seconds} s)\n`);
  total[ok ? "passed" : "failed"]++;
  if (!ok) failures.push(what);
}

/** @param {string} what @param {string} because */
function skip(what, because) {
  total.skipped++;
  notRun.push(`${what}: ${because}`);
}

/**
 * Runs a program of the repository's dependencies; its output comes as it is made, or in one piece at the end.
 *
 * @param {string[]} command path below the root, and arguments
 * @param {{ buffered: boolean }} how
 * @returns {Promise<number>} exit code
 */
async function runNode([path = "", ...args], { buffered }) {
  const stdio = buffered ? "pipe" : "inherit";
  // CI: no snapshot is written and no `.only` is accepted.
  const env = { ...process.env, CI: "true" };
  const child = spawn(process.execPath, [join(root, path), ...args], {
    cwd: root,
    env,
    stdio: ["ignore", stdio, stdio],
  });
  /** @type {Uint8Array[]} */
  const output = [];
  child.stdout?.on("data", (chunk) => output.push(chunk));
  child.stderr?.on("data", (chunk) => output.push(chunk));
  const code = await new Promise((resolve) => {
    child.on("error", () => resolve(1));
    child.on("close", (status) => resolve(status ?? 1));
  });
  for (const chunk of output) process.stdout.write(chunk);
  return code;
}

/** @type {[name: string, ...command: string[]][]} */
const staticChecks = [
  ["types (tsc)", "node_modules/typescript/bin/tsc", "--noEmit"],
  ["lint (eslint)", "node_modules/eslint/bin/eslint.js", "."],
  ["rooms and cycles (dependency-cruiser)", "node_modules/dependency-cruiser/bin/dependency-cruise.mjs", "packages"],
  ["format (prettier)", "node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."],
];

async function runStaticChecks() {
  const queue = [...staticChecks];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [name, ...command] = next;
      const start = performance.now();
      record(name, (await runNode(command, { buffered: true })) === 0, start);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, worker));
}

/** @typedef {{ fullName: string, status: string }} TestResult */
/** @typedef {{ name: string, status: string, assertionResults: TestResult[] }} FileResult */

async function runTests() {
  const folder = mkdtempSync(join(tmpdir(), "jax-js-test-"));
  const file = join(folder, "results.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const code = await runNode(["node_modules/vitest/vitest.mjs", "run", ...reporters], { buffered: false });
  /** @type {FileResult[]} */
  let files = [];
  try {
    files = JSON.parse(readFileSync(file, "utf8")).testResults;
  } catch {
    // No report: vitest itself failed, which its exit code says.
  }
  rmSync(folder, { recursive: true });

  const failedBefore = total.failed;
  for (const { name, status, assertionResults } of files) {
    for (const test of assertionResults) {
      const mode = MODE.exec(test.fullName)?.[1];
      if (mode && test.status === "passed") modes.add(mode);
      if (test.status === "passed") total.passed++;
      else if (test.status === "failed") {
        total.failed++;
        failures.push(`test: ${test.fullName}`);
      } else skip(`test: ${test.fullName}`, test.status);
    }
    if (status === "failed" && !assertionResults.some((test) => test.status === "failed")) {
      total.failed++;
      failures.push(`test file: ${name.slice(root.length)}`);
    }
  }
  if ((code !== 0 || files.length === 0) && total.failed === failedBefore) {
    total.failed++;
    failures.push(`vitest: exit code ${code}, ${files.length} test files`);
  }
}

/** @param {string} title @param {string[]} rows */
function banner(title, rows) {
  const shown = 40;
  if (rows.length === 0) return;
  console.log(`\n!!! ${title} (${rows.length})`);
  for (const row of rows.slice(0, shown)) console.log(`!!!   ${row}`);
  if (rows.length > shown) console.log(`!!!   and ${rows.length - shown} more`);
}

async function main() {
  let start = performance.now();
  try {
    installDependencies();
    record("install", true, start);
  } catch (error) {
    console.log(String(error));
    record("install", false, start);
    skip("everything else", "the dependencies are not there");
    return;
  }
  const browser = ensureBrowser();
  if (!browser) {
    skip("ALL BROWSER TESTS (WebGPU, WebGL, Chromium)", "no Chromium found; install one or set CHROME_PATH");
  }
  await runStaticChecks();

  start = performance.now();
  const built = build() === 0;
  record("build", built, start);
  start = performance.now();
  if (built) {
    record("bundle sizes", (await runNode(["scripts/bundle-size.mjs"], { buffered: false })) === 0, start);
    start = performance.now();
    record("website build", buildWebsite() === 0, start);
  } else {
    skip("bundle sizes", "the build failed");
    skip("website build", "the build failed");
  }

  await runTests();
}

await main();
banner("wasm ran with", [...modes].sort());
banner("NOT RUN", notRun);
banner("FAILED", failures);
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
