import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const globals = ["console", "process", "performance", "URL", "module", "setTimeout", "clearTimeout", "fetch"];

export default defineConfig([
  globalIgnores(["**/dist/**", "**/build/**", "**/.svelte-kit/**", "coverage/**", "docs/api/**", ".tools/**"]),
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ["**/*.{js,mjs,cjs}"],
    languageOptions: { globals: Object.fromEntries(globals.map((name) => [name, "readonly"])) },
  },
  {
    rules: {
      // Published coefficients are given with all their digits.
      "no-loss-of-precision": "off",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" },
      ],
    },
  },
]);
