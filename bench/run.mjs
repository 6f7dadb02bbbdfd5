// Bundles the benchmark, with the library as it is in the sources, and runs it. `--help` says what it can do.
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** @param {string} path below this folder */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
// Inside of this package, so that the peers are found from there; every run has its own.
const bundles = here(`dist/${process.pid}`);

/** @type {import("esbuild").BuildOptions} */
const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  logLevel: "error",
  absWorkingDir: here("."),
  alias: { "@jax-js/jax": here("../packages/jax/src/index.ts") },
};

/** Node loads these from node_modules itself. @type {import("esbuild").Plugin} */
const peersOutside = {
  name: "peers-outside",
  setup({ onResolve }) {
    onResolve({ filter: /^(jax-js-npm$|onnxruntime-web|playwright$|node-fetch$)/ }, ({ path }) => ({
      path,
      external: true,
    }));
  },
};

mkdirSync(bundles, { recursive: true });
process.on("exit", () => rmSync(bundles, { recursive: true, force: true }));
process.on("SIGINT", () => process.exit(130));
try {
  await build({
    ...common,
    platform: "node",
    splitting: true,
    // TensorFlow.js as modules, with what its code for Node expects of the old kind.
    mainFields: ["module", "main"],
    banner: {
      js: [
        'import { createRequire as requireFrom } from "node:module";',
        "const require = requireFrom(import.meta.url);",
        "const __dirname = import.meta.dirname;",
      ].join("\n"),
    },
    plugins: [peersOutside],
    entryPoints: { main: here("src/main.ts"), "node-child": here("src/sessions/node-child.ts") },
    outdir: bundles,
    outExtension: { ".js": ".mjs" },
  });
  await build({
    ...common,
    platform: "browser",
    splitting: true,
    // TensorFlow.js asks for these only where it finds itself in Node.
    external: ["fs", "path", "os", "crypto", "worker_threads", "perf_hooks", "node:*"],
    entryPoints: { page: here("src/sessions/page.ts") },
    outdir: `${bundles}/page`,
  });
  const { main } = await import(`${bundles}/main.mjs`);
  await main(process.argv.slice(2), bundles);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
