import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  dts: true,
  minify: true,
  sourcemap: true,
  clean: true,
  target: "es2022",
  platform: "browser",
  splitting: false,
  tsconfig: "tsconfig.build.json",
});
