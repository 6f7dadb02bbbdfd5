/** Functions of samples: the most common value, ranks, the error of the mean. */
import { checkOptions } from "../../base/option-names";
import { isFloat } from "../../aval/dtype";
import { canonicalAxis } from "../../aval/promote";
import { JaxError } from "../../base/errors";
import { prod } from "../../base/list";
import type { Tracer } from "../../core/tracer";
import { divide } from "../../numpy/arithmetic";
import { sqrt } from "../../numpy/elementwise";
import { applyAlongAxis } from "../../numpy/functional";
import { type ArrayLike, convert, inexact, lift } from "../../numpy/lift";
import { isnan } from "../../numpy/logic";
import { nanstd } from "../../numpy/nan";
import { isOptions } from "../../numpy/options";
import { owned } from "../../numpy/owned";
import { any, argmax, max, sum } from "../../numpy/reductions";
import { where } from "../../numpy/selection";
import { atleast1d, moveaxis, ravel } from "../../numpy/shape";
import { searchsorted, sort } from "../../numpy/sorting";
import { std } from "../../numpy/statistics";
import * as ops from "../../ops/index";
import { vmap } from "../../transforms/vmap";

type NanPolicy = "propagate" | "omit" | "raise";

function checkPolicy(op: string, policy: NanPolicy, known: readonly NanPolicy[]): void {
  if (known.includes(policy)) return;
  throw new JaxError(
    `${op}: nanPolicy "${policy}" is not supported; expected ${known.map((p) => `"${p}"`).join(" or ")}`,
  );
}

export type RankMethod = "average" | "min" | "max" | "dense" | "ordinal";

export interface RankOptions {
  /** What equal elements get. "average" unless given. */
  readonly method?: RankMethod | undefined;
  /** Axis along which to rank; null (default) flattens. */
  readonly axis?: number | null | undefined;
  readonly nanPolicy?: NanPolicy | undefined;
}

/** The inverse of a sort: where each element goes. */
const placesOf = (x: Tracer): Tracer => {
  const index = ops.iota("int32", x.shape, 0);
  const order = ops.sort([x, index], 0, 1)[1]!;
  return ops.sort([order, index], 0, 1)[1]!;
};

function ranksOf(x: Tracer, method: RankMethod): Tracer {
  const float = (y: Tracer): Tracer => convert(y, "float32");
  if (method === "ordinal") return float(placesOf(x)).add(1);
  const sorted = sort(x);
  const before = searchsorted(sorted, x, "left");
  if (method === "min") return float(before).add(1);
  if (method === "dense") {
    const first = searchsorted(sorted, sorted, "left").equal(ops.iota("int32", x.shape, 0));
    return float(convert(first, "int32").cumsum(0)).take(before);
  }
  const upTo = searchsorted(sorted, x, "right");
  return method === "max" ? float(upTo) : float(before.add(upTo).add(1)).mul(0.5);
}

/**
 * Ranks, from 1 on; all NaN where there is a NaN.
 *
 * Shapes: that of a vector of all elements, or with an axis that of `a`. Dtypes: float32.
 * Errors: JaxError for other methods and NaN policies than there are.
 * @example
 * scipy.stats.rankdata(np.array([3, 1, 3])).js(); // => [2.5, 1, 2.5]
 */
export function rankdata(
  a: ArrayLike,
  method: RankMethod | RankOptions = "average",
  options: RankOptions = {},
): Tracer {
  const o: RankOptions = {
    ...(isOptions(method) ? (method as RankOptions) : { method: method as RankMethod }),
    ...options,
  };
  checkOptions("rankdata", o, { method: true, axis: true, nanPolicy: true });
  const how = o.method ?? "average";
  checkPolicy("rankdata", o.nanPolicy ?? "propagate", ["propagate"]);
  if (!["average", "min", "max", "dense", "ordinal"].includes(how)) {
    throw new JaxError(`rankdata: unknown method "${how}"; expected "average", "min", "max", "dense" or "ordinal"`);
  }
  const rank = (x: Tracer): Tracer => {
    const ranks = ranksOf(x, how);
    return isFloat(x.dtype) ? where(any(isnan(x)), NaN, ranks) : ranks;
  };
  return owned(() => {
    const axis = o.axis ?? null;
    return axis === null ? rank(ravel(a)) : applyAlongAxis(rank, axis, a);
  });
}

