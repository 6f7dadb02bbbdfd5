/** Gather and scatter: windows at computed places become single elements of the flattened operand. */
import type { GraphBuilder, Value } from "./graph-builder";
import type { RuleOf, Rules } from "./rule";
import { cast, range, reshape, scalar, sizeOf, where, wide } from "./values";

type Numbers = readonly number[];

interface Places {
  /** int64, of the shape of windows: which element of the flattened operand. */
  readonly indices: string;
  /** Whether the window is inside; null where it always is. */
  readonly valid: Value | null;
}

interface Layout {
  readonly operand: Numbers;
  /** Shape of what is gathered or of the updates. */
  readonly out: Numbers;
  readonly windowAxes: Numbers;
  /** Axis of the operand for each window axis. */
  readonly windowOf: Numbers;
  readonly sizes: Numbers;
  readonly indexMap: Numbers;
  readonly operandBatch: Numbers;
  readonly indicesBatch: Numbers;
}

const stridesOf = (shape: Numbers): number[] => shape.map((_, i) => sizeOf(shape.slice(i + 1)));

/** Constant int64 numbers along some axes of `out`, summed: offsets inside windows, and numbers of batches. */
function constantOffsets(
  { operand, out, windowAxes, windowOf, operandBatch, indicesBatch }: Layout,
  batchAxes: Numbers,
) {
  const strides = stridesOf(operand);
  const step = out.map(() => 0);
  windowAxes.forEach((axis, k) => (step[axis] = strides[windowOf[k]!]!));
  indicesBatch.forEach((axis, k) => (step[batchAxes[axis]!] = strides[operandBatch[k]!]!));
  const shape = out.map((n, i) => (step[i] === 0 ? 1 : n));
  return { shape, values: blockPlaces(shape, step) };
}

/** Indices clipped into range, or with a mask where they are not. */
function places(g: GraphBuilder, starts: Value, layout: Layout, mode: string): Places {
  const { operand, out, windowAxes, sizes, indexMap } = layout;
  const batchAxes = range(out.length).filter((i) => !windowAxes.includes(i));
  const last = indexMap.map((axis) => operand[axis]! - sizes[axis]!);
  const k = indexMap.length;
  const row = (values: Numbers): string => g.int64([k], values);
  const int64 = g.integers("Cast", [starts], { to: { int: 7 } });
  const clipped = g.integers("Min", [g.integers("Max", [int64, row(last.map(() => 0))]), row(last)]);
  const strides = stridesOf(operand);
  const scaled = g.integers("Mul", [clipped, row(indexMap.map((axis) => strides[axis]!))]);
  const flat = g.integers("ReduceSum", [scaled, g.list([starts.aval.ndim - 1])], { keepdims: { int: 0 } });
  const spread = out.map((n, i) => (batchAxes.includes(i) ? n : 1));
  const based = g.integers("Reshape", [flat, g.list(spread)], { allowzero: { int: 1 } });
  const offsets = constantOffsets(layout, batchAxes);
  const sum = g.integers("Add", [based, g.int64(offsets.shape, offsets.values)]);
  const indices = g.integers("Expand", [sum, g.list(out)]);
  if (mode !== "fill" || k === 0) return { indices, valid: null };
  const bools = starts.aval.withDType("bool");
  const same = g.node("Equal", [int64, clipped], bools);
  const count = g.node("ReduceMin", [cast(g, same, "int32"), g.list([bools.ndim - 1])], bools.withShape(bools.shape.slice(0, -1)).withDType("int32"), { keepdims: { int: 0 } }); // prettier-ignore
  return { indices, valid: reshape(g, cast(g, count, "bool"), spread) };
}

interface GatherNumbers {
  readonly offsetDims: Numbers;
  readonly collapsedSliceDims: Numbers;
  readonly startIndexMap: Numbers;
  readonly operandBatchingDims: Numbers;
  readonly startIndicesBatchingDims: Numbers;
}

interface ScatterNumbers {
  readonly updateWindowDims: Numbers;
  readonly insertedWindowDims: Numbers;
  readonly scatterDimsToOperandDims: Numbers;
  readonly operandBatchingDims: Numbers;
  readonly scatterIndicesBatchingDims: Numbers;
}

const without = (n: number, ...lists: Numbers[]): number[] => range(n).filter((i) => !lists.some((l) => l.includes(i)));

/** The elements at places of the flattened operand. */
const take = (g: GraphBuilder, x: Value, indices: string, shape: Numbers): Value =>
  g.node("Gather", [reshape(g, x, [x.aval.size]), indices], x.aval.withShape(shape), { axis: { int: 0 } });

const gather: RuleOf = (g, [x, starts], params, [out]) => {
  const d = params["dimensionNumbers"] as GatherNumbers;
  const sizes = params["sliceSizes"] as Numbers;
  const layout: Layout = {
    operand: x!.aval.shape,
    out: out!.shape,
    windowAxes: d.offsetDims,
    windowOf: without(x!.aval.ndim, d.collapsedSliceDims, d.operandBatchingDims),
    sizes,
    indexMap: d.startIndexMap,
    operandBatch: d.operandBatchingDims,
    indicesBatch: d.startIndicesBatchingDims,
  };
  const { indices, valid } = places(g, starts!, layout, params["mode"] as string);
  const taken = take(g, x!, indices, out!.shape);
  if (valid === null) return [taken];
  return [where(g, valid, taken, scalar(g, params["fillValue"] as number, out!.dtype))].map((y) => ({
    ...y,
    aval: out!,
  }));
};

