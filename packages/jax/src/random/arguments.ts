/** Arguments that the samplers share: the key, the shape of the sample, and its dtype. */
import { type DType, isFloat } from "../aval/dtype";
import { broadcastShapes } from "../aval/promote";
import { checkOptionNames } from "../base/option-names";
import { DTypeError, ShapeError } from "../base/errors";
import { listsEqual } from "../base/list";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, broadcastArray, convert, lift } from "../numpy/lift";
import { isOptions } from "../numpy/options";

export interface SampleOptions {
  /** Shape of the sample; in place of the positional argument. */
  shape?: readonly number[] | undefined;
  /** Dtype of the sample: a float dtype, float32 by default. */
  dtype?: DType | undefined;
}

/** A shape, or options in its place. */
export type ShapeArg<O extends SampleOptions = SampleOptions> = readonly number[] | O | undefined;

/** Names of the options of samplers. */
const NAMES = ["shape", "dtype", "m", "maxval", "method", "minval", "mode", "p", "sigma"];

/** Joins a positional shape, or options in its place, with trailing options or a dtype. */
export function sampleOptions<O extends SampleOptions>(shape: ShapeArg<O>, options?: O | DType | null): O {
  const late = (typeof options === "string" ? { dtype: options } : (options ?? {})) as O;
  for (const given of [shape, late]) if (isOptions(given)) checkOptionNames(given, NAMES);
  return isOptions(shape) ? { ...(shape as O), ...late } : ({ ...late, shape: shape ?? late.shape } as O);
}

/** The shape asked for; none is a scalar. Errors: ShapeError. */
export function sampleShape(op: string, shape: readonly number[] | undefined): readonly number[] {
  if (shape !== undefined && !Array.isArray(shape))
    throw new ShapeError(`${op}: expected a shape as a list of sizes, got ${String(shape)}`);
  for (const n of shape ?? []) {
    if (!Number.isInteger(n) || n < 0)
      throw new ShapeError(`${op}: sizes must be whole numbers, got shape [${shape!.join(", ")}]`);
  }
  return shape ?? [];
}

/** The dtype asked for. Errors: DTypeError unless it is a float dtype. */
export function floatDType(op: string, asked: DType | null | undefined): DType {
  const dtype = asked ?? "float32";
  if (!isFloat(dtype)) throw new DTypeError(`${op}: expected a float dtype, got ${dtype}`);
  return dtype;
}

/** A key, or several: uint32[..., 2]. Errors: DTypeError, ShapeError. */
export function liftKey(op: string, key: ArrayLike): Tracer {
  const k = lift(key);
  if (k.dtype !== "uint32")
    throw new DTypeError(`${op}: a key is uint32[2], got ${k.aval}; make one with random.key(seed)`);
  if (k.ndim === 0 || k.shape[k.ndim - 1] !== 2) throw new ShapeError(`${op}: a key is uint32[2], got ${k.aval}`);
  return k;
}

/** A sampler's key, parameters and shape. */
export interface SampleArguments {
  readonly key: Tracer;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The parameters in `dtype` and in the shape of the sample of all keys. */
  readonly params: readonly Tracer[];
}

/**
 * Reads the arguments of a sampler of floats. The shape of the sample is that of the parameters unless one is given,
 * which they must broadcast to.
 */
export function floatSample(
  op: string,
  key: ArrayLike,
  shape: ShapeArg,
  options: SampleOptions | DType | undefined,
  ...params: readonly ArrayLike[]
): SampleArguments {
  const o = sampleOptions(shape, options);
  const dtype = floatDType(op, o.dtype);
  const keys = liftKey(op, key);
  const lifted = params.map((p) => convert(lift(p), dtype));
  const size = paramShape(op, o.shape, lifted);
  const full = [...keys.shape.slice(0, -1), ...size];
  return { key: keys, shape: size, dtype, params: lifted.map((p) => broadcastArray(p, full)) };
}

/** The shape given, checked against the parameters, or the shape that they broadcast to. Errors: ShapeError. */
export function paramShape(
  op: string,
  shape: readonly number[] | undefined,
  params: readonly Tracer[],
): readonly number[] {
  const common = broadcastShapes(op, ...params.map((p) => p.shape), []);
  if (shape === undefined) return common;
  const asked = sampleShape(op, shape);
  if (!listsEqual(broadcastShapes(op, asked, common), asked)) {
    throw new ShapeError(`${op}: parameters of shape [${common.join(", ")}] do not broadcast to [${asked.join(", ")}]`);
  }
  return asked;
}
