/** What a page downloads of a package: bytes of minified and packed code, without the core. */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect } from "vitest";

/** Expects the program to take at most so many bytes, and more than half: a budget far above would hold nothing back. */
export async function expectSize(contents: string, maxBytes: number, resolveDir: string): Promise<void> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir },
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
  expect(size).toBeGreaterThan(maxBytes / 2);
}
