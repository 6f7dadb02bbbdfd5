import { defineConfig } from "tsup";
import { code } from "../../scripts/tsup";

export default defineConfig({
  ...code,
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  dts: true,
  clean: true,
  splitting: false,
});
