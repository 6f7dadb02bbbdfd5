/** Pooling over windows and over all of space. */
import { lax, numpy as np } from "@jax-js/jax";
import { INT64, integerRange } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, type Value, sizeOf } from "../value";
import { type OperatorTable } from "./operator";
import { type Window, poolWindow, reachingPads } from "./window";

type PoolWindow = Window & { readonly positions: number[] };

/** An argument of lax for every axis, those of batch and channels first. */
const everyAxis = <T>(value: T, space: readonly T[]): T[] => [value, value, ...space];

/** Cut to the positions that there are, when floor and ceil differ. */
function positionsOf(x: NdArray, w: PoolWindow): NdArray {
  const limit = [...x.shape.slice(0, 2), ...w.positions];
  return x.shape.every((d, i) => d === limit[i]) ? x : lax.slice(x, x.shape.map(() => 0), limit); // prettier-ignore
}

function sumOver(x: NdArray, w: PoolWindow): NdArray {
  const pads = everyAxis<[number, number]>([0, 0], reachingPads(w, x.shape.slice(2)));
  const sum = lax.reduceWindowSum(x, everyAxis(1, w.kernel), everyAxis(1, w.strides), pads, {
    windowDilation: everyAxis(1, w.dilations),
  });
  return positionsOf(sum, w);
}

/** How many elements the windows at each position of an axis hold. */
function countsAlong(w: PoolWindow, axis: number, size: number, withPadding: boolean): number[] {
  const [before, after] = w.pads[axis]!;
  return Array.from({ length: w.positions[axis]! }, (_, p) => {
    const start = p * w.strides[axis]! - before;
    const [low, high] = withPadding ? [-before, size + after] : [0, size];
    return Array.from({ length: w.kernel[axis]! }, (__, k) => start + k * w.dilations[axis]!).filter(
      (at) => at >= low && at < high,
    ).length;
  });
}

export function averagePool(n: NodeContext, x = n.x(0)): NdArray {
  const space = x.shape.slice(2);
  const w = poolWindow(n, space);
  const withPadding = n.attributes.flag("count_include_pad");
  return space.reduce(
    (sum, size, axis) => {
      const counts = countsAlong(w, axis, size, withPadding);
      const column = sum.shape.map((_, i) => (i === axis + 2 ? counts.length : 1));
      return sum.div(np.array(Float32Array.from(counts), { shape: column, dtype: x.dtype }));
    },
    sumOver(x, w),
  );
}

function lpPool(n: NodeContext): NdArray {
  const x = n.x(0);
  const p = n.attributes.int("p", 2);
  return root(sumOver(power(x, p), poolWindow(n, x.shape.slice(2))), p);
}

const power = (x: NdArray, p: number): NdArray => (p === 1 ? np.abs(x) : np.power(np.abs(x), p));
const root = (x: NdArray, p: number): NdArray => (p === 1 ? x : np.power(x, 1 / p));

function maxPool(n: NodeContext): (NdArray | Value | null)[] {
  const x = n.x(0);
  const space = x.shape.slice(2);
  const w = poolWindow(n, space);
  if (n.wants(1)) return maxWithIndices(n, x, w);
  const pads = everyAxis<[number, number]>([0, 0], reachingPads(w, space));
  const most = lax.reduceWindowMax(x, everyAxis(1, w.kernel), everyAxis(1, w.strides), pads, {
    windowDilation: everyAxis(1, w.dilations),
  });
  return [positionsOf(most, w)];
}

/** Elements of the windows [n, c, ...positions, prod(kernel)], by taking along one axis after the other. */
function windowsOf(x: NdArray, w: PoolWindow, fill: number): NdArray {
  const rank = w.kernel.length;
  const pads = reachingPads(w, x.shape.slice(2));
  const padded = np.pad(x, everyAxis<[number, number]>([0, 0], pads), "constant", { constantValues: fill });
  let out = padded;
  for (let i = 0; i < rank; i++) {
    const axis = 2 + 2 * i;
    const at = Array.from({ length: w.positions[i]! * w.kernel[i]! }, (_, j) => {
      const k = w.kernel[i]!;
      return Math.floor(j / k) * w.strides[i]! + (j % k) * w.dilations[i]!;
    });
    const taken = np.take(out, np.array(Int32Array.from(at)), { axis, mode: "clip" });
    out = taken.reshape([...taken.shape.slice(0, axis), w.positions[i]!, w.kernel[i]!, ...taken.shape.slice(axis + 1)]);
  }
  const positions = w.kernel.map((_, i) => 2 + 2 * i);
  const offsets = w.kernel.map((_, i) => 3 + 2 * i);
  return out
    .transpose([0, 1, ...positions, ...offsets])
    .reshape([...x.shape.slice(0, 2), ...w.positions, sizeOf(w.kernel)]);
}

