/** A Jaxpr's meaning in the kernel language. */
import { invariant } from "../base/errors";
import { withEffects } from "../kernel/effects";
import type { Expr, SubProgram } from "../kernel/expr";
import { exprConst, exprInput } from "../kernel/expr-build";
import { type Jaxpr } from "./jaxpr";
import { type Atom, Var } from "./var";

/** Expressions of the results from those of the arguments: constants first, then inputs. */
export function lowerJaxpr(jaxpr: Jaxpr, args: readonly Expr[]): Expr[] {
  const env = new Map<Var, Expr>();
  const binders = [...jaxpr.constBinders, ...jaxpr.inBinders];
  invariant(args.length === binders.length, "lowerJaxpr: number of arguments");
  binders.forEach((v, i) => env.set(v, args[i]!));
  const read = (a: Atom): Expr => (a instanceof Var ? env.get(a)! : exprConst(a.value, a.dtype));
  for (const eqn of jaxpr.eqns) {
    const outs = eqn.primitive.lower(
      eqn.inputs.map(read),
      eqn.inputs.map((a) => a.aval),
      eqn.params,
    );
    eqn.outBinders.forEach((v, i) => env.set(v, outs[i]!));
  }
  return jaxpr.outs.map(read);
}

/** A Jaxpr without constants as a program inside a program. */
export function lowerNested(jaxpr: Jaxpr): SubProgram {
  const inputs = jaxpr.inAvals;
  const args = inputs.map((aval, i) => exprInput(i, aval));
  const { result, effect } = withEffects(() => lowerJaxpr(jaxpr, args));
  return { inputs, outs: result, effect };
}
