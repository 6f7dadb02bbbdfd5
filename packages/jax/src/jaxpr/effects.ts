/** Which equations do something besides giving results: those stay although nobody reads what they give. */
import { type Eqn, Jaxpr } from "./jaxpr";

const memo = /* @__PURE__ */ new WeakMap<Jaxpr, boolean>();

/** Whether an equation of the Jaxpr, or of programs inside it, has an effect. */
export function hasEffects(jaxpr: Jaxpr): boolean {
  let found = memo.get(jaxpr);
  if (found === undefined) memo.set(jaxpr, (found = jaxpr.eqns.some(isEffect)));
  return found;
}

export function isEffect({ primitive, params }: Eqn): boolean {
  if (primitive.hasEffect) return true;
  for (const key in params) {
    const value: unknown = (params as Record<string, unknown>)[key];
    if (value instanceof Jaxpr) {
      if (hasEffects(value)) return true;
    } else if (Array.isArray(value) && value.some((v) => v instanceof Jaxpr && hasEffects(v))) return true;
  }
  return false;
}
