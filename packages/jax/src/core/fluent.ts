/**
 * The methods that users chain on arrays. Types only: `numpy/methods.ts` makes them from numpy's functions, and
 * `runtime/install.ts` puts them on `Tracer.prototype`.
 */
import type { DType } from "../aval/dtype";
import type { Tracer } from "./tracer";

type Operand = Tracer | number | boolean;
type Axis = number | readonly number[] | null;
interface KeepDims {
  keepdims?: boolean | undefined;
}

/**
 * One part of an index: a number drops the axis; `[]` takes all, `[i]` from i, `[i, j]` from i up to j, `[i, j, step]`
 * every step-th (backward if negative); null makes a new axis; "..." stands for the axes not named; an integer array gathers, a bool array
 * selects.
 */
export type IndexPart = number | IndexRange | null | "..." | Tracer;

/** Start, stop and step, all of which may be left out or null: `[null, null, -1]` goes backward. */
export type IndexRange = readonly (number | null | undefined)[];

/** What `x.at(index)` does where indices are out of range, and what it may rely on. */
export interface AtOptions {
  /**
   * "drop" or "fill" leaves out updates, and reads `fillValue`; "clip" and "promise_in_bounds" take the nearest element.
   * Updates drop and reads clip unless told otherwise.
   */
  readonly mode?: "fill" | "drop" | "clip" | "promise_in_bounds" | undefined;
  /** What "fill" reads: NaN, the least signed or the greatest unsigned integer, or true unless given. */
  readonly fillValue?: number | undefined;
  /** Whether negative numbers count from the end, as they do unless this is false; else they are out of range. */
  readonly wrapNegativeIndices?: boolean | undefined;
  /** No element is named twice; with it products have a derivative. */
  readonly uniqueIndices?: boolean | undefined;
  /** Accepted as in JAX. */
  readonly indicesAreSorted?: boolean | undefined;
}

/** Updates at an index; each gives a new array. Indices out of range are dropped unless `mode` says otherwise. */
export interface IndexUpdater {
  /** The elements themselves, as `slice`. */
  get(options?: AtOptions): Tracer;
  set(values: Operand, options?: AtOptions): Tracer;
  /** Adds; an element named twice gets both. */
  add(values: Operand, options?: AtOptions): Tracer;
  subtract(values: Operand, options?: AtOptions): Tracer;
  /** Multiplies; an element named twice by both. It has a derivative if told that none is. */
  multiply(values: Operand, options?: AtOptions): Tracer;
  /** As `multiply`. */
  mul(values: Operand, options?: AtOptions): Tracer;
  divide(values: Operand, options?: AtOptions): Tracer;
  power(values: Operand, options?: AtOptions): Tracer;
  /** The lesser of the two; the derivative is shared equally by those that are it. */
  min(values: Operand, options?: AtOptions): Tracer;
  max(values: Operand, options?: AtOptions): Tracer;
  /** Replaces elements by a function of them. */
  apply(f: (x: Tracer) => Operand, options?: AtOptions): Tracer;
}

/** Methods of arrays and tracers; each is the function of `numpy` of that meaning. */
export interface FluentMethods {
  neg(): Tracer;
  add(other: Operand): Tracer;
  sub(other: Operand): Tracer;
  mul(other: Operand): Tracer;
  /** True division: integers give floats. */
  div(other: Operand): Tracer;
  /** Remainder with the sign of the divisor. */
  mod(other: Operand): Tracer;
  pow(other: Operand): Tracer;
  greater(other: Operand): Tracer;
  less(other: Operand): Tracer;
  equal(other: Operand): Tracer;
  notEqual(other: Operand): Tracer;
  greaterEqual(other: Operand): Tracer;
  lessEqual(other: Operand): Tracer;
  sum(axis?: Axis, options?: KeepDims): Tracer;
  prod(axis?: Axis, options?: KeepDims): Tracer;
  mean(axis?: Axis, options?: KeepDims): Tracer;
  min(axis?: Axis, options?: KeepDims): Tracer;
  max(axis?: Axis, options?: KeepDims): Tracer;
  all(axis?: Axis, options?: KeepDims): Tracer;
  any(axis?: Axis, options?: KeepDims): Tracer;
  var(axis?: Axis, options?: KeepDims & { correction?: number }): Tracer;
  var_(axis?: Axis, options?: KeepDims & { correction?: number }): Tracer;
  /** Largest minus smallest element. */
  ptp(axis?: Axis, options?: KeepDims): Tracer;
  std(axis?: Axis, options?: KeepDims & { correction?: number }): Tracer;
  argmax(axis?: number | null, options?: KeepDims): Tracer;
  argmin(axis?: number | null, options?: KeepDims): Tracer;
  cumsum(axis?: number | null): Tracer;
  cumprod(axis?: number | null): Tracer;
  /** Axes in another order, as a list or one by one; reversed if none is given. */
  transpose(perm?: readonly number[] | null): Tracer;
  transpose(...perm: readonly number[]): Tracer;
  /** The transpose: `x.T`. */
  readonly T: Tracer;
  /** With the last two axes swapped. */
  readonly mT: Tracer;
  swapaxes(axis1: number, axis2: number): Tracer;
  /** The same elements in another shape, given as a list or size by size. */
  reshape(shape: number | readonly number[]): Tracer;
  reshape(...shape: readonly number[]): Tracer;
  repeat(repeats: number | readonly number[] | Tracer, axis?: number | null): Tracer;
  flatten(): Tracer;
  ravel(): Tracer;
  squeeze(axis?: Axis): Tracer;
  astype(dtype: DType): Tracer;
  /** The same bits as another dtype; a copy of the handle without one. */
  view(dtype?: DType): Tracer;
  diagonal(offset?: number, axis1?: number, axis2?: number): Tracer;
  trace(offset?: number, axis1?: number, axis2?: number): Tracer;
  sort(axis?: number): Tracer;
  argsort(axis?: number): Tracer;
  argpartition(kth: number, axis?: number | null): Tracer;
  /** Where the values would go in this sorted vector. */
  searchsorted(values: Operand, side?: "left" | "right"): Tracer;
  /** Positions of the elements that are not zero, one array per axis. Reads the array. */
  nonzero(): Tracer[];
  dot(other: Operand): Tracer;
  matmul(other: Operand): Tracer;
  clip(min?: Operand | null, max?: Operand | null): Tracer;
  round(decimals?: number): Tracer;
  take(indices: Operand, axis?: number | null): Tracer;
  /** Slices where the condition is true. Reads the condition. */
  compress(condition: Operand, axis?: number | null): Tracer;
  /** Element by element one of several arrays: these elements say which. */
  choose(choices: readonly Operand[] | Tracer): Tracer;
  /** A copy with a handle of its own. */
  copy(): Tracer;
  conj(): Tracer;
  conjugate(): Tracer;
  readonly real: Tracer;
  readonly imag: Tracer;
  /** Bytes of one element. */
  readonly itemsize: number;
  /** Bytes of all elements. */
  readonly nbytes: number;
  /** As `js`. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- nesting depends on the shape
  tolist(): any;
  /** Part of the array, as NumPy's brackets. Numbers out of range throw, index arrays take the nearest element. */
  slice(...index: readonly IndexPart[]): Tracer;
  /** Updated copies: `x.at(0, [1, 3]).set(5)`. */
  at(...index: readonly IndexPart[]): IndexUpdater;
  /** Slices along axis 0. */
  [Symbol.iterator](): IterableIterator<Tracer>;
}
