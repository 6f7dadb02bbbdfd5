/** The loop with a static number of steps: one body, a carry, and slices of arrays going in and coming out. */
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
import { add } from "../ops/arith";
import { broadcastInDim, zerosLike } from "../ops/broadcast";
import { moveaxis } from "../ops/transpose";
import { batchJaxpr, fixpoint, jvpJaxpr, mask, memo, reorder, stageClosed, transposeJaxpr } from "./derived";
import { type PartialEvalRule, type PartialEvalTrace, splitJaxpr } from "./partial-eval";
import { splitScan } from "./scan-split";
import type { TransposeRule } from "./transpose";

export interface ScanParams {
  /** [constants..., carry..., slice of each of xs...] to [next carry..., slice of each of ys...]; captures nothing. */
  readonly jaxpr: Jaxpr;
  readonly length: number;
  readonly numCarry: number;
  readonly numConsts: number;
  readonly reverse: boolean;
}

/** Params of derived programs are kept, so that what was compiled for them is found again. */
const paramsMemo = /* @__PURE__ */ memo<ScanParams>((jaxpr, key) => {
  const [length, numCarry, numConsts, reverse] = key.split(":").map(Number) as [number, number, number, number];
  return { jaxpr, length, numCarry, numConsts, reverse: reverse === 1 };
});

export function scanParams(
  jaxpr: Jaxpr,
  length: number,
  numCarry: number,
  numConsts: number,
  reverse: boolean,
): ScanParams {
  return paramsMemo(jaxpr, `${length}:${numCarry}:${numConsts}:${reverse ? 1 : 0}`);
}

interface Parts<T> {
  readonly consts: T[];
  readonly carry: T[];
  readonly xs: T[];
}

function parts<T>(list: readonly T[], { numConsts, numCarry }: ScanParams): Parts<T> {
  const firstX = numConsts + numCarry;
  return { consts: list.slice(0, numConsts), carry: list.slice(numConsts, firstX), xs: list.slice(firstX) };
}

const stacked = (aval: Aval, length: number): Aval => aval.withShape([length, ...aval.shape]);
const isTrue = (xs: readonly boolean[]): number[] => range(xs.length).filter((i) => xs[i]);
const shifted = (xs: readonly number[], by: number): number[] => xs.map((x) => x + by);

export const scan_p: Primitive<ScanParams> & PartialEvalRule & TransposeRule = {
  name: "scan",
  type(_xs, { jaxpr, numCarry, length }) {
    const outs = jaxpr.outAvals;
    return [...outs.slice(0, numCarry), ...outs.slice(numCarry).map((a) => stacked(a, length))];
  },
  derivative: { kind: "jvp", jvp: scanJvp },
  batch: scanBatch,
  lower(xs, _avals, params) {
    const { jaxpr, length, numCarry, numConsts, reverse } = params;
    const outs = scan_p.type([], params);
    const body = lowerNested(jaxpr);
    return exprControl({
      kind: "scan",
      operands: xs,
      nConsts: numConsts,
      nCarry: numCarry,
      length,
      reverse,
      body,
      outs,
    });
  },
  partialEval: scanPartialEval,
  transposeJaxpr: scanTranspose,
};

function scanJvp(primals: readonly Tracer[], tangents: readonly Tangent[], params: ScanParams): [Tracer[], Tangent[]] {
  const { jaxpr, length, numCarry, numConsts, reverse } = params;
  const has = parts(
    tangents.map((t) => t !== null),
    params,
  );
  const carry = fixpoint(has.carry, (c) => {
    const { outHasTangent } = jvpJaxpr(jaxpr, [...has.consts, ...c, ...has.xs], c);
    return outHasTangent.slice(0, numCarry);
  });
  const nonzero = [...has.consts, ...carry, ...has.xs];
  const { jaxpr: both, outHasTangent } = jvpJaxpr(jaxpr, nonzero, carry);
  // Inputs are [consts, carry, xs, their tangents]; a scan wants tangents of each kind with their kind.
  const n = primals.length;
  const number = range(n).map((i) => (nonzero[i] ? n + nonzero.slice(0, i).filter(Boolean).length : -1));
  const p = parts(range(n), params);
  const t = parts(number, params);
  const kept = (xs: readonly number[]): number[] => xs.filter((x) => x >= 0);
  const ins = [...p.consts, ...kept(t.consts), ...p.carry, ...kept(t.carry), ...p.xs, ...kept(t.xs)];
  const m = jaxpr.outs.length;
  const outT = isTrue(outHasTangent);
  const carryT = outT.filter((i) => i < numCarry);
  const outs = [
    ...range(numCarry),
    ...range(m, m + carryT.length),
    ...range(numCarry, m),
    ...range(m + carryT.length, m + outT.length),
  ];
  const nConsts = numConsts + kept(t.consts).length;
  const nCarry = numCarry + kept(t.carry).length;
  const args = parts(primals, params);
  const dargs = parts(
    primals.map((x, i) => (nonzero[i] ? (tangents[i] ?? zerosLike(x)) : null)),
    params,
  );
  const present = (xs: readonly (Tracer | null)[]): Tracer[] => xs.filter((x) => x !== null);
  const operands = [
    ...args.consts,
    ...present(dargs.consts),
    ...args.carry,
    ...present(dargs.carry),
    ...args.xs,
    ...present(dargs.xs),
  ];
  const results = bind(scan_p, operands, scanParams(reorder(both, ins, outs), length, nCarry, nConsts, reverse));
  const primalOuts: Tracer[] = [];
  const tangentOuts: Tangent[] = new Array<Tangent>(m).fill(null);
  outs.forEach((from, at) => {
    if (from < m) primalOuts[from] = results[at]!;
    else tangentOuts[outT[from - m]!] = results[at]!;
  });
  return [primalOuts, tangentOuts];
}

