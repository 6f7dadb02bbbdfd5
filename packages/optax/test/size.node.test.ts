/** What a page downloads of this package, without the core. */
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { expectSize } from "../../../test/bundled-size";

const budgets: Readonly<Record<string, readonly [contents: string, maxBytes: number]>> = {
  everything: [`export * from "./index";`, 40_000],
  adam: [`import { adam } from "./index"; globalThis.out = adam;`, 2_000],
  "adamw with a schedule": [
    `import { adamw, warmupCosineDecaySchedule } from "./index"; globalThis.out = [adamw, warmupCosineDecaySchedule];`,
    3_200,
  ],
  lbfgs: [`import { lbfgs } from "./index"; globalThis.out = lbfgs;`, 4_600],
};

test.each(Object.entries(budgets))("%s", (_, [contents, maxBytes]) =>
  expectSize(contents, maxBytes, fileURLToPath(new URL("../src", import.meta.url))),
);
