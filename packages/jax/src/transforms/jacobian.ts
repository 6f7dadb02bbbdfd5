/** Jacobians and Hessians of functions of trees of arrays of any rank. */
import { isFloat } from "../aval/dtype";
import { DTypeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { add } from "../ops/arith";
import { broadcastInDim, iota } from "../ops/broadcast";
import { eq } from "../ops/compare";
import { convertElementType } from "../ops/convert";
import { reshape } from "../ops/reshape";
import { sliceInDim } from "../ops/slice";
import { moveaxis } from "../ops/transpose";
import { unflatten } from "../tree/flatten";
import { flatten } from "../tree/index";
import type { JsTreeDef } from "../tree/treedef";
import { type Scope, closeScope, withScope } from "../core/interpreter";
import { type AnyFunction, argumentNumbers, flattenArgs, release } from "./arguments";
import { type Argnums, type GradOptions, gradOptions } from "./grad";
import { jvp } from "./jvp";
import { vjp } from "./vjp";
import { vmap } from "./vmap";

/** For each leaf, all unit vectors of the whole tree restricted to it: [n, ...shape]. */
function basis(leaves: readonly Tracer[]): Tracer[] {
  const total = leaves.reduce((sum, x) => sum + x.size, 0);
  let start = 0;
  return leaves.map((x) => {
    const rows = iota("int32", [total, x.size], 0);
    const cols = iota("int32", [total, x.size], 1);
    const shift = broadcastInDim(sliceInDim(iota("int32", [total + 1], 0), start, start + 1), [total, x.size], [1]);
    start += x.size;
    const hit = eq(rows, add(cols, shift));
    return reshape(convertElementType(hit, x.dtype), [total, ...x.shape]);
  });
}

/** Cuts the axis of unit vectors into the leaves' parts, each in the leaf's shape. */
function cut(x: Tracer, axis: number, leaves: readonly Tracer[]): Tracer[] {
  let start = 0;
  return leaves.map((leaf) => {
    const end = start + leaf.size;
    const part = sliceInDim(x, start, end, 1, axis);
    start = end;
    return reshape(part, [...x.shape.slice(0, axis), ...leaf.shape, ...x.shape.slice(axis + 1)]);
  });
}

interface Split {
  readonly primals: unknown[];
  readonly partial: AnyFunction;
  readonly single: boolean;
}

function splitArgs(op: string, f: AnyFunction, args: readonly unknown[], argnums: Argnums): Split {
  const list = argumentNumbers(op, argnums, args.length);
  const primals = list.map((n) => args[n]);
  flattenArgs(op, primals)[0].forEach((x) => {
    if (!isFloat(x.dtype))
      throw new DTypeError(
        `${op}: differentiated inputs must have a floating dtype, got ${x.aval}; convert with x.astype("float32")`,
      );
  });
  const partial: AnyFunction = (...xs) => {
    const all = [...args];
    list.forEach((n, i) => (all[n] = xs[i]));
    return f(...all) as unknown;
  };
  return { primals, partial, single: typeof argnums === "number" };
}

/** Runs library code, freeing what it makes and does not return. */
function scoped(run: () => unknown): unknown {
  const owned: Scope = new Set();
  try {
    const [leaves, treedef] = flatten<Tracer>(withScope(owned, run));
    return unflatten(treedef, release(leaves, owned));
  } finally {
    closeScope(owned, new Set());
  }
}

/** The tree of results, each leaf a tree of the differentiated arguments. */
function nest(outTree: JsTreeDef, inTree: JsTreeDef, blocks: readonly (readonly Tracer[])[], single: boolean): unknown {
  const inner = blocks.map((row) => {
    const trees = unflatten(inTree, row as Tracer[]) as unknown as unknown[];
    return single ? trees[0] : trees;
  });
  return unflatten(outTree, inner as never[]);
}

/**
 * Jacobian by forward mode, a column at a time: best for few inputs.
 *
 * Shapes: result leaf of shape o and argument leaf of shape i give o + i. Trees nest: results outside, arguments inside.
 * Errors: DTypeError for integer arguments.
 * @example
 * jacfwd((x) => x.mul(x))(np.array([1, 2])).js(); // => [[2, 0], [0, 4]]
 */
export function jacfwd<F extends AnyFunction>(
  f: F,
  given: GradOptions | Argnums = {},
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- results are as deep as the user's function
): (...args: Parameters<F>) => any {
  const options = gradOptions("jacfwd", f, given);
  return (...args) => {
    const { primals, partial, single } = splitArgs("jacfwd", f, args, options.argnums ?? 0);
    const run = (): unknown => {
      const [xs, inTree] = flattenArgs("jacfwd", primals);
      let aux: unknown;
      const push = (...tangents: unknown[]): unknown => {
        const parts = jvp(partial, primals, unflatten(inTree, tangents) as unknown as unknown[], {
          hasAux: options.hasAux ?? false,
        }) as unknown[];
        return options.hasAux ? [parts[1], parts[2]] : [parts[1]];
      };
      const mapped = vmap(push, { inAxes: xs.map(() => 0), outAxes: options.hasAux ? [0, null] : [0] })(
        ...basis(xs),
      ) as unknown[];
      if (options.hasAux) aux = mapped[1];
      const [columns, outTree] = flatten<Tracer>(mapped[0]);
      const blocks = columns.map((c) => cut(moveaxis(c, 0, c.ndim - 1), c.ndim - 1, xs));
      const jacobian = nest(outTree, inTree, blocks, single);
      return options.hasAux ? [jacobian, aux] : jacobian;
    };
    return scoped(run);
  };
}

/**
 * Jacobian by reverse mode, a row at a time: best for few outputs.
 *
 * Shapes: as `jacfwd`.
 * Errors: DTypeError for integer arguments.
 * @example
 * jacrev((x) => x.mul(x))(np.array([1, 2])).js(); // => [[2, 0], [0, 4]]
 */
export function jacrev<F extends AnyFunction>(
  f: F,
  given: GradOptions | Argnums = {},
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- results are as deep as the user's function
): (...args: Parameters<F>) => any {
  const options = gradOptions("jacrev", f, given);
  return (...args) => {
    const { primals, partial, single } = splitArgs("jacrev", f, args, options.argnums ?? 0);
    const run = (): unknown => {
      const [, inTree] = flattenArgs("jacrev", primals);
      const [out, pull, aux] = vjp(partial, primals, { hasAux: options.hasAux ?? false }) as [
        unknown,
        AnyFunction & { dispose(): void },
        unknown,
      ];
      try {
        const [outs, outTree] = flatten<Tracer>(out);
        const back = (...cts: unknown[]): unknown => pull(unflatten(outTree, cts)) as unknown;
        const rows = flatten<Tracer>(vmap(back, { inAxes: outs.map(() => 0) })(...basis(outs)))[0];
        const byIn = rows.map((r) => cut(r, 0, outs));
        const blocks = outs.map((_, o) => byIn.map((parts) => parts[o]!));
        const jacobian = nest(outTree, inTree, blocks, single);
        return options.hasAux ? [jacobian, aux] : jacobian;
      } finally {
        pull.dispose();
      }
    };
    return scoped(run);
  };
}

/** As `jacrev`. */
export const jacobian = jacrev;

/**
 * Second derivatives: forward over reverse.
 *
 * Shapes: for a scalar result and an argument of shape s, s + s.
 * Errors: DTypeError for integer arguments.
 * @example
 * hessian((x) => x.mul(x).sum())(np.array([1, 2])).js(); // => [[2, 0], [0, 2]]
 */
export function hessian<F extends AnyFunction>(
  f: F,
  options: GradOptions | Argnums = {},
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- results are as deep as the user's function
): (...args: Parameters<F>) => any {
  return jacfwd(jacrev(f, options) as unknown as F, options);
}
