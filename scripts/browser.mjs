// Where a Chromium is on this machine, if anywhere. Without dependencies: it also runs before the first install.
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

const onPath = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

const installed = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const inPlaywrightBuild = [
  "chrome-linux/chrome",
  "chrome-linux64/chrome",
  "chrome-mac/Chromium.app/Contents/MacOS/Chromium",
  "chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
  "chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
  "chrome-win/chrome.exe",
  "chrome-win64/chrome.exe",
];

function playwrightCache() {
  if (process.platform === "darwin") return join(homedir(), "Library/Caches/ms-playwright");
  if (process.platform === "win32") return join(process.env["LOCALAPPDATA"] ?? homedir(), "ms-playwright");
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "ms-playwright");
}

/** Browsers which Playwright has downloaded, newest first. */
function* playwrightBuilds() {
  const cache = process.env["PLAYWRIGHT_BROWSERS_PATH"] ?? playwrightCache();
  if (!existsSync(cache)) return;
  const builds = readdirSync(cache).filter((name) => /^chromium-\d+$/.test(name));
  builds.sort((a, b) => Number(b.split("-")[1]) - Number(a.split("-")[1]));
  for (const build of builds) yield* inPlaywrightBuild.map((path) => join(cache, build, path));
}

function* candidates() {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  for (const name of onPath) yield* folders.map((folder) => join(folder, name));
  yield* installed;
  yield* playwrightBuilds();
}

/**
 * The executable of a Chromium: `CHROME_PATH`, else one on the PATH or installed, else one of Playwright's.
 * `CHROME_PATH=none` means to go without.
 *
 * @returns {string | undefined}
 */
export function findBrowser() {
  const chosen = process.env["CHROME_PATH"];
  if (chosen) return chosen === "none" ? undefined : chosen;
  for (const path of candidates()) if (existsSync(path)) return path;
  return undefined;
}

/**
 * Flags for WebGPU, WebGL2 and the readback of a WebGPU canvas in software, headless (Chromium 156): with any of them
 * missing, reading a canvas back takes down the GPU process. REAL_GPU=1 leaves the driver to the browser.
 */
export const gpuFlags = ["--enable-unsafe-webgpu", "--enable-features=Vulkan"];
if (!process.env["REAL_GPU"]) gpuFlags.push("--use-vulkan=swiftshader", "--use-angle=swiftshader");
