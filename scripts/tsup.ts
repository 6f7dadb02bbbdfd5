/** How all packages are built; their tsup.config.ts say the rest. */
import { dirname, join, relative } from "node:path";
import type { Options } from "tsup";

/**
 * Names and syntax are made small; white space stays, because esbuild drops the `@__PURE__` notes with it, and without
 * them a bundler can leave out no record and no table that nobody uses.
 */
export const code: Options = {
  esbuildOptions(options) {
    options.minifyIdentifiers = true;
    options.minifySyntax = true;
  },
  sourcemap: true,
  target: "es2022",
  platform: "browser",
  tsconfig: "tsconfig.build.json",
};

/**
 * Entries (names and paths in the folder of the package) are ES modules of their own in dist, which the others import and
 * do not swallow: a bundler can then leave out a whole namespace, as it cannot with the object that would stand for it in
 * one file. CommonJS is one file: splitting it would send the code through a second compiler, which breaks class fields.
 */
export function entriesApart(folder: string, entry: Readonly<Record<string, string>>): Options[] {
  const outName = new Map(Object.entries(entry).map(([name, path]) => [path, name]));
  const stayApart: NonNullable<Options["esbuildPlugins"]>[number] = {
    name: "entries-stay-apart",
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ importer, path, kind }) => {
        if (kind !== "import-statement") return undefined;
        const source = relative(folder, join(dirname(importer), path)).replaceAll("\\", "/");
        const name = outName.get(`${source}.ts`);
        return name === undefined ? undefined : { path: `./${name}.js`, external: true };
      });
    },
  };
  const index = ["src/index.ts"];
  return [
    { ...code, entry, format: "esm", splitting: true, esbuildPlugins: [stayApart] },
    { ...code, entry: index, format: "cjs", splitting: false },
    { entry: index, format: ["esm", "cjs"], dts: { only: true }, tsconfig: "tsconfig.build.json" },
  ];
}
