// Makes a fresh clone ready with Node, npm and git alone: the right pnpm, the dependencies, the build, a browser.
// Run as a program it does all of that; scripts/test.mjs and scripts/quickstart.mjs call the parts.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findBrowser } from "./browser.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));

// A pnpm of another version must not try to replace itself, and none may stop to ask.
const pnpmEnv = { ...process.env, CI: "true", npm_config_manage_package_manager_versions: "false" };
const windows = process.platform === "win32";

/**
 * The command that runs exactly the pnpm named in package.json; if there is none, npm puts one into `.tools`.
 *
 * @returns {string[]} the executable and its first arguments
 */
function findPnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const version = packageManager.split("@")[1];
  // Asked outside the repository, where nothing makes it switch versions.
  const asked = spawnSync("pnpm", ["--version"], { cwd: tmpdir(), env: pnpmEnv, encoding: "utf8", shell: windows });
  if (asked.status === 0 && asked.stdout.trim() === version) return ["pnpm"];

  const folder = join(root, ".tools", packageManager);
  const local = join(folder, "node_modules/pnpm/bin/pnpm.cjs");
  if (!existsSync(local)) {
    console.log(`installing ${packageManager} into .tools`);
    const args = ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--silent", packageManager];
    spawnSync("npm", args, { cwd: tmpdir(), stdio: ["ignore", "inherit", "inherit"], shell: windows });
    if (!existsSync(local)) throw new Error(`npm could not install ${packageManager}`);
  }
  return [process.execPath, local];
}

/** @type {string[] | undefined} */
let found;

/**
 * Runs pnpm in the root of the repository.
 *
 * @param {string[]} args
 * @returns {number} its exit code
 */
export function pnpm(args) {
  found ??= findPnpm();
  const [command = "", ...first] = found;
  const shell = windows && command === "pnpm";
  return spawnSync(command, [...first, ...args], { cwd: root, env: pnpmEnv, stdio: "inherit", shell }).status ?? 1;
}

/** Installs what the lockfile says; throws where that fails. */
export function installDependencies() {
  if (pnpm(["install", "--frozen-lockfile"]) !== 0) throw new Error("pnpm install --frozen-lockfile failed");
}

/** Builds every package into its dist; the exit code. */
export function build() {
  return pnpm(["-r", "--filter", "./packages/*", "run", "build"]);
}

/** Builds the website out of the built packages; the exit code. */
export function buildWebsite() {
  return pnpm(["--filter", "website", "run", "build", "--logLevel", "warn"]);
}

/**
 * A Chromium for the browser tests, installed from Debian's archive where we are root on such a system.
 *
 * @returns {string | undefined} its executable
 */
export function ensureBrowser() {
  const existing = findBrowser();
  if (existing || process.env["CHROME_PATH"] === "none") return existing;
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return undefined;
  console.log("no browser found: installing the package chromium");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  /** @param {string[]} args */
  const aptGet = (...args) => spawnSync("apt-get", args, { env, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
  const wait = ["-o", "DPkg::Lock::Timeout=600"];
  if (!aptGet(...wait, "-qq", "update")) console.log("apt-get update failed");
  if (!aptGet(...wait, "-qq", "install", "-y", "--no-install-recommends", "chromium")) console.log("apt-get failed");
  return findBrowser();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installDependencies();
  const browser = ensureBrowser();
  console.log(browser ? `browser: ${browser}` : "browser: none; set CHROME_PATH to run the browser tests");
  process.exitCode = build();
}
