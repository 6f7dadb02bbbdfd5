/** Compilation: a function traced once for each signature, run as one program. */
import type { Aval } from "../aval/shaped-array";
import { boundAxes } from "../core/axes";
import { bind } from "../core/interpreter";
import type { BatchDim, Primitive, Tangent } from "../core/primitive";
import { Tracer } from "../core/tracer";
import type { Jaxpr } from "../jaxpr/jaxpr";
import { lowerJaxpr } from "../jaxpr/lower";
import { moveaxis } from "../ops/transpose";
import { range } from "../base/list";
import { flattenAs, unflatten } from "../tree/flatten";
import type { JsTreeDef } from "../tree/treedef";
import { type AnyFunction, flatFunction, flattenArgs, leafToTracer } from "./arguments";
import { batchJaxpr, jvpJaxpr, memo, opened, transposeJaxpr as transposeOf } from "./derived";
import { type OwnedFunction, ownedFunction } from "./linearize";
import { type PartialEvalRule, type PartialEvalTrace, splitJaxpr } from "./partial-eval";
import { stage } from "./stage";
import type { TransposeRule } from "./transpose";

export interface JitParams {
  readonly name: string;
  /** Without constants: captured values are leading operands. */
  readonly jaxpr: Jaxpr;
}

/** Params objects of derived Jaxprs are kept, since compiled programs are found by them. */
export const jitParams = /* @__PURE__ */ memo<JitParams>((jaxpr, name) => ({ name, jaxpr }));

export const jit_p: Primitive<JitParams> & PartialEvalRule & TransposeRule = {
  name: "jit",
  type: (_xs, { jaxpr }) => jaxpr.outAvals,
  derivative: {
    kind: "jvp",
    jvp(primals, tangents, { name, jaxpr }) {
      const { jaxpr: both, outHasTangent } = jvpJaxpr(
        jaxpr,
        tangents.map((t) => t !== null),
      );
      const outs = bind(jit_p, [...primals, ...tangents.filter((t) => t !== null)], jitParams(both, name));
      let next = jaxpr.outs.length;
      return [outs.slice(0, next), outHasTangent.map((has) => (has ? outs[next++]! : null))];
    },
  },
  batch(xs, dims, size, { name, jaxpr }) {
    const moved = xs.map((x, i) => (dims[i] === null ? x : moveaxis(x, dims[i]!, 0)));
    const { jaxpr: batched, outBatched } = batchJaxpr(
      jaxpr,
      size,
      dims.map((d) => d !== null),
    );
    return [bind(jit_p, moved, jitParams(batched, name)), outBatched.map((b): BatchDim => (b ? 0 : null))];
  },
  lower: (xs, _avals, { jaxpr }) => lowerJaxpr(jaxpr, xs),
  partialEval(trace: PartialEvalTrace, args, { name, jaxpr }: JitParams) {
    const unknown = args.map((x) => trace.isUnknown(x));
    const split = splitJaxpr(jaxpr, unknown);
    const knowns = trace.parent.process(
      jit_p,
      args.filter((_, i) => !unknown[i]),
      jitParams(split.known, name),
    );
    const nKnown = split.outUnknown.filter((u) => !u).length;
    const residuals = knowns.slice(nKnown);
    const unknowns = args.filter((_, i) => unknown[i]);
    const outs = split.outUnknown.includes(true)
      ? trace.record(jit_p, [...residuals, ...unknowns], jitParams(split.unknown, name))
      : [];
    let k = 0;
    let u = 0;
    return split.outUnknown.map((isUnknown) => (isUnknown ? outs[u++]! : knowns[k++]!));
  },
  transposeJaxpr(cts: readonly Tangent[], xs, { name, jaxpr }: JitParams) {
    const { jaxpr: back, hasCt } = transposeOf(
      jaxpr,
      xs.map((x) => x !== null),
      cts.map((ct) => ct !== null),
    );
    const operands = [...xs.filter((x) => x !== null), ...cts.filter((ct) => ct !== null)];
    const outs = back.outs.length === 0 ? [] : bind(jit_p, operands, jitParams(back, name));
    let linear = 0;
    let next = 0;
    return xs.map((x) => (x === null && hasCt[linear++] ? outs[next++]! : null));
  },
};

export interface JitOptions {
  /** Arguments that are constants of the program: any JS values, compared with `Object.is`, or by content if plain. */
  readonly staticArgnums?: number | readonly number[];
}

interface Entry {
  readonly inTree: JsTreeDef;
  readonly avals: readonly Aval[];
  readonly statics: readonly unknown[];
  /** Named axes around the call that it was traced in. */
  readonly axes: string;
  readonly consts: readonly Tracer[];
  readonly params: JitParams;
  readonly outTree: JsTreeDef;
}

const MAX_ENTRIES = 256;

