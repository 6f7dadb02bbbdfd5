import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type Options, defineConfig } from "tsup";

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

// Namespaces are ES modules of their own in dist, which the others import and do not swallow: a bundler can then leave out
// a whole namespace, as it cannot with the object that would stand for it in one file. So are the export, which few use,
// and the one file with a side effect, so that package.json can name it.
const entry: Record<string, string> = {
  index: "src/index.ts",
  install: "src/runtime/install.ts",
  export: "src/export/stablehlo.ts",
};
for (const path of namespaces()) entry[path.replace(/\/index$/, "").replaceAll("/", "-")] = `src/${path}.ts`;

const entriesStayApart: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "entries-stay-apart",
  setup(build) {
    const outName = new Map(Object.entries(entry).map(([name, path]) => [path, name]));
    build.onResolve({ filter: /^\./ }, ({ importer, path, kind }) => {
      if (kind !== "import-statement") return undefined;
      const source = relative(import.meta.dirname, join(dirname(importer), path)).replaceAll("\\", "/");
      const name = outName.get(`${source}.ts`);
      return name === undefined ? undefined : { path: `./${name}.js`, external: true };
    });
  },
};

const code: Options = {
  // Names and syntax are made small; white space stays, because esbuild drops the `@__PURE__` notes with it, and without
  // them a bundler can leave out no record and no table that nobody uses.
  esbuildOptions(options) {
    options.minifyIdentifiers = true;
    options.minifySyntax = true;
  },
  sourcemap: true,
  target: "es2022",
  platform: "browser",
  tsconfig: "tsconfig.build.json",
};

export default defineConfig([
  { ...code, entry, format: "esm", splitting: true, esbuildPlugins: [entriesStayApart] },
  // One file: splitting CommonJS would send the code through a second compiler, which breaks class fields.
  { ...code, entry: ["src/index.ts"], format: "cjs", splitting: false },
  { entry: ["src/index.ts"], format: ["esm", "cjs"], dts: { only: true }, tsconfig: "tsconfig.build.json" },
]);
