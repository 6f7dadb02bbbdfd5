/** How a primitive is written: from operands to results. */
import type { ShapedArray } from "../aval/shaped-array";
import type { Value, Writer } from "./writer";

/** `outs` are the types of the results. */
export type RuleOf = (
  w: Writer,
  xs: readonly Value[],
  params: Readonly<Record<string, unknown>>,
  outs: readonly ShapedArray[],
) => readonly Value[];

export type Rules = Readonly<Record<string, RuleOf>>;
