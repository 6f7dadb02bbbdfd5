/** The compiled program of a function, to look at its kernels and its memory. */
import { type Array as JaxArray, makeJaxpr } from "@jax-js/jax";
import { compileExprs } from "../src/compile/index";
import { lowerJaxpr } from "../src/jaxpr/lower";
import { exprInput } from "../src/kernel/expr-build";
import type { Program } from "../src/kernel/program";

export function programOf(f: (...args: JaxArray[]) => unknown, ...args: JaxArray[]): Program {
  const { jaxpr } = makeJaxpr(f)(...args).jaxpr;
  const avals = [...jaxpr.constBinders, ...jaxpr.inBinders].map((v) => v.aval);
  const inputs = avals.map((aval, i) => exprInput(i, aval));
  return compileExprs(
    avals.map((aval) => ({ aval, strides: null })),
    lowerJaxpr(jaxpr, inputs),
  );
}
