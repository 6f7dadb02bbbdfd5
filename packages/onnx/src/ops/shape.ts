/** Shapes, and elements in another order. */
import { lax, numpy as np } from "@jax-js/jax";
import { FLOAT, INT64 } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { readTensor } from "../proto/tensor-data";
import { type NdArray, type Value, hostTensor, sizeOf, upload } from "../value";
import { type OperatorTable } from "./operator";

/** A 0 keeps the size at that place unless `allowzero`; a -1 takes what is left. */
function reshapedTo(n: NodeContext, wanted: readonly number[], shape = n.shape(0)): number[] {
  const zeroIsZero = n.attributes.flag("allowzero");
  const sizes = wanted.map((d, i) => {
    if (d !== 0 || zeroIsZero) return d;
    return shape[i] ?? n.fail(`the shape [${wanted}] copies axis ${i}, which the input does not have`);
  });
  const known = sizeOf(sizes.filter((d) => d !== -1));
  const rest = known === 0 ? 0 : sizeOf(shape) / known;
  const out = sizes.map((d) => (d === -1 ? rest : d));
  if (sizeOf(out) !== sizeOf(shape) || out.some((d) => !Number.isInteger(d) || d < 0))
    n.fail(`cannot reshape [${shape}] to [${wanted}]`);
  return out;
}

function reshape(n: NodeContext): NdArray {
  const wanted = n.version < 5 ? (n.attributes.ints("shape") ?? []) : n.numbers(1);
  return n.x(0).reshape(reshapedTo(n, wanted));
}

function flatten(n: NodeContext): NdArray {
  const shape = n.shape(0);
  const axis = n.attributes.int("axis", 1);
  const at = axis < 0 ? axis + shape.length : axis;
  return n.x(0).reshape([sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at))]);
}

/** Axes as an attribute, or as input 1 from a version on. */
const axesOf = (n: NodeContext, since: number): number[] | undefined =>
  n.version >= since ? n.optionalNumbers(1) : n.attributes.ints("axes");

function squeeze(n: NodeContext): NdArray {
  const axes = axesOf(n, 13);
  return axes ? np.squeeze(n.x(0), axes.map((a) => n.axis(a))) : np.squeeze(n.x(0)); // prettier-ignore
}

function unsqueeze(n: NodeContext): NdArray {
  const axes = axesOf(n, 13) ?? [];
  return np.expandDims(n.x(0), axes);
}

/** Broadcast both ways: a 1 of either shape gives way. */
function expand(n: NodeContext): NdArray {
  return np.broadcastTo(n.x(0), n.allow(np.broadcastShapes(n.shape(0), n.numbers(1))));
}

function shapeOf(n: NodeContext): Value {
  const shape = n.shape(0);
  const part = shape.slice(n.attributes.int("start", 0), n.attributes.optionalInt("end"));
  return hostTensor(INT64, [part.length], part);
}

function concat(n: NodeContext): NdArray {
  return np.concatenate(n.all(), n.axis(n.attributes.int("axis", n.version < 4 ? 1 : 0)));
}

/** Sizes of the parts: given, or as equal as can be with a smaller last one. */
function splitSizes(n: NodeContext, total: number): number[] {
  const given = n.version < 13 ? n.attributes.ints("split") : undefined;
  const sizes = given ?? n.optionalNumbers(1);
  if (sizes) return sizes;
  const count = n.attributes.int("num_outputs", n.step.outputs.length);
  const size = Math.ceil(total / count);
  return Array.from({ length: count }, (_, i) => Math.max(0, Math.min(size, total - i * size)));
}

/** Parts of the sizes, one after the other. */
export function parts(n: NodeContext, x: NdArray, sizes: readonly number[], axis: number): NdArray[] {
  let start = 0;
  const out = sizes.map((size) => lax.sliceInDim(x, start, (start += size), 1, axis));
  if (start !== x.shape[axis]) n.fail(`the parts [${sizes}] do not make up ${x.shape[axis]}`);
  return out;
}

function split(n: NodeContext): NdArray[] {
  const axis = n.axis(n.attributes.int("axis", 0));
  return parts(n, n.x(0), splitSizes(n, n.shape(0)[axis]!), axis);
}

/** Before operator set 6: how often, and along which axis, are inputs. */
function tile(n: NodeContext): NdArray {
  const counts = n.numbers(1);
  n.allow([sizeOf(n.shape(0)), ...counts]);
  if (n.version >= 6) return np.tile(n.x(0), counts);
  const axis = n.number(2);
  return np.tile(n.x(0), n.shape(0).map((_, i) => (i === axis ? counts[0]! : 1))); // prettier-ignore
}

