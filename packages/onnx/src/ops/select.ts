/** Elements that the values of a tensor pick out: as many as there are, so these values must be known. */
import { numpy as np } from "@jax-js/jax";
import { INT64 } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, type Value, hostTensor, sizeOf } from "../value";
import { type OperatorTable } from "./operator";

const take = (x: NdArray, at: ArrayLike<number>, axis: number): NdArray =>
  np.take(x, np.array(Int32Array.from(at), { shape: [at.length], dtype: "int32" }), axis);

/** Where a list is not zero, without branches that nobody can foresee. The last one that is written may be too many. */
function positions(flags: ArrayLike<number>): Int32Array {
  const out = new Int32Array(flags.length + 1);
  let count = 0;
  for (let i = 0; i < flags.length; i++) {
    out[count] = i;
    count += Number(flags[i] !== 0);
  }
  return out.subarray(0, count);
}

/** Positions along the axis (in the flat tensor without one) where the condition holds. */
function compress(n: NodeContext): NdArray {
  const at = positions(n.elements(1));
  const axis = n.attributes.optionalInt("axis");
  return axis === undefined ? take(n.x(0).reshape([-1]), at, 0) : take(n.x(0), at, n.axis(axis));
}

/** Coordinates of the elements that are not zero, [rank, count]. */
function nonZero(n: NodeContext): Value {
  const shape = n.shape(0).length ? n.shape(0) : [1];
  const rest = positions(n.elements(0));
  const data = new Int32Array(shape.length * rest.length);
  shape.forEach((_, axis) => {
    const stride = sizeOf(shape.slice(axis + 1));
    const row = data.subarray(axis * rest.length);
    for (let k = 0; k < rest.length; k++) {
      row[k] = rest[k]! / stride;
      rest[k]! -= row[k]! * stride;
    }
  });
  return hostTensor(INT64, [shape.length, rest.length], data);
}

/** Slices that differ, with where each is first, which one each input is, and how often it comes. */
function unique(n: NodeContext): (NdArray | Value)[] {
  const axis = n.attributes.optionalInt("axis");
  const x = axis === undefined ? n.x(0).reshape([-1]) : n.x(0);
  const at = axis === undefined ? 0 : n.axis(axis);
  const values = n.elements(0);
  const count = x.shape[at] ?? 0;
  const inner = sizeOf(x.shape.slice(at + 1));
  const outer = sizeOf(x.shape.slice(0, at));
  const part = (k: number, i: number): number => values[(Math.floor(i / inner) * count + k) * inner + (i % inner)]!;
  const size = outer * inner;
  const key = (k: number): number | string =>
    size === 1 ? values[k]! : Array.from({ length: size }, (_, i) => part(k, i)).join();
  // Slices that differ have a number each, in the order in which they come.
  const numbers = new Map<number | string, number>();
  const firsts: number[] = [];
  const counts: number[] = [];
  const which = new Int32Array(count);
  for (let k = 0; k < count; k++) {
    const name = key(k);
    let number = numbers.get(name);
    if (number === undefined) {
      numbers.set(name, (number = firsts.length));
      firsts.push(k);
      counts.push(0);
    }
    counts[number]!++;
    which[k] = number;
  }
  const order = firsts.map((_, number) => number);
  const compare = (a: number, b: number): number => {
    for (let i = 0; i < size; i++) {
      const [u, v] = [part(firsts[a]!, i), part(firsts[b]!, i)];
      if (u !== v) return u - v;
    }
    return 0;
  };
  if (n.attributes.flag("sorted", true)) order.sort(compare);
  const place = new Int32Array(order.length);
  order.forEach((number, i) => (place[number] = i));
  const ints = (data: ArrayLike<number>): Value => hostTensor(INT64, [data.length], data);
  const chosen = order.map((number) => firsts[number]!);
  const inverse = which.map((number) => place[number]!);
  return [take(x, chosen, at), ints(chosen), ints(inverse), ints(order.map((number) => counts[number]!))];
}

export const selection: OperatorTable = { Compress: compress, NonZero: nonZero, Unique: unique };
