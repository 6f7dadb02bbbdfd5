/**
 * The quickstart's model in training, killed again and again and resumed from its checkpoints: the loss curve is that of
 * a run which nobody disturbed, bit for bit. In a process of Node, saving to disk, and in a page of Chromium, saving to
 * the origin private file system.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, type BrowserContext, chromium } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadDigits } from "../../../examples/quickstart/digits.js";
import { findBrowser } from "../../../scripts/browser.mjs";
import { type StaticServer, serveFolder } from "../../../test/static-server";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "jax-js-resume-"));

const N_STEPS = 60;
/** The run is killed when it has told its loss this often; the last time it comes to its end. */
const KILL_AFTER = [10, 14, 11, 13, Infinity];

/** Model, optimizer state, key of the noise and position in the shuffled data make up the state of the run. */
const code = `
import { defaultDevice, init, jit, nn, numpy as np, random, tree, valueAndGrad } from "@jax-js/jax";
import { CheckpointManager, data } from "@jax-js/loaders";
import { adam, applyUpdates } from "@jax-js/optax";
import { mlp } from "../../../examples/quickstart/models.js";

export async function train(digits, place, report) {
  await init("wasm");
  defaultDevice("wasm");
  const examples = data.MapDataset.source(data.arraySource({ x: new data.HostArray(digits.pixels, [digits.count, 64]), y: digits.labels }));
  const batches = examples.shuffle(7).repeat().batch(64).toIterDataset({ prefetch: 2 })[Symbol.asyncIterator]();
  const optimizer = adam(2e-3);
  const step = jit(({ params, optState, key }, x, y) => {
    const [next, sub] = random.split(key);
    const noisy = x.add(random.normal(sub, x.shape).mul(0.05));
    const loss = (p) => nn.logSoftmax(mlp.apply(p, noisy)).mul(nn.oneHot(y, 10)).sum(-1).mean().neg();
    const [value, grads] = valueAndGrad(loss)(params);
    const [updates, after] = optimizer.update(grads, optState, params);
    return [{ params: applyUpdates(params, updates), optState: after, key: next }, value];
  });

  const manager = new CheckpointManager(place, { maxToKeep: 2, saveIntervalSteps: 3 });
  const params = mlp.init(random.key(0));
  let state = { params, optState: optimizer.init(params), key: random.key(1) };
  let at = (await manager.latestStep()) ?? 0;
  if (at > 0) {
    const saved = await manager.restore(at, { like: { ...state, position: batches.getState() } });
    batches.setState(saved.position);
    state = { params: saved.params, optState: saved.optState, key: saved.key };
  }
  while (at < ${N_STEPS}) {
    const { value: batch } = await batches.next();
    const [next, loss] = step(state, batch.x, batch.y);
    const value = await loss.data();
    tree.dispose([state, batch, loss]);
    state = next;
    at++;
    await report(at, new Uint32Array(value.buffer, value.byteOffset, 1)[0]);
    const saved = manager.save(at, { ...state, position: batches.getState() });
    // Others go on while they are written, and the kill may come meanwhile.
    if (at % 9 === 0) await saved;
  }
  await manager.waitUntilFinished();
}
`;

const inNode = `
import { readFileSync } from "node:fs";
const [, , digits, place] = process.argv;
const { pixels, labels, count } = JSON.parse(readFileSync(digits, "utf8"));
const report = (step, bits) => new Promise((done) => process.send([step, bits], done));
await train({ pixels: Float32Array.from(pixels), labels: Int32Array.from(labels), count }, place, report);
process.disconnect();
`;

const inPage = `
const { pixels, labels, count } = await (await fetch("digits.json")).json();
const place = new URLSearchParams(location.search).get("place");
await train({ pixels: Float32Array.from(pixels), labels: Int32Array.from(labels), count }, place, report);
await report(-1, 0);
`;

