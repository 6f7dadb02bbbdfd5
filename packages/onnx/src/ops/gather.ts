/** Elements at indices: gather and scatter. */
import { lax, numpy as np } from "@jax-js/jax";
import { INT64 } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, type Value, sizeOf } from "../value";
import { type OperatorTable } from "./operator";

/** Negative indices count from the end of an axis of that size. */
const fromStart = (index: NdArray, size: number): NdArray =>
  np.where(np.less(index, 0), index.add(size), index).astype("int32");

/** Elements at indices from the start; those out of range take the nearest. */
export const pick = (x: NdArray, index: NdArray, axis: number): NdArray => np.take(x, index, { axis, mode: "clip" });

function gather(n: NodeContext): NdArray {
  const axis = n.axis(n.attributes.int("axis", 0));
  return pick(n.x(0), fromStart(n.x(1), n.shape(0)[axis]!), axis);
}

function gatherElements(n: NodeContext): NdArray {
  const x = n.x(0);
  const index = n.x(1);
  const axis = n.axis(n.attributes.int("axis", 0));
  const flat = linear(index, x.shape, axis);
  return pick(x.reshape([-1]), flat, 0);
}

/** Positions in the flat tensor of the elements whose coordinate along `axis` is an index and else their own. */
function linear(index: NdArray, shape: readonly number[], axis: number): NdArray {
  let at: NdArray | null = null;
  shape.forEach((_, i) => {
    const stride = sizeOf(shape.slice(i + 1));
    const own = i === axis ? fromStart(index, shape[i]!) : lax.broadcastedIota("int32", index.shape, i);
    const part = own.mul(stride);
    at = at === null ? part : at.add(part);
  });
  return at ?? np.zeros(index.shape, { dtype: "int32" });
}

/** Numbers of the rows that index vectors [..., k] name in a tensor whose first axes have those sizes. */
function rows(index: NdArray, sizes: readonly number[]): NdArray {
  const k = sizes.length;
  const parts = sizes.map((size, i) => {
    const column = lax.sliceInDim(index, i, i + 1, 1, index.ndim - 1).reshape(index.shape.slice(0, -1));
    return fromStart(column, size).mul(sizeOf(sizes.slice(i + 1)));
  });
  return k === 0 ? np.zeros(index.shape.slice(0, -1), { dtype: "int32" }) : parts.reduce(np.add);
}

function gatherND(n: NodeContext): NdArray {
  const x = n.x(0);
  const index = n.x(1);
  const batchRank = n.attributes.int("batch_dims", 0);
  const k = index.shape.at(-1) ?? 0;
  const batch = sizeOf(x.shape.slice(0, batchRank));
  const named = x.shape.slice(batchRank, batchRank + k);
  const rest = x.shape.slice(batchRank + k);
  const flat = x.reshape([batch * sizeOf(named), ...rest]);
  const within = rows(index, named).reshape([batch, -1]); // [batch, m]
  const at = within.add(lax.broadcastedIota("int32", within.shape, 0).mul(sizeOf(named)));
  return pick(flat, at.reshape(index.shape.slice(0, -1)), 0);
}

type Update = "set" | "add" | "mul" | "min" | "max";

function updateOf(n: NodeContext): Update {
  const reduction = n.attributes.string("reduction", "none");
  if (reduction === "none") return "set";
  if (["add", "mul", "min", "max"].includes(reduction)) return reduction as Update;
  return n.fail(`the reduction "${reduction}" is not one of none, add, mul, min, max`);
}

function scatterElements(n: NodeContext): NdArray {
  const x = n.x(0);
  const index = n.x(1);
  const axis = n.axis(n.attributes.int("axis", 0));
  const at = linear(index, x.shape, axis).reshape([-1]);
  return scatter(x.reshape([-1]), at, n.x(2).reshape([-1]), updateOf(n)).reshape(x.shape);
}

/** Bools are scattered as bytes. */
function scatter(flat: NdArray, at: NdArray, updates: NdArray, update: Update): NdArray {
  if (flat.dtype !== "bool") return flat.at(at)[update](updates.astype(flat.dtype));
  return flat.astype("int32").at(at)[update](updates.astype("int32")).astype("bool"); // prettier-ignore
}

function scatterND(n: NodeContext): NdArray {
  const x = n.x(0);
  const index = n.x(1);
  const k = index.shape.at(-1) ?? 0;
  const named = x.shape.slice(0, k);
  const rest = x.shape.slice(k);
  const flat = x.reshape([sizeOf(named), ...rest]);
  const updates = n.x(2).reshape([sizeOf(index.shape.slice(0, -1)), ...rest]);
  return scatter(flat, rows(index, named).reshape([-1]), updates, updateOf(n)).reshape(x.shape);
}

/** Writes a block into a cache along an axis, at a place of its own for each example. */
function tensorScatter(n: NodeContext): NdArray {
  const cache = n.x(0);
  const update = n.x(1);
  const axis = n.axis(n.attributes.int("axis", -2));
  const size = cache.shape[axis]!;
  const column = cache.shape.map((d, i) => (i === 0 ? d : 1));
  let at = lax.broadcastedIota("int32", update.shape, axis);
  if (n.has(2)) at = at.add(n.x(2).astype("int32").reshape(column));
  if (n.attributes.string("mode", "linear") === "circular") at = np.mod(at, size);
  const flat = linear(at, cache.shape, axis).reshape([-1]);
  return scatter(cache.reshape([-1]), flat, update.reshape([-1]), "set").reshape(cache.shape);
}

function oneHot(n: NodeContext): Value {
  const indices = n.x(0);
  const depth = n.number(1);
  const axis = n.axis(n.attributes.int("axis", -1), indices.ndim + 1);
  const values = n.x(2);
  const [off, on] = [values.slice(0), values.slice(1)];
  const whole = lax.convertElementType(indices, "int32");
  const hot = np.expandDims(fromStart(whole, depth), axis);
  const shape = [...indices.shape.slice(0, axis), depth, ...indices.shape.slice(axis)];
  const at = lax.broadcastedIota("int32", n.allow(shape), axis);
  return n.as(np.where(np.equal(hot, at), on, off), n.type(2));
}

/** The k largest or smallest along an axis, equal ones in their order. */
function topK(n: NodeContext): (NdArray | Value)[] {
  const x = n.x(0);
  const k = n.version < 10 ? n.attributes.int("k", 1) : n.number(1);
  const axis = n.axis(n.attributes.int("axis", -1));
  const [values, index] = n.attributes.flag("largest", true) ? lax.topK(x, k, axis) : smallest(x, k, axis);
  return [values, n.as(index, INT64)];
}

function smallest(x: NdArray, k: number, axis: number): [NdArray, NdArray] {
  const [values, index] = lax.sort([x, lax.broadcastedIota("int32", x.shape, axis)], axis, true, 1) as [
    NdArray,
    NdArray,
  ];
  return [lax.sliceInDim(values, 0, k, 1, axis), lax.sliceInDim(index, 0, k, 1, axis)];
}

export const gathering: OperatorTable = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  OneHot: oneHot,
  Scatter: scatterElements,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
  TensorScatter: tensorScatter,
  TopK: topK,
};
