/** Elements that the values of a tensor pick out: as many as there are, so these values must be known. */
import { numpy as np } from "@jax-js/jax";
import { INT64 } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, type Value, hostTensor, sizeOf } from "../value";
import { type OperatorTable } from "./operator";

const take = (x: NdArray, at: readonly number[], axis: number): NdArray =>
  np.take(x, np.array(Int32Array.from(at), { shape: [at.length], dtype: "int32" }), axis);

/** Positions along the axis (in the flat tensor without one) where the condition holds. */
function compress(n: NodeContext): NdArray {
  const at = n.numbers(1).flatMap((flag, i) => (flag ? [i] : []));
  const axis = n.attributes.optionalInt("axis");
  return axis === undefined ? take(n.x(0).reshape([-1]), at, 0) : take(n.x(0), at, n.axis(axis));
}

/** Coordinates of the elements that are not zero, [rank, count]. */
function nonZero(n: NodeContext): Value {
  const shape = n.shape(0).length ? n.shape(0) : [1];
  const at = n.numbers(0).flatMap((x, i) => (x !== 0 ? [i] : []));
  const strides = shape.map((_, i) => sizeOf(shape.slice(i + 1)));
  const data = shape.flatMap((d, i) => at.map((p) => Math.floor(p / strides[i]!) % d));
  return hostTensor(INT64, [shape.length, at.length], data);
}

/** Slices that differ, with where each is first, which one each input is, and how often it comes. */
function unique(n: NodeContext): (NdArray | Value)[] {
  const axis = n.attributes.optionalInt("axis");
  const x = axis === undefined ? n.x(0).reshape([-1]) : n.x(0);
  const at = axis === undefined ? 0 : n.axis(axis);
  const values = n.numbers(0);
  const count = x.shape[at] ?? 0;
  const inner = sizeOf(x.shape.slice(at + 1));
  const outer = sizeOf(x.shape.slice(0, at));
  const slices = Array.from({ length: count }, (_, k) =>
    Array.from({ length: outer * inner }, (_, i) => values[(Math.floor(i / inner) * count + k) * inner + (i % inner)]!),
  );
  const groups = new Map<string, number[]>();
  slices.forEach((s, k) => {
    const key = s.join();
    const group = groups.get(key);
    if (group) group.push(k);
    else groups.set(key, [k]);
  });
  const order = [...groups.values()];
  const compare = (a: readonly number[], b: readonly number[]): number => {
    const i = a.findIndex((v, j) => v !== b[j]);
    return i < 0 ? 0 : a[i]! - b[i]!;
  };
  if (n.attributes.flag("sorted", true)) order.sort((a, b) => compare(slices[a[0]!]!, slices[b[0]!]!));
  const inverse = Array.from({ length: count }, () => 0);
  order.forEach((group, g) => group.forEach((k) => (inverse[k] = g)));
  const firsts = order.map((group) => group[0]!);
  const ints = (data: number[]): Value => hostTensor(INT64, [data.length], data);
  return [take(x, firsts, at), ints(firsts), ints(inverse), ints(order.map((group) => group.length))];
}

export const selection: OperatorTable = { Compress: compress, NonZero: nonZero, Unique: unique };
