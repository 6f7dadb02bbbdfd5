/** Variables and operands of Jaxprs. */
import type { Aval } from "../aval/shaped-array";
import type { Literal } from "../core/tracer";

/** A variable; identity is the point. */
export class Var {
  readonly aval: Aval;
  constructor(aval: Aval) {
    this.aval = aval;
  }
}

/** An operand: a variable or a literal scalar. */
export type Atom = Var | Literal;
