/** Jaxprs made from Jaxprs by the transformations, each made once. */
import type { Aval } from "../aval/shaped-array";
import { InternalError } from "../base/errors";
import { pick, range } from "../base/list";
import { currentRule, currentTrace, withTrace } from "../core/interpreter";
import type { Tracer } from "../core/tracer";
import { evalJaxpr } from "../jaxpr/evaluate";
import { Jaxpr } from "../jaxpr/jaxpr";
import { broadcastInDim } from "../ops/broadcast";
import { moveaxis } from "../ops/transpose";
import { BatchTrace } from "./batch";
import { JVPTrace, instantiate } from "./jvp";
import { stage } from "./stage";
import { backwardPass } from "./transpose";

/** Batch sizes are arguments of passes: without a limit, a Jaxpr could gather results for ever. */
const MAX_RESULTS = 256;

/** Results of a pass over a Jaxpr, kept as long as the Jaxpr, by the pass's argument. */
export function memo<R>(compute: (jaxpr: Jaxpr, key: string) => R): (jaxpr: Jaxpr, key: string) => R {
  const cache = new WeakMap<Jaxpr, Map<string, R>>();
  return (jaxpr, key) => {
    let byKey = cache.get(jaxpr);
    if (byKey === undefined) cache.set(jaxpr, (byKey = new Map()));
    let result = byKey.get(key);
    if (result === undefined) {
      result = compute(jaxpr, key);
      if (byKey.size >= MAX_RESULTS) byKey.delete(byKey.keys().next().value!);
      byKey.set(key, result);
    }
    return result;
  };
}

/** `101`: 1 for true and for what is not null. */
export const mask = (xs: readonly unknown[]): string => xs.map((x) => (x === null || x === false ? "0" : "1")).join("");

/** A program that must not capture anything. */
function closed({ jaxpr }: { jaxpr: Jaxpr; consts: readonly Tracer[] }): Jaxpr {
  if (jaxpr.constBinders.length > 0) throw new InternalError("a derived program captured a value");
  return jaxpr;
}

/** Captured values as leading inputs. */
export function opened(jaxpr: Jaxpr): Jaxpr {
  if (jaxpr.constBinders.length === 0) return jaxpr;
  return new Jaxpr([], [...jaxpr.constBinders, ...jaxpr.inBinders], jaxpr.eqns, jaxpr.outs);
}

const reordered = /* @__PURE__ */ memo<Jaxpr>((jaxpr, key) => {
  const [ins, outs] = key.split(":").map((part) => (part === "" ? [] : part.split(",").map(Number)));
  return new Jaxpr(jaxpr.constBinders, pick(jaxpr.inBinders, ins!), jaxpr.eqns, pick(jaxpr.outs, outs!));
});

/** The same program with inputs and results in another order; results may be left out. */
export function reorder(jaxpr: Jaxpr, ins: readonly number[], outs: readonly number[]): Jaxpr {
  return reordered(jaxpr, `${ins.join()}:${outs.join()}`);
}

export interface JvpJaxpr {
  /** [inputs..., tangents of those that have one...] to [results..., tangents of those that have one...]. */
  readonly jaxpr: Jaxpr;
  readonly outHasTangent: readonly boolean[];
}

const jvpMemo = /* @__PURE__ */ memo<JvpJaxpr>((jaxpr, key) => {
  const [nonzero, forced] = key.split(":") as [string, string];
  const n = jaxpr.inBinders.length;
  const tangentAvals = jaxpr.inAvals.filter((_, i) => nonzero[i] === "1");
  let outHasTangent: boolean[] = [];
  const staged = stage(
    (inputs) => {
      const trace = new JVPTrace(currentTrace(), new Set());
      let next = n;
      const args = range(n).map((i) => trace.wrap(inputs[i]!, nonzero[i] === "1" ? inputs[next++]! : null));
      const outs = withTrace(trace, () => evalJaxpr(jaxpr, args));
      const tangents = outs.map((y, i) => {
        const t = trace.tangentOf(y);
        return forced[i] === "1" ? instantiate(t, y.aval) : t;
      });
      outHasTangent = tangents.map((t) => t !== null);
      return [...outs.map((y) => trace.primalOf(y)), ...tangents.filter((t) => t !== null)];
    },
    [...jaxpr.inAvals, ...tangentAvals],
  );
  return { jaxpr: closed(staged), outHasTangent };
});

/** Forward mode. `forced` results get a tangent even if it is zero. */
export function jvpJaxpr(jaxpr: Jaxpr, nonzero: readonly boolean[], forced: readonly boolean[] = []): JvpJaxpr {
  return jvpMemo(jaxpr, `${mask(nonzero)}:${mask(forced)}`);
}

