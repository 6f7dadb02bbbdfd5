/** The Jaxpr: a straight-line, typed, first-order program. Plain data; passes over it are pure functions. */
import type { Aval } from "../aval/shaped-array";
import type { AnyParams, AnyPrimitive } from "../core/primitive";
import type { Literal, Tracer } from "../core/tracer";

/** A variable; identity is the point. */
export class Var {
  readonly aval: Aval;
  constructor(aval: Aval) {
    this.aval = aval;
  }
}

/** An operand: a variable or a literal scalar. */
export type Atom = Var | Literal;

export interface Eqn {
  readonly primitive: AnyPrimitive;
  readonly inputs: readonly Atom[];
  readonly params: AnyParams;
  readonly outBinders: readonly Var[];
}

export class Jaxpr {
  /** Variables for captured constants; they come before `inBinders` in calls. */
  readonly constBinders: readonly Var[];
  readonly inBinders: readonly Var[];
  readonly eqns: readonly Eqn[];
  readonly outs: readonly Atom[];
  constructor(constBinders: readonly Var[], inBinders: readonly Var[], eqns: readonly Eqn[], outs: readonly Atom[]) {
    this.constBinders = constBinders;
    this.inBinders = inBinders;
    this.eqns = eqns;
    this.outs = outs;
  }
  get inAvals(): Aval[] {
    return this.inBinders.map((v) => v.aval);
  }
  get outAvals(): Aval[] {
    return this.outs.map((a) => a.aval);
  }
}

/** A Jaxpr with the values of its constants. */
export class ClosedJaxpr {
  readonly jaxpr: Jaxpr;
  readonly consts: readonly Tracer[];
  constructor(jaxpr: Jaxpr, consts: readonly Tracer[]) {
    this.jaxpr = jaxpr;
    this.consts = consts;
  }
  /** Gives back the references to captured constants. */
  dispose(): void {
    for (const c of this.consts) c.dispose();
  }
}
