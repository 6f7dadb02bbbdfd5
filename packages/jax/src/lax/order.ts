/** Sorting, and reductions in lax's call forms. */
import { needList } from "../base/list";
import { type DType, isBool } from "../aval/dtype";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { currentTrace } from "../core/interpreter";
import { Tracer } from "../core/tracer";
import { gatherAlong } from "../numpy/gather";
import { type ArrayLike, convert, lift } from "../numpy/lift";
import { type Named, byPosition, named } from "../numpy/arguments";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { jit } from "../transforms/jit";

export interface SortOptions {
  dimension?: number | undefined;
  /** Sorts are stable whatever is asked for. */
  isStable?: boolean | undefined;
  /** How many of the arrays are compared; the others go along. */
  numKeys?: number | undefined;
}
type SortArguments = [
  dimension?: number | SortOptions,
  isStable?: boolean | SortOptions,
  numKeys?: number | SortOptions,
];

/** Sorted along an axis; several arrays are sorted together by the first `numKeys`. @example lax.sort(np.array([2, 1])).js(); // => [1, 2] */
export function sort(operand: Tracer, ...rest: SortArguments): Tracer;
export function sort(operand: readonly Tracer[], ...rest: SortArguments): Tracer[];
export function sort(operand: Tracer | readonly Tracer[], ...rest: SortArguments): Tracer | Tracer[] {
  const { dimension = -1, numKeys = 1 } = byPosition<SortOptions>(["dimension", "isStable", "numKeys"], rest);
  const list = operand instanceof Tracer ? [operand] : needList("sort", operand);
  const at = canonicalAxis("sort", dimension, list[0]!.ndim);
  const out = ops.sort([...list], at, numKeys);
  return operand instanceof Tracer ? out[0]! : out;
}
/** Sorts keys, and values along with them. @example lax.sortKeyVal(np.array([2, 1]), np.array([5, 6]))[1].js(); // => [6, 5] */
export function sortKeyVal(keys: Tracer, values: Tracer, dimension?: number | SortOptions): [Tracer, Tracer] {
  return sort([keys, values], dimension) as [Tracer, Tracer];
}

/**
 * The `k` largest elements along an axis, descending, and their int32 indices; of equal ones the first comes first.
 *
 * Errors: ShapeError if the axis has fewer than k elements.
 * @example
 * lax.topK(np.array([3, 1, 4]), 2)[1].js(); // => [2, 0]
 */
export function topK(x: ArrayLike, k: number, axis: number | { axis?: number } = -1): [Tracer, Tracer] {
  return owned((): [Tracer, Tracer] => {
    const y = lift(x);
    if (y.ndim === 0) throw new ShapeError("topK: a scalar has no axis");
    const at = canonicalAxis("topK", named<"axis", number>("axis", axis, -1), y.ndim);
    const n = y.shape[at]!;
    if (!Number.isInteger(k) || k < 0 || k > n)
      throw new ShapeError(`topK: cannot take ${k} of the ${n} elements along axis ${at}`);
    return currentTrace().parent === null ? compiledGreatest(y, k, at) : greatest(y, k, at);
  });
}

/** Compilers that see the sort and what is read of it together need not sort everything. */
const compiledGreatest = /* @__PURE__ */ jit(greatest, { staticArgnums: [1, 2] });

function greatest(x: Tracer, k: number, axis: number): [Tracer, Tracer] {
  // Ascending and stable from the back: equal elements come out with the later index first.
  const places = ops.iota("int32", x.shape, axis);
  const sorted = ops.sort([ops.rev(ops.stopGradient(x), [axis]), ops.rev(places, [axis])], axis, 1);
  const last = (t: Tracer): Tracer => {
    const starts = t.shape.map((n, i) => (i === axis ? n - k : 0));
    return ops.rev(ops.slice(t, starts, [...t.shape]), [axis]);
  };
  const index = last(sorted[1]!);
  // Taken from where they are, so that a derivative has to do with the few that are taken, not with a sort of all.
  return [gatherAlong(x, index, axis, "promise_in_bounds"), index];
}

/** As `topK`: exact here. @example lax.approxMaxK(np.array([3, 1]), 1)[0].js(); // => [3] */
export function approxMaxK(
  operand: ArrayLike,
  k: number,
  reductionDimension?: number | Named<"reductionDimension", number>,
): [Tracer, Tracer] {
  return topK(operand, k, named("reductionDimension", reductionDimension, -1));
}

/** The k smallest elements of an axis (the last), ascending, and their positions. @example lax.approxMinK(np.array([3, 1]), 1)[0].js(); // => [1] */
export function approxMinK(
  operand: ArrayLike,
  k: number,
  reductionDimension?: number | Named<"reductionDimension", number>,
): [Tracer, Tracer] {
  return owned((): [Tracer, Tracer] => {
    const x = lift(operand);
    const [values, index] = topK(ops.neg(x), k, named("reductionDimension", reductionDimension, -1));
    return [ops.neg(values), index];
  });
}

