/** Copies with elements put in, taken out or replaced; and flat positions of indices. */
import { needNumber } from "../base/needed";
import { checkOptions } from "../base/option-names";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { contiguousStrides, prod, range } from "../base/list";
import { isBool } from "../aval/dtype";
import { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { add, maximum, minimum, multiply, remainder } from "./arithmetic";
import { atIndex } from "./at";
import { fromEnd, indexArray, takeRows } from "./gather";
import { type ArrayLike, broadcastArray, constantLike, convert, integral, lift, own, truth } from "./lift";
import { type Named, byPosition, named } from "./arguments";
import { owned } from "./owned";
import { tile } from "./rearrange";
import { where } from "./selection";
import { type Order, broadcastTo, moveaxis, ravel, reshape } from "./shape";

type Along = number | null | Named<"axis", number | null>;
type Positions = number | readonly number[] | Tracer;

/** Whole numbers known now, up to `last`; negative ones count from n. Reads an array. */
function positionList(op: string, obj: Positions, n: number, last = n - 1): number[] {
  if (obj instanceof Tracer && isBool(obj.dtype)) return [...obj.dataSync()].flatMap((v, i) => (v ? [i] : []));
  const list = obj instanceof Tracer ? [...indexArray(op, obj).dataSync()] : typeof obj === "number" ? [obj] : [...obj];
  return list.map((i) => {
    if (!Number.isInteger(i) || i < -n || i > last)
      throw new ShapeError(`${op}: index ${i} is out of range for size ${n}`);
    return i < 0 ? i + n : i;
  });
}

/** Without the slices at these positions; the array is flattened if no axis is given. Reads an index array. @example np.delete(np.array([5, 6, 7]), 1).js(); // => [5, 7] */
export function delete_(arr: ArrayLike, obj: Positions, along?: Along): Tracer {
  const axis = named("axis", along, null as number | null);
  return owned(() => {
    const x = axis === null ? ravel(arr) : lift(arr);
    const at = canonicalAxis("delete", axis ?? 0, x.ndim);
    const n = x.shape[at]!;
    const gone = new Set(positionList("delete", obj, n));
    return takeRows(
      x,
      indexArray(
        "delete",
        range(n).filter((i) => !gone.has(i)),
      ),
      at,
    );
  });
}

/** With values put in before these positions; the array is flattened if no axis is given. Reads an index array. @example np.insert(np.array([5, 7]), 1, 6).js(); // => [5, 6, 7] */
export function insert(arr: ArrayLike, obj: Positions, values: ArrayLike, along?: Along): Tracer {
  const axis = named("axis", along, null as number | null);
  return owned(() => {
    const x = axis === null ? ravel(arr) : lift(arr);
    const at = canonicalAxis("insert", axis ?? 0, x.ndim);
    const n = x.shape[at]!;
    const list = positionList("insert", obj, n, n);
    let v = convert(lift(values), x.dtype);
    const single = typeof obj === "number" || (obj instanceof Tracer && obj.ndim === 0);
    // NumPy: with one position the first axis of values lies along the axis.
    if (single && v.ndim > 0 && axis !== null)
      v = moveaxis(reshape(v, [...new Array<number>(Math.max(0, x.ndim - v.ndim)).fill(1), ...v.shape]), 0, at);
    const count =
      single && list.length === 1 ? Math.max(1, v.ndim === 0 ? 1 : v.shape[axis === null ? 0 : at]!) : list.length;
    const places = single ? new Array<number>(count).fill(list[0]!) : list;
    const block = broadcastTo(
      v,
      x.shape.map((s, i) => (i === at ? count : s)),
    );
    // Row r of the result: of the array, or (from n on) of the values.
    const order = places.map((p, i) => [p, i] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const rows: number[] = [];
    let next = 0;
    for (let i = 0; i <= n; i++) {
      while (next < order.length && order[next]![0] === i) rows.push(n + order[next++]![1]);
      if (i < n) rows.push(i);
    }
    return takeRows(ops.concatenate([x, block], at), indexArray("insert", rows), at);
  });
}

/** A copy with values at positions along an axis, given as in `takeAlongAxis`. @example np.putAlongAxis(np.array([1, 2]), np.array([0], { dtype: "int32" }), 9, 0).js(); // => [9, 2] */
export function putAlongAxis(arr: ArrayLike, indices: ArrayLike, values: ArrayLike, axis: number | null): Tracer {
  return owned(() => {
    const x = axis === null ? ravel(arr) : lift(arr);
    const place = axis === null ? 0 : needNumber("putAlongAxis", "axis", axis);
    const index = indexArray("putAlongAxis", indices);
    const at = canonicalAxis("putAlongAxis", place, x.ndim);
    const shape = index.shape.map((n, i) => (i === at ? n : Math.max(n, x.shape[i]!)));
    const full = broadcastArray(index, shape);
    const grid = shape.map((_, i) => (i === at ? full : ops.iota("int32", shape, i)));
    const out = atIndex(x, ...grid).set(broadcastArray(convert(lift(values), x.dtype), shape));
    return axis === null ? reshape(out, lift(arr).shape) : out;
  });
}

type PutMode = "clip" | "wrap";

/** A copy with `v` at flat positions, the last and the first for those out of range; negative ones count from the end. Mode "clip" takes these as 0, "wrap" begins again at the ends. Too few values repeat. @example np.put(np.array([1, 2]), np.array([1], { dtype: "int32" }), 9).js(); // => [1, 9] */
export function put(
  a: ArrayLike,
  ind: ArrayLike | readonly number[],
  v: ArrayLike,
  outside?: PutMode | Named<"mode", PutMode>,
): Tracer {
  const mode = named<"mode", PutMode | null>("mode", outside, null);
  return owned(() => {
    const x = lift(a);
    let index = ravel(indexArray("put", ind));
    if (index.size === 0) return own(x, a);
    if (mode === null) index = fromEnd(index, x.size);
    if (mode === "wrap") index = remainder(index, x.size);
    else index = maximum(minimum(index, x.size - 1), 0);
    const given = ravel(v);
    const values = tile(given, Math.ceil(index.size / Math.max(1, given.size)));
    return reshape(atIndex(ravel(x), index).set(ops.slice(values, [0], [index.size])), x.shape);
  });
}

/** A copy with values where the mask is true, taken in turn from `vals`. @example np.place(np.array([1, 2]), np.array([false, true]), np.array([9])).js(); // => [1, 9] */
export function place(arr: ArrayLike, mask: ArrayLike, vals: ArrayLike): Tracer {
  return owned(() => {
    const x = lift(arr);
    const hit = ravel(truth(mask));
    const values = ravel(convert(lift(vals), x.dtype));
    const rank = ops.sub(ops.cumsum(convert(hit, "int32"), 0), ops.full([x.size], 1, "int32"));
    const chosen = takeRows(values, remainder(rank, Math.max(1, values.size)), 0, "clip");
    return reshape(where(hit, chosen, ravel(x)), x.shape);
  });
}

/** A copy with `val` (or a vector, repeated) on the main diagonal. @example np.fillDiagonal(np.zeros([2, 2]), 1).js(); // => [[1, 0], [0, 1]] */
export function fillDiagonal(a: ArrayLike, val: ArrayLike, options: { wrap?: boolean } = {}): Tracer {
  checkOptions("fillDiagonal", options, { wrap: true });
  return owned(() => {
    const x = lift(a);
    if (x.ndim < 2) throw new ShapeError(`fillDiagonal: expected at least 2 axes, got ${x.aval}`);
    if (x.ndim > 2 && new Set(x.shape).size > 1)
      throw new ShapeError(`fillDiagonal: sizes must be equal, got ${x.aval}`);
    const step = x.ndim === 2 ? x.shape[1]! + 1 : contiguousStrides(x.shape).reduce((s, k) => s + k, 0);
    const end = x.ndim === 2 && options.wrap !== true ? x.shape[1]! * x.shape[1]! : x.size;
    const n = Math.ceil(Math.min(end, x.size) / step);
    const values = ravel(convert(lift(val), x.dtype));
    const filled = ops.slice(tile(values, Math.ceil(n / Math.max(1, values.size))), [0], [n]);
    return reshape(atIndex(ravel(x), [0, Math.min(end, x.size), step]).set(filled), x.shape);
  });
}

export interface MultiIndexOptions {
  mode?: "raise" | "clip" | "wrap" | undefined;
  /** "F": the first axis runs fastest. */
  order?: Order | undefined;
}

/** Flat positions of multi-dimensional indices. Out of range: "clip", "wrap", or unchecked. @example np.ravelMultiIndex([np.array([1], { dtype: "int32" }), np.array([2], { dtype: "int32" })], [3, 4]).js(); // => [6] */
export function ravelMultiIndex(
  multiIndex: readonly ArrayLike[],
  dims: readonly number[],
  mode?: "raise" | "clip" | "wrap" | MultiIndexOptions,
  order?: Order | MultiIndexOptions,
): Tracer {
  const { mode: how, order: fastest } = byPosition<MultiIndexOptions>(["mode", "order"], [mode, order]);
  if (multiIndex.length !== dims.length)
    throw new ShapeError(`ravelMultiIndex: ${multiIndex.length} indices for ${dims.length} sizes`);
  return owned(() => {
    const strides = fastest === "F" ? contiguousStrides([...dims].reverse()).reverse() : contiguousStrides(dims);
    let out: Tracer | null = null;
    multiIndex.forEach((given, i) => {
      const index = integral("ravelMultiIndex", given);
      const n = dims[i]!;
      const safe = how === "wrap" ? remainder(index, n) : how === "clip" ? maximum(minimum(index, n - 1), 0) : index;
      const part = multiply(safe, strides[i]!);
      out = out === null ? part : add(out, part);
    });
    return out ?? lift(0);
  });
}

/** Indices along each axis of flat positions. @example np.unravelIndex(np.array([6], { dtype: "int32" }), [3, 4])[1].js(); // => [2] */
export function unravelIndex(indices: ArrayLike, shape: readonly number[]): Tracer[] {
  return owned(() => {
    const flat = integral("unravelIndex", indices);
    const total = prod(shape);
    const wrapped = fromEnd(flat, total);
    const inside = maximum(minimum(wrapped, total - 1), 0);
    const strides = contiguousStrides(shape);
    return shape.map((n, i) => ops.rem(ops.div(inside, constantLike(inside, strides[i]!)), constantLike(inside, n)));
  });
}
