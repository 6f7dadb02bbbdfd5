/**
 * The current interpreter (autodidax2's stackless form). Exactly one interpreter is current; each holds its parent.
 * A transformation makes its own current while the user's function runs, and makes its parent current while a rule
 * runs. The bottom one evaluates on devices.
 */
import { InternalError } from "../base/errors";
import type { AnyParams, AnyPrimitive } from "./primitive";
import type { Tracer } from "./tracer";

/** Arrays that a transformation made for itself; it frees those it does not return or keep. */
export type Scope = Set<Tracer>;

/** An axis that collectives can name. */
export interface NamedAxis {
  readonly name: string;
  readonly size: number;
}

export abstract class Trace {
  /** The interpreter below; null at the bottom. */
  abstract readonly parent: Trace | null;
  /** The axis that it binds. */
  readonly axis: NamedAxis | null = null;
  /** Where results of rules are registered; null when nobody frees them but the user. */
  readonly scope: Scope | null = null;
  /** Does one operation. `args` are raw values of lower interpreters or tracers of this one. */
  abstract process(primitive: AnyPrimitive, args: readonly Tracer[], params: AnyParams): Tracer[];
}

let current: Trace | null = null;
let scope: Scope | null = null;
let rule: Trace | null = null;

/** The current interpreter. */
export function currentTrace(): Trace {
  if (current === null) throw new InternalError("no interpreter is installed");
  return current;
}

/** The interpreter whose rule is running. */
export function currentRule(): Trace | null {
  return rule;
}

/** The scope that fresh concrete arrays join; null if they belong to the user. */
export function currentScope(): Scope | null {
  return scope;
}

/** Sets the bottom interpreter. Called once, by the runtime. */
export function installBaseTrace(trace: Trace): void {
  current = trace;
}

/** Applies a primitive under the current interpreter. */
export function bind(primitive: AnyPrimitive, args: readonly Tracer[], params: AnyParams): Tracer[] {
  return current!.process(primitive, args, params);
}

/** `bind` for primitives with one result. */
export function bind1(primitive: AnyPrimitive, args: readonly Tracer[], params: AnyParams): Tracer {
  return current!.process(primitive, args, params)[0]!;
}

/** Runs the user's function with `trace` current. Fresh arrays of the user's own belong to whoever owned them before. */
export function withTrace<R>(trace: Trace, run: () => R): R {
  const before = current;
  current = trace;
  try {
    return run();
  } finally {
    current = before;
  }
}

/** Runs a rule of `trace`: its parent is current, and what the rule makes joins its scope. */
export function runRule<R>(trace: Trace, run: () => R): R {
  const beforeTrace = current;
  const beforeScope = scope;
  const beforeRule = rule;
  current = trace.parent;
  rule = trace;
  if (trace.scope !== null) scope = trace.scope;
  try {
    return run();
  } finally {
    current = beforeTrace;
    scope = beforeScope;
    rule = beforeRule;
  }
}

/** Runs library code of a transformation outside rules (a backward pass): what it makes joins `into`. */
export function withScope<R>(into: Scope | null, run: () => R): R {
  const before = scope;
  scope = into;
  try {
    return run();
  } finally {
    scope = before;
  }
}

/** Frees everything in a scope except what is kept, and empties it. */
export function closeScope(into: Scope, keep: ReadonlySet<Tracer>): void {
  for (const x of into) if (!keep.has(x)) x[Symbol.dispose]();
  into.clear();
}
