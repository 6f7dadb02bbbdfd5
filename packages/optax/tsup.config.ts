import { dirname, join, relative } from "node:path";
import { type Options, defineConfig } from "tsup";

// The namespaces are ES modules of their own in dist, which index.js imports and does not swallow: a bundler can then leave
// out what a program does not use.
const entry = {
  index: "src/index.ts",
  assignment: "src/assignment/index.ts",
  contrib: "src/contrib/index.ts",
  losses: "src/losses/index.ts",
  microbatching: "src/microbatching/index.ts",
  perturbations: "src/perturbations/index.ts",
  projections: "src/projections/index.ts",
  schedules: "src/schedules/index.ts",
  secondOrder: "src/second-order/index.ts",
  transforms: "src/transforms/index.ts",
  tree: "src/tree/short.ts",
  treeUtils: "src/tree/index.ts",
};

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
  // White space stays: esbuild drops the `@__PURE__` notes with it, and bundlers could then leave out less.
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
  { ...code, entry: ["src/index.ts"], format: "cjs", splitting: false },
  { entry: ["src/index.ts"], format: ["esm", "cjs"], dts: { only: true }, tsconfig: "tsconfig.build.json" },
]);
