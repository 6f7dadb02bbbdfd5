/** Samples of every record of `ops/`, and of those with programs inside. */
import type { AnyPrimitive } from "../../src/core/primitive";
import * as ops from "../../src/ops/index";
import type { Sample } from "./sample";
import { controlRecords, controlSamples } from "./samples-control";
import { elementwiseSamples } from "./samples-elementwise";
import { reductionSamples } from "./samples-reductions";
import { structureSamples } from "./samples-structure";

export const allSamples: readonly Sample[] = [
  ...elementwiseSamples,
  ...structureSamples,
  ...reductionSamples,
  ...controlSamples,
];

/** The exports of `ops/` that end in `_p`, loops and branches. */
export const allRecords: readonly AnyPrimitive[] = [
  ...Object.entries(ops)
    .filter(([name]) => name.endsWith("_p"))
    .map(([, record]) => record as unknown as AnyPrimitive),
  ...(controlRecords as unknown as AnyPrimitive[]),
];

export const samplesByRecord: ReadonlyMap<AnyPrimitive, readonly Sample[]> = new Map(
  allRecords.map((record) => [record, allSamples.filter((s) => s.record === record)]),
);
