/** Partial evaluation: what is known is computed by the parent at once, what depends on unknowns is written down. */
import type { Aval } from "../aval/shaped-array";
import { type Scope, Trace, currentTrace, withTrace } from "../core/interpreter";
import type { AnyParams, AnyPrimitive } from "../core/primitive";
import { Literal, Tracer } from "../core/tracer";
import { type Eqn, Jaxpr } from "../jaxpr/jaxpr";
import { type Atom, Var } from "../jaxpr/var";
import { dce, usedBinders } from "../jaxpr/passes";
import { evalJaxpr } from "../jaxpr/evaluate";
import { stage } from "./stage";

export class UnknownTracer extends Tracer {
  readonly interpreter: PartialEvalTrace;
  readonly v: Var;
  constructor(trace: PartialEvalTrace, v: Var) {
    super();
    this.interpreter = trace;
    this.v = v;
  }
  get aval(): Aval {
    return this.v.aval;
  }
}

/** Primitives that hold a Jaxpr split it; see `jit.ts`. */
export interface PartialEvalRule {
  partialEval(trace: PartialEvalTrace, args: readonly Tracer[], params: AnyParams): Tracer[];
}

export class PartialEvalTrace extends Trace {
  readonly parent: Trace;
  override readonly scope: Scope | null;
  private readonly eqns: Eqn[] = [];
  private readonly residuals = new Map<Tracer, { v: Var; value: Tracer }>();

  constructor(parent: Trace, scope: Scope | null) {
    super();
    this.parent = parent;
    this.scope = scope;
  }

  unknown(aval: Aval): UnknownTracer {
    return new UnknownTracer(this, new Var(aval));
  }

  isUnknown(x: Tracer): x is UnknownTracer {
    return x instanceof UnknownTracer && x.interpreter === this;
  }

  process(primitive: AnyPrimitive, args: readonly Tracer[], params: AnyParams): Tracer[] {
    if (!args.some((x) => this.isUnknown(x))) return this.parent.process(primitive, args, params);
    const rule = (primitive as AnyPrimitive & Partial<PartialEvalRule>).partialEval;
    if (rule !== undefined) return rule(this, args, params);
    return this.record(primitive, args, params);
  }

  /** Writes an equation down; known arguments become residuals. */
  record(primitive: AnyPrimitive, args: readonly Tracer[], params: AnyParams): Tracer[] {
    const avals = primitive.type(
      args.map((x) => x.aval),
      params,
    );
    const outBinders = avals.map((a) => new Var(a));
    this.eqns.push({ primitive, inputs: args.map((x) => this.atom(x)), params, outBinders });
    return outBinders.map((v) => new UnknownTracer(this, v));
  }

  atom(x: Tracer): Atom {
    if (x instanceof Literal) return x;
    if (this.isUnknown(x)) return x.v;
    let r = this.residuals.get(x);
    if (r === undefined) {
      // Values of others are kept by a handle of our own: their owner may dispose them before we are done.
      const value = this.scope === null || this.scope.has(x) ? x : x.handle();
      if (value !== x) this.scope?.add(value);
      this.residuals.set(x, (r = { v: new Var(x.aval), value }));
    }
    return r.v;
  }

  /** The Jaxpr of what was written down: residuals as constants. Residuals that no result needs are left out. */
  build(inputs: readonly UnknownTracer[], outs: readonly Tracer[]): { jaxpr: Jaxpr; residuals: Tracer[] } {
    const atoms = outs.map((x) => this.atom(x));
    const all = [...this.residuals.values()];
    const whole = dce(
      new Jaxpr(
        all.map((r) => r.v),
        inputs.map((x) => x.v),
        this.eqns,
        atoms,
      ),
    );
    const used = usedBinders(whole).consts;
    const kept = all.filter((_, i) => used[i]);
    const jaxpr = new Jaxpr(
      kept.map((r) => r.v),
      whole.inBinders,
      whole.eqns,
      whole.outs,
    );
    return { jaxpr, residuals: kept.map((r) => r.value) };
  }
}

export interface SplitJaxpr {
  /** Known inputs to [known results..., residuals...]. */
  readonly known: Jaxpr;
  /** [residuals..., unknown inputs...] to unknown results. */
  readonly unknown: Jaxpr;
  /** Which results are unknown. */
  readonly outUnknown: readonly boolean[];
}

const splits = /* @__PURE__ */ new WeakMap<Jaxpr, Map<string, SplitJaxpr>>();

/** Splits a Jaxpr without constants by which inputs are unknown. `forced` results count as unknown in any case. */
export function splitJaxpr(jaxpr: Jaxpr, unknown: readonly boolean[], forced: readonly boolean[] = []): SplitJaxpr {
  let cached = splits.get(jaxpr);
  if (cached === undefined) splits.set(jaxpr, (cached = new Map()));
  const key = `${unknown.map(Number).join("")}:${forced.map(Number).join("")}`;
  let split = cached.get(key);
  if (split === undefined) cached.set(key, (split = splitUncached(jaxpr, unknown, forced)));
  return split;
}

function splitUncached(jaxpr: Jaxpr, unknown: readonly boolean[], forced: readonly boolean[]): SplitJaxpr {
  const knownAvals = jaxpr.inAvals.filter((_, i) => !unknown[i]);
  let rest: Jaxpr | null = null;
  let outUnknown: boolean[] = [];
  const known = stage((knowns) => {
    const trace = new PartialEvalTrace(currentTrace(), null);
    const unknowns: UnknownTracer[] = [];
    let next = 0;
    const args = jaxpr.inBinders.map((v, i) => {
      if (!unknown[i]) return knowns[next++]!;
      const x = trace.unknown(v.aval);
      unknowns.push(x);
      return x;
    });
    const outs = withTrace(trace, () => evalJaxpr(jaxpr, args));
    outUnknown = outs.map((x, i) => trace.isUnknown(x) || forced[i] === true);
    const built = trace.build(
      unknowns,
      outs.filter((_, i) => outUnknown[i]),
    );
    rest = new Jaxpr([], [...built.jaxpr.constBinders, ...built.jaxpr.inBinders], built.jaxpr.eqns, built.jaxpr.outs);
    return [...outs.filter((_, i) => !outUnknown[i]), ...built.residuals];
  }, knownAvals);
  return { known: known.jaxpr, unknown: rest!, outUnknown };
}
