/** The built website in a real browser: the pages open, a classifier learns, and a drawn digit is recognised as one. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, type Page, chromium } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findBrowser, gpuFlags } from "../scripts/browser.mjs";
import { type StaticServer, serveFolder } from "./static-server";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const executablePath = findBrowser();
const isBuilt = existsSync(here("../website/build/index.html"));

// `npm test` builds the site and finds a browser before it comes to this.
describe.skipIf(executablePath === undefined || !isBuilt)("website", { timeout: 60_000 }, () => {
  let server: StaticServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await serveFolder(here("../website/build"));
    const args = ["--no-sandbox", "--disable-dev-shm-usage", ...gpuFlags];
    browser = await chromium.launch({ executablePath: executablePath!, args });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** A page, and what it complains about. */
  async function open(path: string): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("response", (r) => r.status() >= 400 && complaints.push(`${r.status()} ${r.url()}`));
    await page.goto(server.url + path);
    return { page, complaints };
  }

  test("the home page leads to the digits", async () => {
    const { page, complaints } = await open("/");
    await page.getByRole("link", { name: "Train a classifier" }).click();
    await page.getByRole("heading", { name: "Handwritten digits" }).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  for (const device of ["wasm", "webgpu"]) {
    test(`fifty steps on ${device} lower the loss, and a drawn digit gets a prediction`, async () => {
      const { page, complaints } = await open("/mnist/");
      const select = page.getByLabel("device");
      await page.waitForFunction("document.querySelectorAll('select option').length > 0");
      await select.selectOption(device);
      const button = page.getByTestId("train");
      await button.click();
      const loss = async (): Promise<number> => Number(await page.getByTestId("loss").textContent());
      await page.waitForFunction("Number(document.querySelector('[data-testid=step]').textContent) >= 50");
      await button.click();
      await page.getByText("train", { exact: true }).waitFor();
      // Ten classes: one that knows nothing has a loss of log(10).
      expect(await loss()).toBeLessThan(Math.log(10) / 2);
      expect(await page.getByTestId("accuracy").textContent()).toMatch(/^\d+\.\d %$/);

      await page.getByTestId("draw").scrollIntoViewIfNeeded();
      const box = (await page.getByTestId("draw").boundingBox())!;
      await page.mouse.move(box.x + box.width / 2, box.y + 15);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height - 15, { steps: 8 });
      await page.mouse.up();
      await page.getByTestId("prediction").filter({ hasText: /^\d$/ }).waitFor();
      expect(await page.getByRole("alert").count()).toBe(0);
      expect(complaints).toEqual([]);
      await page.close();
    });
  }

  test("the home page leads to the benchmarks, and they to each other", async () => {
    const { page, complaints } = await open("/");
    await page.getByRole("link", { name: "convolutions" }).click();
    await page.getByRole("heading", { name: "Convolution" }).waitFor();
    await page.getByRole("link", { name: "Attention", exact: true }).click();
    await page.getByRole("heading", { name: "Attention" }).waitFor();
    await page.getByRole("link", { name: "benchmarks" }).click();
    await page.getByRole("heading", { name: "How fast is it" }).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  for (const workload of ["matmul", "conv2d", "matvec", "attention"]) {
    test(`/bench/${workload} measures three libraries at the smallest size`, async () => {
      const { page, complaints } = await open(`/bench/${workload}/`);
      const start = page.getByTestId("run");
      await page.waitForFunction("!document.querySelector('[data-testid=run]').disabled");
      await page.getByTestId("size").selectOption({ index: 0 });
      await start.click();
      // The button is replaced while it runs.
      await page.getByRole("button", { name: "stop" }).waitFor();
      await start.waitFor();
      for (const library of ["jax-js", "TensorFlow.js", "onnxruntime-web"]) {
        const row = page.locator(`[data-library="${library}"]`);
        expect(await row.textContent()).toMatch(/\d ms/);
      }
      expect(
        await page.getByRole("img", { name: /jax-js .* ms, TensorFlow.js .* ms, onnxruntime-web .* ms/ }).count(),
      ).toBe(1);
      expect(await page.getByRole("alert").count()).toBe(0);
      expect(complaints).toEqual([]);
      await page.close();
    });
  }
});
