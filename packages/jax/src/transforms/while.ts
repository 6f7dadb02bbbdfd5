/** The loop that runs while a condition holds. Forward mode works; reverse mode would need an unknown number of residuals. */
import { DifferentiationError } from "../base/errors";
import { range } from "../base/list";
import { bind } from "../core/interpreter";
import type { BatchDim, Primitive, Tangent } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { evalJaxpr } from "../jaxpr/evaluate";
import { Jaxpr } from "../jaxpr/jaxpr";
import { lowerNested } from "../jaxpr/lower";
import { exprControl } from "../kernel/expr-build";
import { broadcastInDim, zerosLike } from "../ops/broadcast";
import { reduceOr } from "../ops/reduce";
import { reshape } from "../ops/reshape";
import { where } from "../ops/select";
import { moveaxis } from "../ops/transpose";
import { batchJaxpr, fixpoint, jvpJaxpr, reorder, stageClosed } from "./derived";
import { type PartialEvalRule, type PartialEvalTrace, splitJaxpr } from "./partial-eval";
import type { TransposeRule } from "./transpose";

export interface WhileParams {
  /** [constants..., carry...] to one bool. */
  readonly condJaxpr: Jaxpr;
  readonly condNconsts: number;
  /** [constants..., carry...] to the next carry. */
  readonly bodyJaxpr: Jaxpr;
  readonly bodyNconsts: number;
}

function parts<T>(
  list: readonly T[],
  { condNconsts: c, bodyNconsts: b }: WhileParams,
): { cond: T[]; body: T[]; carry: T[] } {
  return { cond: list.slice(0, c), body: list.slice(c, c + b), carry: list.slice(c + b) };
}

export const while_p: Primitive<WhileParams> & PartialEvalRule & TransposeRule = {
  name: "while",
  type: (_xs, { bodyJaxpr }) => bodyJaxpr.outAvals,
  derivative: { kind: "jvp", jvp: whileJvp },
  batch: whileBatch,
  lower(xs, _avals, { condJaxpr, condNconsts, bodyJaxpr, bodyNconsts }) {
    return exprControl({
      kind: "while",
      operands: xs,
      nCond: condNconsts,
      nBody: bodyNconsts,
      cond: lowerNested(condJaxpr),
      body: lowerNested(bodyJaxpr),
      outs: bodyJaxpr.outAvals,
    });
  },
  partialEval: whilePartialEval,
  transposeJaxpr() {
    throw new DifferentiationError(
      "whileLoop: reverse-mode differentiation needs to know the number of steps; use scan, or foriLoop with bounds that " +
        "are JS numbers, or forward mode (jvp, jacfwd), or customVjp, or lax.customRoot for a fixed point",
    );
  },
};

function whileJvp(
  primals: readonly Tracer[],
  tangents: readonly Tangent[],
  params: WhileParams,
): [Tracer[], Tangent[]] {
  const { condJaxpr, condNconsts, bodyJaxpr } = params;
  const p = parts(primals, params);
  const t = parts(tangents, params);
  const nCarry = p.carry.length;
  const constT = t.body.map((x) => x !== null);
  const carryT = fixpoint(
    t.carry.map((x) => x !== null),
    (c) => jvpJaxpr(bodyJaxpr, [...constT, ...c], c).outHasTangent,
  );
  const { jaxpr: both } = jvpJaxpr(bodyJaxpr, [...constT, ...carryT], carryT);
  // [consts, carry, their tangents] becomes [consts, tangents of consts, carry, tangents of carry].
  const nConsts = p.body.length;
  const nT = constT.filter(Boolean).length;
  const all = nConsts + nCarry;
  const ins = [
    ...range(nConsts),
    ...range(all, all + nT),
    ...range(nConsts, all),
    ...range(all + nT, both.inBinders.length),
  ];
  const body = reorder(both, ins, range(both.outs.length));
  // The condition does not look at tangents.
  const nTangents = carryT.filter(Boolean).length;
  const cond = withUnused(condJaxpr, body, nCarry, nTangents);
  const carryTangents = t.carry
    .map((x, i) => (carryT[i] ? (x ?? zerosLike(p.carry[i]!)) : null))
    .filter((x) => x !== null);
  const operands = [...p.cond, ...p.body, ...t.body.filter((x) => x !== null), ...p.carry, ...carryTangents];
  const outs = bind(while_p, operands, { condJaxpr: cond, condNconsts, bodyJaxpr: body, bodyNconsts: nConsts + nT });
  let next = nCarry;
  return [outs.slice(0, nCarry), carryT.map((has) => (has ? outs[next++]! : null))];
}

/** The condition with further carried values that it does not read: those that the body carries beyond `nCarry`. */
function withUnused(cond: Jaxpr, body: Jaxpr, nCarry: number, n: number): Jaxpr {
  const extra = body.outAvals.slice(nCarry, nCarry + n);
  return stageClosed((inputs) => evalJaxpr(cond, inputs.slice(0, cond.inBinders.length)), [...cond.inAvals, ...extra]);
}

const wide = (x: Tracer, size: number): Tracer => broadcastInDim(x, [size, ...x.shape], range(1, x.ndim + 1));

