/** Order: sorting, ranking, searching. Sorts are stable, NaN last. */
import { checkOptions } from "../base/option-names";
import { type Named, byPosition, named } from "./arguments";
import { isFloat } from "../aval/dtype";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { gatherAlong } from "./gather";
import { type ArrayLike, broadcastArray, constantLike, convert, lift, own, promoteDTypes } from "./lift";
import { eagerProgram } from "../transforms/eager-program";
import { isOptions } from "./options";
import { owned } from "./owned";
import { ravel } from "./shape";

export interface SortOptions {
  axis?: number | null | undefined;
  descending?: boolean | undefined;
  stable?: boolean | undefined;
  kind?: string | undefined;
}

function sortArguments(op: string, a: ArrayLike, axis: number | null | SortOptions | undefined, options?: SortOptions) {
  const o: SortOptions = { ...(isOptions(axis) ? (axis as SortOptions) : { axis: axis as number | null }), ...options };
  checkOptions(op, o, { axis: true, descending: true, stable: true, kind: true });
  const x = o.axis === null ? ravel(a) : lift(a);
  if (x.ndim === 0) throw new ShapeError(`${op}: a scalar has no axis to sort along`);
  return { x, at: canonicalAxis(op, o.axis ?? -1, x.ndim), descending: o.descending === true };
}

/** Sorted along an axis (the last); `axis` null flattens. @example np.sort(np.array([3, 1, 2])).js(); // => [1, 2, 3] */
export function sort(a: ArrayLike, axis?: number | null | SortOptions, options?: SortOptions): Tracer {
  return owned(() => {
    const { x, at, descending } = sortArguments("sort", a, axis, options);
    const out = ops.sort([x], at, 1)[0]!;
    return own(descending ? ops.rev(out, [at]) : out, a);
  });
}

/** The int32 indices that sort, stable. @example np.argsort(np.array([3, 1, 2])).js(); // => [1, 2, 0] */
export function argsort(a: ArrayLike, axis?: number | null | SortOptions, options?: SortOptions): Tracer {
  return owned(() => {
    const { x, at, descending } = sortArguments("argsort", a, axis, options);
    const index = ops.iota("int32", x.shape, at);
    if (!descending) return ops.sort([x, index], at, 1)[1]!;
    // Equal elements must keep their order: sort backward, then turn both around.
    const out = ops.sort([ops.rev(x, [at]), ops.rev(index, [at])], at, 1)[1]!;
    return ops.rev(out, [at]);
  });
}

/** Indices that sort by several keys, the last one first. @example np.lexsort([np.array([2, 1]), np.array([0, 0])]).js(); // => [1, 0] */
export function lexsort(keys: readonly ArrayLike[] | Tracer, axis?: number | Named<"axis", number>): Tracer {
  return owned(() => {
    const list = (keys instanceof Tracer ? rowsOf(keys) : keys).map(lift);
    const first = list[0];
    if (first === undefined) throw new ShapeError("lexsort: expected at least one key");
    const at = canonicalAxis("lexsort", named("axis", axis, -1), first.ndim);
    const index = ops.iota("int32", first.shape, at);
    return ops.sort([...list.reverse(), index], at, list.length)[list.length]!;
  });
}

const rowsOf = (x: Tracer): Tracer[] =>
  Array.from({ length: x.shape[0]! }, (_, i) =>
    ops.reshape(
      ops.slice(
        x,
        x.shape.map((_, k) => (k === 0 ? i : 0)),
        x.shape.map((n, k) => (k === 0 ? i + 1 : n)),
      ),
      x.shape.slice(1),
    ),
  );

type Along = number | null | Named<"axis", number | null>;

/** Element `kth` in its sorted place, smaller ones before. Here: sorted all over. @example np.partition(np.array([3, 1, 2]), 1).js(); // => [1, 2, 3] */
export function partition(a: ArrayLike, kth: number, along?: Along): Tracer {
  const axis = named("axis", along, -1 as number | null);
  canonicalAxis(
    "partition",
    kth,
    axis === null ? lift(a).size : lift(a).shape[canonicalAxis("partition", axis, lift(a).ndim)]!,
  );
  return sort(a, axis);
}