export interface BatchedJaxpr {
  readonly jaxpr: Jaxpr;
  readonly outBatched: readonly boolean[];
}

const batchMemo = /* @__PURE__ */ memo<BatchedJaxpr>((jaxpr, key) => {
  const [sizeText, batched, forced, ...name] = key.split(":") as [string, string, string, ...string[]];
  const size = Number(sizeText);
  const axisName = name.length === 0 ? null : name.join(":");
  let outBatched: boolean[] = [];
  const avals = jaxpr.inAvals.map((a, i) => (batched[i] === "1" ? a.withShape([size, ...a.shape]) : a));
  const staged = stage((inputs) => {
    const trace = new BatchTrace(currentTrace(), size, null, axisName);
    const args = inputs.map((x, i) => trace.wrap(x, batched[i] === "1" ? 0 : null));
    const outs = withTrace(trace, () => evalJaxpr(jaxpr, args));
    outBatched = outs.map((y, i) => trace.dimOf(y) !== null || forced[i] === "1");
    return outs.map((y, i) => {
      const dim = trace.dimOf(y);
      if (dim !== null) return moveaxis(trace.raw(y), dim, 0);
      return forced[i] === "1" ? broadcastInDim(y, [size, ...y.shape], range(1, y.ndim + 1)) : y;
    });
  }, avals);
  return { jaxpr: closed(staged), outBatched };
});

/**
 * Vectorized: batched inputs and results have the batch axis in front. `forced` results are batched in any case. The axis
 * has the name that it has in the vmap whose rule is running.
 */
export function batchJaxpr(
  jaxpr: Jaxpr,
  size: number,
  batched: readonly boolean[],
  forced: readonly boolean[] = [],
): BatchedJaxpr {
  const axis = currentRule()?.axis ?? null;
  return batchMemo(jaxpr, `${size}:${mask(batched)}:${mask(forced)}${axis === null ? "" : `:${axis.name}`}`);
}

export interface TransposedJaxpr {
  /** [known inputs..., cotangents of results that have one...] to cotangents of linear inputs that have one. */
  readonly jaxpr: Jaxpr;
  /** Which linear inputs have a cotangent. */
  readonly hasCt: readonly boolean[];
}

const transposeMemo = /* @__PURE__ */ memo<TransposedJaxpr>((jaxpr, key) => {
  const [known, withCt, forced] = key.split(":") as [string, string, string];
  const knownBinders = jaxpr.inBinders.filter((_, i) => known[i] === "1");
  const linearBinders = jaxpr.inBinders.filter((_, i) => known[i] !== "1");
  const split = new Jaxpr(knownBinders, linearBinders, jaxpr.eqns, jaxpr.outs);
  const ctAvals = jaxpr.outAvals.filter((_, i) => withCt[i] === "1");
  let hasCt: boolean[] = [];
  const staged = stage(
    (inputs) => {
      let next = knownBinders.length;
      const cts = jaxpr.outs.map((_, i) => (withCt[i] === "1" ? inputs[next++]! : null));
      const back = backwardPass(split, inputs.slice(0, knownBinders.length), cts);
      const all = forced === "1" ? back.map((ct, i) => instantiate(ct, linearBinders[i]!.aval)) : back;
      hasCt = all.map((ct) => ct !== null);
      return all.filter((ct) => ct !== null);
    },
    [...knownBinders.map((v) => v.aval), ...ctAvals],
  );
  return { jaxpr: closed(staged), hasCt };
});

/** Reverse mode of a program that is linear in the inputs that are not known. `forced`: zeros where there is nothing. */
export function transposeJaxpr(
  jaxpr: Jaxpr,
  known: readonly boolean[],
  withCt: readonly boolean[],
  forced = false,
): TransposedJaxpr {
  return transposeMemo(jaxpr, `${mask(known)}:${mask(withCt)}:${forced ? 1 : 0}`);
}

/** A Jaxpr from a function of tracers that captures nothing. */
export function stageClosed(run: (inputs: readonly Tracer[]) => readonly Tracer[], avals: readonly Aval[]): Jaxpr {
  return closed(stage(run, avals));
}

/** Repeats `step` on a set of carried values until it adds none. */
export function fixpoint(
  start: readonly boolean[],
  step: (carry: readonly boolean[]) => readonly boolean[],
): boolean[] {
  let carry = [...start];
  for (;;) {
    const more = step(carry);
    const next = carry.map((x, i) => x || more[i]!);
    if (next.every((x, i) => x === carry[i])) return carry;
    carry = next;
  }
}
