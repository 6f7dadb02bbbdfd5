/** np.pad in all its modes. */
import { type OptionNames, checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { add, divide, multiply } from "./arithmetic";
import { isFloat, isInteger } from "../aval/dtype";
import { convert, type ArrayLike, broadcastArray, lift, own, scalarLike } from "./lift";
import { eagerProgram } from "../transforms/eager-program";
import { isOptions } from "./options";
import { owned } from "./owned";
import { max, mean, min } from "./reductions";
import { floor, round } from "./elementwise";

export type PadMode =
  | "constant" | "edge" | "reflect" | "symmetric" | "wrap" | "linear_ramp" | "maximum" | "minimum" | "mean" | "median" | "empty"; // prettier-ignore

export interface PadOptions {
  mode?: PadMode | undefined;
  /** Of mode "constant": a value, or [before, after], or such a pair for each axis. */
  constantValues?: PadValues | undefined;
  /** Of mode "linear_ramp". */
  endValues?: PadValues | undefined;
  /** Of "maximum", "minimum", "mean", "median": how many edge elements take part; all by default. */
  statLength?: PadWidth | null | undefined;
  /** Of "reflect" and "symmetric". */
  reflectType?: "even" | "odd" | undefined;
}

const OPTIONS: OptionNames<PadOptions> = {
  mode: true, constantValues: true, endValues: true, statLength: true, reflectType: true,
}; // prettier-ignore

type Pair = readonly [number, number];
type PadValues = ArrayLike | readonly ArrayLike[] | readonly (readonly ArrayLike[])[];
/** The same on all sides; [before, after] on all axes; a pair for each axis; or pairs by axis. */
export type PadWidth = number | readonly number[] | readonly (readonly number[])[] | Readonly<Record<number, Pair>>;

function pairs<T>(op: string, given: T | readonly T[] | readonly (readonly T[])[], ndim: number): [T, T][] {
  if (!Array.isArray(given)) return Array.from({ length: ndim }, () => [given as T, given as T]);
  const list = given as readonly (T | readonly T[])[];
  if (list.every((v) => !Array.isArray(v))) {
    const [before, after] = (list.length === 1 ? [list[0], list[0]] : list) as [T, T];
    if (list.length > 2) throw new ShapeError(`${op}: expected [before, after] or a pair for each axis`);
    return Array.from({ length: ndim }, () => [before, after]);
  }
  const each = list as readonly (readonly T[])[];
  const rows = each.length === 1 ? Array.from({ length: ndim }, () => each[0]!) : each;
  if (rows.length !== ndim) throw new ShapeError(`${op}: ${rows.length} pairs for an array of ${ndim} axes`);
  return rows.map((r) => (r.length === 1 ? [r[0]!, r[0]!] : [r[0]!, r[1]!]));
}

function widthsOf(width: PadWidth, ndim: number): [number, number][] {
  let out: [number, number][];
  if (isOptions(width)) {
    out = Array.from({ length: ndim }, () => [0, 0]);
    for (const [axis, w] of Object.entries(width as Record<string, Pair | number>)) {
      const at = Number(axis) < 0 ? Number(axis) + ndim : Number(axis);
      if (!(at >= 0 && at < ndim)) throw new ShapeError(`pad: axis ${axis} is out of range for ${ndim} axes`);
      out[at] = typeof w === "number" ? [w, w] : [w[0], w[1]];
    }
  } else out = pairs<number>("pad", width as number, ndim);
  if (out.some((w) => w.some((n) => !Number.isInteger(n) || n < 0)))
    throw new ShapeError("pad: widths must be whole numbers >= 0");
  return out;
}

/**
 * Adds elements around an array: zeros, or what `mode` says.
 *
 * Shapes: each axis grows by its two widths.
 * @example
 * np.pad(np.ones([1]), 1).js(); // => [0, 1, 0]
 * np.pad(np.arange(3), [0, 2], { mode: "reflect" }).js(); // => [0, 1, 2, 1, 0]
 */
export const pad = /* @__PURE__ */ eagerProgram(function pad(
  x: ArrayLike,
  width: PadWidth,
  mode?: PadMode | PadOptions,
  options?: PadOptions,
): Tracer {
  const o: PadOptions = { ...(isOptions(mode) ? (mode as PadOptions) : { mode: mode as PadMode }), ...options };
  checkOptions("pad", o, OPTIONS);
  const y = lift(x);
  const widths = widthsOf(width, y.ndim);
  const how = o.mode ?? "constant";
  return owned(() => {
    if (how === "constant" || how === "empty")
      return own(padConstant(y, widths, how === "empty" ? 0 : o.constantValues), x);
    const stat = o.statLength === undefined || o.statLength === null ? null : widthsOf(o.statLength, y.ndim);
    const ends = pairs<ArrayLike>("pad", (o.endValues ?? 0) as ArrayLike, y.ndim);
    let out = y;
    widths.forEach(([before, after], axis) => {
      if (before === 0 && after === 0) return;
      if (out.shape[axis] === 0)
        throw new ShapeError(`pad: axis ${axis} is empty, so mode "${how}" has nothing to take from`);
      const [left, right] = edges(out, axis, [before, after], how, o, stat?.[axis] ?? null, ends[axis]!);
      out = ops.concatenate(
        [left, out, right].filter((part) => part.shape[axis]! > 0),
        axis,
      );
    });
    return own(out, x);
  });
});

function padConstant(x: Tracer, widths: readonly [number, number][], values: PadValues | undefined): Tracer {
  if (widths.every(([b, a]) => b === 0 && a === 0)) return x;
  const fill = pairs<ArrayLike>("pad", (values ?? 0) as ArrayLike, x.ndim);
  const scalar = (v: ArrayLike): Tracer => (typeof v === "number" ? scalarLike(x, v) : convert(lift(v), x.dtype));
  const first = fill[0]?.[0] ?? 0;
  if (fill.every(([b, a]) => b === first && a === first)) {
    return ops.pad(
      x,
      scalar(first),
      widths.map((w) => w[0]),
      widths.map((w) => w[1]),
      widths.map(() => 0),
    );
  }
  return widths.reduce((out, [before, after], axis) => {
    const only = (n: number): number[] => out.shape.map((_, i) => (i === axis ? n : 0));
    const low = ops.pad(out, scalar(fill[axis]![0]), only(before), only(0), only(0));
    return ops.pad(
      low,
      scalar(fill[axis]![1]),
      low.shape.map(() => 0),
      low.shape.map((_, i) => (i === axis ? after : 0)),
      low.shape.map(() => 0),
    );
  }, x);
}

function part(x: Tracer, axis: number, from: number, to: number): Tracer {
  return ops.slice(
    x,
    x.shape.map((_, i) => (i === axis ? from : 0)),
    x.shape.map((n, i) => (i === axis ? to : n)),
  );
}

const stretch = (x: Tracer, axis: number, n: number): Tracer =>
  broadcastArray(
    x,
    x.shape.map((s, i) => (i === axis ? n : s)),
  );

function edges(
  x: Tracer,
  axis: number,
  [before, after]: [number, number],
  mode: PadMode,
  o: PadOptions,
  stat: readonly [number, number] | null,
  ends: readonly [ArrayLike, ArrayLike],
): [Tracer, Tracer] {
  const n = x.shape[axis]!;
  const first = part(x, axis, 0, 1);
  const last = part(x, axis, n - 1, n);
  switch (mode) {
    case "edge":
      return [stretch(first, axis, before), stretch(last, axis, after)];
    case "wrap": {
      const rep = (count: number, fromEnd: boolean): Tracer => {
        const times = Math.ceil(count / n);
        const all = ops.concatenate(
          Array.from({ length: Math.max(1, times) }, () => x),
          axis,
        );
        const total = Math.max(1, times) * n;
        return fromEnd ? part(all, axis, total - count, total) : part(all, axis, 0, count);
      };
      return [rep(before, true), rep(after, false)];
    }
    case "reflect":
    case "symmetric":
      return [mirror(x, axis, before, true, mode, o), mirror(x, axis, after, false, mode, o)];
    case "linear_ramp": {
      const ramp = (edge: Tracer, end: ArrayLike, count: number, rising: boolean): Tracer => {
        const sizes = edge.shape.map((s, i) => (i === axis ? count : s));
        const t = divide(ops.iota("int32", sizes, axis), Math.max(1, count));
        const steps = rising ? t : add(multiply(-1, t), (count - 1) / Math.max(1, count));
        const target = isFloat(x.dtype) ? steps.dtype : "float32";
        const w = convert(steps, target);
        const out = add(multiply(w, edge), multiply(add(multiply(-1, w), 1), end));
        return convert(isInteger(x.dtype) ? floor(out) : out, x.dtype);
      };
      return [ramp(first, ends[0], before, true), ramp(last, ends[1], after, false)];
    }
    case "maximum":
    case "minimum":
    case "mean":
    case "median": {
      const [l, r] = [Math.min(stat?.[0] ?? n, n), Math.min(stat?.[1] ?? n, n)];
      const of = (y: Tracer): Tracer => convert(statistic(y, axis, mode, x), x.dtype);
      return [stretch(of(part(x, axis, 0, l)), axis, before), stretch(of(part(x, axis, n - r, n)), axis, after)];
    }
    default:
      throw new ShapeError(`pad: mode "${mode}" is not known`);
  }
}

function statistic(y: Tracer, axis: number, mode: "maximum" | "minimum" | "mean" | "median", like: Tracer): Tracer {
  if (mode === "maximum") return max(y, axis, { keepdims: true });
  if (mode === "minimum") return min(y, axis, { keepdims: true });
  const size = y.shape[axis]!;
  const sorted = mode === "median" ? ops.sort([y], axis, 1)[0]! : y;
  const middle = mode === "median" ? part(sorted, axis, (size - 1) >> 1, (size >> 1) + 1) : y;
  const out = mean(middle, axis, { keepdims: true });
  return isInteger(like.dtype) ? round(out) : out;
}

/** Mirrors the array at one end, as often as needed; "reflect" does not repeat the edge. */
function mirror(
  x: Tracer,
  axis: number,
  count: number,
  atStart: boolean,
  mode: "reflect" | "symmetric",
  o: PadOptions,
): Tracer {
  const skip = mode === "reflect" ? 1 : 0;
  if (x.shape[axis] === 1 && skip === 1) return stretch(x, axis, count);
  let body = x;
  const pieces: Tracer[] = [];
  let left = count;
  while (left > 0) {
    const n = body.shape[axis]!;
    const take = Math.min(left, n - skip);
    const raw = atStart ? part(body, axis, skip, skip + take) : part(body, axis, n - skip - take, n - skip);
    let piece = ops.rev(raw, [axis]);
    if (o.reflectType === "odd") {
      const edge = atStart ? part(body, axis, 0, 1) : part(body, axis, n - 1, n);
      piece = add(multiply(edge, 2), multiply(piece, -1));
    }
    pieces.push(piece);
    body = ops.concatenate(atStart ? [piece, body] : [body, piece], axis);
    left -= take;
  }
  if (pieces.length === 0) return part(x, axis, 0, 0);
  return ops.concatenate(atStart ? pieces.reverse() : pieces, axis);
}
