/** A peer in a Chromium of its own. */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { chromium } from "playwright";
import { findBrowser } from "../../../scripts/browser.mjs";
import type { PeerInfo } from "../peers/peer";
import { serveFolders } from "./server";
import { type Method, type Session, type SessionOptions, remote } from "./session";

const folderOf = (file: string): string => dirname(createRequire(import.meta.url).resolve(file));

const FLAGS = [
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
];

export async function startChromiumSession(options: SessionOptions): Promise<Session> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error("no Chromium found; install one or set CHROME_PATH");
  const server = await serveFolders({
    folders: {
      "/": `${options.bundles}/page`,
      "/ort/": folderOf("onnxruntime-web/wasm"),
      "/tfjs/": folderOf("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm"),
    },
    // Without isolation there is no shared memory, so nothing can use a second thread.
    isolated: options.threads > 1,
  });
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  const stop = async (): Promise<void> => {
    await browser.close();
    await server.close();
  };
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.goto(server.url);
    await page.addScriptTag({ url: "/page.js", type: "module" });
    const call = (method: Method | "start", args: readonly unknown[]): Promise<unknown> =>
      page.evaluate(
        ([name, values]) =>
          (globalThis as unknown as { answer(name: string, values: readonly unknown[]): Promise<unknown> }).answer(
            name,
            values,
          ),
        [method, args] as const,
      );
    const info = (await call("start", [options])) as PeerInfo;
    return { ...remote(call), info: { ...info, chromium: browser.version() }, memory: async () => undefined, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
