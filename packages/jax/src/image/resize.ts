/** Images of another size, or scaled and moved. */
import { checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import { canonicalAxis } from "../aval/promote";
import type { DType } from "../aval/dtype";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, broadcastArray, convert, inexact, lift } from "../numpy/lift";
import { eagerProgram } from "../transforms/eager-program";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { byPosition } from "../numpy/arguments";
import { type Method, type ResizeMethodName, methodOf } from "./methods";
import { byMatrix, costOf, resampleAxis, takePixels } from "./resample";
import { tapsOf } from "./taps";
import { weightMatrix } from "./weights";

export interface ResizeOptions {
  method?: ResizeMethodName | undefined;
  /** Widens the kernel where the image shrinks, so that all input pixels count; true by default. */
  antialias?: boolean | undefined;
}

export interface ScaleAndTranslateOptions extends ResizeOptions {
  /** Output pixels an input pixel, for each spatial axis. */
  scale?: ArrayLike | readonly number[] | undefined;
  /** In output pixels, for each spatial axis. */
  translation?: ArrayLike | readonly number[] | undefined;
}

/** 16-bit images are resampled in float32. */
const workType = (dtype: DType): DType => (dtype === "float64" ? "float64" : "float32");

function nearest(x: Tracer, axis: number, outputSize: number): Tracer {
  const inputSize = x.shape[axis]!;
  const [times, step] = [outputSize / inputSize, inputSize / outputSize];
  if (outputSize > 0 && Number.isInteger(step)) return ops.sliceInDim(x, step >> 1, inputSize, step, axis);
  if (outputSize > 0 && Number.isInteger(times)) {
    const apart = ops.expandDims(x, [axis + 1]);
    const repeated = broadcastArray(apart, apart.shape.map((n, i) => (i === axis + 1 ? times : n))); // prettier-ignore
    return ops.reshape(repeated, x.shape.map((n, i) => (i === axis ? outputSize : n))); // prettier-ignore
  }
  const index = Int32Array.from({ length: outputSize }, (_, i) => Math.floor(((i + 0.5) * inputSize) / outputSize));
  return takePixels(x, axis, index);
}

function checkShape(op: string, image: Tracer, shape: readonly number[]): void {
  if (shape.length !== image.ndim) {
    throw new ShapeError(
      `${op}: the shape needs a size for each axis of the image, got [${shape.join(", ")}] for ${image.aval}`,
    );
  }
  const wrong = shape.find((n) => !Number.isInteger(n) || n < 0);
  if (wrong !== undefined) throw new ShapeError(`${op}: sizes are whole numbers >= 0, got [${shape.join(", ")}]`);
}

/** Resamples each axis in turn, in float32 or float64. */
function resampleAll(
  image: ArrayLike,
  axes: readonly number[],
  one: (x: Tracer, axis: number, k: number) => Tracer,
): Tracer {
  const given = inexact(image);
  const x = convert(given, workType(given.dtype));
  const out = convert(axes.reduce(one, x), given.dtype);
  return out === image ? ops.copy(out) : out;
}

/**
 * An image of another size. Axes whose size stays are not touched, so batches and channels need no mention.
 *
 * Output pixel o lies at `(o + 1/2) n_in / n_out - 1/2`. With `antialias` (default) kernels are widened where the image
 * shrinks.
 * Shapes: `f32[n, h, w, c]`, `[n, h2, w2, c] -> f32[n, h2, w2, c]`
 * Dtypes: floats; integers give float32, except with "nearest", which keeps the dtype.
 * Errors: ShapeError for a shape of another rank, or an unknown method.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.image.resize.html
 * @example
 * image.resize(np.array([[1, 3]]), [1, 4], "linear").js(); // => [[1, 1.5, 2.5, 3]]
 * image.resize(np.array([1, 2, 3, 4]), [2], image.ResizeMethod.NEAREST).js(); // => [2, 4]
 */
