/** Quantiles by sorting; NaN anywhere gives NaN, or is left out by the nan functions. */
import { ShapeError } from "../base/errors";
import { prod, range, without } from "../base/list";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { gatherAlong } from "./gather";
import { type ArrayLike, type Axis, constantLike, convert, inexact } from "./lift";
import { isOptions } from "./options";
import { owned } from "./owned";
import { reduceAxes } from "./reduce";
import { divide } from "./arithmetic";
import { moveaxis, reshape, transpose } from "./shape";

/** Between which neighbours to read: "linear" (default) interpolates. */
export type QuantileMethod = "linear" | "lower" | "higher" | "midpoint" | "nearest";

export interface QuantileOptions {
  axis?: Axis | undefined;
  method?: QuantileMethod | undefined;
  interpolation?: QuantileMethod | undefined;
  keepdims?: boolean | undefined;
}

interface Resolved {
  axis: Axis;
  method: QuantileMethod;
  keepdims: boolean;
}

function quantileOptions(axis: Axis | QuantileOptions | undefined, options: QuantileOptions | undefined): Resolved {
  const o: QuantileOptions = { ...((isOptions(axis) ? axis : { axis }) as QuantileOptions), ...options };
  return { axis: o.axis ?? null, method: o.method ?? o.interpolation ?? "linear", keepdims: o.keepdims === true };
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
  const rows = ops.sort([reshape(transpose(a, [...kept, ...axes]), [m, n])], 1, 1)[0]!;
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
  let out = between(o.method, position, low, high, at);
  const bad = skipNaN ? ops.eq(counts, constantLike(counts, 0)) : ops.gt(nans, constantLike(nans, 0));
  out = ops.where(ops.broadcastInDim(bad, grid, [0]), constantLike(out, NaN), out);
  const lead = shares.ndim === 0 ? [] : [nq];
  const shape = o.keepdims ? a.shape.map((s, i) => (axes.includes(i) ? 1 : s)) : keptShape;
  return reshape(moveaxis(out, 1, 0), [...lead, ...shape]);
}

function between(
  method: QuantileMethod,
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
      return at(ops.round(position, 1));
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
        `quantile: method "${String(method)}" is not known; expected linear, lower, higher, midpoint or nearest`,
      );
  }
}
