/** What an index such as `x.slice(0, [1, 3], null, idx)` asks for, in two steps: a strided view, then index arrays. */
import { isBool } from "../aval/dtype";
import type { DataArray } from "../aval/data-array";
import { ConcretizationError, ShapeError } from "../base/errors";
import { listsEqual } from "../base/list";
import type { IndexPart, IndexRange } from "../core/fluent";
import { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { indexArray } from "./gather";

export type Index = IndexPart;

export interface IndexPlan {
  /** Of each axis of the array: first element, count, and step (negative steps go backward). */
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
  readonly steps: readonly number[];
  /** The view's axes: an axis of the array, or null for a new one. Axes dropped by numbers are absent. */
  readonly outAxes: readonly (number | null)[];
  /** Index arrays (int32, which may count from the end) by position in `outAxes`; empty for a plain view. */
  readonly arrays: readonly { readonly axis: number; readonly index: Tracer }[];
  /** Where in the result the axes of the index arrays go. */
  readonly at: number;
}

export function outOfRange(index: number, axis: number, n: number): ShapeError {
  const range = n === 0 ? "the axis has no elements" : `expected a whole number from ${-n} to ${n - 1}`;
  return new ShapeError(`slice: index ${index} is out of range for axis ${axis} of size ${n}; ${range}`);
}

/** Makes the plan. Throws ShapeError for too many parts or numbers out of range. Bool arrays are read at once. */
export function planIndex(shape: readonly number[], given: readonly Index[]): IndexPlan {
  const parts = expand(shape, given);
  // NumPy: beside index arrays a number counts as an index array too.
  const hasArrays = parts.some((p) => p instanceof Tracer);
  const starts: number[] = [];
  const sizes: number[] = [];
  const steps: number[] = [];
  const outAxes: (number | null)[] = [];
  const arrays: { axis: number; index: Tracer }[] = [];
  const arrayPlaces: number[] = [];
  let axis = 0;
  parts.forEach((part, place) => {
    if (part === null) {
      outAxes.push(null);
      return;
    }
    const n = shape[axis]!;
    if (part instanceof Tracer) {
      arrays.push({ axis: outAxes.length, index: indexArray("slice", part) });
      arrayPlaces.push(place);
      push(0, n, 1, axis);
    } else if (typeof part === "number") {
      const i = part < 0 ? part + n : part;
      if (!Number.isInteger(part) || i < 0 || i >= n) {
        throw outOfRange(part, axis, n);
      }
      if (hasArrays) arrayPlaces.push(place);
      push(i, 1, 1, null);
    } else push(...range(part as IndexRange, n), axis);
    axis++;
  });
  function push(start: number, count: number, step: number, out: number | null): void {
    starts.push(start);
    sizes.push(count);
    steps.push(step);
    if (out !== null) outAxes.push(out);
  }
  return { starts, sizes, steps, outAxes, arrays, at: arrayPosition(parts, arrays, arrayPlaces) };
}

/** Axes of index arrays stay where they are if they are neighbours, else come first. */
function arrayPosition(
  parts: readonly (Index | "...")[],
  arrays: readonly { axis: number }[],
  places: readonly number[],
): number {
  if (arrays.length === 0) return 0;
  const together = places.every((p, i) => i === 0 || p === places[i - 1]! + 1);
  if (!together) return 0;
  let at = 0;
  for (let p = 0; p < places[0]!; p++) if (typeof parts[p] !== "number") at++;
  return at;
}

/** How many axes a part of an index stands for; an ellipsis has not been filled in. */
function axesOf(part: Index): number {
  if (part === null || part === "...") return 0;
  if (!(part instanceof Tracer) || !isBool(part.dtype)) return 1;
  if (part.ndim === 0) throw new ShapeError("slice: a mask has at least one axis, got a single bool");
  return part.ndim;
}

/** The index with one part for each axis: the ellipsis and missing parts filled in, bool arrays made integer. */
function expand(shape: readonly number[], given: readonly Index[]): Index[] {
  const named = given.map(axesOf).reduce((a, b) => a + b, 0);
  if (named > shape.length)
    throw new ShapeError(
      `slice: ${named} indices for the ${shape.length} axes of shape [${shape.join(",")}]; make new axes with null`,
    );
  const missing = Array.from({ length: shape.length - named }, (): IndexRange => []);
  const parts: Index[] = [];
  let used = 0;
  let open = true;
  for (const part of given) {
    if (part === "...") {
      if (!open) throw new ShapeError(`slice: only one "..." may be used`);
      open = false;
      parts.push(...missing);
      used += missing.length;
    } else if (part instanceof Tracer && isBool(part.dtype)) {
      const covered = shape.slice(used, used + part.ndim);
      if (!listsEqual(covered, part.shape)) {
        throw new ShapeError(
          `slice: a mask of shape [${part.shape.join(", ")}] does not fit axes of sizes [${covered.join(", ")}]`,
        );
      }
      parts.push(...positionsOf(part));
      used += part.ndim;
    } else {
      parts.push(part);
      used += axesOf(part);
    }
  }
  return open ? [...parts, ...missing] : parts;
}

/** The elements of a mask, of which there must be values: traced ones have none. */
function readMask(mask: Tracer): DataArray {
  try {
    return mask.dataSync();
  } catch (error) {
    if (!(error instanceof ConcretizationError)) throw error;
    throw new ConcretizationError(
      `a traced ${mask.aval} selects a number of elements that is not known here, and shapes must be; ` +
        `pass { size } where it is taken (nonzero, argwhere, unique, ...), or instead of a mask use np.where(mask, x, y)`,
    );
  }
}

/** Positions of the true elements, one int32 array per axis. Reads the mask. */
export function positionsOf(mask: Tracer): Tracer[] {
  const data = readMask(mask);
  // Without branches, which nobody can foresee in a mask. The last one that is written may be too many.
  let count = 0;
  for (let i = 0; i < data.length; i++) count += data[i]!;
  const places = new Int32Array(count + 1);
  for (let i = 0, n = 0; i < data.length; i++) {
    places[n] = i;
    n += data[i]!;
  }
  const rest = places.subarray(0, count);
  let step = data.length;
  return mask.shape.map((size, axis) => {
    step /= size;
    if (axis === mask.ndim - 1) return indexArray("nonzero", rest);
    const at = new Int32Array(count);
    for (let k = 0; k < count; k++) {
      at[k] = rest[k]! / step;
      rest[k]! -= at[k]! * step;
    }
    return indexArray("nonzero", at);
  });
}

function range(part: IndexRange, n: number): [start: number, count: number, step: number] {
  if (part.length > 3) throw new ShapeError(`slice: a range is [start, stop, step], got [${part.join(", ")}]`);
  const step = part[2] ?? 1;
  if (step === 0 || !part.every((v) => v === null || v === undefined || Number.isInteger(v))) {
    throw new ShapeError(`slice: a range is made of whole numbers with a step other than 0, got [${part.join(", ")}]`);
  }
  const clamp = (v: number | null | undefined, open: number, lo: number, hi: number): number =>
    v === null || v === undefined ? open : Math.min(hi, Math.max(lo, v < 0 ? v + n : v));
  const [lo, hi] = step > 0 ? [0, n] : [-1, n - 1];
  const [first, last] = step > 0 ? [0, n] : [n - 1, -1];
  const start = clamp(part[0], first, lo, hi);
  const stop = clamp(part[1], last, lo, hi);
  return [start, Math.max(0, Math.ceil((stop - start) / step)), step];
}

/** True if the plan's view is the array itself. */
export function isWhole(plan: IndexPlan, shape: readonly number[]): boolean {
  return shape.every((n, i) => plan.starts[i] === 0 && plan.sizes[i] === n && plan.steps[i] === 1);
}

/** The strided view, numbers dropped and new axes put in. */
export function viewOf(x: Tracer, plan: IndexPlan): Tracer {
  let out = x;
  if (!isWhole(plan, x.shape)) {
    const backward = plan.steps.flatMap((s, i) => (s < 0 ? [i] : []));
    const lo = plan.starts.map((s, i) =>
      plan.sizes[i] === 0 ? 0 : Math.min(s, s + (plan.sizes[i]! - 1) * plan.steps[i]!),
    );
    const strides = plan.steps.map(Math.abs);
    const hi = lo.map((s, i) => (plan.sizes[i] === 0 ? s : s + (plan.sizes[i]! - 1) * strides[i]! + 1));
    out = ops.slice(x, lo, hi, strides.every((s) => s === 1) ? undefined : strides);
    if (backward.length > 0) out = ops.rev(out, backward);
  }
  const sizes = plan.outAxes.map((a) => (a === null ? 1 : plan.sizes[a]!));
  return listsEqual(sizes, out.shape) ? out : ops.reshape(out, sizes);
}