/** Bounds as Python's slices, but that a start before the first element is the first also on the way back. */
function slice(n: NodeContext): NdArray {
  const old = n.version < 10;
  const { attributes } = n;
  const starts = old ? (attributes.ints("starts") ?? []) : n.numbers(1);
  const ends = old ? (attributes.ints("ends") ?? []) : n.numbers(2);
  const axes = (old ? attributes.ints("axes") : n.optionalNumbers(3)) ?? starts.map((_, i) => i);
  const steps = (old ? undefined : n.optionalNumbers(4)) ?? starts.map(() => 1);
  const index: number[][] = n.shape(0).map(() => []);
  let x = n.x(0);
  axes.forEach((a, i) => {
    const axis = n.axis(a);
    const size = x.shape[axis]!;
    const step = steps[i] ?? 1;
    if (step === 0) n.fail("a step of 0");
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const at = (p: number, least: number): number => Math.min(Math.max(p < 0 ? p + size : p, least), high);
    const [start, end] = [at(starts[i]!, 0), at(ends[i]!, low)];
    const count = Math.max(0, Math.ceil((end - start) / step));
    if (step > 0) index[axis] = [start, start + count * step - (step - 1), step];
    else {
      // Backwards: the elements from the last one taken, turned around.
      const last = start + (count - 1) * step;
      x = count === 0 ? x : np.flip(lax.sliceInDim(x, last, start + 1, -step, axis), axis);
      index[axis] = count === 0 ? [0, 0, 1] : [0, count, 1];
    }
    if (count === 0) index[axis] = [0, 0, 1];
  });
  const full = index.map((part, i) => (part.length ? part : [0, x.shape[i]!, 1])) as [number, number, number][];
  return lax.slice(
    x,
    full.map(([start]) => start),
    full.map(([, end]) => end),
    full.map(([, , step]) => step),
  );
}

function depthToSpace(n: NodeContext): NdArray {
  const x = n.x(0);
  const [b, c, h, w] = x.shape as [number, number, number, number];
  const s = n.attributes.int("blocksize", 1);
  const depth = c / (s * s);
  const out = [b, depth, h * s, w * s];
  if (n.attributes.string("mode", "DCR") === "DCR")
    return x.reshape([b, s, s, depth, h, w]).transpose([0, 3, 4, 1, 5, 2]).reshape(out);
  return x.reshape([b, depth, s, s, h, w]).transpose([0, 1, 4, 2, 5, 3]).reshape(out);
}

function spaceToDepth(n: NodeContext): NdArray {
  const x = n.x(0);
  const [b, c, h, w] = x.shape as [number, number, number, number];
  const s = n.attributes.int("blocksize", 1);
  const cells = x.reshape([b, c, h / s, s, w / s, s]);
  if (n.attributes.string("mode", "DCR") === "CRD")
    return cells.transpose([0, 1, 3, 5, 2, 4]).reshape([b, c * s * s, h / s, w / s]);
  return cells.transpose([0, 3, 5, 1, 2, 4]).reshape([b, c * s * s, h / s, w / s]);
}

function constantOfShape(n: NodeContext): Value {
  const shape = n.allow(n.numbers(0));
  const tensor = n.attributes.tensor("value");
  const raw = tensor ? readTensor(tensor) : { type: FLOAT, data: [0] };
  return n.as(np.broadcastTo(upload(raw.type, [], raw.data as ArrayLike<number>), shape), raw.type);
}

function eyeLike(n: NodeContext): Value {
  const [rows, columns] = n.shape(0) as [number, number];
  const type = n.attributes.int("dtype", n.type(0));
  return n.as(np.eye(rows, columns, { k: n.attributes.int("k", 0) }), type);
}

/** The number of elements must be known; under jit the ends must be constants. */
function range(n: NodeContext): NdArray {
  const [start, limit, delta] = [n.number(0), n.number(1), n.has(2) ? n.number(2) : 1]; // com.microsoft may leave it out
  const count = Math.max(Math.ceil((limit - start) / delta), 0);
  if (!Number.isFinite(count)) n.fail(`the range from ${start} to ${limit} by ${delta} has no end`);
  n.allow([count]);
  const dtype = n.dtype(0);
  const steps = np.arange(count, { dtype: n.isFloat(0) ? (dtype === "float64" ? dtype : "float32") : "int32" });
  return steps.mul(delta).add(start).astype(dtype);
}

function trilu(n: NodeContext): NdArray {
  const k = n.has(1) ? n.number(1) : 0;
  return (n.attributes.flag("upper", true) ? np.triu : np.tril)(n.x(0), k);
}

/** The first `lengths[b]` elements of each example in reverse order. */
function reverseSequence(n: NodeContext): NdArray {
  const x = n.x(0);
  const batch = n.axis(n.attributes.int("batch_axis", 1));
  const time = n.axis(n.attributes.int("time_axis", 0));
  const shape = x.shape.map((d, i) => (i === batch || i === time ? d : 1));
  const t = lax.broadcastedIota("int32", shape, time);
  const lengths = n.x(1).astype("int32").reshape(x.shape.map((d, i) => (i === batch ? d : 1))); // prettier-ignore
  const from = np.where(np.less(t, lengths), lengths.sub(1).sub(t), t);
  return np.takeAlongAxis(x, np.broadcastTo(from, x.shape), time);
}

export const shape: OperatorTable = {
  Concat: concat,
  ConstantOfShape: constantOfShape,
  DepthToSpace: depthToSpace,
  Expand: expand,
  EyeLike: eyeLike,
  Flatten: flatten,
  Range: range,
  Reshape: reshape,
  ReverseSequence: reverseSequence,
  Shape: shapeOf,
  Size: (n) => hostTensor(INT64, [], [sizeOf(n.shape(0))]),
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: (n) => n.x(0).transpose(n.attributes.ints("perm") ?? null),
  Trilu: trilu,
  Unsqueeze: unsqueeze,
};