/** Called with the params of a program that is not needed any more; the runtime frees what it compiled. */
let dropProgram: (params: object) => void = () => undefined;
export function onDropProgram(drop: (params: object) => void): void {
  dropProgram = drop;
}

/**
 * Compiles f: the first call with new shapes and dtypes traces it, later calls run one program.
 *
 * `f` must be pure; JS numbers and booleans among the arguments are traced as scalars. `dispose()` frees compiled
 * programs and captured arrays.
 * Errors: ConcretizationError if f asks for the value of a traced array.
 * @example
 * const f = jit((x) => np.sin(x).mul(2));
 * f(np.array([0])).js(); // => [0]
 * f.dispose();
 */
export function jit<F extends AnyFunction>(f: F, options: JitOptions = {}): OwnedFunction<F> {
  const statics =
    typeof options.staticArgnums === "number" ? [options.staticArgnums] : [...(options.staticArgnums ?? [])];
  let entries: Entry[] = [];
  const leaves: unknown[] = [];

  const find = (
    dynamic: readonly unknown[],
    staticValues: readonly unknown[],
  ): { entry: Entry; tracers: Tracer[] } | null => {
    const axes = boundAxes();
    for (let e = entries.length - 1; e >= 0; e--) {
      const entry = entries[e]!;
      if (entry.axes !== axes) continue;
      leaves.length = 0;
      if (!flattenAs(dynamic, entry.inTree, leaves)) continue;
      if (!staticValues.every((s, i) => sameStatic(s, entry.statics[i]))) continue;
      const tracers = matchAvals(leaves, entry.avals);
      if (tracers === null) continue;
      if (e !== entries.length - 1) {
        entries.splice(e, 1);
        entries.push(entry);
      }
      return { entry, tracers };
    }
    return null;
  };

  const call = (...args: unknown[]): unknown => {
    const dynamic = statics.length === 0 ? args : args.filter((_, i) => !statics.includes(i));
    const staticValues = statics.length === 0 ? statics : statics.map((i) => args[i]);
    let found = find(dynamic, staticValues);
    let once = false;
    if (found === null) {
      const [tracers, inTree] = flattenArgs("jit", dynamic);
      const entry = traceEntry(f, inTree, tracers, statics, staticValues, args.length);
      // Programs that captured tracers of a transformation in progress are good for this call only.
      once = !entry.consts.every(isConcrete);
      if (!once) {
        if (entries.length >= MAX_ENTRIES) forget(entries.shift()!);
        entries.push(entry);
      }
      found = { entry, tracers };
    }
    const { entry, tracers } = found;
    const operands = entry.consts.length === 0 ? tracers : [...entry.consts, ...tracers];
    const outs = bind(jit_p, operands, entry.params);
    if (once) for (const c of entry.consts) c[Symbol.dispose]();
    return unflatten(entry.outTree, outs);
  };
  const dispose = (): void => {
    entries.forEach(forget);
    entries = [];
  };
  return ownedFunction(Object.defineProperty(call, "name", { value: f.name }) as unknown as F, dispose);
}

function forget(entry: Entry): void {
  for (const c of entry.consts) c[Symbol.dispose]();
  dropProgram(entry.params);
}

function traceEntry(
  f: AnyFunction,
  inTree: JsTreeDef,
  tracers: readonly Tracer[],
  statics: readonly number[],
  staticValues: readonly unknown[],
  nArgs: number,
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
  const avals = tracers.map((x) => x.aval);
  const { jaxpr, consts } = stage(flat.run, avals);
  return {
    inTree,
    avals,
    statics: staticValues,
    axes: boundAxes(),
    consts,
    params: { name: f.name || "anonymous", jaxpr: opened(jaxpr) },
    outTree: flat.outTree(),
  };
}

/** The leaves as tracers if they have these avals. */
function matchAvals(leaves: readonly unknown[], avals: readonly Aval[]): Tracer[] | null {
  const out = new Array<Tracer>(avals.length);
  for (let i = 0; i < avals.length; i++) {
    const leaf = leaves[i];
    const x = leaf instanceof Tracer ? leaf : leafToTracer("jit", leaf, () => `leaf ${i}`);
    if (x.aval !== avals[i]) return null;
    out[i] = x;
  }
  return out;
}

function sameStatic(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const plain = (x: object): boolean => Array.isArray(x) || Object.getPrototypeOf(x) === Object.prototype;
  if (!plain(a) || !plain(b)) return false;
  const [p, q] = [Object.entries(a), Object.entries(b)];
  return p.length === q.length && p.every(([k, v]) => sameStatic(v, (b as Record<string, unknown>)[k]));
}

/** Concrete arrays give a new handle; tracers give themselves. */
function isConcrete(x: Tracer): boolean {
  const h = x.handle();
  if (h === x) return false;
  h[Symbol.dispose]();
  return true;
}
