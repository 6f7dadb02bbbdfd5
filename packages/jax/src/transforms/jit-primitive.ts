/** A call of a program, which is compiled as one. */
import { bind } from "../core/interpreter";
import type { BatchDim, Primitive, Tangent } from "../core/primitive";
import type { Jaxpr } from "../jaxpr/jaxpr";
import { lowerJaxpr } from "../jaxpr/lower";
import { moveaxis } from "../ops/transpose";
import { batchJaxpr, jvpJaxpr, memo, transposeJaxpr as transposeOf } from "./derived";
import { type PartialEvalRule, type PartialEvalTrace, splitJaxpr } from "./partial-eval";
import type { TransposeRule } from "./transpose";

export interface JitParams {
  readonly name: string;
  /** Without constants: captured values are leading operands. */
  readonly jaxpr: Jaxpr;
  /** Compiled for all sizes: of a library function, which is called with many shapes. */
  readonly generic?: boolean;
}

/** Params objects of derived Jaxprs are kept, since compiled programs are found by them. */
export const jitParams = /* @__PURE__ */ memo<JitParams>((jaxpr, name) => ({ name, jaxpr }));

export const jit_p: Primitive<JitParams> & PartialEvalRule & TransposeRule = {
  name: "jit",
  type: (_xs, { jaxpr }) => jaxpr.outAvals,
  derivative: {
    kind: "jvp",
    jvp(primals, tangents, { name, jaxpr }) {
      const { jaxpr: both, outHasTangent } = jvpJaxpr(
        jaxpr,
        tangents.map((t) => t !== null),
      );
      const outs = bind(jit_p, [...primals, ...tangents.filter((t) => t !== null)], jitParams(both, name));
      let next = jaxpr.outs.length;
      return [outs.slice(0, next), outHasTangent.map((has) => (has ? outs[next++]! : null))];
    },
  },
  batch(xs, dims, size, { name, jaxpr }) {
    const moved = xs.map((x, i) => (dims[i] === null ? x : moveaxis(x, dims[i]!, 0)));
    const { jaxpr: batched, outBatched } = batchJaxpr(
      jaxpr,
      size,
      dims.map((d) => d !== null),
    );
    return [bind(jit_p, moved, jitParams(batched, name)), outBatched.map((b): BatchDim => (b ? 0 : null))];
  },
  isGeneric: ({ generic }) => generic === true,
  lower: (xs, _avals, { jaxpr }) => lowerJaxpr(jaxpr, xs),
  partialEval(trace: PartialEvalTrace, args, { name, jaxpr }: JitParams) {
    const unknown = args.map((x) => trace.isUnknown(x));
    const split = splitJaxpr(jaxpr, unknown);
    const knowns = trace.parent.process(
      jit_p,
      args.filter((_, i) => !unknown[i]),
      jitParams(split.known, name),
    );
    const nKnown = split.outUnknown.filter((u) => !u).length;
    const residuals = knowns.slice(nKnown);
    const unknowns = args.filter((_, i) => unknown[i]);
    const outs = split.outUnknown.includes(true)
      ? trace.record(jit_p, [...residuals, ...unknowns], jitParams(split.unknown, name))
      : [];
    let k = 0;
    let u = 0;
    return split.outUnknown.map((isUnknown) => (isUnknown ? outs[u++]! : knowns[k++]!));
  },
  transposeJaxpr(cts: readonly Tangent[], xs, { name, jaxpr }: JitParams) {
    const { jaxpr: back, hasCt } = transposeOf(
      jaxpr,
      xs.map((x) => x !== null),
      cts.map((ct) => ct !== null),
    );
    const operands = [...xs.filter((x) => x !== null), ...cts.filter((ct) => ct !== null)];
    const outs = back.outs.length === 0 ? [] : bind(jit_p, operands, jitParams(back, name));
    let linear = 0;
    let next = 0;
    return xs.map((x) => (x === null && hasCt[linear++] ? outs[next++]! : null));
  },
};