export const resize = /* @__PURE__ */ eagerProgram(function resize(
  image: ArrayLike,
  shape: readonly number[],
  method: ResizeMethodName | ResizeOptions,
  antialias: boolean | ResizeOptions = {},
): Tracer {
  const o: ResizeOptions = {
    ...(typeof method === "string" ? { method } : method),
    ...(typeof antialias === "boolean" ? { antialias } : antialias),
  };
  checkOptions("resize", o, { method: true, antialias: true });
  const how = methodOf("resize", o.method ?? "linear");
  return owned(() => {
    const x = lift(image);
    checkShape("resize", x, shape);
    const axes = shape.flatMap((n, i) => (n === x.shape[i] ? [] : [i]));
    const empty = axes.find((i) => x.shape[i] === 0);
    if (empty !== undefined) throw new ShapeError(`resize: axis ${empty} of ${x.aval} has no pixels to resample`);
    if (how === "nearest") {
      const out = axes.reduce((y, axis) => nearest(y, axis, shape[axis]!), x);
      return out === image ? ops.copy(out) : out;
    }
    const sampling = { method: how, antialias: o.antialias ?? true };
    // The order in which least is to do: c_p m_p n_q + c_q m_p m_q for p before q, from n to m pixels at c each.
    const haste = (axis: number): number => (x.shape[axis]! / shape[axis]! - 1) / costOf(x, axis);
    const order = [...axes].sort((p, q) => haste(q) - haste(p));
    return resampleAll(image, order, (y, axis) =>
      resampleAxis(y, axis, tapsOf(sampling, y.shape[axis]!, shape[axis]!)),
    );
  });
});

/**
 * An image of another shape, scaled and then moved: input position p comes to `p scale + translation`, with pixel i
 * from i to i + 1. Output pixels whose centre comes from outside the input are 0.
 *
 * Shapes: `f32[h, w]`, `[h2, w2]`, with scale and translation `f32[k]` for the k axes of `spatialDims` `-> f32[h2, w2]`
 * Dtypes: floats; integers give float32.
 * Gradient: with respect to scale and translation too.
 * Errors: ShapeError for a shape of another rank, other sizes outside `spatialDims`, or an unknown method or "nearest".
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.image.scale_and_translate.html
 * @example
 * const row = np.array([1, 2, 3, 4]);
 * image.scaleAndTranslate(row, [4], [0], np.array([1]), np.array([1]), "linear").js(); // => [0, 1, 2, 3]
 */
export function scaleAndTranslate(
  image: ArrayLike,
  shape: readonly number[],
  spatialDims: readonly number[],
  scale: ArrayLike | readonly number[] | ScaleAndTranslateOptions,
  translation?: ArrayLike | readonly number[] | ScaleAndTranslateOptions,
  method?: ResizeMethodName | ScaleAndTranslateOptions,
  antialias?: boolean | ScaleAndTranslateOptions,
): Tracer {
  const op = "scaleAndTranslate";
  const o = byPosition<ScaleAndTranslateOptions>(
    ["scale", "translation", "method", "antialias"],
    [scale, translation, method, antialias],
  );
  const how: Method = methodOf(op, o.method ?? "linear");
  if (how === "nearest") throw new ShapeError(`${op}: "nearest" has no weights; use resize, or another method`);
  return owned(() => {
    const x = lift(image);
    checkShape(op, x, shape);
    const axes = spatialDims.map((d) => canonicalAxis(op, d, x.ndim));
    shape.forEach((n, i) => {
      if (n !== x.shape[i] && !axes.includes(i)) {
        throw new ShapeError(`${op}: axis ${i} of ${x.aval} changes to ${n} but is not one of spatialDims`);
      }
    });
    const perAxis = (name: string, v: ArrayLike | readonly number[] | undefined): Tracer => {
      if (v === undefined) throw new ShapeError(`${op}: ${name} is missing; give a number for each spatial axis`);
      const y = lift(v as ArrayLike);
      if (y.ndim !== 1 || y.shape[0] !== axes.length) {
        throw new ShapeError(`${op}: expected a ${name} for each of ${axes.length} spatial axes, got ${y.aval}`);
      }
      return y;
    };
    const [scales, moves] = [perAxis("scale", o.scale), perAxis("translation", o.translation)];
    const entry = (v: Tracer, k: number, dtype: DType): Tracer =>
      convert(ops.reshape(ops.slice(v, [k], [k + 1]), []), dtype);
    return resampleAll(image, axes, (y, axis, k) => {
      const { dtype } = y;
      const weights = weightMatrix({
        inputSize: y.shape[axis]!,
        outputSize: shape[axis]!,
        dtype,
        scale: entry(scales, k, dtype),
        translation: entry(moves, k, dtype),
        method: how,
        antialias: o.antialias ?? true,
      });
      return byMatrix(y, axis, weights);
    });
  });
}
