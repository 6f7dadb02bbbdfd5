import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineConfig } from "tsup";
import { entriesApart } from "../../scripts/tsup";

const sources = join(import.meta.dirname, "src");

/** Files below src that another one exports as a namespace, as in `export * as linalg from "./linalg-index"`. */
function namespaces(): string[] {
  const found = new Set<string>();
  for (const file of readdirSync(sources, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    const text = readFileSync(join(sources, file), "utf8");
    for (const [, path] of text.matchAll(/^export \* as \w+ from "(.+)";$/gm)) {
      found.add(join(dirname(file), path!).replaceAll("\\", "/"));
    }
  }
  return [...found].sort();
}

// The namespaces, the export, which few use, and the one file with a side effect, so that package.json can name it.
const entry: Record<string, string> = {
  index: "src/index.ts",
  install: "src/runtime/install.ts",
  export: "src/export/stablehlo.ts",
};
for (const path of namespaces()) entry[path.replace(/\/index$/, "").replaceAll("/", "-")] = `src/${path}.ts`;

export default defineConfig(entriesApart(import.meta.dirname, entry));