/** Also the place of each maximum in the flat input, with rows or (storage_order 1) columns first. */
function maxWithIndices(n: NodeContext, x: NdArray, w: PoolWindow): (NdArray | Value)[] {
  const space = x.shape.slice(2);
  // What is around is lower than all elements, so that its place is never the answer.
  const low = n.isFloat(0) ? -Infinity : integerRange(n.type(0))[0] - 1;
  const windows = windowsOf(n.isFloat(0) ? x : x.astype("int32"), w, low);
  const last = windows.ndim - 1;
  const at = np.argmax(windows, last);
  const columnFirst = n.attributes.flag("storage_order");
  const strides = space.map((_, i) => sizeOf(columnFirst ? space.slice(0, i) : space.slice(i + 1)));
  // For each position and offset the place in space; the batch and channel come on top.
  const places = placesOf(w, strides);
  const table = np.broadcastTo(
    np.array(Int32Array.from(places), { shape: [...w.positions, sizeOf(w.kernel)] }),
    windows.shape,
  );
  const inSpace = np.takeAlongAxis(table, np.expandDims(at, last), last).reshape(at.shape);
  const image = lax
    .iota("int32", x.shape[0]! * x.shape[1]!)
    .mul(sizeOf(space))
    .reshape([x.shape[0]!, x.shape[1]!, ...space.map(() => 1)]);
  return [np.max(windows, last).astype(x.dtype), n.as(inSpace.add(image), INT64)];
}

function placesOf(w: PoolWindow, strides: readonly number[]): number[] {
  let out = [0];
  const axes = [...w.positions.map((count, i) => [count, w.strides[i]!, -w.pads[i]![0], strides[i]!] as const),
    ...w.kernel.map((count, i) => [count, w.dilations[i]!, 0, strides[i]!] as const)]; // prettier-ignore
  for (const [count, step, start, stride] of axes)
    out = out.flatMap((base) => Array.from({ length: count }, (_, i) => base + (i * step + start) * stride));
  return out;
}

/** Values put back where a pooling with indices took them from; zeros elsewhere. */
function maxUnpool(n: NodeContext): NdArray {
  const x = n.x(0);
  const space = x.shape.slice(2);
  const kernel = n.attributes.ints("kernel_shape") ?? [];
  const strides = n.attributes.ints("strides") ?? space.map(() => 1);
  const pads = n.attributes.ints("pads") ?? space.flatMap(() => [0, 0]);
  const inferred = space.map((d, i) => (d - 1) * strides[i]! + kernel[i]! - pads[i]! - pads[i + space.length]!);
  const natural = [...x.shape.slice(0, 2), ...inferred];
  const wanted = n.allow(n.optionalNumbers(2) ?? natural);
  n.allow(natural);
  // Indices are those of the pooled tensor, whose shape the given one surrounds.
  const flat = np.zeros([sizeOf(natural)], { dtype: x.dtype });
  const out = flat
    .at(n.x(1).astype("int32").reshape([-1]))
    .set(x.reshape([-1]))
    .reshape(natural);
  return np.pad(out, wanted.map((d, i): [number, number] => [0, d - natural[i]!])); // prettier-ignore
}

/** Over all of space, kept as sizes of 1. */
const overSpace =
  (f: (x: NdArray, axes: number[]) => NdArray) =>
  (n: NodeContext): NdArray => {
    const x = n.x(0);
    return f(x, x.shape.slice(2).map((_, i) => i + 2)); // prettier-ignore
  };

export const pooling: OperatorTable = {
  AveragePool: (n) => averagePool(n),
  GlobalAveragePool: overSpace((x, axes) => np.mean(x, axes, { keepdims: true })),
  GlobalLpPool: (n) => {
    const p = n.attributes.int("p", 2);
    return overSpace((x, axes) => root(np.sum(power(x, p), axes, { keepdims: true }), p))(n);
  },
  GlobalMaxPool: overSpace((x, axes) => np.max(x, axes, { keepdims: true })),
  LpPool: lpPool,
  MaxPool: maxPool,
  MaxUnpool: maxUnpool,
};
