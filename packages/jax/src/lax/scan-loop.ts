/** The scan itself: tracing the body, and binding the primitive. */
import { type Aval, ShapedArray } from "../aval/shaped-array";
import { ShapeError, TreeMismatchError } from "../base/errors";
import { range } from "../base/list";
import { bind } from "../core/interpreter";
import { Literal, type Tracer } from "../core/tracer";
import { copy } from "../ops/convert";
import { type AnyFunction, flattenArgs } from "../transforms/arguments";
import { plainMode } from "../transforms/plain-mode";
import { scanParams, scan_p } from "../transforms/scan";
import { type SubFunction, fitCarry, leafPath, releaseCaptured, subFunction } from "../transforms/sub-program";
import { type JsTreeDef, structure, unflatten } from "../tree/index";

/* eslint-disable @typescript-eslint/no-explicit-any -- carries and operands are trees of any depth */

export interface ScanOptions {
  /** Number of steps; needed where `xs` is null. */
  readonly length?: number | null;
  /** Goes from the last slice to the first; results stay at the place of their slice. */
  readonly reverse?: boolean;
  /** Accepted as in JAX; the compiled loop is a loop in any case. */
  readonly unroll?: number | boolean;
  /**
   * The backward pass stores the carry of every segment and computes the rest again: true for segments of about the
   * square root of the length, a number for segments of that length.
   */
  readonly checkpoint?: boolean | number;
}

const sliceAval = (x: Tracer): Aval => ShapedArray.of(x.shape.slice(1), x.dtype, x.weakType);

/** A scalar constant as an array of its own. */
export const asArray = (x: Tracer): Tracer => (x instanceof Literal ? copy(x) : x);

/** Number of steps, from the length asked for and the sizes of xs. */
export function stepsOf(xs: readonly Tracer[], tree: JsTreeDef, length: number | null | undefined): number {
  let n = length ?? null;
  xs.forEach((x, i) => {
    if (x.ndim === 0)
      throw new ShapeError(`scan: xs must have a leading axis to go along, got ${x.aval} at xs${leafPath(tree, i)}`);
    n ??= x.shape[0]!;
    if (x.shape[0] !== n) {
      throw new ShapeError(
        `scan: leading axes must have equal sizes, got ${x.aval} at xs${leafPath(tree, i)}; expected ${n} steps`,
      );
    }
  });
  if (n === null) throw new ShapeError("scan: the number of steps is not known; pass xs or { length }");
  if (!Number.isInteger(n) || n < 0) throw new ShapeError(`scan: length must be a whole number >= 0, got ${String(n)}`);
  return n;
}

/** `scan` without its other forms. */
export function plainScan(f: AnyFunction, init: any, xs: any, options: ScanOptions): [any, any] {
  const [first, initTree] = flattenTree("scan", init);
  const [slices, xsTree] = flattenTree("scan", xs ?? null);
  const length = stepsOf(slices, xsTree, options.length);
  // Of no steps only tracing knows what comes out.
  const plain = plainMode();
  if (plain !== null && length > 0) return plain.scan(f, init, xs ?? null, length, options.reverse ?? false);
  const inTree = structure([unflatten(initTree, range(initTree.size)), unflatten(xsTree, range(xsTree.size))]);
  const trace = (carry: readonly Tracer[]): SubFunction =>
    subFunction("scan", f, inTree, [...carry.map((x) => x.aval), ...slices.map(sliceAval)]);
  let body = trace(first);
  try {
    const [carryTree, yTree] = splitPair("scan", body.outTree);
    const fit = (carry: readonly Tracer[]): Tracer[] | null =>
      fitCarry("scan", carry, initTree, body.jaxpr.outAvals.slice(0, carryTree.size), carryTree);
    const fitted = fit(first);
    const carry = fitted ?? first;
    if (fitted !== null) {
      releaseCaptured(body);
      body = trace(carry);
      fit(carry);
    }
    const params = scanParams(body.jaxpr, length, carry.length, body.consts.length, options.reverse ?? false);
    const outs = bind(scan_p, [...body.consts, ...carry, ...slices], params).map(asArray);
    return [unflatten(carryTree, outs.slice(0, carry.length)), unflatten(yTree, outs.slice(carry.length))];
  } finally {
    releaseCaptured(body);
  }
}

/** The leaves of one argument, and its structure. */
export function flattenTree(op: string, x: unknown): [Tracer[], JsTreeDef] {
  const [xs, tree] = flattenArgs(op, [x]);
  return [xs, tree.childTreedefs[0]!];
}

function splitPair(op: string, tree: JsTreeDef): [JsTreeDef, JsTreeDef] {
  const children = tree.childTreedefs;
  if (tree.nodeType !== "Array" || children.length !== 2) {
    throw new TreeMismatchError(`${op}: the function must return a list [carry, y], got ${tree}; use null for no y`);
  }
  return [children[0]!, children[1]!];
}
