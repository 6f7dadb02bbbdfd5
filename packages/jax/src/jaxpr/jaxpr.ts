/** The Jaxpr: a straight-line, typed, first-order program. Plain data; passes over it are pure functions. */
import type { Aval } from "../aval/shaped-array";
import type { AnyParams, AnyPrimitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { printJaxpr } from "./print";
import type { Atom, Var } from "./var";

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
  /** In JAX's notation: `{ lambda ; a:f32[3]. let b:f32[3] = sin a in (b,) }`. */
  toString(): string {
    return printJaxpr(this);
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
  toString(): string {
    return printJaxpr(this.jaxpr);
  }
  /** Gives back the references to captured constants. */
  dispose(): void {
    for (const c of this.consts) c.dispose();
  }
}
