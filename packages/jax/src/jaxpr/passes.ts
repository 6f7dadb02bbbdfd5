/** Passes over a Jaxpr: pure functions that give a smaller one. */
import { type Eqn, Jaxpr } from "./jaxpr";
import { type Atom, Var } from "./var";

/** Without the equations that no result depends on. Binders stay. */
export function dce(jaxpr: Jaxpr): Jaxpr {
  const needed = new Set<Var>();
  const need = (a: Atom): void => {
    if (a instanceof Var) needed.add(a);
  };
  jaxpr.outs.forEach(need);
  const kept: Eqn[] = [];
  for (let i = jaxpr.eqns.length - 1; i >= 0; i--) {
    const eqn = jaxpr.eqns[i]!;
    if (!eqn.outBinders.some((v) => needed.has(v))) continue;
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

/** Equal equations are done once. Parameters are compared by value where they are plain. */
export function cse(jaxpr: Jaxpr): Jaxpr {
  const replaced = new Map<Var, Atom>();
  const ids = new Map<object, number>();
  const idOf = (x: object): number => {
    let id = ids.get(x);
    if (id === undefined) ids.set(x, (id = ids.size));
    return id;
  };
  const resolve = (a: Atom): Atom => (a instanceof Var ? (replaced.get(a) ?? a) : a);
  const seen = new Map<string, Eqn>();
  const eqns: Eqn[] = [];
  for (const eqn of jaxpr.eqns) {
    const inputs = eqn.inputs.map(resolve);
    const operands = inputs.map((a) => (a instanceof Var ? `v${idOf(a)}` : `${a.value}${a.aval.id}`)).join();
    const key = `${idOf(eqn.primitive)}|${operands}|${paramsKey(eqn.params, idOf)}`;
    const known = seen.get(key);
    if (known === undefined) {
      const fresh: Eqn = { ...eqn, inputs };
      seen.set(key, fresh);
      eqns.push(fresh);
    } else eqn.outBinders.forEach((v, i) => replaced.set(v, known.outBinders[i]!));
  }
  return new Jaxpr(jaxpr.constBinders, jaxpr.inBinders, eqns, jaxpr.outs.map(resolve));
}

function paramsKey(x: unknown, idOf: (x: object) => number): string {
  if (x === null || typeof x !== "object")
    return typeof x === "function" ? `f${idOf(x)}` : Object.is(x, -0) ? "-0" : String(x);
  if (Array.isArray(x)) return `[${x.map((y) => paramsKey(y, idOf)).join()}]`;
  if (Object.getPrototypeOf(x) !== Object.prototype) return `o${idOf(x)}`;
  return `{${Object.entries(x)
    .map(([k, v]) => `${k}:${paramsKey(v, idOf)}`)
    .join()}}`;
}