function scanBatch(
  xs: readonly Tracer[],
  dims: readonly BatchDim[],
  size: number,
  params: ScanParams,
): [Tracer[], BatchDim[]] {
  const { jaxpr, length, numCarry, numConsts, reverse } = params;
  const has = parts(
    dims.map((d) => d !== null),
    params,
  );
  const carry = fixpoint(has.carry, (c) =>
    batchJaxpr(jaxpr, size, [...has.consts, ...c, ...has.xs], c).outBatched.slice(0, numCarry),
  );
  const { jaxpr: batched, outBatched } = batchJaxpr(jaxpr, size, [...has.consts, ...carry, ...has.xs], carry);
  const operands = xs.map((x, i) => {
    const d = dims[i]!;
    if (d !== null) return moveaxis(x, d, i >= numConsts + numCarry ? 1 : 0);
    const isCarry = i >= numConsts && i < numConsts + numCarry && carry[i - numConsts]!;
    return isCarry ? broadcastInDim(x, [size, ...x.shape], range(1, x.ndim + 1)) : x;
  });
  const outs = bind(scan_p, operands, scanParams(batched, length, numCarry, numConsts, reverse));
  return [outs, outBatched.map((b, i) => (b ? (i < numCarry ? 0 : 1) : null))];
}

function scanPartialEval(trace: PartialEvalTrace, args: readonly Tracer[], params: ScanParams): Tracer[] {
  const { jaxpr, length, numCarry, reverse } = params;
  const isUnknown = parts(
    args.map((x) => trace.isUnknown(x)),
    params,
  );
  const carry = fixpoint(isUnknown.carry, (c) =>
    splitJaxpr(jaxpr, [...isUnknown.consts, ...c, ...isUnknown.xs], c).outUnknown.slice(0, numCarry),
  );
  const unknown = [...isUnknown.consts, ...carry, ...isUnknown.xs];
  const nKnownConsts = isUnknown.consts.filter((u) => !u).length;
  const { split, residuals, invariants, known } = splitScan(jaxpr, `${mask(unknown)}:${mask(carry)}:${nKnownConsts}`);
  const p = parts(args, params);
  const where = (list: readonly Tracer[], flags: readonly boolean[], wanted: boolean): Tracer[] =>
    list.filter((_, i) => flags[i] === wanted);
  const knownConsts = where(p.consts, isUnknown.consts, false);
  const knownXs = where(p.xs, isUnknown.xs, false);
  const knownArgs = [...knownConsts, ...where(p.carry, carry, false), ...knownXs];
  const nKnownCarry = carry.filter((u) => !u).length;
  const knownOuts =
    known.outs.length === 0 && !hasEffects(known)
      ? []
      : trace.parent.process(scan_p, knownArgs, scanParams(known, length, nKnownCarry, nKnownConsts, reverse));
  const once = invariants.outs.length === 0 ? [] : withTrace(trace.parent, () => evalJaxpr(invariants, knownConsts));
  const nKnown = split.outUnknown.filter((u) => !u).length;
  // Residuals that do not change are constants of the unknown loop, the others slices of stacks.
  const constResiduals: Tracer[] = [];
  const stacks: Tracer[] = [];
  const constAt: number[] = [];
  const stackAt: number[] = [];
  residuals.forEach((r, i) => {
    if (r.from === "stack") {
      stackAt.push(i);
      stacks.push(knownOuts[nKnown + r.index]!);
    } else if (r.from === "xs") {
      stackAt.push(i);
      stacks.push(knownXs[r.index]!);
    } else {
      constAt.push(i);
      constResiduals.push(r.from === "const" ? knownConsts[r.index]! : once[r.index]!);
    }
  });
  const nRes = residuals.length;
  const u = { consts: isTrue(isUnknown.consts).length, carry: isTrue(carry).length, xs: isTrue(isUnknown.xs).length };
  const ins = [
    ...constAt,
    ...shifted(range(u.consts), nRes),
    ...shifted(range(u.carry), nRes + u.consts),
    ...stackAt,
    ...shifted(range(u.xs), nRes + u.consts + u.carry),
  ];
  const rest = reorder(split.unknown, ins, range(split.unknown.outs.length));
  const operands = [
    ...constResiduals,
    ...where(p.consts, isUnknown.consts, true),
    ...where(p.carry, carry, true),
    ...stacks,
    ...where(p.xs, isUnknown.xs, true),
  ];
  const unknownOuts =
    rest.outs.length === 0
      ? []
      : trace.record(scan_p, operands, scanParams(rest, length, u.carry, constAt.length + u.consts, reverse));
  let k = 0;
  let j = 0;
  return split.outUnknown.map((isU) => (isU ? unknownOuts[j++]! : knownOuts[k++]!));
}

