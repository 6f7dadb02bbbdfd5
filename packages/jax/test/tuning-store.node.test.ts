/** Where measured tiles are kept by Node: a file in the user's cache folder, whose absence or refusal is no error. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { engineStore } from "../src/devices/wasm/tuning-store";

let folder: string;
const before = process.env["XDG_CACHE_HOME"];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "jax-js-cache-"));
  process.env["XDG_CACHE_HOME"] = folder;
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  if (before === undefined) delete process.env["XDG_CACHE_HOME"];
  else process.env["XDG_CACHE_HOME"] = before;
});

const file = (): string => join(folder, "jax-js", readdirSync(join(folder, "jax-js"))[0]!);

it("is a file of this engine", () => {
  expect(engineStore().read()).toBeNull();
  engineStore().write({ plain: { narrow: 6, wide: 0 } });
  expect(file()).toContain(process.versions.v8);
  expect(engineStore().read()).toMatchObject({ plain: { narrow: 6, wide: 0 } });
  const text = readFileSync(file(), "utf8");
  writeFileSync(file(), text.replace(process.arch, "another"));
  expect(engineStore().read()).toBeNull();
  writeFileSync(file(), text.slice(0, 20));
  expect(engineStore().read()).toBeNull();
});

it("does without a folder that can be written", () => {
  process.env["XDG_CACHE_HOME"] = join(folder, "file");
  writeFileSync(join(folder, "file"), "");
  engineStore().write({});
  expect(engineStore().read()).toBeNull();
});
