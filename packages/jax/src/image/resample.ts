/** One axis resampled with weights that are known while tracing. */
import type { DType } from "../aval/dtype";
import { prod, range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { gcd } from "../kernel/build";
import { arrayFromHost } from "../numpy/host";
import { broadcastArray, constantLike } from "../numpy/lift";
import * as ops from "../ops/index";
import { otherAxes } from "./methods";
import type { Taps } from "./taps";

/** Replaces one axis by weighted sums over it. */
export function byMatrix(x: Tracer, axis: number, weights: Tracer): Tracer {
  const out = ops.dotGeneral(x, weights, [
    [[axis], [0]],
    [[], []],
  ]);
  // The new axis comes last.
  const order = otherAxes(x.ndim, x.ndim - 1);
  order.splice(axis, 0, x.ndim - 1);
  return ops.transpose(out, order);
}

/** From so many times as many pixels on as count, gathering is faster than a product of matrices. */
const SPARSE = 10;
/** Elements of a row that fill vectors. */
const LONG = 8;
/** More pixels than these are added up in a loop. */
const MOST_TERMS = 12;

/** What an output pixel along an axis costs, about. */
export const costOf = (x: Tracer, axis: number): number => (prod(x.shape.slice(axis + 1)) >= LONG ? 1 : 4);

/** The axis `axis` of x resampled. */
export function resampleAxis(x: Tracer, axis: number, taps: Taps): Tracer {
  const { inputSize, starts, weights } = taps;
  if (starts.length === 0) return ops.sliceInDim(x, 0, 0, 1, axis);
  const phases = phasesOf(taps);
  if (phases !== null) return byPhases(x, axis, taps, phases);
  // Rows are added up whole; where they are short, pixels are gathered one by one.
  const n = weights[0]!.length;
  if (costOf(x, axis) === 1) return byWindows(x, axis, taps);
  if (n * SPARSE > inputSize) return byRows(x, axis, taps, 0, starts.length);
  return n > MOST_TERMS ? byWindows(x, axis, taps) : byTaps(x, axis, taps);
}

/** Output pixel `from + period k + a` weighs, for all k < count, pixels from `starts[from + a] + step k` on. */
interface Phases {
  readonly from: number;
  readonly count: number;
  readonly period: number;
  readonly step: number;
}

/** Longer periods are not written out, nor those with more weights. */
const MOST_PHASES = 4;
const MOST_WEIGHTS = 48;
/** Fewer periods are not worth it. */
const LEAST_COUNT = 4;

/** Where ratios of small numbers repeat weights: all but the borders. */
function phasesOf({ inputSize, starts, weights }: Taps): Phases | null {
  const divisor = gcd(inputSize, starts.length);
  const [period, step] = [starts.length / divisor, inputSize / divisor];
  if (period > MOST_PHASES || period * weights[0]!.length > MOST_WEIGHTS) return null;
  const repeats = (o: number): boolean =>
    starts[o + period] === starts[o]! + step &&
    weights[o]!.every((w, t) => Math.abs(w - weights[o + period]![t]!) < 1e-9);
  const middle = starts.length >> 1;
  let from = middle;
  while (from > 0 && repeats(from - 1)) from--;
  let end = middle;
  while (end + period < starts.length && repeats(end)) end++;
  const count = Math.floor((end - from) / period) + 1;
  return end === middle || count < LEAST_COUNT ? null : { from, count, period, step };
}

function byPhases(x: Tracer, axis: number, taps: Taps, { from, count, period, step }: Phases): Tracer {
  const { starts, weights } = taps;
  const phases = range(period).map((a) => {
    const terms = weights[from + a]!.flatMap((weight, t) => {
      if (weight === 0) return [];
      const start = starts[from + a]! + t;
      const pixels = ops.sliceInDim(x, start, start + step * (count - 1) + 1, step, axis);
      return [weight === 1 ? pixels : ops.mul(pixels, constantLike(pixels, weight))];
    });
    return terms.reduce((p, q) => ops.add(p, q));
  });
  const shape = x.shape.map((n, i) => (i === axis ? count * period : n));
  const apart = phases.map((phase) => ops.expandDims(phase, [axis + 1]));
  const middle = period === 1 ? phases[0]! : ops.reshape(ops.concatenate(apart, axis + 1), shape);
  const end = from + count * period;
  const borders: [number, number][] = [[0, from], [end, starts.length]]; // prettier-ignore
  const [first, last] = borders.map(([a, b]) => (a === b ? [] : [byRows(x, axis, taps, a, b)])) as [Tracer[], Tracer[]];
  const parts = [...first, middle, ...last];
  return parts.length === 1 ? middle : ops.concatenate(parts, axis);
}

const least = (values: readonly number[]): number => values.reduce((p, q) => Math.min(p, q));

/** Output pixels from a to b as a product of matrices, of the pixels that count in them. */
function byRows(x: Tracer, axis: number, { starts, weights }: Taps, a: number, b: number): Tracer {
  const rows = range(b - a).map((o) => a + o);
  const ends = rows.map((o) => starts[o]! + weights[o]!.findLastIndex((w) => w !== 0) + 1);
  const first = least(rows.map((o) => starts[o]! + weights[o]!.findIndex((w) => w !== 0)));
  const n = -least(ends.map((end) => -end)) - first;
  const pixels = ops.sliceInDim(x, first, first + n, 1, axis);
  if (n === 1) return broadcastArray(pixels, x.shape.map((m, i) => (i === axis ? b - a : m))); // prettier-ignore
  const matrix = new Array<number>(n * (b - a)).fill(0);
  for (const o of rows) {
    weights[o]!.forEach((weight, t) => {
      if (weight !== 0) matrix[(starts[o]! + t - first) * (b - a) + o - a] = weight;
    });
  }
  return byMatrix(pixels, axis, hostArray(matrix, [n, b - a], x.dtype));
}

/** Where few pixels count in each output pixel: shifted copies, each times its weights. */
function byTaps(x: Tracer, axis: number, { starts, weights }: Taps): Tracer {
  const shape = x.shape.map((n, i) => (i === axis ? starts.length : n));
  const along = shape.map((n, i) => (i === axis ? n : 1));
  const terms = range(weights[0]!.length).map((t) => {
    const pixels = takePixels(
      x,
      axis,
      Int32Array.from(starts, (start) => start + t),
    );
    const column = weights.map((row) => row[t]!);
    return ops.mul(pixels, broadcastArray(hostArray(column, along, x.dtype), shape));
  });
  return terms.reduce((a, b) => ops.add(a, b));
}

/** Sums over windows of the axis that begin at the first pixel that counts. */
function byWindows(x: Tracer, axis: number, { starts, weights }: Taps): Tracer {
  const n = weights[0]!.length;
  const windows = ops.gather(
    x,
    arrayFromHost("resize", Int32Array.from(starts), { shape: [starts.length, 1] }),
    {
      offsetDims: range(x.ndim).map((d) => (d < axis ? d : d + 1)),
      collapsedSliceDims: [],
      startIndexMap: [axis],
      operandBatchingDims: [],
      startIndicesBatchingDims: [],
    },
    x.shape.map((m, i) => (i === axis ? n : m)),
    "promise_in_bounds",
  );
  const along = windows.shape.map((m, i) => (i === axis || i === axis + 1 ? m : 1));
  const all = broadcastArray(hostArray(weights.flat(), along, x.dtype), windows.shape);
  return ops.reduceSum(ops.mul(windows, all), [axis + 1]);
}

const hostArray = (values: readonly number[], shape: readonly number[], dtype: DType): Tracer =>
  arrayFromHost("resize", Float64Array.from(values), { shape, dtype });

/** Pixels of an axis by their numbers. */
export function takePixels(x: Tracer, axis: number, index: Int32Array<ArrayBuffer>): Tracer {
  return ops.gather(
    x,
    arrayFromHost("resize", index, { shape: [index.length, 1] }),
    {
      offsetDims: otherAxes(x.ndim, axis),
      collapsedSliceDims: [axis],
      startIndexMap: [axis],
      operandBatchingDims: [],
      startIndicesBatchingDims: [],
    },
    x.shape.map((n, i) => (i === axis ? 1 : n)),
    "promise_in_bounds",
  );
}