export interface ModeOptions {
  /** Axis to reduce, 0 unless given; null for all elements. */
  readonly axis?: number | null | undefined;
  readonly keepdims?: boolean | undefined;
  readonly nanPolicy?: NanPolicy | undefined;
}

export interface ModeResult {
  readonly mode: Tracer;
  /** How often it occurs, int32. */
  readonly count: Tracer;
}

/** Of a vector: the smallest of the most common elements. */
function modeOf(x: Tracer): [mode: Tracer, count: Tracer] {
  const sorted = sort(x);
  const counts = searchsorted(sorted, sorted, "right").sub(searchsorted(sorted, sorted, "left"));
  return [sorted.take(argmax(counts)), max(counts)];
}

/**
 * The most common value along an axis (the first), the smallest if there are several, and its count.
 *
 * Errors: JaxError for NaN policies other than "propagate".
 * @example
 * scipy.stats.mode(np.array([2, 1, 2])).mode.js(); // => 2
 */
export function mode(a: ArrayLike, axis?: number | null | ModeOptions, options: ModeOptions = {}): ModeResult {
  const o: ModeOptions = { ...((isOptions(axis) ? axis : { axis }) as ModeOptions), ...options };
  checkOptions("mode", o, { axis: true, keepdims: true, nanPolicy: true });
  checkPolicy("mode", o.nanPolicy ?? "propagate", ["propagate"]);
  return owned((): ModeResult => {
    const given = atleast1d(a);
    const all = o.axis === null;
    const at = all ? 0 : canonicalAxis("mode", o.axis ?? 0, given.ndim);
    const x = all ? ravel(given) : moveaxis(given, at, 0);
    const rest = all ? [] : x.shape.slice(1);
    const kept = all ? given.shape.map(() => 1) : given.shape.map((n, i) => (i === at ? 1 : n));
    const shape = o.keepdims === true ? kept : rest;
    if (x.shape[0] === 0) return { mode: ops.full(shape, NaN, "float32"), count: ops.full(shape, 0, "float32") };
    const columns = x.reshape([x.shape[0]!, prod(rest)]);
    const [modes, counts] = vmap(modeOf, { inAxes: 1 })(columns);
    return { mode: modes.reshape(shape), count: counts.reshape(shape) };
  });
}

export interface SemOptions {
  /** Axis to reduce, 0 unless given; null for all elements. */
  readonly axis?: number | null | undefined;
  /** Taken from the count in the divisor of the variance: 1 unless given. */
  readonly ddof?: number | undefined;
  readonly nanPolicy?: NanPolicy | undefined;
  readonly keepdims?: boolean | undefined;
}

/**
 * Standard error of the mean: the standard deviation over the root of the count.
 *
 * Dtypes: integers and bools give float32. Errors: JaxError for the NaN policy "raise".
 * @example
 * scipy.stats.sem(np.array([1, 2, 3])).js(); // => 0.57735
 */
export function sem(
  a: ArrayLike,
  axis?: number | null | SemOptions,
  ddof?: number | SemOptions,
  options: SemOptions = {},
): Tracer {
  const early = (isOptions(axis) ? axis : { axis }) as SemOptions;
  const o: SemOptions = { ...early, ...(isOptions(ddof) ? (ddof as SemOptions) : {}), ...options };
  checkOptions("sem", o, { axis: true, ddof: true, nanPolicy: true, keepdims: true });
  const policy = o.nanPolicy ?? "propagate";
  checkPolicy("sem", policy, ["propagate", "omit"]);
  const spare = o.ddof ?? (typeof ddof === "number" ? ddof : 1);
  return owned(() => {
    const x = inexact(lift(a));
    const at = o.axis === undefined ? 0 : o.axis;
    const reduce = { ddof: spare, keepdims: o.keepdims };
    if (policy === "omit") {
      const count = sum(convert(isnan(x), x.dtype).neg().add(1), at, { keepdims: o.keepdims });
      return divide(nanstd(x, at, reduce), sqrt(count));
    }
    const n = at === null ? x.size : x.shape[canonicalAxis("sem", at, x.ndim)]!;
    return divide(std(x, at, reduce), Math.sqrt(n));
  });
}
