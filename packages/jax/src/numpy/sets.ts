/** Sets of elements. Sizes depend on values, so arrays are read unless `size` is given. */
import { checkOptionNames } from "../base/option-names";
import { isFloat } from "../aval/dtype";
import { canonicalAxis } from "../aval/promote";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { type Named, byPosition, named } from "./arguments";
import { takeRows } from "./gather";
import { positionsOf } from "./index-plan";
import { concatenate } from "./joining";
import { type ArrayLike, broadcastArray, constantLike, convert, lift } from "./lift";
import { owned } from "./owned";
import { nonzero } from "./selection";
import { moveaxis, ravel, reshape } from "./shape";

/** Options that may be given by position. */
const BY_POSITION = ["returnIndex", "returnInverse", "returnCounts", "axis"] as const;

/** Options that are given by name only. */
const SIZED = ["size", "fillValue", "equalNan"] as const;

export interface UniqueOptions {
  returnIndex?: boolean | undefined;
  returnInverse?: boolean | undefined;
  returnCounts?: boolean | undefined;
  axis?: number | null | undefined;
  /** Length of the result, for traced arrays; missing places get `fillValue`, or the first element. */
  size?: number | undefined;
  fillValue?: ArrayLike | undefined;
  /** Whether NaN is one value; true by default, and false in `uniqueAll` and its like. */
  equalNan?: boolean | undefined;
}

interface Unique {
  readonly values: Tracer;
  /** Where each first occurs. */
  readonly index: Tracer;
  /** Of each element its place among the values. */
  readonly inverse: Tracer;
  readonly counts: Tracer;
}

/**
 * The different elements, sorted; with flags also where each first occurs, the place of each element, and how often.
 *
 * Errors: ConcretizationError for traced arrays without `size`.
 * @example
 * np.unique(np.array([3, 1, 3])).js(); // => [1, 3]
 */
export function unique(ar: ArrayLike, options?: UniqueOptions): Tracer;
export function unique(
  ar: ArrayLike,
  options: UniqueOptions & ({ returnIndex: true } | { returnInverse: true } | { returnCounts: true }),
): Tracer[];
export function unique(
  ar: ArrayLike,
  returnIndex: boolean,
  returnInverse?: UniqueOptions | boolean,
  returnCounts?: UniqueOptions | boolean,
  axis?: UniqueOptions | number | null,
  options?: UniqueOptions,
): Tracer | Tracer[];
export function unique(
  ar: ArrayLike,
  first?: UniqueOptions | boolean,
  returnInverse?: UniqueOptions | boolean,
  returnCounts?: UniqueOptions | boolean,
  axis?: UniqueOptions | number | null,
  options?: UniqueOptions,
): Tracer | Tracer[] {
  const o = byPosition<UniqueOptions>(BY_POSITION, [first, returnInverse, returnCounts, axis, options], SIZED);
  return owned(() => {
    const u = uniqueOf(lift(ar), o);
    const out = [
      u.values,
      ...(o.returnIndex === true ? [u.index] : []),
      ...(o.returnInverse === true ? [u.inverse] : []),
      ...(o.returnCounts === true ? [u.counts] : []),
    ];
    return out.length === 1 ? u.values : out;
  });
}

function uniqueOf(x: Tracer, o: UniqueOptions): Unique {
  checkOptionNames(o, [...BY_POSITION, ...SIZED], "unique");
  const byRows = o.axis !== undefined && o.axis !== null;
  const at = byRows ? canonicalAxis("unique", o.axis!, x.ndim) : 0;
  const moved = byRows ? moveaxis(x, at, 0) : ravel(x);
  const n = moved.shape[0]!;
  const columns = byRows ? splitColumns(reshape(moved, [n, -1])) : [moved];
  const sorted = ops.sort([...columns, ops.iota("int32", [n], 0)], 0, columns.length);
  const order = sorted[columns.length]!;
  const starts = firsts(sorted.slice(0, -1), o.equalNan);
  // Where each begins among the sorted, and where the one after the last does.
  const begins =
    o.size === undefined
      ? concatenate([positionsOf(starts)[0]!, ops.full([1], n, "int32")])
      : nonzero(starts, { size: o.size + 1, fillValue: n })[0]!;
  const count = begins.size - 1;
  const positions = rows(begins, 0, count);
  const used = ops.lt(positions, constantLike(positions, n));
  // Missing places get the first element.
  const index = takeRows(order, ops.where(used, positions, constantLike(positions, 0)), 0);
  let values = takeRows(moved, index, 0);
  if (o.size !== undefined && o.fillValue !== undefined) {
    const mask = broadcastArray(ops.reshape(used, [count, ...moved.shape.slice(1).map(() => 1)]), values.shape);
    values = ops.where(mask, values, broadcastArray(convert(lift(o.fillValue), x.dtype), values.shape));
  }
  const ranks = ops.sub(ops.cumsum(convert(starts, "int32"), 0), ops.full([n], 1, "int32"));
  // inverse[order[i]] = ranks[i]: sorting by order undoes it.
  const inverse = ops.sort([order, ranks], 0, 1)[1]!;
  return {
    values: byRows ? moveaxis(values, 0, at) : values,
    index,
    inverse: byRows ? inverse : reshape(inverse, x.shape),
    counts: ops.sub(rows(begins, 1, count + 1), positions),
  };
}

