/** Elements in other places: flips, rolls, turns, repetitions. */
import { checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import { prod, range, needList } from "../base/list";
import { canonicalAxes, canonicalAxis } from "../aval/promote";
import { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { remainder, subtract } from "./arithmetic";
import { type Named, byPosition, named } from "./arguments";
import { takeRows } from "./gather";
import { type ArrayLike, type Axis, broadcastArray, convert, lift, own } from "./lift";
import { isOptions } from "./options";
import { owned } from "./owned";
import { ravel, reshape, transpose } from "./shape";

/** Reverses the order along axes (all if none is given). @example np.flip(np.arange(3)).js(); // => [2, 1, 0] */
export function flip(x: ArrayLike, axis?: Axis | Named<"axis", Axis>): Tracer {
  const y = lift(x);
  const axes = canonicalAxes("flip", named("axis", axis, null as Axis), y.ndim);
  return own(axes.length === 0 ? y : ops.rev(y, axes), x);
}

/** Reverses axis 1. @example np.fliplr(np.array([[1, 2]])).js(); // => [[2, 1]] */
export function fliplr(x: ArrayLike): Tracer {
  return flip(x, 1);
}

/** Reverses axis 0. @example np.flipud(np.array([1, 2])).js(); // => [2, 1] */
export function flipud(x: ArrayLike): Tracer {
  return flip(x, 0);
}

/**
 * Shifts elements along axes; those that leave come in at the other end. Without an axis the flattened array is rolled.
 * `shift` may be an integer array.
 * @example
 * np.roll(np.arange(4), 1).js(); // => [3, 0, 1, 2]
 */
export function roll(a: ArrayLike, shift: ArrayLike | readonly number[], along?: Axis | Named<"axis", Axis>): Tracer {
  const x = lift(a);
  const axis = named("axis", along, null as Axis);
  if (axis === null) {
    return owned(() => reshape(roll(ravel(x), shift, 0), x.shape));
  }
  const axes = typeof axis === "number" ? [axis] : axis;
  return owned(() => {
    let out = x;
    if (shift instanceof Tracer) {
      if (shift.ndim > 1) throw new ShapeError(`roll: shift must be a scalar or a vector, got ${shift.aval}`);
      axes.forEach((ax, i) => {
        const at = canonicalAxis("roll", ax, x.ndim);
        const by = shift.ndim === 0 ? shift : ops.reshape(ops.slice(shift, [i], [i + 1]), []);
        out = takeRows(out, remainder(subtract(ops.iota("int32", [x.shape[at]!], 0), by), x.shape[at]!), at);
      });
      return own(out, a);
    }
    const shifts =
      typeof shift === "number" || typeof shift === "boolean"
        ? axes.map(() => Number(shift))
        : needList("roll", shift as readonly number[]);
    const list = axes.length === 1 && shifts.length > 1 ? shifts.map(() => axes[0]!) : axes;
    if (shifts.length !== list.length) throw new ShapeError(`roll: ${shifts.length} shifts for ${list.length} axes`);
    list.forEach((ax, i) => (out = rollOnce(out, shifts[i]!, canonicalAxis("roll", ax, x.ndim))));
    return own(out, a);
  });
}

function rollOnce(x: Tracer, shift: number, axis: number): Tracer {
  const n = x.shape[axis]!;
  if (n === 0) return x;
  const cut = (((-shift % n) + n) % n) | 0;
  if (cut === 0) return x;
  const part = (from: number, to: number): Tracer =>
    ops.slice(
      x,
      x.shape.map((_, i) => (i === axis ? from : 0)),
      x.shape.map((size, i) => (i === axis ? to : size)),
    );
  return ops.concatenate([part(cut, n), part(0, cut)], axis);
}

interface TurnOptions {
  k?: number;
  axes?: readonly number[];
}

/** Turns by `k` quarters in the plane of two axes, from the first toward the second. @example np.rot90(np.array([[1, 2], [3, 4]])).js(); // => [[2, 4], [1, 3]] */
export function rot90(m: ArrayLike, quarters?: number | TurnOptions, plane?: readonly number[] | TurnOptions): Tracer {
  const { k = 1, axes = [0, 1] } = byPosition<TurnOptions>(["k", "axes"], [quarters, plane]);
  const x = lift(m);
  const [a, b] = axes.map((ax) => canonicalAxis("rot90", ax, x.ndim)) as [number, number];
  if (a === b || axes.length !== 2)
    throw new ShapeError(`rot90: expected two different axes, got [${axes.join(", ")}]`);
  const order = range(x.ndim);
  [order[a], order[b]] = [b, a];
  const turns = ((k % 4) + 4) % 4;
  if (turns === 0) return own(x, m);
  if (turns === 2) return flip(x, [a, b]);
  return owned(() => (turns === 1 ? transpose(flip(x, b), order) : flip(transpose(x, order), b)));
}

/** Repeats the whole array along each axis. @example np.tile(np.array([1, 2]), 2).js(); // => [1, 2, 1, 2] */
export function tile(a: ArrayLike, reps: number | readonly number[]): Tracer {
  const x = lift(a);
  const times = typeof reps === "number" ? [reps] : [...needList("tile", reps)];
  const sizes = [...x.shape];
  while (sizes.length < times.length) sizes.unshift(1);
  while (times.length < sizes.length) times.unshift(1);
  if (times.every((t) => t === 1)) return reshape(a, sizes);
  return owned(() => {
    const spread = reshape(
      x,
      sizes.flatMap((n) => [1, n]),
    );
    const wide = broadcastArray(
      spread,
      sizes.flatMap((n, i) => [times[i]!, n]),
    );
    return reshape(
      wide,
      sizes.map((n, i) => n * times[i]!),
    );
  });
}

export interface RepeatOptions {
  axis?: number | null | undefined;
  /** Length of the result along the axis; needed for traced counts. */
  totalRepeatLength?: number | undefined;
}

/**
 * Repeats each element, the same number of times or each its own. Without an axis the array is flattened.
 *
 * Errors: ConcretizationError for traced counts without `totalRepeatLength`.
 * @example
 * np.repeat(np.array([1, 2]), 2).js(); // => [1, 1, 2, 2]
 */
export function repeat(
  a: ArrayLike,
  repeats: number | readonly number[] | Tracer,
  axis?: number | null | RepeatOptions,
  options?: RepeatOptions,
): Tracer {
  const o: RepeatOptions = {
    ...(isOptions(axis) ? (axis as RepeatOptions) : { axis: axis as number | null }),
    ...options,
  };
  checkOptions("repeat", o, { axis: true, totalRepeatLength: true });
  const given = lift(a);
  return owned(() => {
    const flat = o.axis === null || o.axis === undefined;
    const x = flat ? ravel(given) : given;
    const at = flat ? 0 : canonicalAxis("repeat", o.axis as number, x.ndim);
    const n = x.shape[at]!;
    let counts: number | readonly number[] | Tracer = repeats;
    if (counts instanceof Tracer && counts.size === 1 && o.totalRepeatLength === undefined) counts = counts.item();
    if (counts instanceof Tracer && o.totalRepeatLength === undefined) counts = [...counts.dataSync()];
    if (!(counts instanceof Tracer)) {
      if (typeof counts !== "number" && needList("repeat", counts).length === 1) counts = counts[0]!;
      if (typeof counts === "number" && o.totalRepeatLength === undefined) return repeatEvenly(x, counts, at);
      const list = typeof counts === "number" ? new Array<number>(n).fill(counts) : counts;
      if (list.length !== n) throw new ShapeError(`repeat: ${list.length} counts for an axis of size ${n}`);
      const rows = list.flatMap((c, i) => new Array<number>(c).fill(i));
      const total = o.totalRepeatLength ?? rows.length;
      while (rows.length < total) rows.push(Math.max(0, n - 1));
      return takeRows(x, lift(Int32Array.from(rows.slice(0, total)) as never), at);
    }
    // Row r of the result comes from the number of blocks that end at or before r.
    const total = o.totalRepeatLength!;
    const ends = ops.cumsum(broadcastArray(convert(counts, "int32"), [n]), 0);
    const rows = ops.iota("int32", [total, n], 0);
    const passed = convert(ops.ge(rows, broadcastArray(ends, [total, n])), "int32");
    return takeRows(x, ops.reduceSum(passed, [1]), at);
  });
}

function repeatEvenly(x: Tracer, times: number, axis: number): Tracer {
  const split = [...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)];
  const wide = split.map((n, i) => (i === axis + 1 ? times : n));
  return reshape(
    broadcastArray(ops.reshape(x, split), wide),
    x.shape.map((n, i) => (i === axis ? n * times : n)),
  );
}

/** The elements in another shape, repeated or cut as needed. @example np.resize(np.arange(2), [3]).js(); // => [0, 1, 0] */
export function resize(a: ArrayLike, newShape: number | readonly number[]): Tracer {
  const sizes = typeof newShape === "number" ? [newShape] : needList("resize", newShape);
  const n = prod(sizes);
  const x = lift(a);
  return owned(() => {
    if (n === 0 || x.size === 0) return ops.full(sizes, 0, x.dtype);
    const flat = tile(ravel(x), Math.ceil(n / x.size));
    return reshape(ops.slice(flat, [0], [n]), sizes);
  });
}
