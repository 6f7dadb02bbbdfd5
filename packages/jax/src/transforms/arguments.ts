/** Arguments and results of transformed functions: leaves to tracers and back. */
import { DTypeError, DifferentiationError, JaxError, TreeMismatchError } from "../base/errors";
import { type Scope, currentScope } from "../core/interpreter";
import { Literal, Tracer, literal } from "../core/tracer";
import { copy } from "../ops/convert";
import { flattenInto, unflatten } from "../tree/flatten";
import { flattenWithPath } from "../tree/index";
import type { JsTreeDef } from "../tree/treedef";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- functions of every type are transformed
export type AnyFunction = (...args: any[]) => any;

/** A leaf as a value: arrays and tracers as they are, numbers as weak float32 scalars, booleans as bool. */
export function leafToTracer(op: string, leaf: unknown, where: () => string): Tracer {
  if (leaf instanceof Tracer) return leaf;
  if (typeof leaf === "number") return literal(leaf, "float32", true);
  if (typeof leaf === "boolean") return literal(leaf, "bool");
  throw new DTypeError(
    `${op}: ${where()} is ${describe(leaf)}, not an array; pass arrays, numbers and booleans, ` +
      `or name the argument in staticArgnums of jit`,
  );
}

function describe(x: unknown): string {
  if (x instanceof Tracer) return String(x.aval);
  if (typeof x === "string") return `the string ${JSON.stringify(x)}`;
  if (typeof x === "function") return "a function";
  if (x === null) return "null";
  return ArrayBuffer.isView(x) ? `a ${x.constructor.name} (make it an array with np.array)` : typeof x;
}

/** Throws JaxError for what is to be called and is no function. */
export function needFunction(op: string, f: unknown): void {
  if (typeof f !== "function") throw new JaxError(`${op}: expected a function, got ${describe(f)}`);
}

/** Flattens the arguments of a transformed function. */
export function flattenArgs(op: string, args: readonly unknown[]): [Tracer[], JsTreeDef] {
  if (!Array.isArray(args))
    throw new TreeMismatchError(
      `${op}: expected a list with an entry for each argument, got ${describe(args)}; write [x] for one`,
    );
  const leaves: unknown[] = [];
  const treedef = flattenInto(args, leaves);
  const tracers = leaves.map((leaf, i) => leafToTracer(op, leaf, () => `argument ${pathOf(args, i)}`));
  return [tracers, treedef];
}

/** `0.params.w`: where leaf number i of the arguments is. */
export function pathOf(args: readonly unknown[], i: number): string {
  const path = flattenWithPath(args)[0][i]?.[0] ?? "?";
  return path.replace(/^\[(\d+)\]/, "$1");
}

/** Which arguments are differentiated, counted from the front. Errors: DifferentiationError. */
export function argumentNumbers(op: string, argnums: number | readonly number[], count: number): number[] {
  return (typeof argnums === "number" ? [argnums] : argnums).map((n) => {
    const at = n < 0 ? n + count : n;
    if (Number.isInteger(at) && at >= 0 && at < count) return at;
    throw new DifferentiationError(
      `${op}: argnums names argument ${n}, but the function was called with ${count} argument(s)`,
    );
  });
}

/** Flattens what a user's function returned. */
export function flattenResult(op: string, result: unknown): [Tracer[], JsTreeDef] {
  if (result instanceof Promise) {
    throw new JaxError(`${op}: the function returned a Promise; transformed functions must not be async`);
  }
  const leaves: unknown[] = [];
  const treedef = flattenInto(result, leaves);
  return [leaves.map((leaf, i) => leafToTracer(op, leaf, () => `result ${i}`)), treedef];
}

/** A function of leaves from a function of trees; the structure of its results is known after it ran. */
export function flatFunction(
  op: string,
  f: AnyFunction,
  inTree: JsTreeDef,
): { run: (leaves: readonly Tracer[]) => Tracer[]; outTree: () => JsTreeDef } {
  let outTree: JsTreeDef | null = null;
  needFunction(op, f);
  return {
    run(leaves) {
      const args = unflatten(inTree, leaves as Tracer[]) as unknown as unknown[];
      const [outs, treedef] = flattenResult(op, f(...args));
      outTree = treedef;
      return outs;
    },
    outTree: () => outTree!,
  };
}

/**
 * Results that leave a transformation: constants become arrays, and every result is a handle of its own that the
 * transformation no longer owns.
 */
export function release(outs: readonly Tracer[], owned: Scope): Tracer[] {
  const outer = currentScope();
  return outs.map((x) => {
    if (x instanceof Literal) return copy(x);
    if (owned.delete(x)) {
      outer?.add(x);
      return x;
    }
    const own = x.handle();
    if (own !== x) outer?.add(own);
    return own;
  });
}
