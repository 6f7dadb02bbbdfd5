/** Staging: running a function on abstract values while a Jaxpr is written down. */
import type { Aval } from "../aval/shaped-array";
import { LeakedTracerError } from "../base/errors";
import { type Scope, Trace, currentTrace, withScope, withTrace } from "../core/interpreter";
import type { AnyParams, AnyPrimitive } from "../core/primitive";
import { Literal, Tracer } from "../core/tracer";
import { type Eqn, Jaxpr } from "../jaxpr/jaxpr";
import { type Atom, Var } from "../jaxpr/var";

class StagedTracer extends Tracer {
  readonly interpreter: StageTrace;
  readonly v: Var;
  constructor(trace: StageTrace, v: Var) {
    super();
    this.interpreter = trace;
    this.v = v;
  }
  get aval(): Aval {
    return this.v.aval;
  }
  override toString(): string {
    return `Traced<${this.aval}>`;
  }
}

export class StageTrace extends Trace {
  readonly parent: Trace;
  readonly eqns: Eqn[] = [];
  /** Captured values in order, and the variable of each. */
  readonly captured = new Map<Tracer, Var>();
  ended = false;

  constructor(parent: Trace) {
    super();
    this.parent = parent;
  }

  input(aval: Aval): Tracer {
    return new StagedTracer(this, new Var(aval));
  }

  process(primitive: AnyPrimitive, args: readonly Tracer[], params: AnyParams): Tracer[] {
    const inputs = args.map((x) => this.atom(x));
    const outBinders = primitive
      .type(
        args.map((x) => x.aval),
        params,
      )
      .map((aval) => new Var(aval));
    this.eqns.push({ primitive, inputs, params, outBinders });
    return outBinders.map((v) => new StagedTracer(this, v));
  }

  atom(x: Tracer): Atom {
    if (x instanceof Literal) return x;
    if (x instanceof StagedTracer) {
      if (x.interpreter === this) return x.v;
      if (x.interpreter.ended) {
        throw new LeakedTracerError(
          `a traced ${x.aval} was used after the function it belongs to had been traced (by jit, makeJaxpr, ...); ` +
            `return the value instead of storing it elsewhere`,
        );
      }
    }
    let v = this.captured.get(x);
    if (v === undefined) {
      // From here on the program holds a reference, whoever made the value.
      void x.ref;
      this.captured.set(x, (v = new Var(x.aval)));
    }
    return v;
  }
}

export interface Staged {
  readonly jaxpr: Jaxpr;
  /** Values of the constant binders; concrete ones carry a reference of this trace. */
  readonly consts: readonly Tracer[];
}

/**
 * The Jaxpr of a function of these avals. Arrays that the function makes belong to the trace: captured ones live on as
 * constants, the others are freed.
 */
export function stage(run: (inputs: readonly Tracer[]) => readonly Tracer[], avals: readonly Aval[]): Staged {
  const trace = new StageTrace(currentTrace());
  const made: Scope = new Set();
  let done = false;
  try {
    const inputs = avals.map((a) => trace.input(a));
    const outs = withScope(made, () => withTrace(trace, () => run(inputs)));
    const atoms = outs.map((x) => trace.atom(x));
    done = true;
    const binders = inputs.map((x) => (x as StagedTracer).v);
    return {
      jaxpr: new Jaxpr([...trace.captured.values()], binders, trace.eqns, atoms),
      consts: [...trace.captured.keys()],
    };
  } finally {
    trace.ended = true;
    if (!done) for (const x of trace.captured.keys()) x[Symbol.dispose]();
    for (const x of made) x[Symbol.dispose]();
  }
}
