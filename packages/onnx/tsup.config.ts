import { defineConfig } from "tsup";
import { code } from "../../scripts/tsup";

export default defineConfig({
  ...code,
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  dts: true,
  clean: true,
  splitting: false,
  // The schema of ONNX is published as ESM alone; bundled, require() works too. Its types come from the dependencies.
  noExternal: ["onnx-buf", "@bufbuild/protobuf"],
});
