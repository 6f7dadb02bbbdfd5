/** Checks that a Jaxpr is well formed: names bound once and before use, and types as the primitives' rules give them. */
import { InternalError } from "../base/errors";
import { printAvals } from "../aval/shaped-array";
import { Jaxpr } from "./jaxpr";
import { type Atom, Var } from "./var";

/** Throws InternalError at the first equation that is wrong; checks Jaxprs in parameters too. */
export function checkJaxpr(jaxpr: Jaxpr): void {
  const bound = new Set<Var>();
  const bindVar = (v: Var): void => {
    if (bound.has(v)) throw new InternalError(`checkJaxpr: a variable ${v.aval} is bound twice`);
    bound.add(v);
  };
  const read = (a: Atom, where: string): void => {
    if (a instanceof Var && !bound.has(a))
      throw new InternalError(`checkJaxpr: ${where} reads a variable ${a.aval} that is not bound`);
  };
  [...jaxpr.constBinders, ...jaxpr.inBinders].forEach(bindVar);
  for (const { primitive, inputs, params, outBinders } of jaxpr.eqns) {
    inputs.forEach((a) => read(a, primitive.name));
    for (const value of Object.values(params as object)) if (value instanceof Jaxpr) checkJaxpr(value);
    const avals = inputs.map((a) => a.aval);
    const outs = primitive.type(avals, params);
    const same =
      outs.length === outBinders.length &&
      outs.every(
        (o, i) => o.dtype === outBinders[i]!.aval.dtype && o.shape.join() === outBinders[i]!.aval.shape.join(),
      );
    if (!same) {
      throw new InternalError(
        `checkJaxpr: ${primitive.name} of ${printAvals(avals)} gives ${printAvals(outs)}, but is bound to ${printAvals(outBinders.map((v) => v.aval))}`,
      );
    }
    outBinders.forEach(bindVar);
  }
  jaxpr.outs.forEach((a) => read(a, "the result"));
}
