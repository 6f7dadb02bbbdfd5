/** Functions of scalars as universal functions: elementwise, with reductions and products of the same function. */
import { needFunction } from "../transforms/arguments";
import { checkOptions } from "../base/option-names";
import { canonicalAxis } from "../aval/promote";
import { DTypeError, ShapeError } from "../base/errors";
import { Tracer } from "../core/tracer";
import { scan } from "../lax/segments";
import { vmap } from "../transforms/index";
import { atIndex } from "./at";
import { vectorize } from "./functional";
import { getIndex } from "./indexing";
import { stack } from "./joining";
import { type ArrayLike, broadcastArray, convert, lift } from "./lift";
import { owned } from "./owned";
import { moveaxis, ravel, reshape } from "./shape";

type Scalars = (...args: Tracer[]) => Tracer;

export interface UfuncReduceOptions {
  axis?: number | null | undefined;
  keepdims?: boolean | undefined;
  /** Starting value; needed for axes without elements if the function has no identity. */
  initial?: ArrayLike | undefined;
}

/** A function of arrays that broadcast; those of two arguments also reduce, accumulate and multiply out. */
export interface Ufunc {
  (...args: ArrayLike[]): Tracer;
  readonly nin: number;
  readonly nout: number;
  readonly nargs: number;
  /** What leaves the other argument as it is; null if nothing does. */
  readonly identity: number | boolean | null;
  /** Combines the elements along an axis (the first; null for all), from the first on. */
  reduce(a: ArrayLike, options?: UfuncReduceOptions): Tracer;
  /** As `reduce`, with all results on the way. */
  accumulate(a: ArrayLike, options?: { axis?: number }): Tracer;
  /** The function of every pair of elements. */
  outer(a: ArrayLike, b: ArrayLike): Tracer;
  /** A copy with the function applied to the elements at these positions of axis 0, one after another. */
  at(a: ArrayLike, indices: Tracer, b?: ArrayLike): Tracer;
  /** `reduce` of the parts that begin at these positions along an axis. */
  reduceat(a: ArrayLike, indices: readonly number[] | Tracer, options?: { axis?: number }): Tracer;
}

/**
 * Makes a universal function of a function of scalars.
 *
 * Errors: DTypeError for more than one result; its methods throw ShapeError where they need two arguments.
 * Differs from JAX: `at` gives a copy and takes positions along axis 0.
 * Source: numpy.frompyfunc
 * @example
 * const add = np.frompyfunc((x, y) => x.add(y), 2, 1);
 * add.accumulate(np.array([1, 2, 3])).js(); // => [1, 3, 6]
 */
export function frompyfunc(
  func: (...args: Tracer[]) => ArrayLike,
  nin: number,
  nout: number,
  options: { identity?: number | boolean | null } = {},
): Ufunc {
  needFunction("frompyfunc", func);
  checkOptions("frompyfunc", options, { identity: true });
  if (nout !== 1) throw new DTypeError(`frompyfunc: functions of one result are supported, got ${nout}`);
  const scalars: Scalars = (...args) => lift(func(...args));
  const identity = options.identity ?? null;
  const pair = (method: string): void => {
    if (nin !== 2) throw new ShapeError(`${method}: only functions of two arguments have this method, not of ${nin}`);
  };
  const call = (...args: ArrayLike[]): Tracer => {
    if (args.length !== nin) throw new ShapeError(`frompyfunc: expected ${nin} arguments, got ${args.length}`);
    return vectorize(scalars)(...args);
  };
  return Object.assign(call, {
    nin,
    nout,
    nargs: nin + nout,
    identity,
    reduce: (a: ArrayLike, o: UfuncReduceOptions = {}): Tracer => {
      pair("reduce");
      return owned(() => reduceAlong(scalars, lift(a), o, identity));
    },
    accumulate: (a: ArrayLike, o: { axis?: number } = {}): Tracer => {
      pair("accumulate");
      return owned(() => accumulateAlong(scalars, lift(a), o.axis ?? 0));
    },
    outer: (a: ArrayLike, b: ArrayLike): Tracer => {
      pair("outer");
      return owned(() => {
        const [x, y] = [lift(a), lift(b)];
        return call(reshape(x, [...x.shape, ...y.shape.map(() => 1)]), y);
      });
    },
    at: (a: ArrayLike, indices: Tracer, b?: ArrayLike): Tracer => owned(() => applyAt(call, lift(a), indices, b)),
    reduceat: (a: ArrayLike, indices: readonly number[] | Tracer, o: { axis?: number } = {}): Tracer => {
      pair("reduceat");
      return owned(() => reduceParts(scalars, lift(a), indices, o.axis ?? 0));
    },
  });
}

