/** Text that is equal for programs that do the same: what was compiled for one of them serves all. */
import type { Jaxpr } from "./jaxpr";
import { type Atom, Var } from "./var";

const ids = /* @__PURE__ */ new WeakMap<object, number>();
let nextId = 0;

/** A number for an object that counts by identity: a primitive, a function. */
function idOf(x: object): number {
  let id = ids.get(x);
  if (id === undefined) ids.set(x, (id = nextId++));
  return id;
}

/** Text of a parameter; Jaxprs inside by their structure. */
export function paramKey(value: unknown): string {
  if (value === null || typeof value !== "object") {
    if (typeof value === "function") return `f${idOf(value)}`;
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (Array.isArray(value)) return `[${value.map(paramKey).join()}]`;
  if ("eqns" in value) return jaxprKey(value as Jaxpr);
  if (Object.getPrototypeOf(value) !== Object.prototype) return `o${idOf(value)}`;
  return `{${Object.entries(value)
    .map(([k, v]) => `${k}:${paramKey(v)}`)
    .join()}}`;
}

/** Equal for Jaxprs with equal equations. */
export function jaxprKey(jaxpr: Jaxpr): string {
  const numbers = new Map<Var, number>();
  const binder = (v: Var): string => {
    numbers.set(v, numbers.size);
    return String(v.aval.id);
  };
  const atom = (a: Atom): string =>
    a instanceof Var ? `v${numbers.get(a)}` : `${Object.is(a.value, -0) ? "-0" : a.value}:${a.aval.id}`;
  const ins = [...jaxpr.constBinders, ...jaxpr.inBinders].map(binder).join();
  const eqns = jaxpr.eqns.map((e) => {
    const operands = e.inputs.map(atom).join();
    return `${idOf(e.primitive)}(${operands})${paramKey(e.params)}=${e.outBinders.map(binder).join()}`;
  });
  return `(${ins}|${eqns.join(";")}|${jaxpr.outs.map(atom).join()})`;
}
