/** What functions with rules of their own share: rules as functions of leaves or as Jaxprs, and the calls that hold them. */
import type { Aval } from "../aval/shaped-array";
import { DTypeError, ShapeError, TreeMismatchError } from "../base/errors";
import { range } from "../base/list";
import {
  type Scope,
  type Trace,
  bind,
  closeScope,
  currentRule,
  currentTrace,
  withScope,
  withTrace,
} from "../core/interpreter";
import type { AnyParams, AnyPrimitive } from "../core/primitive";
import { Literal, type Tracer } from "../core/tracer";
import { evalJaxpr } from "../jaxpr/evaluate";
import { Jaxpr } from "../jaxpr/jaxpr";
import { Var } from "../jaxpr/var";
import { broadcastInDim } from "../ops/broadcast";
import { convertElementType } from "../ops/convert";
import { moveaxis } from "../ops/transpose";
import { unflatten } from "../tree/flatten";
import type { JsTreeDef } from "../tree/treedef";
import { type AnyFunction, flattenArgs, release } from "./arguments";
import { batchJaxpr, jvpJaxpr, opened, reorder } from "./derived";
import { StageTrace, stage } from "./stage";
import { BatchTrace } from "./batch";

/** A rule of the user's on leaves. As a Jaxpr it can be part of a program: what it captured are its leading inputs. */
export type FlatRule = Jaxpr | ((xs: readonly Tracer[]) => Tracer[]);

export const applyRule = (rule: FlatRule, xs: readonly Tracer[]): Tracer[] =>
  rule instanceof Jaxpr ? evalJaxpr(rule, xs) : rule(xs);

/** What was made of a rule that is a function, so that programs which hold the same are found again. */
const batchedRules = /* @__PURE__ */ new WeakMap<FlatRule, Map<string, FlatRule>>();

/** The rule for batches: all results have the batch axis in front. `batched` says which inputs have it. */
export function batchRuleOnce(rule: FlatRule, size: number, batched: readonly boolean[]): FlatRule {
  let known = batchedRules.get(rule);
  if (known === undefined) batchedRules.set(rule, (known = new Map<string, FlatRule>()));
  const key = `${size}|${batched.join()}|${String(currentRule()?.axis?.name)}`;
  let made = known.get(key);
  if (made === undefined) known.set(key, (made = batchRule(rule, size, () => batched)));
  return made;
}

/** The same of a rule that has any number of inputs. */
export function batchRule(rule: FlatRule, size: number, batched: (n: number) => readonly boolean[]): FlatRule {
  if (rule instanceof Jaxpr) {
    const forced = rule.outs.map(() => true);
    return batchJaxpr(rule, size, batched(rule.inBinders.length), forced).jaxpr;
  }
  const axis = currentRule()?.axis ?? null;
  return (xs) => {
    const flags = batched(xs.length);
    const trace = new BatchTrace(currentTrace(), size, null, axis === null ? null : axis.name);
    const outs = withTrace(trace, () => rule(xs.map((x, i) => trace.wrap(x, flags[i] ? 0 : null))));
    return outs.map((y) => {
      const dim = trace.dimOf(y);
      if (dim === null) return broadcastInDim(y, [size, ...y.shape], range(1, y.ndim + 1));
      return moveaxis(trace.raw(y), dim, 0);
    });
  };
}

export interface StagedRule {
  readonly rule: FlatRule;
  /** What the rule captured, with a reference each. */
  readonly consts: readonly Tracer[];
}

/** True if what the current interpreter does ends in a program. */
function isStaging(): boolean {
  for (let t: Trace | null = currentTrace(); t !== null; t = t.parent) if (t instanceof StageTrace) return true;
  return false;
}

/** Rules call the function they belong to: those of these calls are written down this many levels deep. */
const MAX_DEPTH = 3;
let depth = 0;

/**
 * A rule that is about to become part of a program, as a Jaxpr, so that what it captures are operands of the call.
 * Elsewhere the rule stays as it is: it runs when a derivative is asked for.
 */
export function stageRule(rule: (xs: readonly Tracer[]) => Tracer[], avals: readonly Aval[]): StagedRule {
  if (!isStaging() || depth >= MAX_DEPTH) return { rule, consts: [] };
  depth++;
  try {
    const { jaxpr, consts } = stage(rule, avals);
    return { rule: opened(jaxpr), consts };
  } catch {
    // A rule that refuses does so when it is needed.
    return { rule, consts: [] };
  } finally {
    depth--;
  }
}

/** The same program with inputs that it ignores: `avals`, before input number `at`. */
export function padded(jaxpr: Jaxpr, at: number, avals: readonly Aval[]): Jaxpr {
  if (avals.length === 0) return jaxpr;
  const { inBinders } = jaxpr;
  const extra = avals.map((a) => new Var(a));
  return new Jaxpr([], [...inBinders.slice(0, at), ...extra, ...inBinders.slice(at)], jaxpr.eqns, jaxpr.outs);
}

