/** Arrays from values and from shapes. */
import { checkOptionNames } from "../base/option-names";
import { type DType, isFloat, isInteger } from "../aval/dtype";
import { ShapeError } from "../base/errors";
import { prod } from "../base/list";
import { Tracer, literal } from "../core/tracer";
import type { DeviceName } from "../kernel/device";
import { add, broadcastInDim, convertElementType, full as fullOf, iota, mul, reshape as reshapeOf } from "../ops/index";
import { arrayFromData } from "../runtime/create";
import { byPosition } from "./arguments";
import { type HostData, type RecursiveArray, arrayFromHost, isHostData } from "./host";
import { stack } from "./joining";
import { type ArrayLike, broadcastArray, convert, lift, own } from "./lift";
import { isOptions } from "./options";
import { owned } from "./owned";

/** Dtype and device of a created array. */
export interface CreationOptions {
  dtype?: DType | undefined;
  /** Commits the array to this device. */
  device?: DeviceName | undefined;
}

/** Of functions that take another array as the model. */
export interface LikeOptions extends CreationOptions {
  shape?: readonly number[] | undefined;
}

/** Of `array`. */
export interface ArrayOptions extends LikeOptions {
  /** Axes that the array has at least: of size 1 and in front, where the values have fewer. */
  ndmin?: number | undefined;
}

type Options = CreationOptions | DType | undefined;
type LikeArguments = [dtype?: DType | LikeOptions, shape?: readonly number[] | LikeOptions];

/** Names of the options of functions that make arrays. */
const NAMES = [
  "dtype", "device", "shape", "stop", "step", "M", "k", "num", "endpoint", "base", "axis", "retstep", "sparse",
  "ndmin",
]; // prettier-ignore

/** Options given as an object, or a dtype in their place. */
export function creationOptions(options: Options): CreationOptions {
  if (typeof options === "string") return { dtype: options };
  if (isOptions(options)) checkOptionNames(options, NAMES);
  return options ?? {};
}

/** A shape given as a list or, for one axis, as a number. */
export function shapeArgument(op: string, shape: number | readonly number[]): readonly number[] {
  if (typeof shape === "number") return [shape];
  if (Array.isArray(shape)) return shape as readonly number[];
  throw new ShapeError(`${op}: expected a shape as a list of sizes, got ${typeof shape}`);
}

/**
 * Makes an array of nested lists, a typed array, a number or another array.
 *
 * Shapes: of the nesting, or `shape` (same number of elements); `ndmin` puts axes of size 1 in front.
 * Dtypes: numbers give float32, booleans bool, typed arrays keep theirs; `dtype` converts.
 * Errors: ShapeError for jagged lists or a shape that does not fit.
 * Differs from JAX: `np.array([1, 2])` is float32, since JS numbers are floats.
 * @example
 * np.array([[1, 2], [3, 4]]).shape; // => [2, 2]
 * np.array(new Int32Array([1, 2])).dtype; // => "int32"
 * np.array([1, 2, 3, 4], { shape: [2, 2], dtype: "int32" }).js(); // => [[1, 2], [3, 4]]
 * np.array([1, 2], { ndmin: 2 }).shape; // => [1, 2]
 */
export function array(
  values: ArrayLike | ArrayBufferView | RecursiveArray<number> | RecursiveArray<boolean> | readonly unknown[],
  options?: ArrayOptions | DType,
): Tracer {
  const o: ArrayOptions = creationOptions(options);
  const { ndmin } = o;
  if (ndmin === undefined) return arrayOf(values, o);
  return owned(() => {
    const out = arrayOf(values, o);
    const missing = ndmin - out.ndim;
    return missing > 0 ? reshapeOf(out, [...Array<number>(missing).fill(1), ...out.shape]) : out;
  });
}

function arrayOf(values: Parameters<typeof array>[0], o: LikeOptions): Tracer {
  if (isHostData(values)) {
    if (Array.isArray(values) && holdsArrays(values)) return arrayOf(stackLists(values), o);
    return arrayFromHost("array", values as HostData, o);
  }
  if (typeof values === "number" || typeof values === "boolean") {
    const dtype = o.dtype ?? (typeof values === "number" ? "float32" : "bool");
    return arrayFromHost("array", [values], { ...o, dtype, shape: o.shape ?? [] });
  }
  let out = lift(values as Tracer);
  if (o.shape !== undefined) {
    if (prod(o.shape) !== out.size)
      throw new ShapeError(`array: ${out.aval} does not fill shape [${o.shape.join(", ")}]`);
    out = reshapeOf(out, o.shape);
  }
  return own(convert(out, o.dtype ?? out.dtype), values);
}

function holdsArrays(list: readonly unknown[]): boolean {
  for (let i = 0; i < list.length; i++) {
    const v = list[i];
    if (typeof v === "object" && (v instanceof Tracer || (Array.isArray(v) && holdsArrays(v)))) return true;
  }
  return false;
}

function stackLists(list: readonly unknown[]): Tracer {
  return stack(list.map((v) => (Array.isArray(v) ? (holdsArrays(v) ? stackLists(v) : array(v)) : (v as ArrayLike))));
}

/** As `array`; an array stays as it is, with a handle of its own. @example np.asarray([1, 2]).shape; // => [2] */
export function asarray(values: Parameters<typeof array>[0], options?: LikeOptions | DType): Tracer {
  return array(values, options);
}

/**
 * An array filled with one value, or with an array that broadcasts to the shape.
 *
 * Dtypes: of the value; a JS number gives float32, a boolean bool.
 * @example
 * np.full([2], 7).js(); // => [7, 7]
 */
