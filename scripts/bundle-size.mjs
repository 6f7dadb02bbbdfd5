// What a user's page downloads: bundles five programs from the built packages, minified, and compares the gzipped size
// of what they import statically with test/bundle-budget.json. Chunks behind `import()` are reported and not counted.
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "./setup.mjs";

/** @type {Record<string, string>} */
const programs = {
  everything: `export * from "@jax-js/jax"; export * as optax from "@jax-js/optax";`,
  numpy: `import { numpy } from "@jax-js/jax"; globalThis.out = numpy;`,
  "grad, jit, numpy": `import { grad, jit, numpy } from "@jax-js/jax"; globalThis.out = [grad, jit, numpy];`,
  "optax adam": `import { adam } from "@jax-js/optax"; globalThis.out = adam;`,
  random: `import { random } from "@jax-js/jax"; globalThis.out = random;`,
};

/** Minified and gzipped bytes of a program: its static code, and the chunks it loads later. @param {string} contents */
async function measure(contents) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root, sourcefile: "entry.js" },
    absWorkingDir: root,
    tsconfigRaw: {}, // not the paths of tsconfig.json, which lead to the sources
    outdir: "out",
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    external: builtinModules.flatMap((name) => [name, `node:${name}`]),
    logLevel: "warning",
    logOverride: { "ignored-bare-import": "silent" },
  });
  const reached = new Set(
    Object.keys(metafile.outputs).filter((path) => metafile.outputs[path]?.entryPoint === "entry.js"),
  );
  for (const path of reached) {
    for (const imported of metafile.outputs[path]?.imports ?? []) {
      if (imported.kind === "import-statement" && !imported.external) reached.add(imported.path);
    }
  }
  const size = { statically: 0, later: 0 };
  for (const file of outputFiles) {
    const path = file.path.slice(file.path.lastIndexOf("out")).replaceAll("\\", "/");
    size[reached.has(path) ? "statically" : "later"] += gzipSync(file.contents, { level: 9 }).length;
  }
  return size;
}

const budgets = JSON.parse(readFileSync(new URL("../test/bundle-budget.json", import.meta.url), "utf8"));
let ok = true;
console.log(`${"bundle".padEnd(18)}${["gzip B", "budget B", "by import() B"].map((s) => s.padStart(15)).join("")}`);
for (const [name, contents] of Object.entries(programs)) {
  const { statically, later } = await measure(contents);
  const budget = budgets[name];
  const over = !(statically <= budget);
  ok &&= !over;
  const cells = [statically, budget, later].map((n) => String(n).padStart(15)).join("");
  console.log(`${name.padEnd(18)}${cells}${over ? "  OVER BUDGET" : ""}`);
}
process.exitCode = ok ? 0 : 1;