/** key: which constants are known, which xs are known. */
const transposeMemo = /* @__PURE__ */ memo<Jaxpr>((jaxpr, key) => {
  const [constsText, carryText, xsText] = key.split(":") as [string, string, string];
  const flags = (text: string): boolean[] => [...text].map((c) => c === "1");
  const [constKnown, xsKnown] = [flags(constsText), flags(xsText)];
  const nCarry = Number(carryText);
  const known = [...constKnown, ...new Array<boolean>(nCarry).fill(false), ...xsKnown];
  const back = transposeJaxpr(
    jaxpr,
    known,
    jaxpr.outs.map(() => true),
    true,
  ).jaxpr;
  const nConst = constKnown.filter(Boolean).length;
  const nLinear = constKnown.length - nConst;
  const linearAvals = jaxpr.inAvals.filter((_, i) => i < constKnown.length && !constKnown[i]);
  const nXs = xsKnown.filter(Boolean).length;
  const avals = [
    ...back.inAvals.slice(0, nConst),
    ...linearAvals,
    ...back.inAvals.slice(nConst + nXs, nConst + nXs + nCarry),
    ...back.inAvals.slice(nConst, nConst + nXs),
    ...back.inAvals.slice(nConst + nXs + nCarry),
  ];
  return stageClosed((inputs) => {
    // Inputs: known consts, sums of cotangents of linear consts, cotangents of the carry, known slices, those of ys.
    let at = 0;
    const take = (n: number): Tracer[] => inputs.slice(at, (at += n));
    const [consts, sums, carry, xs] = [take(nConst), take(nLinear), take(nCarry), take(nXs)];
    const outs = evalJaxpr(back, [...consts, ...xs, ...carry, ...inputs.slice(at)]);
    return [...sums.map((s, i) => add(s, outs[i]!)), ...outs.slice(nLinear)];
  }, avals);
});

function scanTranspose(cts: readonly Tangent[], xs: readonly (Tracer | null)[], params: ScanParams): Tangent[] {
  const { jaxpr, length, numCarry, numConsts, reverse } = params;
  const p = parts(xs, params);
  const isKnown = (list: readonly (Tracer | null)[]): boolean[] => list.map((x) => x !== null);
  const [constKnown, xsKnown] = [isKnown(p.consts), isKnown(p.xs)];
  const body = transposeMemo(jaxpr, `${mask(constKnown)}:${numCarry}:${mask(xsKnown)}`);
  const present = (list: readonly (Tracer | null)[]): Tracer[] => list.filter((x) => x !== null);
  const linearConsts = jaxpr.inAvals.slice(0, numConsts).filter((_, i) => !constKnown[i]);
  const outAvals = scan_p.type([], params);
  const all = cts.map((ct, i) => ct ?? zerosLike(outAvals[i]!));
  const operands = [
    ...present(p.consts),
    ...linearConsts.map((a) => zerosLike(a)),
    ...all.slice(0, numCarry),
    ...present(p.xs),
    ...all.slice(numCarry),
  ];
  const nConsts = present(p.consts).length;
  const outs = bind(scan_p, operands, scanParams(body, length, linearConsts.length + numCarry, nConsts, !reverse));
  let next = 0;
  const constCts = constKnown.map((known) => (known ? null : outs[next++]!));
  const carryCts = p.carry.map((x) => (x === null ? outs[next++]! : (next++, null)));
  const xsCts = xsKnown.map((known) => (known ? null : outs[next++]!));
  return [...constCts, ...carryCts, ...xsCts];
}
