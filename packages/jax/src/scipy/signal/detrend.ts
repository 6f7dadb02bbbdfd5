/** Trends taken away. */
import { canonicalAxis } from "../../aval/promote";
import { ShapeError } from "../../base/errors";
import { range } from "../../base/list";
import type { Tracer } from "../../core/tracer";
import { byPosition } from "../../numpy/arguments";
import { arrayFromHost } from "../../numpy/host";
import { type ArrayLike, broadcastArray, constantLike, inexact } from "../../numpy/lift";
import { owned } from "../../numpy/owned";
import { moveaxis } from "../../numpy/shape";
import * as ops from "../../ops/index";

/** "linear": the line of least squares. "constant": the mean. */
export type TrendType = "linear" | "constant";

export interface DetrendOptions {
  axis?: number | undefined;
  type?: TrendType | undefined;
  /** Where new lines begin. */
  bp?: number | readonly number[] | undefined;
}

/** x without its mean along the last axis. */
export function withoutMean(x: Tracer): Tracer {
  const last = x.ndim - 1;
  const n = x.shape[last]!;
  const sum = ops.reduceSum(x, [last]);
  return ops.sub(x, over(ops.div(sum, constantLike(sum, n)), x));
}

/** Values of all axes but the last, repeated along it. */
const over = (v: Tracer, x: Tracer): Tracer => ops.broadcastInDim(v, x.shape, range(x.ndim - 1));

/** x without its line of least squares along the last axis. */
export function withoutLine(x: Tracer): Tracer {
  const last = x.ndim - 1;
  const n = x.shape[last]!;
  const rest = withoutMean(x);
  if (n < 2) return rest;
  // Times about their middle are orthogonal to the mean.
  const times = Float64Array.from({ length: n }, (_, i) => i - (n - 1) / 2);
  const unit = Math.hypot(...times);
  const line = arrayFromHost("detrend", times.map((t) => t / unit), { dtype: x.dtype }); // prettier-ignore
  const wide = broadcastArray(line, x.shape);
  return ops.sub(rest, ops.mul(over(ops.reduceSum(ops.mul(rest, wide), [last]), x), wide));
}

/**
 * Data less the line that fits it best along an axis, or several lines from the places `bp` on; or less its mean.
 *
 * Shapes: `f32[.., n] -> f32[.., n]`
 * Dtypes: floats; integers give float32.
 * Errors: ShapeError for another type, or places outside the data.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.signal.detrend.html
 * @example
 * scipy.signal.detrend(np.array([1, 4, 8, 8, 9])).js(); // => [-1, 0, 2, 0, -1]
 * scipy.signal.detrend(np.array([1, 3]), { type: "constant" }).js(); // => [-1, 1]
 */
export function detrend(
  data: ArrayLike,
  axis?: number | DetrendOptions,
  type?: TrendType | DetrendOptions,
  bp?: number | readonly number[] | DetrendOptions,
): Tracer {
  const o = byPosition<DetrendOptions>(["axis", "type", "bp"], [axis, type, bp]);
  const how = o.type ?? "linear";
  if (how !== "linear" && how !== "constant") {
    throw new ShapeError(`detrend: type must be "linear" or "constant", got ${String(how)}`);
  }
  return owned(() => {
    const x = inexact(data);
    const at = canonicalAxis("detrend", o.axis ?? -1, x.ndim);
    const moved = moveaxis(x, at, -1);
    if (how === "constant") return moveaxis(withoutMean(moved), -1, at);
    const n = moved.shape[x.ndim - 1]!;
    const places = typeof o.bp === "number" ? [o.bp] : (o.bp ?? [0]);
    if (places.some((p) => !Number.isInteger(p) || p < 0 || p > n)) {
      throw new ShapeError(`detrend: places of bp lie from 0 to ${n}, got [${places.join(", ")}]`);
    }
    const bounds = [...new Set([0, ...places, n])].sort((a, b) => a - b);
    const lead = moved.shape.slice(0, -1);
    const parts = bounds.slice(1).map((to, i) => {
      const start = [...lead.map(() => 0), bounds[i]!];
      return withoutLine(ops.slice(moved, start, [...lead, to]));
    });
    return moveaxis(ops.concatenate(parts, x.ndim - 1), -1, at);
  });
}
