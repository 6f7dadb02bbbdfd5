import { dirname, join, relative } from "node:path";
import { type Options, defineConfig } from "tsup";

// ES modules of their own in dist, which the others import and do not swallow: a bundler can then leave out a whole
// namespace, and the one file with a side effect can be named in package.json.
const entry = {
  index: "src/index.ts",
  install: "src/runtime/install.ts",
  lax: "src/lax/index.ts",
  nn: "src/nn/index.ts",
  numpy: "src/numpy/index.ts",
  random: "src/random/index.ts",
  scipySpecial: "src/scipy/special.ts",
  tree: "src/tree/index.ts",
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
  minify: true,
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
