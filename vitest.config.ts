import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { type TestProjectInlineConfiguration, defineConfig } from "vitest/config";
import { findBrowser, gpuFlags } from "./scripts/browser.mjs";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const alias = {
  "@jax-js/jax": here("./packages/jax/src/index.ts"),
  "@jax-js/optax": here("./packages/optax/src/index.ts"),
  "@jax-js/loaders": here("./packages/loaders/src/index.ts"),
  "@jax-js/onnx": here("./packages/onnx/src/index.ts"),
};

const include = ["packages/*/{src,test}/**/*.test.ts", "test/**/*.test.ts"];
const exclude = ["**/node_modules/**", "**/dist/**"];
const setupFiles = [here("./test/setup.ts")];
/** Files that are about what the wasm device computes: Node runs them once in each of its modes, Chromium by default. */
const wasmFiles = [
  "packages/jax/test/laws/evaluation.test.ts",
  "packages/jax/test/compile-random.test.ts",
  "packages/jax/test/routines/*.test.ts",
  "packages/jax/test/{alike-rows,argmax-rows,byte-maps,column-epilogues,computed-operands,large-maps,long-products,narrow-products,pieces,planes,pooling-rows,softmax,split-cumulative,split-reduction,split-stages,sum-loops,tuning,windows}.test.ts",
];

/** Says in which mode it runs, which is wanted of every project. */
const modesFile = "packages/jax/test/modes.test.ts";

/** Long enough for a machine that is busy with other things: only what hangs is to fail. */
const testTimeout = 30_000;

const node: TestProjectInlineConfiguration = {
  resolve: { alias },
  // Files share a process: half of the time of small ones went into loading the library.
  test: {
    name: "node",
    environment: "node",
    include,
    exclude: [...exclude, "**/*.browser.test.ts", ...wasmFiles],
    setupFiles,
    testTimeout,
    hookTimeout: testTimeout,
    isolate: false,
  },
};

/** What these emit depends on relaxed SIMD alone, and without it they run in the node project. */
const emitterFiles = "packages/jax/src/targets/wasm/*.test.ts";

/** Node 20 has relaxed SIMD behind a flag. */
const relaxedFlags = Number(process.versions.node.split(".")[0]) < 21 ? ["--experimental-wasm-relaxed-simd"] : [];

/** The wasm device with and without threads and relaxed SIMD, whatever the others run with. */
const wasmModes = [1, 2].flatMap((threads) =>
  [false, true].map((relaxed): TestProjectInlineConfiguration => ({
    resolve: { alias },
    test: {
      name: `wasm-${threads === 1 ? "one-thread" : "threads"}${relaxed ? "-relaxed" : ""}`,
      environment: "node",
      include: [...wasmFiles, modesFile, ...(threads === 1 && relaxed ? [emitterFiles] : [])],
      setupFiles: [here("./test/wasm-mode.ts"), ...setupFiles],
      testTimeout,
      hookTimeout: testTimeout,
      isolate: false,
      execArgv: relaxed ? relaxedFlags : [],
      env: { WASM_THREADS: String(threads), WASM_RELAXED: relaxed ? "1" : "0" },
    },
  })),
);

const chromium = (executablePath: string): TestProjectInlineConfiguration => ({
  resolve: { alias },
  // Cross-origin isolation, which SharedArrayBuffer needs.
  server: {
    headers: {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
      "Cross-Origin-Resource-Policy": "same-origin",
    },
  },
  test: {
    name: "chromium",
    include,
    exclude: [...exclude, "**/*.node.test.ts"],
    setupFiles,
    testTimeout,
    hookTimeout: testTimeout,
    isolate: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage", ...gpuFlags] },
      }),
      instances: [{ browser: "chromium" }],
    },
  },
});

// A machine without a browser runs the node project alone; scripts/test.mjs says so.
const browser = findBrowser();

/** With two processors vitest takes one worker, which leaves half of the machine idle when the browser has nothing to do. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

export default defineConfig({
  test: { maxWorkers, projects: [node, ...wasmModes, ...(browser ? [chromium(browser)] : [])], passWithNoTests: true },
});
