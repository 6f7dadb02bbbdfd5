/** Sums, products and extremes of the rows of each segment: the namespace `ops`. */
import { type OptionNames, checkOptions } from "../base/option-names";
import { type DType, dtypeInfo, isFloat, isInteger } from "../aval/dtype";
import { DTypeError, ShapeError } from "../base/errors";
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import type { ArrayLike } from "../numpy/lift";
import { constantLike, convert, lift } from "../numpy/lift";
import { isOptions } from "../numpy/options";
import { owned } from "../numpy/owned";
import { takeRows } from "../numpy/gather";
import { max } from "../numpy/reductions";
import * as prims from "../ops/index";
import { customJvp } from "../transforms/custom-jvp";

const OPTIONS: OptionNames<SegmentOptions> = {
  numSegments: true, indicesAreSorted: true, uniqueIndices: true, bucketSize: true, mode: true,
}; // prettier-ignore

export interface SegmentOptions {
  /** Number of segments; the largest id and one unless given. */
  readonly numSegments?: number | null | undefined;
  /** That the ids do not decrease. The result is the same. */
  readonly indicesAreSorted?: boolean | undefined;
  /** That no id occurs twice. The result is the same. */
  readonly uniqueIndices?: boolean | undefined;
  /** Rows that are combined on their own, before their results are: sums of many rows round less. */
  readonly bucketSize?: number | null | undefined;
  /** What becomes of ids out of range: they are dropped, or "clip" moves them to the nearest segment. */
  readonly mode?: "drop" | "fill" | "clip" | "promise_in_bounds" | null | undefined;
}

interface Reduction {
  readonly name: string;
  readonly scatter: typeof prims.scatterAdd;
  readonly isExtreme: boolean;
  readonly combine: (x: Tracer) => Tracer;
  readonly identity: (dtype: DType) => number;
}

const lowest = (dtype: DType): number => {
  if (isFloat(dtype)) return -Infinity;
  const { kind, sizeBytes } = dtypeInfo(dtype);
  return kind === "int" ? -(2 ** (8 * sizeBytes - 1)) : 0;
};
const highest = (dtype: DType): number => {
  if (isFloat(dtype)) return Infinity;
  const { kind, sizeBytes } = dtypeInfo(dtype);
  return kind === "bool" ? 1 : 2 ** (8 * sizeBytes - (kind === "int" ? 1 : 0)) - 1;
};

const SUM: Reduction = {
  name: "segmentSum",
  scatter: prims.scatterAdd,
  isExtreme: false,
  combine: (x) => prims.reduceSum(x, [0]),
  identity: () => 0,
};
const PROD: Reduction = {
  name: "segmentProd",
  scatter: prims.scatterMul,
  isExtreme: false,
  combine: (x) => prims.reduceProd(x, [0]),
  identity: () => 1,
};
const MAX: Reduction = {
  name: "segmentMax",
  scatter: prims.scatterMax,
  isExtreme: true,
  combine: (x) => prims.reduceMax(x, [0]),
  identity: lowest,
};
const MIN: Reduction = {
  name: "segmentMin",
  scatter: prims.scatterMin,
  isExtreme: true,
  combine: (x) => prims.reduceMin(x, [0]),
  identity: highest,
};

/** Rows of data [n, ...] combined into [numSegments, ...]. */
function scattered(r: Reduction, data: Tracer, ids: Tracer, numSegments: number): Tracer {
  const rest = data.shape.slice(1);
  const start = prims.full([numSegments, ...rest], r.identity(data.dtype), data.dtype);
  return r.scatter(start, prims.reshape(ids, [ids.size, 1]), data, {
    updateWindowDims: range(1, data.ndim),
    insertedWindowDims: [0],
    scatterDimsToOperandDims: [0],
    operandBatchingDims: [],
    scatterIndicesBatchingDims: [],
  });
}

/** Extremes, whose derivative is shared by the rows that reach them. */
function extremes(r: Reduction, data: Tracer, ids: Tracer, numSegments: number): Tracer {
  const f = customJvp((x: Tracer, at: Tracer): Tracer => scattered(r, x, at, numSegments));
  f.defjvp(([x, at]: [Tracer, Tracer], [t]: [Tracer, Tracer]): [Tracer, Tracer] => {
    const out = f(x, at);
    const reached = prims.eq(x, takeRows(out, at, 0, "clip"));
    const parts = prims.convertElementType(reached, x.dtype);
    const counts = takeRows(scattered(SUM, parts, at, numSegments), at, 0, "clip");
    const share = prims.where(reached, prims.div(t, counts), constantLike(t, 0));
    return [out, scattered(SUM, share, at, numSegments)];
  });
  return f(data, ids);
}

