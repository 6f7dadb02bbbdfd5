/** What a page downloads of this package: bytes of minified and packed code, without the core. */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

const index = fileURLToPath(new URL("../src/index.ts", import.meta.url));

const budgets: Readonly<Record<string, readonly [contents: string, maxBytes: number]>> = {
  everything: [`export * from "INDEX";`, 56_000],
  safetensors: [`import { safetensors } from "INDEX"; globalThis.out = safetensors.parse;`, 7_000],
  "a tokenizer": [`import { tokenizers } from "INDEX"; globalThis.out = tokenizers.Tokenizer;`, 26_000],
  checkpoints: [`import { CheckpointManager } from "INDEX"; globalThis.out = CheckpointManager;`, 14_000],
  cachedFetch: [`import { cachedFetch } from "INDEX"; globalThis.out = cachedFetch;`, 9_000],
  "data sets": [`import { data } from "INDEX"; globalThis.out = data.MapDataset;`, 5_000],
};

test.each(Object.entries(budgets))("%s", async (_, [contents, maxBytes]) => {
  const { outputFiles } = await build({
    stdin: { contents: contents.replace("INDEX", index), resolveDir: "." },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["@jax-js/jax"],
    tsconfigRaw: {},
  });
  const size = gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
  expect(size).toBeLessThanOrEqual(maxBytes);
  // A budget far above the size would hold nothing back.
  expect(size).toBeGreaterThan(maxBytes / 2);
});