/** Elements outside go to one more element behind the operand, which is cut off. */
const scatter =
  (reduction: string): RuleOf =>
  (g, [x, starts, updates], params) => {
    const d = params["dimensionNumbers"] as ScatterNumbers;
    const { shape, ndim, size } = x!.aval;
    const windowOf = without(ndim, d.insertedWindowDims, d.operandBatchingDims);
    const sizes = shape.map(() => 1);
    windowOf.forEach((axis, k) => (sizes[axis] = updates!.aval.shape[d.updateWindowDims[k]!]!));
    const layout: Layout = {
      operand: shape,
      out: updates!.aval.shape,
      windowAxes: d.updateWindowDims,
      windowOf,
      sizes,
      indexMap: d.scatterDimsToOperandDims,
      operandBatch: d.operandBatchingDims,
      indicesBatch: d.scatterIndicesBatchingDims,
    };
    const { indices, valid } = places(g, starts!, layout, params["mode"] === "clip" ? "clip" : "fill");
    const n = updates!.aval.size;
    const outside = g.int64([], [size]);
    const at = valid === null ? indices : g.integers("Where", [valid, indices, outside]);
    const result = wide(g, [x!, updates!], ([a, b]) => {
      const extra = g.node("ConstantOfShape", [g.list([1])], a!.aval.withShape([1]));
      const zero = g.node("CastLike", [extra, a!], a!.aval.withShape([1]));
      const line = g.node("Concat", [reshape(g, a!, [size]), zero], a!.aval.withShape([size + 1]), {
        axis: { int: 0 },
      });
      const flatAt = g.integers("Reshape", [at, g.list([n])], { allowzero: { int: 1 } });
      const done = g.node("ScatterElements", [line, flatAt, reshape(g, b!, [n])], line.aval, {
        axis: { int: 0 },
        reduction: { text: reduction },
      });
      return g.node("Slice", [done, g.list([0]), g.list([size]), g.list([0])], a!.aval.withShape([size]));
    });
    return [reshape(g, result, shape)];
  };

/** Starts of a slice, each clipped so that it fits, as one int64 list. */
function clippedStarts(g: GraphBuilder, starts: readonly Value[], last: Numbers): string {
  const parts = starts.map((s) => g.integers("Cast", [reshape(g, s, [1])], { to: { int: 7 } }));
  const all = parts.length === 1 ? parts[0]! : g.integers("Concat", parts, { axis: { int: 0 } });
  return g.integers("Min", [g.integers("Max", [all, g.list(last.map(() => 0))]), g.list(last)]);
}

export const indexRules: Rules = {
  gather,
  scatter: scatter("none"),
  scatter_add: scatter("add"),
  scatter_mul: scatter("mul"),
  scatter_min: scatter("min"),
  scatter_max: scatter("max"),
  dynamic_slice(g, [x, ...starts], { sliceSizes }, [out]) {
    const sizes = sliceSizes as Numbers;
    if (starts.length === 0) return [x!];
    const from = clippedStarts(g, starts, x!.aval.shape.map((n, i) => n - sizes[i]!)); // prettier-ignore
    const to = g.integers("Add", [from, g.list(sizes)]);
    return [g.node("Slice", [x!, from, to, g.list(range(sizes.length))], out!)];
  },
  dynamic_update_slice(g, [x, update, ...starts]) {
    if (starts.length === 0) return [update!];
    const { shape } = x!.aval;
    const sizes = update!.aval.shape;
    const from = clippedStarts(g, starts, shape.map((n, i) => n - sizes[i]!)); // prettier-ignore
    const scaled = g.integers("Mul", [from, g.list(stridesOf(shape))]);
    const first = g.integers("ReduceSum", [scaled, g.list([0])], { keepdims: { int: 0 } });
    const at = g.integers("Add", [g.int64([update!.aval.size], blockPlaces(sizes, stridesOf(shape))), first]);
    const done = wide(
      g,
      [x!, update!],
      ([a, b]) =>
      g.node("ScatterElements", [reshape(g, a!, [a!.aval.size]), at, reshape(g, b!, [b!.aval.size])], a!.aval.withShape([a!.aval.size])), // prettier-ignore
    );
    return [reshape(g, done, shape)];
  },
  windows(g, [x], params, [out]) {
    const [strides, dilation] = [params["windowStrides"] as Numbers, params["windowDilation"] as Numbers];
    const own = stridesOf(x!.aval.shape);
    const steps = [...own.map((s, i) => s * strides[i]!), ...own.map((s, i) => s * dilation[i]!)];
    return [take(g, x!, g.int64(out!.shape, blockPlaces(out!.shape, steps)), out!.shape)];
  },
};

/** Places of all elements of a block whose axes have these steps. */
function blockPlaces(shape: Numbers, steps: Numbers): number[] {
  const own = stridesOf(shape);
  return range(sizeOf(shape)).map((i) =>
    shape.reduce((sum, n, axis) => sum + (Math.floor(i / own[axis]!) % n) * steps[axis]!, 0),
  );
}
