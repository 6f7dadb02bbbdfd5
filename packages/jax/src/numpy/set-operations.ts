/** What two sets have in common and where they differ. Sizes depend on values: arrays are read unless `size` is given. */
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { byPosition } from "./arguments";
import { minimum } from "./arithmetic";
import { takeRows } from "./gather";
import { positionsOf } from "./index-plan";
import { concatenate } from "./joining";
import { type ArrayLike, broadcastArray, constantLike, convert, lift, promoteDTypes } from "./lift";
import { eagerProgram } from "../transforms/eager-program";
import { owned } from "./owned";
import { nonzero } from "./selection";
import { firsts } from "./sets";
import { ravel } from "./shape";
import { searchsorted } from "./sorting";

export interface SetOptions {
  /** Neither array holds an element twice; the order of the first is kept where it can be. */
  assumeUnique?: boolean | undefined;
  /** Length of the result, for traced arrays; missing places get `fillValue`. */
  size?: number | undefined;
  fillValue?: ArrayLike | undefined;
}

export interface IsinOptions {
  /** Taken for JAX's sake; of no effect. */
  assumeUnique?: boolean;
  /** Which elements are not there instead. */
  invert?: boolean;
  /** JAX's choice of an algorithm; of no effect. */
  method?: string;
}

/** Elements beyond which those that are looked for are sorted; fewer are compared with each. */
const FEW = 16;

/** Options that are given by name only. */
const SIZED = ["size", "fillValue"] as const;

/** Which elements are among `testElements`. @example np.isin(np.arange(3), np.array([2])).js(); // => [false, false, true] */
export function isin(
  element: ArrayLike,
  testElements: ArrayLike,
  ...given: readonly (IsinOptions | boolean)[]
): Tracer {
  const options = byPosition<IsinOptions>(["assumeUnique", "invert"], given, ["method"]);
  return owned(() => {
    const [x, y] = promoteDTypes([element, ravel(testElements)]) as [Tracer, Tracer];
    const found = y.size > FEW ? isAmongMany(x, y) : isAmongFew(x, y);
    return options.invert === true ? ops.not(found) : found;
  });
}

const isAmongFew = /* @__PURE__ */ eagerProgram(function isin(x: Tracer, y: Tracer): Tracer {
  const shape = [...x.shape, y.size];
  const left = broadcastArray(ops.reshape(x, [...x.shape, 1]), shape);
  return ops.reduceOr(ops.eq(left, broadcastArray(y, shape)), [x.ndim]);
});

function isAmongMany(x: Tracer, y: Tracer): Tracer {
  const sorted = ops.sort([y], 0, 1)[0]!;
  const at = ops.reshape(minimum(searchsorted(sorted, x), y.size - 1), [x.size]);
  return ops.eq(ops.reshape(takeRows(sorted, at, 0), x.shape), x);
}

/** The elements of a vector where the mask is true; with `size` filled up to it. */
function chosen(x: Tracer, mask: Tracer, size: number | undefined, fill: Tracer): Tracer {
  if (size === undefined) return takeRows(x, positionsOf(mask)[0]!, 0);
  const filled = broadcastArray(convert(fill, x.dtype), [size]);
  if (x.size === 0) return filled;
  const at = nonzero(mask, { size, fillValue: 0 })[0]!;
  const count = broadcastArray(ops.reduceSum(convert(mask, "int32"), [0]), [size]);
  return ops.where(ops.lt(ops.iota("int32", [size], 0), count), takeRows(x, at, 0), filled);
}

/** The smallest chosen element, which fills missing places; 0 if there is none. */
function smallest(x: Tracer, mask: Tracer): Tracer {
  const none = lift(0);
  return x.size === 0 ? none : takeRows(chosen(x, mask, 1, none), ops.full([], 0, "int32"), 0);
}

/** The elements sorted, where each came from, and a mask of the first of equal ones. */
function sortedSet(x: Tracer, unique: boolean): { values: Tracer; order: Tracer; mask: Tracer } {
  const [values, order] = ops.sort([x, ops.iota("int32", [x.size], 0)], 0, 1) as [Tracer, Tracer];
  return { values, order, mask: unique ? ops.full([x.size], 1, "bool") : firsts([values]) };
}

