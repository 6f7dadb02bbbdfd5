/** Sliding windows as an array, and reductions over them (pooling). */
import { isFloat } from "../aval/dtype";
import type { Aval } from "../aval/shaped-array";
import { ShapeError } from "../base/errors";
import { insertAt, prod, range } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import { type Tracer, literal } from "../core/tracer";
import { exprReduce, exprWindow } from "../kernel/expr-build";
import type { ReduceOp } from "../kernel/scalar-op";
import { add } from "./arith";
import { broadcastInDim, iota, zerosLike } from "./broadcast";
import { eq } from "./compare";
import { concatenate } from "./concatenate";
import { argmax, argmin, extremeOfNothing, reduceMax, reduceMin, reduceProd, reduceSum } from "./reduce";
import { reshape } from "./reshape";
import { where } from "./select";
import { pad, slice } from "./slice";
import { transpose } from "./transpose";

interface WindowParams {
  readonly windowDimensions: readonly number[];
  readonly windowStrides: readonly number[];
  readonly windowDilation: readonly number[];
}

function positions(x: Aval, p: WindowParams): number[] {
  return x.shape.map((n, i) => {
    const size = (p.windowDimensions[i]! - 1) * p.windowDilation[i]! + 1;
    return Math.max(0, Math.floor((n - size) / p.windowStrides[i]!) + 1);
  });
}

/** out[...position, ...offset] = x[position * stride + offset * dilation]; no copy of its own when fused. */
export const windows_p: Primitive<WindowParams, 1> = {
  name: "windows",
  type([x], p) {
    for (const list of [p.windowDimensions, p.windowStrides, p.windowDilation]) {
      if (list.length !== x.ndim || list.some((n) => !Number.isInteger(n) || n < 1)) {
        throw new ShapeError(
          `reduce_window: expected ${x.ndim} positive window sizes, strides and dilations for ${x}, got [${list.join(",")}]`,
        );
      }
    }
    return [x.withShape([...positions(x, p), ...p.windowDimensions])];
  },
  derivative: {
    kind: "linear",
    transpose: ([ct], [x], p) => [putBack(ct!, x, p)],
  },
  batch([x], [bdim], _size, p) {
    const at = (list: readonly number[]): number[] => insertAt(list, bdim!, 1);
    const out = windows(x, at(p.windowDimensions), at(p.windowStrides), at(p.windowDilation));
    // The batch axis has a window of one element, which goes.
    const shape = out.shape.filter((_, i) => i !== x.ndim + bdim!);
    return [[reshape(out, shape)], [bdim]];
  },
  lower: ([x], _avals, p) => [exprWindow(x, 0, p.windowDimensions, p.windowStrides, p.windowDilation)],
};

/** With more rests than this, what one offset puts back is spread out by zeros instead. */
const MOST_RESTS = 16;

/**
 * Each offset of the window puts its elements back where they came from. Elements at places of one rest modulo the
 * strides are summed without gaps, and the rests are interleaved.
 */
function putBack(ct: Tracer, x: Aval, p: WindowParams): Tracer {
  const nPositions = ct.shape.slice(0, x.ndim);
  if (x.size === 0 || ct.size === 0) return zerosLike(x);
  const few = prod(p.windowStrides) <= MOST_RESTS;
  const steps = p.windowStrides.map((s) => (few ? s : 1));
  const gaps = p.windowStrides.map((s) => (few ? 0 : s - 1));
  const counts = x.shape.map((n, i) => Math.ceil(n / steps[i]!));
  const zero = literal(0, x.dtype);
  const sums = new Map<string, Tracer>();
  for (const offset of points(p.windowDimensions)) {
    const part = reshape(
      slice(ct, [...x.shape.map(() => 0), ...offset], [...nPositions, ...offset.map((o) => o + 1)]),
      nPositions,
    );
    const places = offset.map((o, i) => o * p.windowDilation[i]!);
    const low = places.map((at, i) => Math.floor(at / steps[i]!));
    const high = counts.map((n, i) => n - low[i]! - (nPositions[i]! - 1) * (gaps[i]! + 1) - 1);
    const placed = pad(part, zero, low, high, gaps);
    const rest = places.map((at, i) => at % steps[i]!).join();
    const sum = sums.get(rest);
    sums.set(rest, sum === undefined ? placed : add(sum, placed));
  }
  const rests = points(steps).map((r) => {
    const sum = sums.get(r.join()) ?? broadcastInDim(zero, counts, []);
    return reshape(sum, [1, ...counts]);
  });
  const whole = rests.length === 1 ? rests[0]! : interleaved(concatenate(rests, 0), counts, steps);
  return slice(reshape(whole, counts.map((n, i) => n * steps[i]!)), x.shape.map(() => 0), x.shape); // prettier-ignore
}

/** [rest, ...counts] to [counts[0], strides[0], counts[1], strides[1], ...]. */
function interleaved(x: Tracer, counts: readonly number[], strides: readonly number[]): Tracer {
  const n = counts.length;
  return transpose(
    reshape(x, [...strides, ...counts]),
    range(n).flatMap((i) => [n + i, i]),
  );
}

function points(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>((acc, n) => acc.flatMap((p) => range(n).map((i) => [...p, i])), [[]]);
}

