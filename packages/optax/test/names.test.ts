/** Which of optax's functions and classes are here: oracles/names.py wrote the list. */
import * as optax from "@jax-js/optax";
import { expect, test } from "vitest";
import names from "./oracles/names.json";

/** What is not here as a value, and why. */
const ABSENT: Readonly<Record<string, string>> = {
  ConditionFn: "a type",
  GradientTransformationExtraArgs: "a type",
  MaskOrFn: "a type",
  OptState: "a type",
  Params: "a type",
  ScalarOrSchedule: "a type",
  Schedule: "a type",
  ShouldSkipUpdateFunction: "a type",
  StatefulSchedule: "a type",
  TransformInitFn: "a type",
  TransformUpdateExtraArgsFn: "a type",
  TransformUpdateFn: "a type",
  Updates: "a type",
  NamedTupleKey: "states are plain objects",
  splitRealAndImaginary: "there are no complex dtypes",
};

const camel = (name: string): string => name.replace(/_+([a-zA-Z0-9])/g, (_, c: string) => c.toUpperCase());
const own = optax as unknown as Record<string, unknown>;

test.each(Object.entries(names))("optax's %s", (module, all) => {
  const home = (module === "optax" ? own : own[camel(module)]) as Record<string, unknown>;
  const missing = all
    .map(camel)
    .filter((name) => !(name in ABSENT) && !["function", "object"].includes(typeof home[name]));
  expect(missing).toEqual([]);
});
