/** For golden tests: a function as text, and the kernels it becomes. Nothing is computed. */
import { type Array as JaxArray, ShapeDtypeStruct, makeJaxpr } from "@jax-js/jax";
import type { DType } from "../../src/aval/dtype";
import { compileExprs } from "../../src/compile/index";
import { lowerJaxpr } from "../../src/jaxpr/lower";
import { exprInput } from "../../src/kernel/expr-build";

type A = JaxArray;
/** The place of an array of this shape. */
export const spec = (shape: number[], dtype: DType = "float32"): A => new ShapeDtypeStruct(shape, dtype) as unknown as A;

export interface Shown {
  readonly text: string;
  /** Kinds of the kernels, in order. */
  readonly kernels: string;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any function of arrays
export function show(f: (...args: any[]) => unknown, ...args: unknown[]): Shown {
  const closed = makeJaxpr(f)(...args).jaxpr;
  const { jaxpr } = closed;
  const avals = [...jaxpr.constBinders, ...jaxpr.inBinders].map((v) => v.aval);
  const exprs = lowerJaxpr(
    jaxpr,
    avals.map((a, i) => exprInput(i, a)),
  );
  const program = compileExprs(
    avals.map((aval) => ({ aval, strides: null })),
    exprs,
  );
  closed.dispose();
  return { text: jaxpr.toString(), kernels: program.kernels.map((k) => k.kind).join(" ") };
}

export const v3 = spec([3]);
export const m23 = spec([2, 3]);