/** The function on whole slices: once for each element. */
const elementwise = (f: Scalars, x: Tracer, y: Tracer): Tracer => {
  const flat = (vmap(f as never) as unknown as Scalars)(reshape(x, [-1]), reshape(y, [-1]));
  return convert(reshape(flat, x.shape), x.dtype);
};

const slices = (x: Tracer, from: number): Tracer => getIndex(x, [from]);

function reduceAlong(f: Scalars, a: Tracer, o: UfuncReduceOptions, identity: number | boolean | null): Tracer {
  const all = o.axis === null;
  const at = all ? 0 : canonicalAxis("reduce", o.axis ?? 0, a.ndim);
  const x = all ? ravel(a) : moveaxis(a, at, 0);
  const [n, ...rest] = x.shape as [number, ...number[]];
  const start = o.initial ?? (n === 0 ? identity : null);
  if (start === null && n === 0) throw new ShapeError("reduce: nothing to combine and no identity; give initial");
  const first = start === null ? getIndex(x, 0) : broadcastArray(convert(lift(start), x.dtype), rest);
  const others = start === null ? slices(x, 1) : x;
  const step = (c: Tracer, y: Tracer): [Tracer, null] => [elementwise(f, c, y), null];
  const out = others.shape[0] === 0 ? first.handle() : (scan(step, first, others)[0] as Tracer);
  if (o.keepdims !== true) return out;
  return reshape(
    out,
    a.shape.map((s, i) => (all || i === at ? 1 : s)),
  );
}

function accumulateAlong(f: Scalars, a: Tracer, axis: number): Tracer {
  const at = canonicalAxis("accumulate", axis, a.ndim);
  const x = moveaxis(a, at, 0);
  if (x.shape[0]! < 2) return a.handle();
  const step = (c: Tracer, y: Tracer): [Tracer, Tracer] => {
    const next = elementwise(f, c, y);
    return [next, next];
  };
  const first = getIndex(x, 0);
  const rest = scan(step, first, slices(x, 1))[1] as Tracer;
  return moveaxis(stack([first, ...rest]), 0, at);
}

function applyAt(call: (...args: ArrayLike[]) => Tracer, a: Tracer, indices: Tracer, b?: ArrayLike): Tracer {
  if (b === undefined) return atIndex(a, indices).set(convert(call(getIndex(a, indices)), a.dtype));
  const at = ravel(indices);
  const shape = [...indices.shape, ...a.shape.slice(1)];
  const values = reshape(broadcastArray(lift(b), shape), [at.size, ...a.shape.slice(1)]);
  const step = (c: Tracer, [i, v]: [Tracer, Tracer]): [Tracer, null] => [
    atIndex(c, i).set(convert(call(getIndex(c, i), v), c.dtype)),
    null,
  ];
  return scan(step, a, [at, values])[0] as Tracer;
}

function reduceParts(f: Scalars, a: Tracer, indices: readonly number[] | Tracer, axis: number): Tracer {
  const at = canonicalAxis("reduceat", axis, a.ndim);
  const starts = indices instanceof Tracer ? [...indices.dataSync()] : [...indices];
  const x = moveaxis(a, at, 0);
  const n = x.shape[0]!;
  const bad = starts.find((i) => !Number.isInteger(i) || i < 0 || i >= n);
  if (bad !== undefined) throw new ShapeError(`reduceat: position ${bad} is out of range for size ${n}`);
  const parts = starts.map((from, k) => {
    const to = starts[k + 1] ?? n;
    return to > from ? reduceAlong(f, getIndex(x, [from, to]), {}, null) : getIndex(x, from);
  });
  return moveaxis(stack(parts), 0, at);
}