function segments(
  r: Reduction,
  data: ArrayLike,
  segmentIds: ArrayLike,
  num: number | null | undefined | SegmentOptions,
  more: SegmentOptions,
): Tracer {
  const o: SegmentOptions = { ...(isOptions(num) ? (num as SegmentOptions) : { numSegments: num as number }), ...more };
  checkOptions(r.name, o, OPTIONS);
  return owned(() => {
    const x = lift(data);
    const given = lift(segmentIds);
    if (!isInteger(given.dtype)) throw new DTypeError(`${r.name}: segment ids must be integers, got ${given.aval}`);
    if (x.ndim === 0 || given.ndim !== 1 || given.shape[0] !== x.shape[0]) {
      throw new ShapeError(`${r.name}: expected one id for each row of ${x.aval}, got ids ${given.aval}`);
    }
    const ids = convert(given, "int32");
    const n = o.numSegments ?? (ids.size === 0 ? 0 : Number(max(ids).js()) + 1);
    if (!Number.isInteger(n) || n < 0)
      throw new ShapeError(`${r.name}: numSegments must be a whole number >= 0, got ${n}`);
    const zero = constantLike(ids, 0);
    // Scatter drops what is out of range, and knows no negative indices.
    const inRange =
      o.mode === "clip"
        ? prims.clamp(zero, ids, constantLike(ids, Math.max(0, n - 1)))
        : prims.where(prims.lt(ids, zero), constantLike(ids, n), ids);
    const reduce = (rows: Tracer, at: Tracer): Tracer =>
      r.isExtreme && n > 0 && isFloat(x.dtype) ? extremes(r, rows, at, n) : scattered(r, rows, at, n);
    const bucket = o.bucketSize ?? null;
    if (bucket === null || x.shape[0]! <= bucket) return reduce(x, inRange);
    const parts = range(0, Math.ceil(x.shape[0]! / bucket)).map((k) => {
      const [from, to] = [k * bucket, Math.min(x.shape[0]!, (k + 1) * bucket)];
      return prims.reshape(reduce(prims.sliceInDim(x, from, to), prims.sliceInDim(inRange, from, to)), [
        1,
        n,
        ...x.shape.slice(1),
      ]);
    });
    return r.combine(prims.concatenate(parts, 0));
  });
}

/**
 * Sums of the rows of data with each id; 0 of none. Ids out of range are left out.
 *
 * Shapes: `f32[n, ...] x i32[n] -> f32[numSegments, ...]`. Gradient: with respect to data.
 * Errors: ConcretizationError for traced ids without `numSegments`; ShapeError unless there is an id for each row.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.ops.segment_sum.html
 * @example
 * jax.ops.segmentSum(np.array([1, 2, 4]), np.array([0, 1, 0], { dtype: "int32" }), 3).js(); // => [5, 2, 0]
 */
export function segmentSum(
  data: ArrayLike,
  segmentIds: ArrayLike,
  numSegments?: number | null | SegmentOptions,
  options: SegmentOptions = {},
): Tracer {
  return segments(SUM, data, segmentIds, numSegments, options);
}
/** Products of the rows with each id, as `segmentSum`; 1 of none. Gradient: none, as of scatterMul. @example jax.ops.segmentProd(np.array([1, 2, 4]), np.array([0, 1, 1], { dtype: "int32" })).js(); // => [1, 8] */
export function segmentProd(
  data: ArrayLike,
  segmentIds: ArrayLike,
  numSegments?: number | null | SegmentOptions,
  options: SegmentOptions = {},
): Tracer {
  return segments(PROD, data, segmentIds, numSegments, options);
}
/** Largest of the rows with each id, as `segmentSum`; of none the least number there is. Gradient: shared by equal ones. @example jax.ops.segmentMax(np.array([1, 2, 4]), np.array([0, 1, 1], { dtype: "int32" })).js(); // => [1, 4] */
export function segmentMax(
  data: ArrayLike,
  segmentIds: ArrayLike,
  numSegments?: number | null | SegmentOptions,
  options: SegmentOptions = {},
): Tracer {
  return segments(MAX, data, segmentIds, numSegments, options);
}
/** Smallest of the rows with each id, as `segmentSum`; of none the greatest number there is. Gradient: shared by equal ones. @example jax.ops.segmentMin(np.array([1, 2, 4]), np.array([0, 1, 1], { dtype: "int32" })).js(); // => [1, 2] */
export function segmentMin(
  data: ArrayLike,
  segmentIds: ArrayLike,
  numSegments?: number | null | SegmentOptions,
  options: SegmentOptions = {},
): Tracer {
  return segments(MIN, data, segmentIds, numSegments, options);
}
