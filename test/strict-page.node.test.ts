/**
 * Pages in a real browser, with and without shared memory: the quickstart under a strict Content-Security-Policy, and
 * training in the background, without long tasks where memory is shared.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setDeterministic } from "@jax-js/jax";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadDigits } from "../examples/quickstart/digits.js";
import { findBrowser } from "../scripts/browser.mjs";
import { leavesArraysToCollector } from "./leak-rule";
import { deterministicBits } from "./pages/bits";
import { ISOLATED, serveFolder } from "./static-server";

leavesArraysToCollector("the model is written as users write it");

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const executablePath = findBrowser();

/** No `unsafe-eval`; where to take workers from is said by each test. */
const policy = (workers: string): Record<string, string> => ({
  "Content-Security-Policy": `default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src ${workers}`,
});

describe.skipIf(executablePath === undefined)("pages", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "jax-js-pages-"));
  let browser: Browser;

  beforeAll(async () => {
    await build({
      entryPoints: ["quickstart", "background"].map((name) => here(`./pages/${name}.ts`)),
      outdir: folder,
      bundle: true,
      format: "esm",
      splitting: true,
      minify: true,
      logLevel: "error",
      alias: {
        "@jax-js/jax": here("../packages/jax/src/index.ts"),
        "@jax-js/optax": here("../packages/optax/src/index.ts"),
      },
    });
    for (const name of ["quickstart", "background"]) {
      const script = `<script type="module" src="${name}.js"></script>`;
      writeFileSync(join(folder, `${name}.html`), `<!doctype html><title>${name}</title>${script}`);
    }
    const { pixels, labels } = loadDigits().train;
    const digits = { pixels: [...pixels.subarray(0, 256 * 64)], labels: [...labels.subarray(0, 256)] };
    writeFileSync(join(folder, "digits.json"), JSON.stringify(digits));
    browser = await chromium.launch({
      executablePath: executablePath!,
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  /** What the page reports, and what it complains about. */
  async function visit<T>(path: string, headers: Record<string, string>): Promise<{ report: T; complaints: string[] }> {
    const server = await serveFolder(folder, headers);
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`${server.url}/${path}`);
    const text = await page.locator("#report").textContent({ timeout: 50_000 });
    const report = JSON.parse(text!) as T & { error?: string };
    await page.close();
    await server.close();
    expect(report.error).toBeUndefined();
    return { report, complaints };
  }

  interface Quickstart {
    readonly losses: number[];
    readonly bits: string;
    readonly threads: number;
    readonly driverRuns: number;
  }

  const learns = ({ losses }: Quickstart): void => {
    expect(losses.length).toBe(30);
    expect(losses[0]).toBeGreaterThan(2);
    expect(losses.at(-1)).toBeLessThan(0.5);
  };

  test("a strict policy, no workers allowed, memory not shared", async () => {
    const { report, complaints } = await visit<Quickstart>("quickstart.html", policy("'none'"));
    learns(report);
    expect(report.threads).toBe(1);
    expect(complaints).toEqual([]);
  });

  test("a strict policy, workers and shared memory; the bits are those of another engine", async () => {
    const { report, complaints } = await visit<Quickstart>("quickstart.html", { ...ISOLATED, ...policy("blob:") });
    learns(report);
    expect(report.threads).toBeGreaterThan(1);
    expect(report.driverRuns).toBe(15);
    expect(complaints).toEqual([]);
    setDeterministic(true);
    const bits = deterministicBits();
    setDeterministic(false);
    expect(report.bits).toBe(bits);
  });

  test("workers that a policy refuses are done without", async () => {
    const { report, complaints } = await visit<Quickstart>("quickstart.html", { ...ISOLATED, ...policy("'self'") });
    learns(report);
    expect(report.driverRuns).toBe(0);
    // The browser itself says what it has refused.
    expect(complaints.filter((text) => !text.includes("worker-src"))).toEqual([]);
  });

  interface Background {
    readonly longTasks: number[];
    readonly frames: number;
    readonly longestFrame: number;
    /** Milliseconds of a step that is called without waiting. */
    readonly callTime: number;
    readonly steps: number;
    readonly losses: [number, number];
    readonly driverRuns: number;
  }

  for (const [name, headers] of [
    ["shared", ISOLATED],
    ["not shared", {}],
  ] as const) {
    // On a machine that does other things too, a thread may be stopped for as long as a long task takes.
    test(`frames while training in the background, memory ${name}`, { retry: 3 }, async () => {
      const { report, complaints } = await visit<Background>("background.html", headers);
      console.log(`memory ${name}:`, JSON.stringify(report));
      expect(report.steps).toBeGreaterThan(5);
      expect(report.losses[1]).toBeLessThan(report.losses[0]);
      expect(report.driverRuns > 0).toBe(name === "shared");
      // Each step would be a long task.
      expect(report.callTime).toBeGreaterThan(50);
      // Where this thread has to compute, it is free between kernels.
      if (name === "shared") expect(report.longTasks).toEqual([]);
      else expect(report.frames).toBeGreaterThan(2 * report.steps);
      expect(report.frames).toBeGreaterThan(30);
      expect(complaints).toEqual([]);
    });
  }
});
