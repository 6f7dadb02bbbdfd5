import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type ICruiseOptions, type ICruiseResult, cruise } from "dependency-cruiser";
import { expect, test } from "vitest";

const config = createRequire(import.meta.url)("../.dependency-cruiser.cjs");

/** Names of the rules which a repository of these files breaks. */
async function broken(files: Record<string, string>): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "jax-js-rooms-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const { tsConfig: _, ...options } = config.options;
    const ruleSet = { forbidden: config.forbidden };
    const cruised: ICruiseOptions = { ...options, baseDir: folder, validate: true, ruleSet };
    const { output } = await cruise(["packages"], cruised);
    return (output as ICruiseResult).summary.violations.map((violation) => violation.rule.name);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Two files of packages/jax/src, of which the first holds the given import of the second. */
const pair = (from: string, to: string, statement: (path: string) => string) => {
  const up = "../".repeat(from.split("/").length - 1) || "./";
  return {
    [`packages/jax/src/${from}.ts`]: `${statement(up + to)}\nexport const one = 1;\n`,
    [`packages/jax/src/${to}.ts`]: "export type Two = 2;\nexport const two = 2;\n",
  };
};
const value = (path: string) => `import { two } from "${path}"; console.log(two);`;
const typeOnly = (path: string) => `import type { Two } from "${path}"; export type Three = Two;`;
const dynamic = (path: string) => `export const load = () => import("${path}");`;

test.each([
  ["ops/sin", "core/primitive", value],
  ["core/primitive", "kernel/expr", typeOnly],
  ["devices/wasm/device", "targets/wasm/assembler", value],
  ["runtime/registry", "devices/cpu/device", value],
  ["runtime/registry", "devices/webgpu/device", dynamic],
  ["runtime/install", "numpy/methods", value],
  ["nn/functions", "numpy/arithmetic", value],
] as const)("%s may import %s", async (from, to, statement) => {
  expect(await broken(pair(from, to, statement))).toEqual([]);
});

test.each([
  ["base/list", "aval/dtype", value, "room-base"],
  ["base/list", "aval/dtype", typeOnly, "room-base"],
  ["ops/sin", "numpy/arithmetic", value, "room-ops"],
  ["kernel/expr", "core/primitive", value, "room-kernel"],
  ["targets/wasm/emit", "targets/js/kernels", value, "room-targets-wasm"],
  ["devices/wasm/device", "targets/wgsl/kernel", value, "room-devices-wasm"],
  ["numpy/arithmetic", "devices/cpu/device", value, "room-numpy"],
  ["core/primitive", "kernel/expr", value, "core-kernel-types-only"],
  ["runtime/registry", "devices/webgpu/device", value, "gpu-by-import-call"],
  ["targets/wasm/assembler", "base/list", value, "assembler-alone"],
  ["index", "devices/cpu/device", value, "index-exports-public"],
  ["numpy/arithmetic", "debug/explain", value, "debug-is-a-leaf"],
  ["utils/misc", "base/list", value, "a-room-for-every-file"],
] as const)("%s may not import %s (%#)", async (from, to, statement, rule) => {
  expect(await broken(pair(from, to, statement))).toContain(rule);
});

test("the core imports nothing from outside", async () => {
  expect(await broken({ "packages/jax/src/base/list.ts": 'import "node:fs";\n' })).toContain("no-runtime-dependency");
});

test("a cycle of values fails, a cycle of types passes", async () => {
  const cycle = (statement: typeof value) => ({
    "packages/jax/src/base/a.ts": `${statement("./b")}\nexport type Two = 2;\nexport const two = 2;\n`,
    "packages/jax/src/base/b.ts": `${statement("./a")}\nexport type Two = 2;\nexport const two = 2;\n`,
  });
  expect(await broken(cycle(value))).toContain("no-circular");
  expect(await broken(cycle(typeOnly))).toEqual([]);
});

test("other packages use the entry", async () => {
  const files = {
    "packages/jax/src/base/list.ts": "export const two = 2;\n",
    "packages/optax/src/adam.ts": value("../../jax/src/base/list"),
  };
  expect(await broken(files)).toEqual(["packages-by-entry"]);
});
