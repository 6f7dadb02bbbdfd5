/** Running combinations by any associative function, in a logarithmic number of parallel steps. */
import { checkOptions } from "../base/option-names";
import { canonicalAxis } from "../aval/promote";
import { ShapeError, TreeMismatchError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { concatenate } from "../ops/concatenate";
import { expandDims, reshape } from "../ops/reshape";
import { rev } from "../ops/rev";
import { slice } from "../ops/slice";
import { owned } from "../numpy/owned";
import { type AnyFunction, flattenArgs, needFunction } from "../transforms/arguments";
import { type JsTreeDef, unflatten } from "../tree/index";

export interface AssociativeScanOptions {
  readonly reverse?: boolean;
  readonly axis?: number;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- trees of any depth */

type Combine = (a: readonly Tracer[], b: readonly Tracer[]) => Tracer[];

/**
 * `ys[i] = fn(... fn(fn(xs[0], xs[1]), xs[2]) ..., xs[i])` along an axis, for an associative fn of trees of arrays.
 *
 * fn gets slices of any length along the axis, so it must work elementwise along it (or be made so by vmap).
 * Gradient: forward and reverse mode.
 * Errors: TreeMismatchError if fn changes the structure; ShapeError if lengths differ.
 * Source: G. Blelloch, "Prefix sums and their applications" (1990).
 * @example
 * lax.associativeScan((a, b) => a.add(b), np.array([1, 2, 3, 4])).js(); // => [1, 3, 6, 10]
 */
export function associativeScan(
  fn: AnyFunction,
  elems: any,
  options: AssociativeScanOptions | boolean = {},
  axis?: number,
): any {
  needFunction("associativeScan", fn);
  const o = typeof options === "boolean" ? { reverse: options, axis: axis ?? 0 } : options;
  checkOptions("associativeScan", o, { reverse: true, axis: true });
  return owned(() => {
    const [flat, tree] = flattenArgs("associativeScan", [elems]);
    const inner = tree.childTreedefs[0]!;
    if (flat.length === 0) return elems as unknown;
    const axes = flat.map((x) => canonicalAxis("associativeScan", o.axis ?? 0, x.ndim));
    const sizes = flat.map((x, i) => x.shape[axes[i]!]!);
    if (sizes.some((n) => n !== sizes[0])) {
      throw new ShapeError(`associativeScan: elements must have equal sizes along the axis, got ${sizes.join(", ")}`);
    }
    const flip = (xs: readonly Tracer[]): Tracer[] => (o.reverse ? xs.map((x, i) => rev(x, [axes[i]!])) : [...xs]);
    const combine: Combine = (a, b) => combined(fn, inner, a, b);
    return unflatten(inner, flip(scanned(combine, flip(flat), axes))) as unknown;
  });
}

function combined(fn: AnyFunction, tree: JsTreeDef, a: readonly Tracer[], b: readonly Tracer[]): Tracer[] {
  const result: unknown = fn(unflatten(tree, [...a]), unflatten(tree, [...b]));
  const [out, outTree] = flattenArgs("associativeScan", [result]);
  if (!outTree.childTreedefs[0]!.equals(tree)) {
    throw new TreeMismatchError(
      `associativeScan: the function must give the structure of its arguments, got ${outTree.childTreedefs[0]!}; expected ${tree}`,
    );
  }
  return out;
}

function part(x: Tracer, axis: number, from: number, to: number, step = 1): Tracer {
  const at = (values: readonly number[], v: number): number[] => values.map((w, i) => (i === axis ? v : w));
  return slice(
    x,
    at(
      x.shape.map(() => 0),
      from,
    ),
    at(x.shape, to),
    at(
      x.shape.map(() => 1),
      step,
    ),
  );
}

/** Pairs are combined, their scan is done, and gives every second result; the others need one step more. */
function scanned(combine: Combine, xs: readonly Tracer[], axes: readonly number[]): Tracer[] {
  const n = xs[0]!.shape[axes[0]!]!;
  if (n < 2) return [...xs];
  const all = (f: (x: Tracer, axis: number) => Tracer, list: readonly Tracer[]): Tracer[] =>
    list.map((x, i) => f(x, axes[i]!));
  const half = Math.floor(n / 2);
  const pairs = combine(
    all((x, a) => part(x, a, 0, 2 * half - 1, 2), xs),
    all((x, a) => part(x, a, 1, 2 * half, 2), xs),
  );
  const odd = scanned(combine, pairs, axes);
  const first = all((x, a) => part(x, a, 0, 1), xs);
  // Even places after the first: the result before them, combined with their own element.
  const nEven = n - half - 1;
  if (nEven === 0) return join(first, odd, axes);
  const even = combine(
    all((x, a) => part(x, a, 0, nEven), odd),
    all((x, a) => part(x, a, 2, n, 2), xs),
  );
  return join(
    first.map((x, i) => concatenate([x, even[i]!], axes[i]!)),
    odd,
    axes,
  );
}

/** Elements of two lists in turn; the first may have one more. */
function join(even: readonly Tracer[], odd: readonly Tracer[], axes: readonly number[]): Tracer[] {
  return even.map((e, i) => {
    const axis = axes[i]!;
    const o = odd[i]!;
    const n = o.shape[axis]!;
    const paired = concatenate([expandDims(part(e, axis, 0, n), [axis + 1]), expandDims(o, [axis + 1])], axis + 1);
    const flat = reshape(
      paired,
      o.shape.map((s, k) => (k === axis ? 2 * n : s)),
    );
    return e.shape[axis] === n ? flat : concatenate([flat, part(e, axis, n, n + 1)], axis);
  });
}
