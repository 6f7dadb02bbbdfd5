/** Transposition: running a linear Jaxpr backward, from cotangents of its results to those of its inputs. */
import { InternalError } from "../base/errors";
import type { AnyParams, AnyPrimitive, Tangent } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { type Eqn, type Jaxpr } from "../jaxpr/jaxpr";
import { type Atom, Var } from "../jaxpr/var";
import { add } from "../ops/arith";
import { zerosLike } from "../ops/broadcast";

/** Primitives that hold a linear Jaxpr transpose it; see `jit.ts`. */
export interface TransposeRule {
  /** `xs[i]` is null for linear arguments; the result has their cotangents, null elsewhere. */
  transposeJaxpr(cts: readonly Tangent[], xs: readonly (Tracer | null)[], params: AnyParams): Tangent[];
}

/** Cotangents of `jaxpr.inBinders`. Constants are the residuals; everything else is linear in the inputs. */
export function backwardPass(jaxpr: Jaxpr, residuals: readonly Tracer[], cts: readonly Tangent[]): Tangent[] {
  const known = new Map<Var, Tracer>();
  jaxpr.constBinders.forEach((v, i) => known.set(v, residuals[i]!));
  const cotangents = new Map<Var, Tracer>();
  const accumulate = (a: Atom, ct: Tangent): void => {
    if (ct === null || !(a instanceof Var) || known.has(a)) return;
    const before = cotangents.get(a);
    cotangents.set(a, before === undefined ? ct : add(before, ct));
  };
  jaxpr.outs.forEach((a, i) => accumulate(a, cts[i]!));
  for (let i = jaxpr.eqns.length - 1; i >= 0; i--) {
    const eqn = jaxpr.eqns[i]!;
    const outCts = eqn.outBinders.map((v) => cotangents.get(v) ?? null);
    if (outCts.every((ct) => ct === null)) continue;
    for (const v of eqn.outBinders) cotangents.delete(v);
    const xs = eqn.inputs.map((a) => (a instanceof Var ? (known.get(a) ?? null) : a));
    const inCts = transposeEqn(eqn, outCts, xs);
    eqn.inputs.forEach((a, k) => accumulate(a, inCts[k] ?? null));
  }
  return jaxpr.inBinders.map((v) => cotangents.get(v) ?? null);
}

function transposeEqn(eqn: Eqn, outCts: readonly Tangent[], xs: readonly (Tracer | null)[]): Tangent[] {
  const { primitive, params } = eqn;
  const rule = (primitive as AnyPrimitive & Partial<TransposeRule>).transposeJaxpr;
  if (rule !== undefined) return rule(outCts, xs, params);
  const avals = eqn.inputs.map((a) => a.aval);
  const cts = outCts.map((ct, i) => ct ?? zerosLike(eqn.outBinders[i]!.aval));
  const { derivative } = primitive;
  switch (derivative.kind) {
    case "linear":
      return derivative.transpose(cts, avals, params);
    case "bilinear": {
      const [x, y] = xs as [Tracer | null, Tracer | null];
      if ((x === null) === (y === null)) throw new InternalError(`${primitive.name}: not linear in one argument`);
      const ct = derivative.transpose(cts[0]!, [x, y], avals, params);
      return x === null ? [ct, null] : [null, ct];
    }
    case "partly-linear":
      return derivative.transpose(cts, xs, avals, params);
    case "jvp":
      if (derivative.transpose !== undefined) return derivative.transpose(cts, xs, avals, params);
      throw new InternalError(`${primitive.name} was staged as linear and has no transpose`);
    default:
      throw new InternalError(`${primitive.name} was staged as linear`);
  }
}