/** Position of the first largest element along an axis. @example lax.argmax(np.array([1, 3]), 0).js(); // => 1 */
export function argmax(operand: ArrayLike, axis: number, indexDtype: DType = "int32"): Tracer {
  return owned(() =>
    convert(ops.argmax(numbers(operand), canonicalAxis("argmax", axis, lift(operand).ndim)), indexDtype),
  );
}
/** Position of the first smallest element along an axis. @example lax.argmin(np.array([1, 3]), 0).js(); // => 0 */
export function argmin(operand: ArrayLike, axis: number, indexDtype: DType = "int32"): Tracer {
  return owned(() =>
    convert(ops.argmin(numbers(operand), canonicalAxis("argmin", axis, lift(operand).ndim)), indexDtype),
  );
}
const numbers = (x: ArrayLike): Tracer => (isBool(lift(x).dtype) ? convert(lift(x), "int32") : lift(x));

type Axes = readonly number[];
const reduced = (op: string, x: ArrayLike, axes: Axes, f: (x: Tracer, axes: Axes) => Tracer): Tracer => {
  const y = lift(x);
  const at = axes.map((a) => canonicalAxis(op, a, y.ndim)).sort((p, q) => p - q);
  return owned(() => (at.length === 0 ? ops.copy(y) : f(y, at)));
};
/** Sum over axes. @example lax.reduceSum(np.array([1, 2]), [0]).js(); // => 3 */
export function reduceSum(operand: ArrayLike, axes: Axes): Tracer {
  return reduced("reduceSum", operand, axes, ops.reduceSum);
}
/** Product over axes. @example lax.reduceProd(np.array([2, 3]), [0]).js(); // => 6 */
export function reduceProd(operand: ArrayLike, axes: Axes): Tracer {
  return reduced("reduceProd", operand, axes, ops.reduceProd);
}
/** Largest over axes. @example lax.reduceMax(np.array([1, 2]), [0]).js(); // => 2 */
export function reduceMax(operand: ArrayLike, axes: Axes): Tracer {
  return reduced("reduceMax", operand, axes, ops.reduceMax);
}
/** Smallest over axes. @example lax.reduceMin(np.array([1, 2]), [0]).js(); // => 1 */
export function reduceMin(operand: ArrayLike, axes: Axes): Tracer {
  return reduced("reduceMin", operand, axes, ops.reduceMin);
}
/** All true over axes. @example lax.reduceAnd(np.array([true, false]), [0]).js(); // => false */
export function reduceAnd(operand: ArrayLike, axes: Axes): Tracer {
  return reduced("reduceAnd", operand, axes, ops.reduceAnd);
}
/** Any true over axes. @example lax.reduceOr(np.array([true, false]), [0]).js(); // => true */
export function reduceOr(operand: ArrayLike, axes: Axes): Tracer {
  return reduced("reduceOr", operand, axes, ops.reduceOr);
}

export interface CumulativeOptions {
  axis?: number | undefined;
  /** Runs from the end. */
  reverse?: boolean | undefined;
}
type CumulativeArguments = [axis?: number | CumulativeOptions, reverse?: boolean | CumulativeOptions];

const cumulative = (
  op: string,
  x: ArrayLike,
  rest: CumulativeArguments,
  f: (x: Tracer, axis: number, reverse?: boolean) => Tracer,
): Tracer => {
  const { axis = 0, reverse = false } = byPosition<CumulativeOptions>(["axis", "reverse"], rest);
  const y = lift(x);
  return f(y, canonicalAxis(op, axis, y.ndim), reverse);
};
/** Running sum. @example lax.cumsum(np.array([1, 2])).js(); // => [1, 3] */
export function cumsum(operand: ArrayLike, ...rest: CumulativeArguments): Tracer {
  return cumulative("cumsum", operand, rest, ops.cumsum);
}
/** Running product. @example lax.cumprod(np.array([2, 3])).js(); // => [2, 6] */
export function cumprod(operand: ArrayLike, ...rest: CumulativeArguments): Tracer {
  return cumulative("cumprod", operand, rest, ops.cumprod);
}
/** Running maximum. @example lax.cummax(np.array([2, 1, 3])).js(); // => [2, 2, 3] */
export function cummax(operand: ArrayLike, ...rest: CumulativeArguments): Tracer {
  return cumulative("cummax", operand, rest, ops.cummax);
}
/** Running minimum. @example lax.cummin(np.array([2, 1, 3])).js(); // => [2, 1, 1] */
export function cummin(operand: ArrayLike, ...rest: CumulativeArguments): Tracer {
  return cumulative("cummin", operand, rest, ops.cummin);
}
/** Running logarithm of the sum of exponentials. @example lax.cumlogsumexp(np.array([0, 0])).js(); // => [0, 0.693147] */
export function cumlogsumexp(operand: ArrayLike, ...rest: CumulativeArguments): Tracer {
  return cumulative("cumlogsumexp", operand, rest, ops.cumlogsumexp);
}
