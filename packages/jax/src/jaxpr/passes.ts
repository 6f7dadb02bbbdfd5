/** Passes over a Jaxpr: pure functions that give a smaller one. */
import { isEffect } from "./effects";
import { type Eqn, Jaxpr } from "./jaxpr";
import { type Atom, Var } from "./var";

/**
 * Without the equations that no result depends on. Binders stay, and so do equations with effects, unless they are
 * dropped.
 */
export function dce(jaxpr: Jaxpr, effects: "keep" | "drop" = "keep"): Jaxpr {
  const needed = new Set<Var>();
  const need = (a: Atom): void => {
    if (a instanceof Var) needed.add(a);
  };
  jaxpr.outs.forEach(need);
  const kept: Eqn[] = [];
  for (let i = jaxpr.eqns.length - 1; i >= 0; i--) {
    const eqn = jaxpr.eqns[i]!;
    if (!eqn.outBinders.some((v) => needed.has(v)) && !(effects === "keep" && isEffect(eqn))) continue;
    eqn.inputs.forEach(need);
    kept.push(eqn);
  }
  if (kept.length === jaxpr.eqns.length) return jaxpr;
  return new Jaxpr(jaxpr.constBinders, jaxpr.inBinders, kept.reverse(), jaxpr.outs);
}

/** Which constants and inputs the results depend on. */
export function usedBinders(jaxpr: Jaxpr): { consts: boolean[]; inputs: boolean[] } {
  const used = new Set<Var>();
  for (const eqn of jaxpr.eqns) for (const a of eqn.inputs) if (a instanceof Var) used.add(a);
  for (const a of jaxpr.outs) if (a instanceof Var) used.add(a);
  return { consts: jaxpr.constBinders.map((v) => used.has(v)), inputs: jaxpr.inBinders.map((v) => used.has(v)) };
}
