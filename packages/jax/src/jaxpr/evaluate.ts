/** Running a Jaxpr under the current interpreter. */
import { invariant } from "../base/errors";
import { bind } from "../core/interpreter";
import type { Tracer } from "../core/tracer";
import { type Jaxpr } from "./jaxpr";
import { type Atom, Var } from "./var";

/** Results for these arguments: constants first, then inputs. */
export function evalJaxpr(jaxpr: Jaxpr, args: readonly Tracer[]): Tracer[] {
  const env = new Map<Var, Tracer>();
  const binders = [...jaxpr.constBinders, ...jaxpr.inBinders];
  invariant(args.length === binders.length, "evalJaxpr: number of arguments");
  binders.forEach((v, i) => env.set(v, args[i]!));
  const read = (a: Atom): Tracer => (a instanceof Var ? env.get(a)! : a);
  for (const eqn of jaxpr.eqns) {
    const outs = bind(eqn.primitive, eqn.inputs.map(read), eqn.params);
    eqn.outBinders.forEach((v, i) => env.set(v, outs[i]!));
  }
  return jaxpr.outs.map(read);
}