/** A mask of the rows, given as sorted columns, that differ from the one before. */
export function firsts(columns: readonly Tracer[], equalNan = true): Tracer {
  const n = columns[0]!.size;
  let fresh: Tracer = ops.full([Math.max(0, n - 1)], 0, "bool");
  for (const c of columns) fresh = ops.or(fresh, differs(rows(c, 1, n), rows(c, 0, n - 1), equalNan));
  return concatenate([ops.full([Math.min(1, n)], 1, "bool"), fresh]);
}

const rows = (x: Tracer, from: number, to: number): Tracer =>
  ops.slice(x, [Math.min(from, Math.max(0, to))], [Math.max(0, to)]);

const splitColumns = (x: Tracer): Tracer[] =>
  Array.from({ length: x.shape[1]! }, (_, j) => ops.reshape(ops.slice(x, [0, j], [x.shape[0]!, j + 1]), [x.shape[0]!]));

function differs(a: Tracer, b: Tracer, equalNan: boolean): Tracer {
  const different = ops.ne(a, b);
  return equalNan && isFloat(a.dtype) ? ops.and(different, ops.not(ops.and(ops.ne(a, a), ops.ne(b, b)))) : different;
}

/** Values, first positions, inverse and counts of `unique`. @example np.uniqueAll(np.array([2, 2])).counts.js(); // => [2] */
export function uniqueAll(
  x: ArrayLike,
  options: UniqueOptions = {},
): { values: Tracer; indices: Tracer; inverseIndices: Tracer; counts: Tracer } {
  return owned(() => {
    const u = uniqueOf(lift(x), { equalNan: false, ...options });
    return { values: u.values, indices: u.index, inverseIndices: u.inverse, counts: u.counts };
  });
}

/** Values and counts of `unique`. @example np.uniqueCounts(np.array([2, 2])).counts.js(); // => [2] */
export function uniqueCounts(x: ArrayLike, options: UniqueOptions = {}): { values: Tracer; counts: Tracer } {
  return owned(() => {
    const u = uniqueOf(lift(x), { equalNan: false, ...options });
    return { values: u.values, counts: u.counts };
  });
}

/** Values and inverse of `unique`. @example np.uniqueInverse(np.array([2, 1])).inverseIndices.js(); // => [1, 0] */
export function uniqueInverse(x: ArrayLike, options: UniqueOptions = {}): { values: Tracer; inverseIndices: Tracer } {
  return owned(() => {
    const u = uniqueOf(lift(x), { equalNan: false, ...options });
    return { values: u.values, inverseIndices: u.inverse };
  });
}

/** As `unique`. @example np.uniqueValues(np.array([2, 1])).js(); // => [1, 2] */
export function uniqueValues(x: ArrayLike, options: UniqueOptions = {}): Tracer {
  return owned(() => uniqueOf(lift(x), { equalNan: false, ...options }).values);
}

/** Elements of either, sorted. @example np.union1d(np.array([1, 2]), np.array([2, 3])).js(); // => [1, 2, 3] */
export function union1d(ar1: ArrayLike, ar2: ArrayLike, options: UniqueOptions = {}): Tracer {
  return owned(() => uniqueOf(concatenate([ar1, ar2], null), options).values);
}

/** Without zeros at the ends: "f" in front, "b" at the back. Reads the array. @example np.trimZeros(np.array([0, 1, 0])).js(); // => [1] */
export function trimZeros(filt: ArrayLike, ends?: string | Named<"trim", string>): Tracer {
  const trim = named("trim", ends, "fb").toLowerCase();
  const x = ravel(filt);
  const data = x.dataSync();
  let [from, to] = [0, data.length];
  if (trim.includes("f")) while (from < to && data[from] === 0) from++;
  if (trim.includes("b")) while (to > from && data[to - 1] === 0) to--;
  return owned(() => ops.slice(x, [from], [to]));
}
