/** Trailing options objects that may come early: `np.sum(x, { axis: 0 })` is `np.sum(x, 0)`. */
import { checkOptionNames } from "../base/option-names";
import { Tracer } from "../core/tracer";
import type { DType } from "../aval/dtype";
import type { ArrayLike, Axis } from "./lift";

/** True for a plain object of options: not an array, list or typed array. */
export function isOptions(x: unknown): x is Record<string, unknown> {
  return typeof x === "object" && x !== null && !(x instanceof Tracer) && !Array.isArray(x) && !ArrayBuffer.isView(x);
}

/** Options of reductions. */
export interface ReduceOptions {
  /** Keeps reduced axes with size 1. */
  keepdims?: boolean | undefined;
  /** Axes to reduce; in place of the positional argument. */
  axis?: Axis | undefined;
  /** Dtype to compute in and to give. */
  dtype?: DType | undefined;
  /** Starting value. */
  initial?: ArrayLike | undefined;
  /** Only elements where this is true take part. */
  where?: ArrayLike | undefined;
  /** Of sums and products: whether narrow integers count in 32 bits, as they do unless this is false. */
  promoteIntegers?: boolean | undefined;
}

/** Names of the options of reductions, statistics and running sums. */
const NAMES = [
  "axis", "keepdims", "dtype", "initial", "where", "promoteIntegers", "correction", "ddof", "mean", "includeInitial",
]; // prettier-ignore

/** Joins a positional axis, or options in its place, with the options object, or a dtype in its place. */
export function axisAndOptions<O extends { axis?: Axis | undefined }>(
  axis: Axis | O | undefined,
  late: O | DType | undefined,
): O & { axis: Axis } {
  const options = (typeof late === "string" ? { dtype: late } : late) as O | undefined;
  if (typeof axis === "string") {
    throw new TypeError(`axis: expected a whole number, a list of them, or null, got ${JSON.stringify(axis)}`);
  }
  if (options === undefined && !isOptions(axis)) return { axis: axis ?? null } as O & { axis: Axis };
  const early = isOptions(axis) ? (axis as O) : ({ axis } as O);
  const all = { ...early, ...options };
  checkOptionNames(all, NAMES);
  return { ...all, axis: all.axis ?? null };
}
