/** What a page downloads of this package, without the core. */
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { expectSize } from "../../../test/bundled-size";

const budgets: Readonly<Record<string, readonly [contents: string, maxBytes: number]>> = {
  everything: [`export * from "./index";`, 57_000],
  safetensors: [`import { safetensors } from "./index"; globalThis.out = safetensors.parse;`, 7_000],
  "a tokenizer": [`import { tokenizers } from "./index"; globalThis.out = tokenizers.Tokenizer;`, 26_500],
  checkpoints: [`import { CheckpointManager } from "./index"; globalThis.out = CheckpointManager;`, 14_000],
  cachedFetch: [`import { cachedFetch } from "./index"; globalThis.out = cachedFetch;`, 9_000],
  "data sets": [`import { data } from "./index"; globalThis.out = data.MapDataset;`, 5_000],
};

test.each(Object.entries(budgets))("%s", (_, [contents, maxBytes]) =>
  expectSize(contents, maxBytes, fileURLToPath(new URL("../src", import.meta.url))),
);
