/** One signature of a jitted function: what it was traced for, and what came out. */
import type { Aval } from "../aval/shaped-array";
import { range } from "../base/list";
import { copyValue } from "../base/structural";
import { boundAxes } from "../core/axes";
import { Tracer } from "../core/tracer";
import type { JsTreeDef } from "../tree/treedef";
import { type AnyFunction, flatFunction, leafToTracer } from "./arguments";
import { opened } from "./derived";
import type { JitParams } from "./jit-primitive";
import { programs } from "./programs";
import { stage } from "./stage";

export interface Entry {
  readonly inTree: JsTreeDef;
  readonly avals: readonly Aval[];
  readonly statics: readonly unknown[];
  /** Named axes around the call that it was traced in. */
  readonly axes: string;
  readonly consts: readonly Tracer[];
  /** Parameters of jit_p. The Jaxpr has no constants: captured values are leading operands. */
  readonly params: JitParams;
  readonly outTree: JsTreeDef;
}

export interface Signature {
  /** Positions of the static arguments, and their values. */
  readonly statics: readonly number[];
  readonly staticValues: readonly unknown[];
  readonly nArgs: number;
}

export function traceEntry(
  f: AnyFunction,
  inTree: JsTreeDef,
  avals: readonly Aval[],
  { statics, staticValues, nArgs }: Signature,
  generic = false,
): Entry {
  const whole: AnyFunction = (...dynamic) => {
    let next = 0;
    const args = range(nArgs).map((i): unknown => {
      const s = statics.indexOf(i);
      return s < 0 ? dynamic[next++] : staticValues[s];
    });
    return f(...args) as unknown;
  };
  const flat = flatFunction("jit", whole, inTree);
  const { jaxpr, consts } = stage(flat.run, avals);
  return {
    inTree,
    avals,
    statics: staticValues.map(copyValue),
    axes: boundAxes(),
    consts,
    params: { name: f.name || "anonymous", jaxpr: opened(jaxpr), ...(generic && { generic }) },
    outTree: flat.outTree(),
  };
}

/** Gives up what an entry holds. */
export function forget(entry: Entry): void {
  for (const c of entry.consts) c[Symbol.dispose]();
  programs().drop(entry.params);
}

/** The leaves as tracers if they have these avals. */
export function matchAvals(leaves: readonly unknown[], avals: readonly Aval[]): Tracer[] | null {
  const out = new Array<Tracer>(avals.length);
  for (let i = 0; i < avals.length; i++) {
    const leaf = leaves[i];
    const x = leaf instanceof Tracer ? leaf : leafToTracer("jit", leaf, () => `leaf ${i}`);
    if (x.aval !== avals[i]) return null;
    out[i] = x;
  }
  return out;
}

/** Concrete arrays give a new handle; tracers give themselves. */
export function isConcrete(x: Tracer): boolean {
  const h = x.handle();
  if (h === x) return false;
  h[Symbol.dispose]();
  return true;
}