function whileBatch(
  xs: readonly Tracer[],
  dims: readonly BatchDim[],
  size: number,
  params: WhileParams,
): [Tracer[], BatchDim[]] {
  const { condJaxpr, bodyJaxpr, condNconsts, bodyNconsts } = params;
  const has = parts(
    dims.map((d) => d !== null),
    params,
  );
  let carry = fixpoint(has.carry, (c) => batchJaxpr(bodyJaxpr, size, [...has.body, ...c], c).outBatched);
  const predBatched = batchJaxpr(condJaxpr, size, [...has.cond, ...carry]).outBatched[0]!;
  // Where examples stop at different times, each keeps its values from then on.
  if (predBatched) carry = carry.map(() => true);
  const cond = batchJaxpr(condJaxpr, size, [...has.cond, ...carry]).jaxpr;
  const body = batchJaxpr(bodyJaxpr, size, [...has.body, ...carry], carry).jaxpr;
  const p = parts(xs, params);
  const d = parts(dims, params);
  const front = (list: readonly Tracer[], at: readonly BatchDim[]): Tracer[] =>
    list.map((x, i) => (at[i] === null ? x : moveaxis(x, at[i]!, 0)));
  const init = front(p.carry, d.carry).map((x, i) => (carry[i] && d.carry[i] === null ? wide(x, size) : x));
  const [cc, bc] = [front(p.cond, d.cond), front(p.body, d.body)];
  const outDims = carry.map((b): BatchDim => (b ? 0 : null));
  if (!predBatched) {
    const outs = bind(while_p, [...cc, ...bc, ...init], { condJaxpr: cond, condNconsts, bodyJaxpr: body, bodyNconsts });
    return [outs, outDims];
  }
  const any = stageClosed((inputs) => [reduceOr(evalJaxpr(cond, inputs)[0]!, [0])], cond.inAvals);
  const masked = stageClosed(
    (inputs) => {
      const now = inputs.slice(condNconsts + bodyNconsts);
      const running = evalJaxpr(cond, [...inputs.slice(0, condNconsts), ...now])[0]!;
      const next = evalJaxpr(body, [...inputs.slice(condNconsts, condNconsts + bodyNconsts), ...now]);
      return next.map((y, i) => {
        const shape = [size, ...y.shape.slice(1).map(() => 1)];
        return where(broadcastInDim(reshape(running, shape), y.shape, range(y.ndim)), y, now[i]!);
      });
    },
    [...cond.inAvals.slice(0, condNconsts), ...body.inAvals],
  );
  const outs = bind(while_p, [...cc, ...cc, ...bc, ...init], {
    condJaxpr: any,
    condNconsts,
    bodyJaxpr: masked,
    bodyNconsts: condNconsts + bodyNconsts,
  });
  return [outs, outDims];
}

/** The part of the carry that is known is computed now; the whole loop is written down for the rest. */
function whilePartialEval(trace: PartialEvalTrace, args: readonly Tracer[], params: WhileParams): Tracer[] {
  const { condJaxpr, condNconsts, bodyJaxpr } = params;
  const unknown = parts(
    args.map((x) => trace.isUnknown(x)),
    params,
  );
  const carry = fixpoint(unknown.carry, (c) => splitJaxpr(bodyJaxpr, [...unknown.body, ...c], c).outUnknown);
  const whole = (): Tracer[] => trace.record(while_p, args, params);
  if (unknown.cond.includes(true)) return whole();
  const p = parts(args, params);
  const known = carry.map((u, i) => (u ? -1 : i)).filter((i) => i >= 0);
  if (known.length === 0) return whole();
  const readsUnknown = condJaxpr.eqns.some((e) => e.inputs.some((a) => isUnknownInput(a)));
  function isUnknownInput(a: unknown): boolean {
    const at = (condJaxpr.inBinders as readonly unknown[]).indexOf(a);
    return at >= condNconsts && carry[at - condNconsts]!;
  }
  if (readsUnknown || condJaxpr.outs.some(isUnknownInput)) return whole();
  const cond = reorder(condJaxpr, [...range(condNconsts), ...known.map((i) => condNconsts + i)], [0]);
  const knownConst = unknown.body.map((u, i) => (u ? -1 : i)).filter((i) => i >= 0);
  const n = unknown.body.length;
  const body = knownBody(bodyJaxpr, [...knownConst, ...known.map((i) => n + i)], known);
  const operands = [...p.cond, ...knownConst.map((i) => p.body[i]!), ...known.map((i) => p.carry[i]!)];
  const outs = trace.parent.process(while_p, operands, {
    condJaxpr: cond,
    condNconsts,
    bodyJaxpr: body,
    bodyNconsts: knownConst.length,
  });
  const all = whole();
  known.forEach((i, k) => (all[i] = outs[k]!));
  return all;
}

/** The body for the known part of the carry alone. */
function knownBody(body: Jaxpr, ins: readonly number[], outs: readonly number[]): Jaxpr {
  const unknown = body.inBinders.map((_, i) => !ins.includes(i));
  const forced = body.outs.map((_, i) => !outs.includes(i));
  const { known } = splitJaxpr(body, unknown, forced);
  return new Jaxpr([], known.inBinders, known.eqns, known.outs.slice(0, outs.length));
}
