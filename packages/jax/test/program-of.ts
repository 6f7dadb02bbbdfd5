/** The compiled program of a function, to look at its kernels and its memory. */
import { type Array as JaxArray, makeJaxpr } from "@jax-js/jax";
import { type CompileOptions, compileExprs } from "../src/compile/index";
import { lowerJaxpr } from "../src/jaxpr/lower";
import { exprInput } from "../src/kernel/expr-build";
import type { Program } from "../src/kernel/program";

/** Of the wasm device, whose contractions compute operands as they read them. */
const WASM = { computesOperands: true };

export const wasmProgramOf = (f: (...args: JaxArray[]) => unknown, ...args: JaxArray[]): Program =>
  compiled(f, args, WASM);

export const programOf = (f: (...args: JaxArray[]) => unknown, ...args: JaxArray[]): Program => compiled(f, args, {});

function compiled(f: (...args: JaxArray[]) => unknown, args: JaxArray[], options: CompileOptions): Program {
  const { jaxpr } = makeJaxpr(f)(...args).jaxpr;
  const avals = [...jaxpr.constBinders, ...jaxpr.inBinders].map((v) => v.aval);
  const inputs = avals.map((aval, i) => exprInput(i, aval));
  return compileExprs(
    avals.map((aval) => ({ aval, strides: null })),
    lowerJaxpr(jaxpr, inputs),
    options,
  );
}
