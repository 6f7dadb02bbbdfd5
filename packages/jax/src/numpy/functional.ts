/** Functions applied along axes. */
import { needFunction } from "../transforms/arguments";
import { checkOptions } from "../base/option-names";
import { broadcastShapes, canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { type Tracer } from "../core/tracer";
import { vmap } from "../transforms/index";
import { type ArrayLike, broadcastArray, lift } from "./lift";
import { expandDims, moveaxis, reshape } from "./shape";

/**
 * Applies a function of a vector to every vector along an axis; what it gives takes the place of the axis.
 * @example
 * np.applyAlongAxis((v) => v.sum(), 0, np.ones([3, 2])).js(); // => [3, 3]
 */
export function applyAlongAxis(func1d: (x: Tracer) => ArrayLike, axis: number, x: ArrayLike): Tracer {
  const y = lift(x);
  const at = canonicalAxis("applyAlongAxis", axis, y.ndim);
  let f = (v: Tracer): Tracer => lift(func1d(v));
  for (let i = 1; i < y.ndim; i++) f = vmap(f) as unknown as typeof f;
  const out = f(moveaxis(y, at, -1));
  // The function's own axes are last; the batch axes come first, in order.
  const nNew = out.ndim - (y.ndim - 1);
  return nNew === 0 ? out : moveaxis(out, rangeOf(y.ndim - 1, out.ndim), rangeOf(at, at + nNew));
}

const rangeOf = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Applies a function of an array and an axis for each axis in turn; axes it takes away are put back with size 1. @example np.applyOverAxes(np.sum, np.ones([2, 3]), [0, 1]).js(); // => [[6]] */
export function applyOverAxes(
  func: (x: Tracer, axis: number) => ArrayLike,
  a: ArrayLike,
  axes: number | readonly number[],
): Tracer {
  let out = lift(a);
  for (const axis of typeof axes === "number" ? [axes] : axes) {
    const at = canonicalAxis("applyOverAxes", axis, out.ndim);
    const next = lift(func(out, at));
    out = next.ndim === out.ndim ? next : expandDims(next, at);
  }
  return out;
}

export interface VectorizeOptions {
  /** Positions of arguments that are passed on as they are. */
  excluded?: readonly number[] | undefined;
  /** Axes that the function itself works on: `"(n),(n)->()"`. */
  signature?: string | undefined;
}

/**
 * Turns a function of scalars (or of the axes in `signature`) into one of arrays that broadcast.
 * @example
 * np.vectorize((x, y) => np.add(x, y))(np.array([1, 2]), 1).js(); // => [2, 3]
 */
export function vectorize(
  f: (...args: Tracer[]) => Tracer,
  options: VectorizeOptions = {},
): (...args: ArrayLike[]) => Tracer {
  needFunction("vectorize", f);
  checkOptions("vectorize", options, { excluded: true, signature: true });
  const excluded = options.excluded ?? [];
  return (...args) => {
    const own = ownAxes(options.signature, args.length);
    const arrays = args.map((a, i) => (excluded.includes(i) ? (a as Tracer) : lift(a)));
    const batchOf = (x: Tracer, i: number): number[] => x.shape.slice(0, x.ndim - own[i]!);
    const mapped = arrays.flatMap((x, i) => (excluded.includes(i) ? [] : [batchOf(x, i)]));
    const batch = broadcastShapes("vectorize", ...mapped);
    if (batch.length === 0) return f(...arrays);
    // All batch axes as one, so that one map does.
    const flat = arrays.map((x, i) => {
      if (excluded.includes(i)) return x;
      const inner = x.shape.slice(x.ndim - own[i]!);
      return reshape(broadcastArray(x, [...batch, ...inner]), [-1, ...inner]);
    });
    const inAxes = arrays.map((_, i) => (excluded.includes(i) ? null : 0));
    const out = (vmap(f as never, inAxes as never) as unknown as typeof f)(...flat);
    return reshape(out, [...batch, ...out.shape.slice(1)]);
  };
}

/** How many last axes of each argument the function takes for itself. */
function ownAxes(signature: string | undefined, n: number): number[] {
  if (signature === undefined) return new Array<number>(n).fill(0);
  const left = signature.replace(/\s/g, "").split("->")[0]!;
  const lists = [...left.matchAll(/\(([^)]*)\)/g)].map((m) => (m[1] === "" ? 0 : m[1]!.split(",").length));
  if (lists.length !== n)
    throw new ShapeError(`vectorize: signature "${signature}" is for ${lists.length} arguments, got ${n}`);
  return lists;
}
