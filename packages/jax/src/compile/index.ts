/** Expressions to a program: decide what is in memory, build kernels, plan the arena. */
import { type DType, sizeBytesOf } from "../aval/dtype";
import type { Aval } from "../aval/shaped-array";
import type { Expr, SubProgram } from "../kernel/expr";
import { exprCopy } from "../kernel/expr-build";
import type { Program, ProgramOutput } from "../kernel/program";
import { withEqualValuesShared } from "./equal-values";
import { fromRoots, orderOf, rootsOf } from "./graph";
import { outOfLoops } from "./loop-invariants";
import { checkBuffers, checkCounts } from "./limits";
import { decideMemory } from "./memory";
import { normalizer } from "./normalize";
import { planArena } from "./plan";
import { ProgramCompiler } from "./program-compiler";
import { withTurnedProducts } from "./turned-products";

export interface InputSpec {
  readonly aval: Aval;
  /** null for row-major. */
  readonly strides: readonly number[] | null;
}

export interface CompileOptions {
  /** What the program is called in errors. */
  readonly name?: string;
  /** Results that are an argument unchanged are copied instead of handed back. */
  readonly copyInputs?: boolean;
  /** Bytes of an array on the device; packed elements by default. */
  readonly byteLength?: (dtype: DType, length: number) => number;
  /** Contractions may compute operands as they read them. */
  readonly computesOperands?: boolean;
  /** The last effect of the program. */
  readonly effect?: Expr | null;
}

/** Compiles results as functions of inputs. Sizes are fixed. */
export function compileExprs(
  inputs: readonly InputSpec[],
  results: readonly Expr[],
  options: CompileOptions = {},
): Program {
  const {
    name = "program",
    copyInputs = false,
    effect = null,
    computesOperands = false,
    byteLength = (dtype, n) => sizeBytesOf(dtype) * n,
  } = options;
  const strides = inputs.map((i) => i.strides);
  const normal = normalizer(strides, computesOperands);
  const given = { outs: results, effect };
  const shared = withEqualValuesShared(rootsOf(given));
  const light = fromRoots(withTurnedProducts(outOfLoops(shared)).map(normal), given);
  const outs = distinctOuts(light.outs, copyInputs);
  const computed = outs.filter((x): x is Expr => typeof x !== "number");
  const order = orderOf(rootsOf({ outs: computed, effect: light.effect }));
  checkCounts(name, order);
  const memory = decideMemory(order, new Set(computed), strides, computesOperands);
  const subPrograms = new Map<SubProgram, Program>();
  const compileSub = (sub: SubProgram): Program => {
    let program = subPrograms.get(sub);
    if (program === undefined) {
      const specs = sub.inputs.map((aval) => ({ aval, strides: null }));
      const shared = { name, byteLength, computesOperands };
      program = compileExprs(specs, sub.outs, { ...shared, copyInputs: true, effect: sub.effect });
      subPrograms.set(sub, program);
    }
    return program;
  };
  const compiler = new ProgramCompiler(compileSub, inputs, outs, order, memory);
  const kernels = compiler.kernels();
  const outputs = outs.map((x): ProgramOutput => {
    if (typeof x === "number") return { kind: "input", input: x };
    return { kind: "buffer", buffer: compiler.bufferOf(x) };
  });
  const { buffers, arenaBytes } = planArena(compiler.drafts, kernels, byteLength);
  checkBuffers(name, buffers);
  return { buffers, inputs: inputs.map((_, i) => i), outputs, kernels, arenaBytes, cuts: compiler.cuts };
}

/** Every result as an expression of its own, or the number of the argument that it is. */
function distinctOuts(results: readonly Expr[], copyInputs: boolean): (Expr | number)[] {
  const seen = new Set<Expr>();
  return results.map((x) => {
    if (x.kind === "input" && !copyInputs) return x.index;
    const out = x.kind === "input" || seen.has(x) ? exprCopy(x) : x;
    seen.add(out);
    return out;
  });
}
