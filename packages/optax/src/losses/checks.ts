/** What losses ask of their arguments. */
import { type Array, DTypeError, ShapeError } from "@jax-js/jax";
import { isArray } from "../base";

/** Errors: DTypeError unless it is an array. */
export function needArray(op: string, name: string, x: unknown): void {
  if (!isArray(x)) throw new DTypeError(`${op}: ${name} must be an array, got ${x === null ? "null" : typeof x}`);
}

/** Errors: DTypeError unless the array is of floats. */
export function needFloat(op: string, name: string, x: Array): void {
  needArray(op, name, x);
  if (!/^b?float/.test(x.dtype)) {
    throw new DTypeError(`${op}: ${name} must be floats, got ${x.dtype}; convert with astype("float32")`);
  }
}

/** Errors: DTypeError unless the array is of integers. */
export function needInteger(op: string, name: string, x: Array): void {
  needArray(op, name, x);
  if (!/^u?int/.test(x.dtype)) {
    throw new DTypeError(`${op}: ${name} must be integers, got ${x.dtype}; convert with astype("int32")`);
  }
}

/** Errors: ShapeError unless the shapes are equal. */
export function needEqualShapes(op: string, names: string, x: Array, y: Array): void {
  needArray(op, names, x);
  needArray(op, names, y);
  if (x.shape.length !== y.shape.length || x.shape.some((n, i) => n !== y.shape[i])) {
    throw new ShapeError(`${op}: ${names} must have equal shapes, got [${x.shape}] and [${y.shape}]`);
  }
}

/** Errors: ShapeError unless the array has that many axes. */
export function needRank(op: string, name: string, x: Array, rank: number): void {
  needArray(op, name, x);
  if (x.ndim !== rank) throw new ShapeError(`${op}: ${name} must have rank ${rank}, got shape [${x.shape}]`);
}
