import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { featuresText } from "./features";

const path = fileURLToPath(new URL("../FEATURES.md", import.meta.url));

it("FEATURES.md names what the packages export", () => {
  const text = featuresText();
  if (process.env["UPDATE_FEATURES"]) writeFileSync(path, text);
  expect(readFileSync(path, "utf8")).toBe(text);
});
