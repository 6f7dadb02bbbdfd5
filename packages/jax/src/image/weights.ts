/** Matrices that take the pixels of one axis to output pixels. */
import type { DType } from "../aval/dtype";
import type { Tracer } from "../core/tracer";
import { finfo } from "../numpy/dtypes";
import { broadcastArray, constantLike } from "../numpy/lift";
import * as ops from "../ops/index";
import { KERNELS, type Method, PYTORCH_CUBIC } from "./kernels";

export interface Resampling {
  readonly inputSize: number;
  readonly outputSize: number;
  /** Output pixels an input pixel. */
  readonly scale: Tracer;
  /** In output pixels. */
  readonly translation: Tracer;
  readonly method: Exclude<Method, "nearest">;
  readonly antialias: boolean;
  readonly dtype: DType;
}

/** Row i, column o: how much input pixel i counts in output pixel o. Columns add up to 1, or are 0 where they lie outside the input. */
export function weightMatrix(r: Resampling): Tracer {
  const { inputSize, outputSize, dtype } = r;
  const shape = [inputSize, outputSize];
  const inverse = ops.div(constantLike(r.scale, 1), r.scale);
  // Centre of each output pixel in input pixels, counted from the centre of the first.
  const centre = ops.add(ops.iota(dtype, [outputSize], 0), ops.full([outputSize], 0.5, dtype));
  const spread = (x: Tracer): Tracer => broadcastArray(x, [outputSize]);
  const offset = ops.mul(r.translation, inverse);
  const back = (x: Tracer): Tracer => ops.sub(ops.mul(x, spread(inverse)), spread(offset));
  const half = constantLike(centre, 0.5);
  const sample = ops.sub(back(centre), half);
  const repeatsEdges = r.method === "cubic-pytorch" && !r.antialias;
  const weights = repeatsEdges
    ? edgeWeights(r, sample, shape)
    : r.method === "area"
      ? overlaps(r, back, shape)
      : kernelWeights(r, sample, inverse, shape);
  const total = ops.reduceSum(weights, [0]);
  const enough = ops.gt(ops.abs(total), constantLike(total, 1000 * finfo(dtype).eps));
  const inside = ops.and(
    ops.ge(sample, constantLike(sample, -0.5)),
    ops.le(sample, constantLike(sample, inputSize - 0.5)),
  );
  const counts = broadcastArray(repeatsEdges ? enough : ops.and(enough, inside), shape);
  const divisor = ops.where(enough, total, constantLike(total, 1));
  return ops.where(counts, ops.div(weights, broadcastArray(divisor, shape)), ops.full(shape, 0, dtype));
}

function kernelWeights(r: Resampling, sample: Tracer, inverse: Tracer, shape: readonly number[]): Tracer {
  const distance = ops.abs(ops.sub(broadcastArray(sample, shape), ops.iota(r.dtype, shape, 0)));
  const kernel = KERNELS[r.method as keyof typeof KERNELS];
  if (!r.antialias) return kernel(distance);
  // As wide as an output pixel.
  const width = ops.max(inverse, constantLike(inverse, 1));
  return kernel(ops.div(distance, broadcastArray(width, shape)));
}

/** Weights of the four pixels about each sample; the two that are nearest outside count for the edge. */
function edgeWeights(r: Resampling, sample: Tracer, shape: readonly number[]): Tracer {
  const pixel = ops.iota(r.dtype, shape, 0);
  const first = ops.sub(ops.floor(sample), constantLike(sample, 1));
  const [low, high] = [constantLike(first, 0), constantLike(first, r.inputSize - 1)];
  let sum = ops.zerosLike(pixel);
  for (let k = 0; k < 4; k++) {
    const tap = ops.add(first, constantLike(first, k));
    const near = ops.and(ops.ge(tap, constantLike(tap, -2)), ops.le(tap, constantLike(tap, r.inputSize + 1)));
    const weight = ops.where(near, PYTORCH_CUBIC(ops.abs(ops.sub(sample, tap))), constantLike(tap, 0));
    const at = ops.eq(pixel, broadcastArray(ops.clamp(low, tap, high), shape));
    sum = ops.add(sum, ops.where(at, broadcastArray(weight, shape), ops.zerosLike(pixel)));
  }
  return sum;
}

/** Lengths of the parts that input and output pixels share. */
function overlaps(r: Resampling, back: (x: Tracer) => Tracer, shape: readonly number[]): Tracer {
  const { outputSize, dtype } = r;
  const start = back(ops.iota(dtype, [outputSize], 0));
  const one = constantLike(start, 1);
  const end = back(ops.add(ops.iota(dtype, [outputSize], 0), one));
  const pixel = ops.iota(dtype, shape, 0);
  const upper = ops.min(broadcastArray(end, shape), ops.add(pixel, constantLike(pixel, 1)));
  const lower = ops.max(broadcastArray(start, shape), pixel);
  return ops.max(constantLike(pixel, 0), ops.sub(upper, lower));
}