export function full(
  shape: number | readonly number[],
  fillValue: ArrayLike,
  options?: CreationOptions | DType,
): Tracer {
  const sizes = shapeArgument("full", shape);
  const o = creationOptions(options);
  if (typeof fillValue === "number" || typeof fillValue === "boolean") {
    return filled(sizes, Number(fillValue), o.dtype ?? (typeof fillValue === "number" ? "float32" : "bool"), o.device);
  }
  const value = lift(fillValue);
  return own(broadcastArray(convert(value, o.dtype ?? value.dtype), sizes), fillValue);
}

function filled(shape: readonly number[], value: number, dtype: DType, device: DeviceName | undefined): Tracer {
  if (device !== undefined) {
    const n = prod(shape);
    return arrayFromData(new Float64Array(Math.max(0, n)).fill(value), shape, dtype, { device });
  }
  const scalar = convert(literal(value, "float32"), dtype);
  return shape.length === 0
    ? fullOf([], (scalar as unknown as { value: number }).value, dtype)
    : broadcastInDim(scalar, shape, []);
}

/** Zeros. Dtypes: float32 unless `dtype` is given. @example np.zeros([2]).js(); // => [0, 0] */
export function zeros(shape: number | readonly number[], options?: CreationOptions | DType): Tracer {
  return full(shape, 0, options);
}

/** Ones. Dtypes: float32 unless `dtype` is given. @example np.ones([2]).js(); // => [1, 1] */
export function ones(shape: number | readonly number[], options?: CreationOptions | DType): Tracer {
  return full(shape, 1, options);
}

/** As `zeros`: memory is never uninitialised here. @example np.empty([2]).shape; // => [2] */
export function empty(shape: number | readonly number[], options?: CreationOptions | DType): Tracer {
  return full(shape, 0, options);
}

/** One value in the shape and dtype of another array. @example np.fullLike(np.ones([2]), 3).js(); // => [3, 3] */
export function fullLike(a: ArrayLike, fillValue: ArrayLike, ...given: LikeArguments): Tracer {
  const o = byPosition<LikeOptions>(["dtype", "shape"], given, ["device"]);
  const model = lift(a);
  return full(o.shape ?? model.shape, fillValue, { dtype: o.dtype ?? model.dtype, device: o.device });
}

/** Zeros in the shape and dtype of another array. @example np.zerosLike(np.ones([2])).js(); // => [0, 0] */
export function zerosLike(a: ArrayLike, ...given: LikeArguments): Tracer {
  return fullLike(a, 0, ...given);
}

/** Ones in the shape and dtype of another array. @example np.onesLike(np.zeros([2])).js(); // => [1, 1] */
export function onesLike(a: ArrayLike, ...given: LikeArguments): Tracer {
  return fullLike(a, 1, ...given);
}

/** As `zerosLike`. @example np.emptyLike(np.ones([2])).shape; // => [2] */
export function emptyLike(a: ArrayLike, ...given: LikeArguments): Tracer {
  return fullLike(a, 0, ...given);
}

/** A copy with a handle of its own. @example np.copy(np.ones([1])).js(); // => [1] */
export function copy(a: ArrayLike): Tracer {
  return own(lift(a), a);
}

/** What `arange` takes by position, by name. */
export interface RangeOptions extends CreationOptions {
  stop?: number | null | undefined;
  step?: number | null | undefined;
}

/**
 * Numbers from `start` (0 if only one is given) up to but without `stop`, `step` apart.
 *
 * Dtypes: int32 if all arguments are integral, else float32; `dtype` converts.
 * Errors: ShapeError if step is 0.
 * @example
 * np.arange(3).js(); // => [0, 1, 2]
 * np.arange(1, 2, 0.5).js(); // => [1, 1.5]
 */
export function arange(
  start: number,
  stop?: number | null | RangeOptions,
  step?: number | null | RangeOptions,
  options?: RangeOptions | DType,
): Tracer {
  const early = isOptions(stop) ? stop : isOptions(step) ? step : options;
  const o: RangeOptions = creationOptions(early as Options);
  const end = typeof stop === "number" ? stop : o.stop;
  const [from, to] = typeof end === "number" ? [start, end] : [0, start];
  const by = typeof step === "number" ? step : (o.step ?? 1);
  if (by === 0) throw new ShapeError("arange: step must not be 0");
  const n = Math.max(0, Math.ceil((to - from) / by));
  if (!Number.isFinite(n)) throw new ShapeError(`arange: cannot go from ${from} to ${to} in steps of ${by}`);
  const integralArgs = [from, to, by].every(Number.isInteger);
  const dtype = o.dtype ?? (integralArgs ? "int32" : "float32");
  if (o.device === undefined && integralArgs && (isInteger(dtype) || (isFloat(dtype) && Math.abs(to) <= 2 ** 24))) {
    let out = iota(dtype, [n], 0);
    if (by !== 1) out = mul(out, broadcastArray(literal(by, dtype), [n]));
    return from === 0 ? out : add(out, broadcastArray(literal(from, dtype), [n]));
  }
  const delta = from + by - from;
  const values = new Float64Array(n);
  for (let i = 0; i < n; i++) values[i] = from + i * delta;
  return arrayFromHost("arange", values, { dtype, device: o.device });
}

/** The array converted to a dtype; floats to integers truncate. @example np.astype(np.array([1.7]), "int32").js(); // => [1] */
export function astype(a: ArrayLike, dtype: DType): Tracer {
  const x = lift(a);
  if (x.dtype === dtype && !x.weakType) return own(x, a);
  return convertElementType(x, dtype);
}
