/** Which named axes a program's collectives are about. */
import type { AnyParams } from "../core/primitive";
import { Jaxpr } from "./jaxpr";

const memo = /* @__PURE__ */ new WeakMap<Jaxpr, ReadonlySet<string>>();

/** Names in a Jaxpr, programs inside it included. */
function namesIn(jaxpr: Jaxpr): ReadonlySet<string> {
  let names = memo.get(jaxpr) as Set<string> | undefined;
  if (names === undefined) {
    memo.set(jaxpr, (names = new Set()));
    for (const { primitive, params } of jaxpr.eqns) {
      if (primitive.collective !== undefined) names.add((params as { axisName: string }).axisName);
      for (const inner of programsIn(params)) for (const name of namesIn(inner)) names.add(name);
    }
  }
  return names;
}

/** Jaxprs among the parameters of an equation, and in lists among them. */
function programsIn(params: AnyParams): Jaxpr[] {
  return Object.values(params as object)
    .flat()
    .filter((p) => p instanceof Jaxpr);
}

/** Whether a program among these parameters has a collective over the axis. */
export function usesAxis(params: AnyParams, name: string): boolean {
  return programsIn(params).some((jaxpr) => namesIn(jaxpr).has(name));
}
