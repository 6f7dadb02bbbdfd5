/** What a page downloads of this package, without the core: protobuf is most of it. */
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { expectSize } from "../../../test/bundled-size";

const budgets: Readonly<Record<string, readonly [contents: string, maxBytes: number]>> = {
  everything: [`export * from "./index";`, 77_000],
  "running models": [`import { ONNXModel } from "./index"; globalThis.out = ONNXModel;`, 66_000],
  exporting: [`import { exportOnnx } from "./index"; globalThis.out = exportOnnx;`, 33_500],
};

test.each(Object.entries(budgets))("%s", (_, [contents, maxBytes]) =>
  expectSize(contents, maxBytes, fileURLToPath(new URL("../src", import.meta.url))),
);