/** The indices of `partition`. @example np.argpartition(np.array([3, 1, 2]), 1).js(); // => [1, 2, 0] */
export function argpartition(a: ArrayLike, kth: number, along?: Along): Tracer {
  const axis = named("axis", along, -1 as number | null);
  canonicalAxis(
    "argpartition",
    kth,
    axis === null ? lift(a).size : lift(a).shape[canonicalAxis("argpartition", axis, lift(a).ndim)]!,
  );
  return argsort(a, axis);
}

export interface SearchOptions {
  side?: "left" | "right" | undefined;
  /** Indices that sort `a`. */
  sorter?: ArrayLike | null | undefined;
  /** JAX's choice of an algorithm; of no effect. */
  method?: string | undefined;
}

/**
 * Where values would go in a sorted vector: "left" before equal elements, "right" after. Dtypes: int32.
 * @example
 * np.searchsorted(np.array([1, 2, 3]), 2).js(); // => 1
 */
export function searchsorted(
  a: ArrayLike,
  v: ArrayLike,
  side: "left" | "right" | SearchOptions = "left",
  sorter?: ArrayLike | SearchOptions | null,
): Tracer {
  const o = byPosition<SearchOptions>(["side", "sorter"], [side, sorter], ["method"]);
  return owned(() => {
    const [given, values] = promoteDTypes([a, v]) as [Tracer, Tracer];
    if (given.ndim !== 1) throw new ShapeError(`searchsorted: expected a sorted vector, got ${given.aval}`);
    const order = o.sorter ?? null;
    const list = order === null ? given : gatherAlong(given, convert(lift(order), "int32"), 0, "clip");
    return placesIn(list, values, o.side === "right");
  });
}

const placesIn = /* @__PURE__ */ eagerProgram(function searchsorted(
  list: Tracer,
  values: Tracer,
  right: boolean,
): Tracer {
  return owned(() => {
    const n = list.size;
    const zero = ops.full(values.shape, 0, "int32");
    if (n === 0) return zero;
    // Binary search, all values at once: at most p - 1 elements follow `low` that may be before a value, p a power of two.
    const step = (low: Tracer, ahead: number, by: number): Tracer => {
      const at = ops.add(low, constantLike(low, ahead - 1));
      const element = ops.reshape(
        gatherAlong(list, ops.reshape(at, [values.size]), 0, "promise_in_bounds"),
        values.shape,
      );
      const before = right ? lessOrEqual(element, values) : lessThan(element, values);
      return ops.where(before, ops.add(low, constantLike(low, by)), low);
    };
    let p = 2 ** Math.floor(Math.log2(n));
    let low = step(zero, n - p + 1, n - p + 1);
    while ((p /= 2) >= 1) low = step(low, p, p);
    return low;
  });
});

/** As sorting orders: NaN is larger than everything. */
function lessThan(x: Tracer, y: Tracer): Tracer {
  if (!isFloat(x.dtype)) return ops.lt(x, y);
  return ops.or(ops.lt(x, y), ops.and(ops.eq(x, x), ops.ne(y, y)));
}
function lessOrEqual(x: Tracer, y: Tracer): Tracer {
  return isFloat(x.dtype) ? ops.or(ops.le(x, y), ops.ne(y, y)) : ops.le(x, y);
}

/**
 * The bin of each element: `bins[i - 1] <= x < bins[i]`; with `right` the other side is closed. Bins may also decrease.
 * @example
 * np.digitize(np.array([0.5, 2.5]), np.array([1, 2])).js(); // => [0, 2]
 */
export function digitize(x: ArrayLike, bins: ArrayLike, right: boolean | { right?: boolean } = false): Tracer {
  const closed = named<"right", boolean>("right", right, false);
  return owned(() => {
    const b = lift(bins);
    if (b.ndim !== 1) throw new ShapeError(`digitize: bins must be a vector, got ${b.aval}`);
    const n = b.size;
    const up = searchsorted(b, x, closed ? "left" : "right");
    if (n < 2) return up;
    const down = ops.sub(
      broadcastArray(convert(lift(n), "int32"), up.shape),
      searchsorted(ops.rev(b, [0]), x, closed ? "right" : "left"),
    );
    const end = (i: number): Tracer => ops.reshape(ops.slice(b, [i], [i + 1]), []);
    return ops.where(broadcastArray(ops.ge(end(n - 1), end(0)), up.shape), up, down);
  });
}
