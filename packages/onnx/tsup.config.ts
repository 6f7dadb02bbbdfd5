import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  dts: true,
  // White space stays: esbuild drops the `@__PURE__` notes with it, and bundlers could then leave out less.
  esbuildOptions(options) {
    options.minifyIdentifiers = true;
    options.minifySyntax = true;
  },
  sourcemap: true,
  clean: true,
  target: "es2022",
  platform: "browser",
  splitting: false,
  // The schema of ONNX is published as ESM alone; bundled, require() works too. Its types come from the dependencies.
  noExternal: ["onnx-buf", "@bufbuild/protobuf"],
  tsconfig: "tsconfig.build.json",
});