const flatPair = (ar1: ArrayLike, ar2: ArrayLike): [Tracer, Tracer] =>
  promoteDTypes([ravel(ar1), ravel(ar2)]) as [Tracer, Tracer];

export interface IntersectOptions extends SetOptions {
  /** Also gives where the elements first occur in both arrays. */
  returnIndices?: boolean | undefined;
}

/**
 * Elements of both, sorted; with `returnIndices` also where they first occur in each.
 *
 * Errors: ConcretizationError for traced arrays without `size`.
 * @example
 * np.intersect1d(np.array([1, 2]), np.array([2, 3])).js(); // => [2]
 */
export function intersect1d(ar1: ArrayLike, ar2: ArrayLike, options?: SetOptions): Tracer;
export function intersect1d(
  ar1: ArrayLike,
  ar2: ArrayLike,
  options: IntersectOptions & { returnIndices: true },
): Tracer[];
export function intersect1d(
  ar1: ArrayLike,
  ar2: ArrayLike,
  assumeUnique?: boolean | IntersectOptions,
  returnIndices?: boolean | IntersectOptions,
  options?: IntersectOptions,
): Tracer | Tracer[];
export function intersect1d(ar1: ArrayLike, ar2: ArrayLike, ...rest: readonly unknown[]): Tracer | Tracer[] {
  const o = byPosition<IntersectOptions>(["assumeUnique", "returnIndices"], rest, SIZED);
  return owned(() => {
    const [x, y] = flatPair(ar1, ar2);
    const { values, order, mask: first } = sortedSet(x, o.assumeUnique === true);
    const mask = ops.and(first, isin(values, y));
    const fill = o.fillValue === undefined ? smallest(values, mask) : lift(o.fillValue);
    const common = chosen(values, mask, o.size, fill);
    if (o.returnIndices !== true) return common;
    const second = sortedSet(y, true);
    const place = minimum(searchsorted(second.values, values), Math.max(0, y.size - 1));
    const inSecond = y.size === 0 ? constantLike(order, 0) : takeRows(second.order, place, 0);
    return [common, chosen(order, mask, o.size, lift(x.size)), chosen(inSecond, mask, o.size, lift(y.size))];
  });
}

/**
 * Elements of the first that are not in the second, sorted.
 *
 * Errors: ConcretizationError for traced arrays without `size`.
 * @example
 * np.setdiff1d(np.array([1, 2]), np.array([2, 3])).js(); // => [1]
 */
export function setdiff1d(
  ar1: ArrayLike,
  ar2: ArrayLike,
  assumeUnique?: boolean | SetOptions,
  options?: SetOptions,
): Tracer {
  const o = byPosition<SetOptions>(["assumeUnique"], [assumeUnique, options], SIZED);
  return owned(() => {
    const x = ravel(ar1);
    const given = o.assumeUnique === true ? { values: x, mask: ops.full([x.size], 1, "bool") } : sortedSet(x, false);
    const mask = ops.and(given.mask, isin(given.values, ar2, { invert: true }));
    return chosen(given.values, mask, o.size, lift(o.fillValue ?? 0));
  });
}

/**
 * Elements of exactly one of the two, sorted.
 *
 * Errors: ConcretizationError for traced arrays without `size`.
 * @example
 * np.setxor1d(np.array([1, 2]), np.array([2, 3])).js(); // => [1, 3]
 */
export function setxor1d(
  ar1: ArrayLike,
  ar2: ArrayLike,
  assumeUnique?: boolean | SetOptions,
  options?: SetOptions,
): Tracer {
  const o = byPosition<SetOptions>(["assumeUnique"], [assumeUnique, options], SIZED);
  return owned(() => {
    const [x, y] = flatPair(ar1, ar2);
    const only = (a: Tracer, b: Tracer): [Tracer, Tracer] => {
      const { values, mask } = sortedSet(a, o.assumeUnique === true);
      return [values, ops.and(mask, isin(values, b, { invert: true }))];
    };
    const [first, second] = [only(x, y), only(y, x)];
    const both = [concatenate([first[0], second[0]]), concatenate([first[1], second[1]])];
    const [values, mask] = ops.sort(both, 0, 1) as [Tracer, Tracer];
    return chosen(values, mask, o.size, o.fillValue === undefined ? smallest(values, mask) : lift(o.fillValue));
  });
}