async function bundle(main: string, file: string): Promise<void> {
  const sources = ["jax", "loaders", "optax"].map((name) => [`@jax-js/${name}`, here(`../../${name}/src/index.ts`)]);
  await build({
    stdin: { contents: code + main, resolveDir: here(".") },
    alias: Object.fromEntries(sources) as Record<string, string>,
    bundle: true,
    format: "esm",
    platform: "neutral",
    external: ["node:*"],
    target: "es2022",
    outfile: join(folder, file),
  });
}

beforeAll(async () => {
  const { pixels, labels, count } = loadDigits().train;
  writeFileSync(join(folder, "digits.json"), JSON.stringify({ pixels: [...pixels], labels: [...labels], count }));
  writeFileSync(join(folder, "index.html"), `<!doctype html><script type="module" src="page.js"></script>`);
  await bundle(inNode, "train.mjs");
  await bundle(inPage, "page.js");
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the training at a place, kills it after so many reports, and gives what it reported: step and bits of the loss. */
type Run = (place: string, killAfter: number) => Promise<[number, number][]>;

async function resumesExactly(run: Run): Promise<void> {
  const whole = await run("whole", Infinity);
  expect(whole.map(([step]) => step)).toEqual(Array.from({ length: N_STEPS }, (_, i) => i + 1));
  const curve = new Map(whole);
  expect(new Set(curve.values()).size).toBe(N_STEPS);
  const starts: number[] = [];
  for (const killAfter of KILL_AFTER) {
    const reports = await run("killed", killAfter);
    starts.push(reports[0]![0]);
    for (const [step, bits] of reports) expect(bits, `loss of step ${step}`).toBe(curve.get(step));
    if (killAfter === Infinity) expect(reports.at(-1)![0]).toBe(N_STEPS);
  }
  // It went on from checkpoints, each time from a later one.
  expect(starts[0]).toBe(1);
  for (let i = 1; i < starts.length; i++) {
    expect(starts[i]! % 3).toBe(1);
    expect(starts[i]!).toBeGreaterThan(starts[i - 1]!);
  }
}

test("in Node, to disk, killed by a signal", { timeout: 120_000 }, async () => {
  await resumesExactly((place, killAfter) => {
    const args = [join(folder, "train.mjs"), join(folder, "digits.json"), join(folder, place)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const reports: [number, number][] = [];
    child.on("message", (message) => {
      reports.push(message as [number, number]);
      if (reports.length === killAfter) child.kill("SIGKILL");
    });
    return new Promise((resolve, reject) => {
      child.once("exit", (status, signal) => {
        const asMeant = killAfter === Infinity ? status === 0 : signal === "SIGKILL";
        if (asMeant) resolve(reports.slice(0, killAfter));
        else reject(new Error(`the training ended with ${status ?? signal}`));
      });
    });
  });
});

const executablePath = findBrowser();

// A browser is needed; `npm test` sees to it.
describe.skipIf(executablePath === undefined)("in Chromium", () => {
  let server: StaticServer;
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    server = await serveFolder(folder);
    browser = await chromium.launch({
      executablePath: executablePath!,
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    });
    context = await browser.newContext();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Ends the process of a page at once. */
  async function run(place: string, killAfter: number): Promise<[number, number][]> {
    const page = await context.newPage();
    const reports: [number, number][] = [];
    const session = await context.newCDPSession(page);
    const end = new Promise<void>((resolve, reject) => {
      page.once("crash", () => resolve());
      page.once("pageerror", reject);
      void page.exposeFunction("report", (step: number, bits: number) => {
        if (step < 0) return resolve();
        reports.push([step, bits]);
        if (reports.length === killAfter) session.send("Page.crash").catch(() => undefined);
      });
    });
    await page.goto(`${server.url}/index.html?place=${place}`);
    await end;
    await page.close();
    return reports.slice(0, killAfter);
  }

  test("to the origin private file system, its process crashed", { timeout: 120_000 }, () => resumesExactly(run));
});
