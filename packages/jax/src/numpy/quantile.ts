/** Quantiles by sorting; NaN anywhere gives NaN, or is left out by the nan functions. */
import { checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import { prod, range, without } from "../base/list";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { gatherAlong } from "./gather";
import { type ArrayLike, type Axis, constantLike, convert, inexact, lift } from "./lift";
import { isOptions } from "./options";
import { owned } from "./owned";
import { reduceAxes } from "./reduce";
import { divide } from "./arithmetic";
import { moveaxis, reshape, transpose } from "./shape";

/** Between which neighbours to read: "linear" (default) interpolates; "inverted_cdf" may have weights. */
export type QuantileMethod = "linear" | "lower" | "higher" | "midpoint" | "nearest" | "inverted_cdf";

export interface QuantileOptions {
  axis?: Axis | undefined;
  method?: QuantileMethod | undefined;
  interpolation?: QuantileMethod | undefined;
  keepdims?: boolean | undefined;
  /** How much each element counts, with method "inverted_cdf": in the shape of the array, or of the axes. */
  weights?: ArrayLike | null | undefined;
}

interface Resolved {
  axis: Axis;
  method: QuantileMethod;
  keepdims: boolean;
  weights: ArrayLike | null;
}

function quantileOptions(axis: Axis | QuantileOptions | undefined, options: QuantileOptions | undefined): Resolved {
  const o: QuantileOptions = { ...((isOptions(axis) ? axis : { axis }) as QuantileOptions), ...options };
  checkOptions("quantile", o, { axis: true, method: true, interpolation: true, keepdims: true, weights: true });
  const method = o.method ?? o.interpolation ?? "linear";
  return { axis: o.axis ?? null, method, keepdims: o.keepdims === true, weights: o.weights ?? null };
}

/**
 * The value below which the share `q` of the elements lies, `q` from 0 to 1; an array of shares gives a first axis.
 *
 * Dtypes: floats; integers give float32.
 * @example
 * np.quantile(np.array([1, 2, 3, 4]), 0.5).js(); // => 2.5
 */
export function quantile(a: ArrayLike, q: ArrayLike, axis?: Axis | QuantileOptions, options?: QuantileOptions): Tracer {
  return owned(() => quantiles("quantile", inexact(a), inexact(q), quantileOptions(axis, options), false));
}

/** `quantile` without NaN. @example np.nanquantile(np.array([1, NaN, 3]), 0.5).js(); // => 2 */
export function nanquantile(
  a: ArrayLike,
  q: ArrayLike,
  axis?: Axis | QuantileOptions,
  options?: QuantileOptions,
): Tracer {
  return owned(() => quantiles("nanquantile", inexact(a), inexact(q), quantileOptions(axis, options), true));
}

/** `quantile` with shares in percent. @example np.percentile(np.array([1, 2, 3]), 50).js(); // => 2 */
export function percentile(
  a: ArrayLike,
  q: ArrayLike,
  axis?: Axis | QuantileOptions,
  options?: QuantileOptions,
): Tracer {
  return owned(() => quantile(a, divide(q, 100), axis, options));
}

/** `percentile` without NaN. @example np.nanpercentile(np.array([1, NaN, 3]), 50).js(); // => 2 */
export function nanpercentile(
  a: ArrayLike,
  q: ArrayLike,
  axis?: Axis | QuantileOptions,
  options?: QuantileOptions,
): Tracer {
  return owned(() => nanquantile(a, divide(q, 100), axis, options));
}

/** The middle element of the sorted ones, or the mean of the middle two. @example np.median(np.array([3, 1, 2])).js(); // => 2 */
export function median(a: ArrayLike, axis?: Axis | QuantileOptions, options?: QuantileOptions): Tracer {
  return owned(() =>
    quantiles("median", inexact(a), inexact(0.5), { ...quantileOptions(axis, options), method: "midpoint" }, false),
  );
}

/** `median` without NaN. @example np.nanmedian(np.array([3, NaN, 1])).js(); // => 2 */
export function nanmedian(a: ArrayLike, axis?: Axis | QuantileOptions, options?: QuantileOptions): Tracer {
  return owned(() =>
    quantiles("nanmedian", inexact(a), inexact(0.5), { ...quantileOptions(axis, options), method: "midpoint" }, true),
  );
}

function quantiles(op: string, a: Tracer, shares: Tracer, o: Resolved, skipNaN: boolean): Tracer {
  if (shares.ndim > 1) throw new ShapeError(`${op}: q must be a scalar or a vector, got ${shares.aval}`);
  const axes = reduceAxes(op, o.axis, a);
  const kept = without(range(a.ndim), axes);
  const n = prod(axes.map((i) => a.shape[i]!));
  const keptShape = kept.map((i) => a.shape[i]!);
  const m = prod(keptShape);
  // One row of elements for each result: [m, n].
  const asRows = (x: Tracer): Tracer => reshape(transpose(x, [...kept, ...axes]), [m, n]);
  const weights = o.weights === null ? [] : [asRows(weightsLike(op, a, axes, o))];
  const [rows, rowWeights] = ops.sort([asRows(a), ...weights], 1, 1) as [Tracer, Tracer?];
  const q = ops.reshape(convert(shares, a.dtype), [shares.size]);
  const nq = q.size;
  const nans = ops.reduceSum(convert(ops.ne(rows, rows), "int32"), [1]); // [m]
  const counts = convert(skipNaN ? ops.sub(constantLike(nans, n), nans) : constantLike(nans, n), a.dtype);
  const last = ops.sub(counts, constantLike(counts, 1));
  const grid = [m, nq];
  const position = ops.mul(ops.broadcastInDim(q, grid, [1]), ops.broadcastInDim(last, grid, [0]));
  const low = ops.max(ops.floor(position), constantLike(position, 0));
  const high = ops.max(ops.ceil(position), constantLike(position, 0));
  const at = (index: Tracer): Tracer => gatherAlong(rows, convert(index, "int32"), 1, "clip");
  let out =
    o.method === "inverted_cdf" ? inverted(rows, rowWeights, q, last) : between(o.method, position, low, high, at);
  const bad = skipNaN ? ops.eq(counts, constantLike(counts, 0)) : ops.gt(nans, constantLike(nans, 0));
  out = ops.where(ops.broadcastInDim(bad, grid, [0]), constantLike(out, NaN), out);
  const lead = shares.ndim === 0 ? [] : [nq];
  const shape = o.keepdims ? a.shape.map((s, i) => (axes.includes(i) ? 1 : s)) : keptShape;
  return reshape(moveaxis(out, 1, 0), [...lead, ...shape]);
}

/** The weights in the shape and dtype of the elements. */
function weightsLike(op: string, a: Tracer, axes: readonly number[], o: Resolved): Tracer {
  if (o.method !== "inverted_cdf") {
    throw new ShapeError(`${op}: weights need the method "inverted_cdf", got "${o.method}"`);
  }
  const w = convert(lift(o.weights!), a.dtype);
  if (w.shape.join() === a.shape.join()) return w;
  if (o.axis === null || w.shape.join() !== axes.map((i) => a.shape[i]).join()) {
    throw new ShapeError(`${op}: weights ${w.aval} do not fit axes [${axes.join(", ")}] of ${a.aval}`);
  }
  return ops.broadcastInDim(w, a.shape, axes);
}

/** The first element of each sorted row [m, n] up to which the share q of the weights lies: [m, nq]. */
function inverted(rows: Tracer, weights: Tracer | undefined, q: Tracer, last: Tracer): Tracer {
  const [m, n] = rows.shape as [number, number];
  const [nq, zero, one] = [q.size, constantLike(rows, 0), constantLike(rows, 1)];
  const given = weights ?? one;
  const bad = ops.not(ops.ge(given, zero));
  const sums = ops.cumsum(ops.where(ops.or(bad, ops.ne(rows, rows)), zero, given), 1);
  const grid = [m, nq, n];
  const target = ops.mul(
    ops.broadcastInDim(ops.slice(sums, [0, n - 1], [m, n]), [m, nq], [0, 1]),
    ops.broadcastInDim(q, [m, nq], [1]),
  );
  const below = ops.lt(ops.broadcastInDim(sums, grid, [0, 2]), ops.broadcastInDim(target, grid, [0, 1]));
  const index = ops.reduceSum(convert(below, "int32"), [2]);
  const most = ops.broadcastInDim(convert(last, "int32"), [m, nq], [0]);
  const out = gatherAlong(rows, ops.min(index, most), 1, "clip");
  const none = ops.broadcastInDim(ops.reduceOr(bad, [1]), [m, nq], [0]);
  return ops.where(none, constantLike(out, NaN), out);
}

function between(
  method: Exclude<QuantileMethod, "inverted_cdf">,
  position: Tracer,
  low: Tracer,
  high: Tracer,
  at: (index: Tracer) => Tracer,
): Tracer {
  switch (method) {
    case "lower":
      return at(low);
    case "higher":
      return at(high);
    case "nearest":
      return at(ops.where(ops.le(ops.sub(position, low), constantLike(low, 0.5)), low, high));
    case "midpoint": {
      const [x, y] = [at(low), at(high)];
      return ops.mul(ops.add(x, y), constantLike(x, 0.5));
    }
    case "linear": {
      const share = ops.sub(position, low);
      const [x, y] = [at(low), at(high)];
      // Weights, not x + share * (y - x): exact where both are infinite or equal.
      return ops.add(
        ops.mul(x, ops.sub(constantLike(share, 1), share)),
        ops.where(ops.eq(share, constantLike(share, 0)), constantLike(y, 0), ops.mul(y, share)),
      );
    }
    default:
      throw new ShapeError(
        `quantile: method "${String(method)}" is not known; expected linear, lower, higher, midpoint, nearest or inverted_cdf`,
      );
  }
}
