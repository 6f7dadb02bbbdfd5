/** Matrices that take the pixels of one axis to output pixels. */
import type { DType } from "../aval/dtype";
import type { Tracer } from "../core/tracer";
import { finfo } from "../numpy/dtypes";
import { broadcastArray, constantLike } from "../numpy/lift";
import * as ops from "../ops/index";
import { KERNELS, PYTORCH_CUBIC, arithmeticLike } from "./kernels";
import type { Method } from "./methods";

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

/**
 * For each output pixel: where it lies, and input pixels, in pixels from the centre of one that may differ from output to
 * output. Shapes [outputSize], but `pixels` [k, outputSize].
 */
interface Frame {
  readonly sample: Tracer;
  readonly pixels: Tracer;
  /** The first and the last pixel of the image. */
  readonly first: Tracer;
  readonly last: Tracer;
}

/**
 * Row i, column o: how much input pixel i counts in output pixel o. Columns add up to 1, or are 0 where they lie outside
 * the input.
 */
export function weightMatrix(r: Resampling): Tracer {
  const { inputSize, outputSize, dtype } = r;
  const inverse = inverseOf(r);
  // Centre of each output pixel in input pixels, counted from the centre of the first.
  const centre = ops.add(ops.iota(dtype, [outputSize], 0), ops.full([outputSize], 0.5, dtype));
  const spread = (x: Tracer): Tracer => broadcastArray(x, [outputSize]);
  const back = ops.sub(ops.mul(centre, spread(inverse)), spread(ops.mul(r.translation, inverse)));
  const sample = ops.sub(back, constantLike(centre, 0.5));
  const pixels = ops.iota(dtype, [inputSize, outputSize], 0);
  return weightsOf(r, { sample, pixels, first: constantLike(sample, 0), last: constantLike(sample, inputSize - 1) });
}

const inverseOf = (r: Resampling): Tracer => ops.div(constantLike(r.scale, 1), r.scale);

function weightsOf(r: Resampling, frame: Frame): Tracer {
  const { sample, pixels, first, last } = frame;
  const { shape } = pixels;
  const repeatsEdges = r.method === "cubic-pytorch" && !r.antialias;
  const all = repeatsEdges
    ? edgeWeights(frame)
    : r.method === "area"
      ? overlaps(r, sample, pixels)
      : kernelWeights(r, sample, pixels);
  const none = ops.full(shape, 0, r.dtype);
  const exists = ops.and(ops.ge(pixels, broadcastArray(first, shape)), ops.le(pixels, broadcastArray(last, shape)));
  const weights = ops.where(exists, all, none);
  const total = ops.reduceSum(weights, [0]);
  const enough = ops.gt(ops.abs(total), constantLike(total, 1000 * finfo(r.dtype).eps));
  const half = constantLike(sample, 0.5);
  const inside = ops.and(ops.ge(sample, ops.sub(first, half)), ops.le(sample, ops.add(last, half)));
  const counts = broadcastArray(repeatsEdges ? enough : ops.and(enough, inside), shape);
  const divisor = ops.where(enough, total, constantLike(total, 1));
  return ops.where(counts, ops.div(weights, broadcastArray(divisor, shape)), none);
}

function kernelWeights(r: Resampling, sample: Tracer, pixels: Tracer): Tracer {
  const { shape } = pixels;
  const distance = ops.abs(ops.sub(broadcastArray(sample, shape), pixels));
  const [, kernel] = KERNELS[r.method as keyof typeof KERNELS];
  const arrays = arithmeticLike(distance);
  if (!r.antialias) return kernel(arrays, distance);
  // As wide as an output pixel.
  const inverse = inverseOf(r);
  const width = ops.max(inverse, constantLike(inverse, 1));
  return kernel(arrays, ops.div(distance, broadcastArray(width, shape)));
}

/** Weights of the four pixels about each sample; the two that are nearest outside count for the edge. */
function edgeWeights({ sample, pixels, first, last }: Frame): Tracer {
  const { shape } = pixels;
  const lowest = ops.sub(ops.floor(sample), constantLike(sample, 1));
  const two = constantLike(sample, 2);
  let sum = ops.zerosLike(pixels);
  for (let k = 0; k < 4; k++) {
    const tap = ops.add(lowest, constantLike(lowest, k));
    const near = ops.and(ops.ge(tap, ops.sub(first, two)), ops.le(tap, ops.add(last, two)));
    const weight = ops.where(
      near,
      PYTORCH_CUBIC(arithmeticLike(tap), ops.abs(ops.sub(sample, tap))),
      constantLike(tap, 0),
    );
    const at = ops.eq(pixels, broadcastArray(ops.min(ops.max(tap, first), last), shape));
    sum = ops.add(sum, ops.where(at, broadcastArray(weight, shape), ops.zerosLike(pixels)));
  }
  return sum;
}

/** Lengths of the parts that input and output pixels share. */
function overlaps(r: Resampling, sample: Tracer, pixels: Tracer): Tracer {
  const { shape } = pixels;
  const inverse = broadcastArray(inverseOf(r), [r.outputSize]);
  const half = constantLike(sample, 0.5);
  const start = ops.sub(ops.add(sample, half), ops.mul(inverse, half));
  const end = ops.add(start, inverse);
  const upper = ops.min(broadcastArray(end, shape), ops.add(pixels, constantLike(pixels, 1)));
  const lower = ops.max(broadcastArray(start, shape), pixels);
  return ops.max(constantLike(pixels, 0), ops.sub(upper, lower));
}
