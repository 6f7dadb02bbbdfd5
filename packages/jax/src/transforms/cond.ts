/** Branches: one of several programs of equal types runs, by an int32 index. */
import type { Aval } from "../aval/shaped-array";
import { range } from "../base/list";
import { bind, withTrace } from "../core/interpreter";
import type { BatchDim, Primitive, Tangent } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { hasEffects } from "../jaxpr/effects";
import { evalJaxpr } from "../jaxpr/evaluate";
import type { Jaxpr } from "../jaxpr/jaxpr";
import { lowerNested } from "../jaxpr/lower";
import { exprControl } from "../kernel/expr-build";
import { broadcastInDim, zerosLike } from "../ops/broadcast";
import { reshape } from "../ops/reshape";
import { selectN } from "../ops/select";
import { moveaxis } from "../ops/transpose";
import { batchJaxpr, jvpJaxpr, stageClosed, transposeJaxpr } from "./derived";
import { type PartialEvalRule, type PartialEvalTrace, splitJaxpr } from "./partial-eval";
import type { TransposeRule } from "./transpose";

export interface CondParams {
  /** Programs of the operands after the index; equal types, nothing captured. */
  readonly branches: readonly Jaxpr[];
}

/** True in a column if it is in any row. */
const anyOf = (rows: readonly (readonly boolean[])[]): boolean[] => rows[0]!.map((_, i) => rows.some((row) => row[i]!));

export const cond_p: Primitive<CondParams> & PartialEvalRule & TransposeRule = {
  name: "cond",
  type: (_xs, { branches }) => branches[0]!.outAvals,
  derivative: {
    kind: "jvp",
    jvp([index, ...primals]: readonly Tracer[], [, ...tangents]: readonly Tangent[], { branches }: CondParams) {
      const nonzero = tangents.map((t) => t !== null);
      const forced = anyOf(branches.map((b) => jvpJaxpr(b, nonzero).outHasTangent));
      const both = branches.map((b) => jvpJaxpr(b, nonzero, forced).jaxpr);
      const outs = bind(cond_p, [index!, ...primals, ...tangents.filter((t) => t !== null)], { branches: both });
      let next = forced.length;
      return [outs.slice(0, next), forced.map((has) => (has ? outs[next++]! : null))];
    },
  },
  batch: condBatch,
  lower(xs, _avals, { branches }) {
    return exprControl({
      kind: "switch",
      operands: xs,
      branches: branches.map(lowerNested),
      outs: branches[0]!.outAvals,
    });
  },
  partialEval: condPartialEval,
  transposeJaxpr: condTranspose,
};

function condBatch(
  [index, ...xs]: readonly Tracer[],
  [indexDim, ...dims]: readonly BatchDim[],
  size: number,
  { branches }: CondParams,
): [Tracer[], BatchDim[]] {
  const moved = xs.map((x, i) => (dims[i] === null ? x : moveaxis(x, dims[i]!, 0)));
  const batched = dims.map((d) => d !== null);
  if (indexDim === null || indexDim === undefined) {
    const forced = anyOf(branches.map((b) => batchJaxpr(b, size, batched).outBatched));
    const all = branches.map((b) => batchJaxpr(b, size, batched, forced).jaxpr);
    return [bind(cond_p, [index!, ...moved], { branches: all }), forced.map((b): BatchDim => (b ? 0 : null))];
  }
  // Every example has its own branch: all branches are computed, and each example takes its own.
  const forced = branches[0]!.outs.map(() => true);
  const results = branches.map((b) => evalJaxpr(batchJaxpr(b, size, batched, forced).jaxpr, moved));
  const outs = forced.map((_, i) => {
    const cases = results.map((r) => r[i]!);
    const { shape, ndim } = cases[0]!;
    const which = reshape(index!, [size, ...shape.slice(1).map(() => 1)]);
    return selectN(broadcastInDim(which, shape, range(ndim)), ...(cases.length === 1 ? [cases[0]!, cases[0]!] : cases));
  });
  return [outs, outs.map(() => 0)];
}

function condPartialEval(trace: PartialEvalTrace, args: readonly Tracer[], { branches }: CondParams): Tracer[] {
  const [index, ...xs] = args as [Tracer, ...Tracer[]];
  if (trace.isUnknown(index)) return trace.record(cond_p, args, { branches });
  const unknown = xs.map((x) => trace.isUnknown(x));
  const outUnknown = anyOf(branches.map((b) => splitJaxpr(b, unknown).outUnknown));
  const splits = branches.map((b) => splitJaxpr(b, unknown, outUnknown));
  const nKnown = outUnknown.filter((u) => !u).length;
  // Every branch gives the residuals of all branches: its own, and zeros for the others.
  const residualAvals = splits.map((s) => s.known.outAvals.slice(nKnown));
  const knowns = xs.filter((_, i) => !unknown[i]);
  const knownBranches = splits.map(({ known }, k) =>
    stageClosed((inputs) => {
      const outs = evalJaxpr(known, inputs);
      const zeros = (avals: readonly Aval[]): Tracer[] => avals.map((a) => zerosLike(a));
      return [
        ...outs.slice(0, nKnown),
        ...residualAvals.flatMap((avals, j) => (j === k ? outs.slice(nKnown) : zeros(avals))),
      ];
    }, known.inAvals),
  );
  const nResiduals = residualAvals.reduce((n, a) => n + a.length, 0);
  const knownOuts =
    nKnown + nResiduals === 0 && !knownBranches.some(hasEffects)
      ? []
      : withTrace(trace.parent, () => bind(cond_p, [index, ...knowns], { branches: knownBranches }));
  if (!outUnknown.includes(true)) return knownOuts.slice(0, nKnown);
  const unknownAvals = xs.filter((_, i) => unknown[i]).map((x) => x.aval);
  const unknownBranches = splits.map(({ unknown: rest }, k) => {
    const from = residualAvals.slice(0, k).reduce((n, a) => n + a.length, 0);
    const own = residualAvals[k]!.length;
    return stageClosed(
      (inputs) => evalJaxpr(rest, [...inputs.slice(from, from + own), ...inputs.slice(nResiduals)]),
      [...residualAvals.flat(), ...unknownAvals],
    );
  });
  const operands = [index, ...knownOuts.slice(nKnown), ...xs.filter((_, i) => unknown[i])];
  const outs = trace.record(cond_p, operands, { branches: unknownBranches });
  let [k, u] = [0, 0];
  return outUnknown.map((isUnknown) => (isUnknown ? outs[u++]! : knownOuts[k++]!));
}

function condTranspose(cts: readonly Tangent[], xs: readonly (Tracer | null)[], { branches }: CondParams): Tangent[] {
  const [index, ...rest] = xs;
  const known = rest.map((x) => x !== null);
  const withCt = cts.map((ct) => ct !== null);
  const back = branches.map((b) => transposeJaxpr(b, known, withCt, true).jaxpr);
  const operands = [index!, ...rest.filter((x) => x !== null), ...cts.filter((ct) => ct !== null)];
  const outs = bind(cond_p, operands, { branches: back });
  let next = 0;
  return [null, ...known.map((isKnown) => (isKnown ? null : outs[next++]!))];
}