/** Arrays that are not tracers of a transformation in progress. */
function isConcrete(x: Tracer): boolean {
  if (x instanceof Literal) return true;
  const h = x.handle();
  if (h === x) return false;
  h[Symbol.dispose]();
  return true;
}

/**
 * A call of a function with rules, from the user's code. Without tracers among the operands nothing can be
 * differentiated or mapped, so the function simply runs.
 */
export function bindFromUser(primitive: AnyPrimitive, xs: readonly Tracer[], params: { jaxpr: Jaxpr }): Tracer[] {
  if (!xs.every(isConcrete)) return bind(primitive, xs, params);
  const made: Scope = new Set();
  try {
    return release(
      withScope(made, () => evalJaxpr(params.jaxpr, xs)),
      made,
    );
  } finally {
    closeScope(made, new Set());
  }
}

/** A call of a function with rules, from a rule of an interpreter. At the bottom the rules have done their work. */
export function bindFromRule(primitive: AnyPrimitive, xs: readonly Tracer[], params: AnyParams): Tracer[] {
  if (currentTrace().parent === null) return evalJaxpr((params as { jaxpr: Jaxpr }).jaxpr, xs);
  return bind(primitive, xs, params);
}

/** Values that a rule gave, as the types ask for them. `what` names them in errors. */
export function fitTo(op: string, what: string, xs: readonly Tracer[], avals: readonly Aval[]): Tracer[] {
  return xs.map((x, i) => {
    const aval = avals[i]!;
    if (x.shape.join() !== aval.shape.join()) {
      throw new ShapeError(`${op}: ${what} has the wrong shape, got ${x.aval}; expected ${aval}`);
    }
    if (x.dtype === aval.dtype) return x;
    if (x.weakType || x instanceof Literal) return convertElementType(x, aval.dtype);
    throw new DTypeError(
      `${op}: ${what} has the wrong dtype, got ${x.aval}; expected ${aval}; convert with astype("${aval.dtype}")`,
    );
  });
}

export function sameTree(op: string, what: string, got: JsTreeDef, wanted: JsTreeDef): void {
  if (got.equals(wanted)) return;
  throw new TreeMismatchError(`${op}: ${what} has the wrong structure, got ${got}; expected ${wanted}`);
}

/** The two parts of what a rule gives. */
export function pair(op: string, what: string, result: unknown): [unknown, unknown] {
  if (Array.isArray(result) && result.length === 2) return result as [unknown, unknown];
  throw new TreeMismatchError(`${op}: the rule must return a list of two, ${what}`);
}

export interface NondiffOptions {
  /** Arguments that are not differentiated: any JS values. Rules get them first. */
  readonly nondiffArgnums?: number | readonly number[];
}

/** Arguments in two groups, and the function of those that are differentiated. */
export function splitNondiff(
  f: AnyFunction,
  args: readonly unknown[],
  { nondiffArgnums = [] }: NondiffOptions,
): { f: AnyFunction; args: unknown[]; nondiff: unknown[] } {
  const list = typeof nondiffArgnums === "number" ? [nondiffArgnums] : nondiffArgnums;
  if (list.length === 0) return { f, args: [...args], nondiff: [] };
  const at = list.map((n) => (n < 0 ? n + args.length : n));
  const partial: AnyFunction = (...xs) => {
    let next = 0;
    return f(...args.map((a, i) => (at.includes(i) ? a : (xs[next++] as unknown)))) as unknown;
  };
  return { f: partial, args: args.filter((_, i) => !at.includes(i)), nondiff: at.map((n) => args[n]) };
}

/** A Jaxpr of [captured..., leaves of one tree...] as a function of that tree. */
export function applyFlat(
  op: string,
  jaxpr: Jaxpr,
  captured: readonly Tracer[],
  inTree: JsTreeDef,
  outTree: JsTreeDef,
): AnyFunction {
  const avals = jaxpr.inAvals.slice(captured.length);
  return (x: unknown) => {
    const [xs, tree] = flattenArgs(op, [x]);
    sameTree(op, "the argument", tree.childTreedefs[0]!, inTree);
    return unflatten(outTree, evalJaxpr(jaxpr, [...captured, ...fitTo(op, "the argument", xs, avals)])) as unknown;
  };
}

/** Leaves and structure of a tree, and the structure of a list of arguments that holds it. */
export function flattenTree(op: string, x: unknown): [Tracer[], JsTreeDef, JsTreeDef] {
  const [xs, args] = flattenArgs(op, [x]);
  return [xs, args.childTreedefs[0]!, args];
}

/** Where the results of a Jaxpr are differentiated: its tangents alone, along the inputs that are marked. */
export function tangentJaxpr(jaxpr: Jaxpr, along: readonly boolean[]): Jaxpr {
  const forced = jaxpr.outs.map(() => true);
  const { jaxpr: both } = jvpJaxpr(jaxpr, along, forced);
  const n = jaxpr.outs.length;
  return reorder(both, range(both.inBinders.length), range(n, 2 * n));
}