/** All windows of x: axes [...positions, ...window]. */
export function windows(
  x: Tracer,
  windowDimensions: readonly number[],
  windowStrides: readonly number[] = windowDimensions.map(() => 1),
  windowDilation: readonly number[] = windowDimensions.map(() => 1),
): Tracer {
  return bind1(windows_p, [x], {
    windowDimensions: [...windowDimensions],
    windowStrides: [...windowStrides],
    windowDilation: [...windowDilation],
  });
}

export interface ReduceWindowOptions {
  readonly windowStrides?: readonly number[] | undefined;
  readonly padding?: readonly (readonly [number, number])[] | undefined;
  readonly baseDilation?: readonly number[] | undefined;
  readonly windowDilation?: readonly number[] | undefined;
}

/** Extreme over windows: the first one found is the one that counts for derivatives, as in XLA. */
function extremeRecord(name: string, op: ReduceOp & ("max" | "min")): Primitive<WindowParams, 1> {
  const record: Primitive<WindowParams, 1> = {
    name,
    type: ([x], p) => [x.withShape(positions(x, p))],
    derivative: {
      kind: "jvp",
      jvp([x], [dx], p) {
        const flat = (y: Tracer): Tracer => {
          const w = windows(y, p.windowDimensions, p.windowStrides, p.windowDilation);
          return reshape(w, [...w.shape.slice(0, y.ndim), prod(p.windowDimensions)]);
        };
        const xs = flat(x);
        const best = op === "max" ? argmax(xs, x.ndim) : argmin(xs, x.ndim);
        const wide = broadcastInDim(best, xs.shape, range(x.ndim));
        const chosen = eq(wide, iota("int32", xs.shape, x.ndim));
        const dxs = flat(dx!);
        return [[bind1(record, [x], p)], [reduceSum(where(chosen, dxs, zerosLike(dxs)), [x.ndim])]];
      },
    },
    batch([x], [bdim], _size, p) {
      const at = (list: readonly number[]): number[] => insertAt(list, bdim!, 1);
      const params = {
        windowDimensions: at(p.windowDimensions),
        windowStrides: at(p.windowStrides),
        windowDilation: at(p.windowDilation),
      };
      return [[bind1(record, [x], params)], [bdim]];
    },
    lower([x], [aval], p) {
      const w = exprWindow(x, 0, p.windowDimensions, p.windowStrides, p.windowDilation);
      return [exprReduce(op, w, range(aval.ndim, 2 * aval.ndim))];
    },
  };
  return record;
}

export const reduce_window_max_p = /* @__PURE__ */ extremeRecord("reduce_window_max", "max");
export const reduce_window_min_p = /* @__PURE__ */ extremeRecord("reduce_window_min", "min");

function padded(x: Tracer, identity: number, o: ReduceWindowOptions): Tracer {
  const padding = o.padding ?? x.shape.map(() => [0, 0] as const);
  const interior = (o.baseDilation ?? x.shape.map(() => 1)).map((d) => d - 1);
  return pad(
    x,
    literal(identity, x.dtype),
    padding.map((p) => p[0]),
    padding.map((p) => p[1]),
    interior,
  );
}

const ones = (n: number): number[] => range(n).map(() => 1);

function reduceOverWindows(
  x: Tracer,
  identity: number,
  windowDimensions: readonly number[],
  options: ReduceWindowOptions,
  reduce: (w: Tracer, axes: number[]) => Tracer,
): Tracer {
  const w = windows(
    padded(x, identity, options),
    windowDimensions,
    options.windowStrides ?? ones(x.ndim),
    options.windowDilation ?? ones(x.ndim),
  );
  return reduce(w, range(x.ndim, 2 * x.ndim));
}

/** Sum over sliding windows; windows and strides have one number for each axis. */
export function reduceWindowSum(
  x: Tracer,
  windowDimensions: readonly number[],
  options: ReduceWindowOptions = {},
): Tracer {
  return reduceOverWindows(x, 0, windowDimensions, options, reduceSum);
}

/** Product over sliding windows. */
export function reduceWindowProd(
  x: Tracer,
  windowDimensions: readonly number[],
  options: ReduceWindowOptions = {},
): Tracer {
  return reduceOverWindows(x, 1, windowDimensions, options, reduceProd);
}

/** Greatest element of sliding windows (max pooling). Derivative goes to the first greatest. */
export function reduceWindowMax(
  x: Tracer,
  windowDimensions: readonly number[],
  options: ReduceWindowOptions = {},
): Tracer {
  return extreme(x, windowDimensions, options, "max");
}

/** Least element of sliding windows. */
export function reduceWindowMin(
  x: Tracer,
  windowDimensions: readonly number[],
  options: ReduceWindowOptions = {},
): Tracer {
  return extreme(x, windowDimensions, options, "min");
}

function extreme(x: Tracer, windowDimensions: readonly number[], o: ReduceWindowOptions, op: "max" | "min"): Tracer {
  if (!isFloat(x.dtype)) {
    return reduceOverWindows(
      x,
      extremeOfNothing(op, x.dtype),
      windowDimensions,
      o,
      op === "max" ? reduceMax : reduceMin,
    );
  }
  return bind1(
    op === "max" ? reduce_window_max_p : reduce_window_min_p,
    [padded(x, extremeOfNothing(op, x.dtype), o)],
    {
      windowDimensions: [...windowDimensions],
      windowStrides: [...(o.windowStrides ?? ones(x.ndim))],
      windowDilation: [...(o.windowDilation ?? ones(x.ndim))],
    },
  );
}
