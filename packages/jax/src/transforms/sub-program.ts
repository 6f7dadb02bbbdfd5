/** Bodies of loops and branches: user functions of trees as Jaxprs whose captured values are operands. */
import type { Aval } from "../aval/shaped-array";
import { DTypeError, ShapeError, TreeMismatchError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { Jaxpr } from "../jaxpr/jaxpr";
import { Var } from "../jaxpr/var";
import { convertElementType } from "../ops/convert";
import { flattenWithPath } from "../tree/index";
import { unflatten } from "../tree/flatten";
import type { JsTreeDef } from "../tree/treedef";
import { type AnyFunction, flatFunction } from "./arguments";
import { opened } from "./derived";
import { stage } from "./stage";

export interface SubFunction {
  /** [captured values..., inputs...] to results. */
  readonly jaxpr: Jaxpr;
  /** Captured values; each carries a reference that `releaseCaptured` gives back. */
  readonly consts: readonly Tracer[];
  readonly outTree: JsTreeDef;
}

/** Traces f for a list of arguments of these avals. */
export function subFunction(op: string, f: AnyFunction, inTree: JsTreeDef, avals: readonly Aval[]): SubFunction {
  const flat = flatFunction(op, f, inTree);
  const { jaxpr, consts } = stage(flat.run, avals);
  return { jaxpr: opened(jaxpr), consts, outTree: flat.outTree() };
}

/** Gives back the references that tracing took. */
export function releaseCaptured(...subs: readonly SubFunction[]): void {
  for (const sub of subs) for (const c of sub.consts) c[Symbol.dispose]();
}

/** Where leaf number i of a tree of this structure is. */
export function leafPath(tree: JsTreeDef, i: number): string {
  const numbered = unflatten(
    tree,
    Array.from({ length: tree.size }, (_, k) => k),
  );
  return flattenWithPath(numbered)[0][i]?.[0] ?? "";
}

/**
 * Checks that what a loop's body gives back can be carried on; weakly typed initial values take the dtype of the result.
 * Returns the initial values to start with, or null if they fit as they are.
 */
export function fitCarry(
  op: string,
  init: readonly Tracer[],
  inTree: JsTreeDef,
  outs: readonly Aval[],
  outTree: JsTreeDef,
): Tracer[] | null {
  if (!inTree.equals(outTree)) {
    throw new TreeMismatchError(
      `${op}: the function must give back a carry of the same structure, got ${outTree}; expected ${inTree}`,
    );
  }
  let changed = false;
  const fitted = init.map((x, i) => {
    const out = outs[i]!;
    const where = (): string => `carry${leafPath(inTree, i)}`;
    if (x.shape.join() !== out.shape.join()) {
      throw new ShapeError(
        `${op}: the carry must keep its shape, got ${out} for ${where()}; expected ${x.aval}, the shape it came in with`,
      );
    }
    if (x.dtype !== out.dtype && !x.weakType) {
      throw new DTypeError(
        `${op}: the carry must keep its dtype, got ${out} for ${where()}; expected ${x.aval}; convert with astype("${x.dtype}")`,
      );
    }
    if (!x.weakType || (out.weakType && x.dtype === out.dtype)) return x;
    changed = true;
    return convertElementType(x, out.dtype);
  });
  return changed ? fitted : null;
}

/** Jaxprs that all take [captured values of all..., inputs...]: each reads its own part of the captured values. */
export function sharedOperands(subs: readonly SubFunction[]): Jaxpr[] {
  return subs.map(({ jaxpr, consts }, k) => {
    const foreign = (s: SubFunction): Var[] => s.consts.map((c) => new Var(c.aval));
    const before = subs.slice(0, k).flatMap(foreign);
    const after = subs.slice(k + 1).flatMap(foreign);
    const n = consts.length;
    const binders = [...before, ...jaxpr.inBinders.slice(0, n), ...after, ...jaxpr.inBinders.slice(n)];
    return new Jaxpr([], binders, jaxpr.eqns, jaxpr.outs);
  });
}
