/** Counting values into bins. */
import { isBool } from "../aval/dtype";
import { checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import { contiguousStrides, prod } from "../base/list";
import { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { add, divide, maximum, multiply, subtract } from "./arithmetic";
import { array } from "./creation";
import { diff } from "./cumulative";
import {
  type ArrayLike,
  broadcastArray,
  constantLike,
  convert,
  inexact,
  integral,
  lift,
  promoteInexactDTypes,
} from "./lift";
import { linspace } from "./ranges";
import { byPosition } from "./arguments";
import { isOptions } from "./options";
import { owned } from "./owned";
import { max, min, sum } from "./reductions";
import { searchsorted } from "./sorting";
import { ravel, reshape } from "./shape";
import { unstack } from "./joining";

/** Adds `weights` up by int32 position, 0 to `length - 1`; positions out of range are dropped. */
function countInto(positions: Tracer, weights: Tracer, length: number): Tracer {
  return ops.scatterAdd(
    ops.full([length], 0, weights.dtype),
    ops.reshape(positions, [positions.size, 1]),
    ops.reshape(weights, [weights.size]),
    {
      updateWindowDims: [],
      insertedWindowDims: [0],
      scatterDimsToOperandDims: [0],
      operandBatchingDims: [],
      scatterIndicesBatchingDims: [],
    },
    "fill",
  );
}

export interface BincountOptions {
  weights?: ArrayLike | null | undefined;
  minlength?: number | undefined;
  /** Length of the result; needed for traced arrays. */
  length?: number | null | undefined;
}

/** How often each whole number from 0 occurs; or the sum of its weights. @example np.bincount(np.array([0, 2, 2], { dtype: "int32" })).js(); // => [1, 0, 2] */
export function bincount(
  x: ArrayLike,
  weights?: ArrayLike | null | BincountOptions,
  minlength?: number | BincountOptions,
  options?: BincountOptions,
): Tracer {
  const o = byPosition<BincountOptions>(["weights", "minlength"], [weights, minlength, options], ["length"]);
  return owned(() => {
    const given = lift(x);
    const index = integral("bincount", isBool(given.dtype) ? convert(given, "int32") : x);
    if (index.ndim !== 1) throw new ShapeError(`bincount: expected a vector, got ${index.aval}`);
    const largest = (): number => (index.size === 0 ? -1 : max(index).item());
    const length = o.length ?? Math.max(o.minlength ?? 0, largest() + 1);
    const w = o.weights === undefined || o.weights === null ? ops.full(index.shape, 1, "int32") : lift(o.weights);
    return countInto(maximum(convert(index, "int32"), 0), w, length);
  });
}

export interface HistogramOptions {
  bins?: ArrayLike | undefined;
  /** Lowest and highest edge; the extremes of the data by default. */
  range?: readonly [ArrayLike, ArrayLike] | null | undefined;
  weights?: ArrayLike | null | undefined;
  /** Gives a density: the integral over the bins is 1. */
  density?: boolean | null | undefined;
}

function edgesOf(x: Tracer, bins: ArrayLike | undefined, range: HistogramOptions["range"]): Tracer {
  const given = bins ?? 10;
  if (typeof given !== "number") {
    const e = inexact(given);
    if (e.ndim === 1) return convert(e, x.dtype);
    throw new ShapeError(`histogram: bins must be a number or a vector of edges, got ${e.aval}`);
  }
  const lo = range === undefined || range === null ? (x.size === 0 ? 0 : min(x)) : range[0];
  const hi = range === undefined || range === null ? (x.size === 0 ? 1 : max(x)) : range[1];
  const [a, b] = [inexact(lo), inexact(hi)];
  // Equal ends: half a unit to each side.
  const flat = convert(ops.eq(convert(a, x.dtype), convert(b, x.dtype)), x.dtype);
  const half = multiply(flat, 0.5);
  return convert(linspace(subtract(a, half), add(b, half), given + 1), x.dtype);
}

/** The edges of the bins of `histogram`. @example np.histogramBinEdges(np.array([0, 4]), 2).js(); // => [0, 2, 4] */
export function histogramBinEdges(
  a: ArrayLike,
  bins?: ArrayLike | HistogramOptions,
  range?: HistogramOptions["range"] | HistogramOptions,
  weights?: ArrayLike | null | HistogramOptions,
): Tracer {
  const o = byPosition<HistogramOptions>(["bins", "range", "weights"], [bins, range, weights]);
  return owned(() => edgesOf(ravel(inexact(a)), o.bins, o.range));
}

/** The bin of each value: 0 to nBins - 1, or out of range. The last bin includes its upper edge. */
function binOf(x: Tracer, edges: Tracer): Tracer {
  const n = edges.size;
  const right = searchsorted(edges, x, "right");
  const last = ops.reshape(ops.slice(edges, [n - 1], [n]), []);
  const index = ops.where(
    ops.eq(x, ops.broadcastInDim(convert(last, x.dtype), x.shape, [])),
    constantLike(right, n - 1),
    right,
  );
  return ops.sub(index, constantLike(index, 1));
}

/** Counts in bins, and the edges of the bins. @example np.histogram(np.array([0, 1, 1, 4]), 2)[0].js(); // => [3, 1] */
export function histogram(
  a: ArrayLike,
  bins?: ArrayLike | HistogramOptions,
  range?: HistogramOptions["range"] | HistogramOptions,
  weights?: ArrayLike | null | HistogramOptions,
  density?: boolean | null | HistogramOptions,
): [Tracer, Tracer] {
  const o = byPosition<HistogramOptions>(["bins", "range", "weights", "density"], [bins, range, weights, density]);
  return owned((): [Tracer, Tracer] => {
    const weighing = o.weights ?? null;
    const [x, w] = promoteInexactDTypes([ravel(a), weighing === null ? 1 : ravel(weighing)]) as [Tracer, Tracer];
    const edges = edgesOf(x, o.bins, o.range);
    // Positions one up: what lies below the first edge must not wrap.
    const positions = binOf(x, edges);
    const counts = dropNegative(positions, broadcastArray(w, x.shape), edges.size - 1);
    if (o.density !== true) return [counts, edges];
    return [divide(divide(counts, diff(edges)), sum(counts)), edges];
  });
}

function dropNegative(positions: Tracer, weights: Tracer, length: number): Tracer {
  const outside = ops.lt(positions, constantLike(positions, 0));
  return countInto(ops.where(outside, constantLike(positions, length), positions), weights, length);
}

export interface HistogramddOptions {
  bins?: number | readonly ArrayLike[] | undefined;
  range?: readonly (readonly [ArrayLike, ArrayLike] | null)[] | null | undefined;
  weights?: ArrayLike | null | undefined;
  density?: boolean | null | undefined;
}

/** Counts of points `[n, d]` in a d-dimensional grid of bins, and the edges along each axis. @example np.histogramdd(np.array([[0, 0], [1, 1]]), 2)[0].js(); // => [[1, 0], [0, 1]] */
export function histogramdd(
  sample: ArrayLike,
  bins?: number | readonly ArrayLike[] | HistogramddOptions,
  options: HistogramddOptions = {},
): [Tracer, Tracer[]] {
  const o: HistogramddOptions = { ...((isOptions(bins) ? bins : { bins }) as HistogramddOptions), ...options };
  checkOptions("histogramdd", o, { bins: true, range: true, weights: true, density: true });
  return owned((): [Tracer, Tracer[]] => {
    const points = inexact(sample);
    if (points.ndim !== 2) throw new ShapeError(`histogramdd: expected points as rows of a matrix, got ${points.aval}`);
    const columns = unstack(points, 1);
    const edges = columns.map((c, i) =>
      edgesOf(c, Array.isArray(o.bins) ? (o.bins[i] as ArrayLike) : (o.bins as number), o.range?.[i] ?? null),
    );
    const sizes = edges.map((e) => e.size - 1);
    const strides = contiguousStrides(sizes);
    let flat: Tracer = ops.full([points.shape[0]!], 0, "int32");
    let outside: Tracer = ops.full([points.shape[0]!], 0, "bool");
    columns.forEach((c, i) => {
      const b = binOf(c, edges[i]!);
      outside = ops.or(outside, ops.or(ops.lt(b, constantLike(b, 0)), ops.ge(b, constantLike(b, sizes[i]!))));
      flat = ops.add(flat, multiply(b, strides[i]!));
    });
    const total = prod(sizes);
    const w =
      o.weights === undefined || o.weights === null
        ? ops.full([points.shape[0]!], 1, "int32")
        : convert(lift(o.weights), points.dtype);
    let counts = reshape(countInto(ops.where(outside, constantLike(flat, total), flat), w, total), sizes);
    if (o.density === true) {
      const n = sum(counts);
      edges.forEach(
        (e, i) =>
          (counts = divide(
            counts,
            reshape(
              diff(e),
              sizes.map((s, k) => (k === i ? s : 1)),
            ),
          )),
      );
      counts = divide(counts, n);
    }
    return [counts, edges];
  });
}

/** Counts of points (x, y) in a grid of bins, and the edges of both axes. @example np.histogram2d(np.array([0, 1]), np.array([0, 1]), 2)[0].js(); // => [[1, 0], [0, 1]] */
export function histogram2d(
  x: ArrayLike,
  y: ArrayLike,
  bins?: number | readonly ArrayLike[] | HistogramddOptions,
  options: HistogramddOptions = {},
): [Tracer, Tracer, Tracer] {
  return owned((): [Tracer, Tracer, Tracer] => {
    const points = array([lift(x), lift(y)]);
    const given = (isOptions(bins) ? (bins as HistogramddOptions).bins : bins) as
      number | readonly ArrayLike[] | Tracer | undefined;
    const both = given instanceof Tracer ? [given, given] : given;
    const rest = isOptions(bins) ? (bins as HistogramddOptions) : {};
    const [counts, edges] = histogramdd(ops.transpose(points, [1, 0]), { ...rest, ...options, bins: both });
    return [counts, edges[0]!, edges[1]!];
  });
}
