/** How a primitive is written as nodes: from operands to results. */
import type { ShapedArray } from "@jax-js/jax";
import type { GraphBuilder, Value } from "./graph-builder";

/** `outs` are the types of the results. */
export type RuleOf = (
  g: GraphBuilder,
  xs: readonly Value[],
  params: Readonly<Record<string, unknown>>,
  outs: readonly ShapedArray[],
) => readonly Value[];

export type Rules = Readonly<Record<string, RuleOf>>;
