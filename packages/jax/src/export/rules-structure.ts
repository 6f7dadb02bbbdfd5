/** What primitives that move elements are in StableHLO. */
import { ShapedArray } from "../aval/shaped-array";
import { range, without } from "../base/list";
import type { RuleOf, Rules } from "./rule";
import { type Value, type Writer, i64s, list, signature, typeOf } from "./writer";

type Numbers = readonly number[];

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

/** Fields of an attribute; empty lists are left out. */
function fields(entries: readonly (readonly [string, Numbers])[], vectorDim: number): string {
  const lists = entries.filter(([, xs]) => xs.length > 0).map(([name, xs]) => `${name} = ${list(xs)}`);
  return [...lists, `index_vector_dim = ${vectorDim}`].join(", ");
}

/** The largest index at which a slice still fits, for each component of an index. */
const lastStarts = (operand: ShapedArray, sizes: Numbers, map: Numbers): number[] =>
  map.map((axis) => operand.shape[axis]! - sizes[axis]!);

/** A row of numbers as wide as the indices. */
function limits(w: Writer, indices: Value, values: Numbers): Value {
  const { dtype, ndim, shape } = indices.aval;
  const parts = values.map((v) => w.constant(v, ShapedArray.of([1], dtype)));
  const row = parts.length === 1 ? parts[0]! : w.concatenate(parts, ShapedArray.of([values.length], dtype), 0);
  return w.broadcast(row, shape, [ndim - 1]);
}

function inBounds(w: Writer, indices: Value, last: Numbers): Value {
  const low = w.compare("GE", indices, w.constant(0, indices.aval));
  const both = w.same("stablehlo.and", [low, w.compare("LE", indices, limits(w, indices, last))]);
  const batch = indices.aval.shape.slice(0, -1);
  const bool = both.aval;
  const yes = w.constant(1, bool.withShape([]));
  const head = `stablehlo.reduce(${both.name} init: ${yes.name}) applies stablehlo.and across dimensions = ${list([bool.ndim - 1])}`;
  return w.one(bool.withShape(batch), `${head} : ${signature([bool, yes.aval], [bool.withShape(batch)])}`);
}

const clamped = (w: Writer, indices: Value, last: Numbers): Value =>
  w.one(
    indices.aval,
    `stablehlo.clamp ${w.constant(0, indices.aval).name}, ${indices.name}, ${limits(w, indices, last).name} : ${typeOf(indices.aval)}`,
  );

const gather: RuleOf = (w, [operand, indices], params, [out]) => {
  const d = params["dimensionNumbers"] as GatherNumbers;
  const sizes = params["sliceSizes"] as Numbers;
  const numbers = fields(
    [
      ["offset_dims", d.offsetDims],
      ["collapsed_slice_dims", d.collapsedSliceDims],
      ["operand_batching_dims", d.operandBatchingDims],
      ["start_indices_batching_dims", d.startIndicesBatchingDims],
      ["start_index_map", d.startIndexMap],
    ],
    indices!.aval.ndim - 1,
  );
  const attributes = `<{dimension_numbers = #stablehlo.gather<${numbers}>, indices_are_sorted = false, slice_sizes = ${i64s(sizes)}}>`;
  const types = signature([operand!.aval, indices!.aval], [out!]);
  const text = `"stablehlo.gather"(${operand!.name}, ${indices!.name}) ${attributes} : ${types}`;
  const gathered = w.one(out!, text);
  if (params["mode"] !== "fill" || d.startIndexMap.length === 0) return [gathered];
  const valid = inBounds(w, indices!, lastStarts(operand!.aval, sizes, d.startIndexMap));
  const batchDims = without(range(out!.ndim), d.offsetDims);
  const wide = w.broadcast(valid, out!.shape, batchDims);
  return [w.select(wide, gathered, w.constant(params["fillValue"] as number, out!))];
};

/** `combine` is null where the update replaces the element. */
const scatter =
  (combine: string | null): RuleOf =>
  (w, [operand, indices, updates], params, [out]) => {
    const d = params["dimensionNumbers"] as ScatterNumbers;
    let next = 0;
    const sizes = operand!.aval.shape.map((_, i) =>
      d.insertedWindowDims.includes(i) || d.operandBatchingDims.includes(i)
        ? 1
        : updates!.aval.shape[d.updateWindowDims[next++]!]!,
    );
    const clip = params["mode"] === "clip" && d.scatterDimsToOperandDims.length > 0;
    const last = lastStarts(operand!.aval, sizes, d.scatterDimsToOperandDims);
    const at = clip ? clamped(w, indices!, last) : indices!;
    const numbers = fields(
      [
        ["update_window_dims", d.updateWindowDims],
        ["inserted_window_dims", d.insertedWindowDims],
        ["input_batching_dims", d.operandBatchingDims],
        ["scatter_indices_batching_dims", d.scatterIndicesBatchingDims],
        ["scatter_dims_to_operand_dims", d.scatterDimsToOperandDims],
      ],
      at.aval.ndim - 1,
    );
    const attributes = `<{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<${numbers}>, unique_indices = false}>`;
    const scalar = operand!.aval.withShape([]);
    const types = signature([operand!.aval, at.aval, updates!.aval], [out!]);
    return w.many(
      [out!],
      `"stablehlo.scatter"(${operand!.name}, ${at.name}, ${updates!.name}) ${attributes} ({`,
      () => {
        const [x, y] = w.block([scalar, scalar]);
        w.yield([combine === null ? y! : w.same(`stablehlo.${combine}`, [x!, y!])]);
      },
      `}) : ${types}`,
    );
  };

/** Starts of dynamic slices must have one type. */
const starts = (w: Writer, xs: readonly Value[]): Value[] => xs.map((x) => w.convert(x, "int32"));

/** All windows as an array: single elements gathered at computed places. */
const windows: RuleOf = (w, [x], params, outs) => {
  const [strides, dilation] = [params["windowStrides"] as Numbers, params["windowDilation"] as Numbers];
  const { ndim } = x!.aval;
  const [out] = outs;
  if (ndim === 0) return [x!];
  const along = (dimension: number, step: number): Value => {
    const i = w.iota(out!.shape, "int32", dimension);
    return step === 1 ? i : w.same("stablehlo.multiply", [i, w.constant(step, i.aval)]);
  };
  const parts = range(ndim).map((axis) => {
    const at = w.same("stablehlo.add", [along(axis, strides[axis]!), along(ndim + axis, dilation[axis]!)]);
    return w.reshape(at, [...out!.shape, 1]);
  });
  const shape = [...out!.shape, ndim];
  const indices = ndim === 1 ? parts[0]! : w.concatenate(parts, ShapedArray.of(shape, "int32"), out!.ndim);
  const dimensionNumbers: GatherNumbers = {
    offsetDims: [],
    collapsedSliceDims: range(ndim),
    startIndexMap: range(ndim),
    operandBatchingDims: [],
    startIndicesBatchingDims: [],
  };
  return gather(w, [x!, indices], { dimensionNumbers, sliceSizes: range(ndim).map(() => 1), mode: "clip" }, outs);
};

export const structureRules: Rules = {
  broadcast_in_dim: (w, [x], { shape, broadcastDimensions }) => [
    w.broadcast(x!, shape as Numbers, broadcastDimensions as Numbers),
  ],
  iota: (w, _xs, { shape, dimension }, [out]) => [w.iota(shape as Numbers, out!.dtype, dimension as number)],
  reshape: (w, [x], { newSizes }) => [w.reshape(x!, newSizes as Numbers)],
  transpose: (w, [x], { permutation }, [out]) => [
    w.typed("stablehlo.transpose", [x!], out!, `, dims = ${list(permutation as Numbers)}`),
  ],
  rev: (w, [x], { dimensions }) => [
    w.one(x!.aval, `stablehlo.reverse ${x!.name}, dims = ${list(dimensions as Numbers)} : ${typeOf(x!.aval)}`),
  ],
  concatenate: (w, xs, { dimension }, [out]) => [w.concatenate(xs, out!, dimension as number)],
  slice(w, [x], params, [out]) {
    const [from, to] = [params["startIndices"] as Numbers, params["limitIndices"] as Numbers];
    const strides = params["strides"] as Numbers | null;
    const ranges = from.map(
      (a, i) => `${a}:${Math.max(a, to[i]!)}${(strides?.[i] ?? 1) === 1 ? "" : `:${strides![i]}`}`,
    );
    return [w.typed("stablehlo.slice", [x!], out!, ` [${ranges.join(", ")}]`)];
  },
  pad(w, [x, fill], { paddingConfig }, [out]) {
    const of = (k: 0 | 1 | 2): string => list((paddingConfig as readonly Numbers[]).map((p) => p[k]!));
    const attributes = `, low = ${of(0)}, high = ${of(1)}, interior = ${of(2)}`;
    return [w.typed("stablehlo.pad", [x!, fill!], out!, attributes)];
  },
  dynamic_slice(w, [x, ...at], { sliceSizes }, [out]) {
    if (at.length === 0) return [x!];
    return [
      w.typed("stablehlo.dynamic_slice", [x!, ...starts(w, at)], out!, `, sizes = ${list(sliceSizes as Numbers)}`),
    ];
  },
  dynamic_update_slice(w, [x, update, ...at], _params, [out]) {
    if (at.length === 0) return [update!];
    return [w.typed("stablehlo.dynamic_update_slice", [x!, update!, ...starts(w, at)], out!)];
  },
  gather,
  scatter: scatter(null),
  scatter_add: scatter("add"),
  scatter_mul: scatter("multiply"),
  scatter_min: scatter("minimum"),
  scatter_max: scatter("maximum"),
  windows,
  dot_general(w, [x, y], { dimensionNumbers }, [out]) {
    const [[xc, yc], [xb, yb]] = dimensionNumbers as readonly [
      readonly [Numbers, Numbers],
      readonly [Numbers, Numbers],
    ];
    const batch = xb.length === 0 ? "" : `, batching_dims = ${list(xb)} x ${list(yb)}`;
    return [w.typed("stablehlo.dot_general", [x!, y!], out!, `${batch}, contracting_dims = ${list(xc)} x ${list(yc)}`)];
  },
  conv_general_dilated(w, [x, y], params, [out]) {
    const spatial = range(x!.aval.ndim - 2).join(", ");
    const named = (first: string): string => `[${first}${spatial === "" ? "" : `, ${spatial}`}]`;
    const pairs = (params["padding"] as readonly (readonly [number, number])[]).map(list).join(", ");
    const window = [
      `stride = ${list(params["windowStrides"] as Numbers)}`,
      `pad = [${pairs}]`,
      `lhs_dilate = ${list(params["lhsDilation"] as Numbers)}`,
      `rhs_dilate = ${list(params["rhsDilation"] as Numbers)}`,
    ].join(", ");
    const groups = `{batch_group_count = 1 : i64, feature_group_count = ${params["featureGroupCount"] as number} : i64}`;
    const numbers = `${named("b, f")}x${named("o, i")}->${named("b, f")}`;
    const text = `stablehlo.convolution(${x!.name}, ${y!.name}) dim_numbers = ${numbers}, window = {${window}} ${groups}`;
    return [w.one(out!, `${text} : ${signature([x!.aval, y!.aval], [out!])}`)];
  },
  sort(w, xs, { dimension, numKeys }, outs) {
    const scalars = xs.map((x) => x.aval.withShape([]));
    return w.many(
      outs,
      `"stablehlo.sort"(${xs.map((x) => x.name).join(", ")}) <{dimension = ${dimension as number} : i64, is_stable = true}> ({`,
      () => {
        const pairs = w.block(scalars.flatMap((s) => [s, s]));
        let less: Value | null = null;
        for (let k = (numKeys as number) - 1; k >= 0; k--) less = before(w, pairs[2 * k]!, pairs[2 * k + 1]!, less);
        w.yield([less!]);
      },
      `}) : ${signature(
        xs.map((x) => x.aval),
        outs,
      )}`,
    );
  },
};

/** x comes before y: less, NaN after all numbers; where they are equal `rest` decides. */
function before(w: Writer, x: Value, y: Value, rest: Value | null): Value {
  const and = (a: Value, b: Value): Value => w.same("stablehlo.and", [a, b]);
  const or = (a: Value, b: Value): Value => w.same("stablehlo.or", [a, b]);
  let less = w.compare("LT", x, y);
  let equal = w.compare("EQ", x, y);
  if (x.aval.dtype.includes("float")) {
    const [xNaN, yNaN] = [w.compare("NE", x, x), w.compare("NE", y, y)];
    less = or(less, and(yNaN, w.compare("EQ", x, x)));
    equal = or(equal, and(xNaN, yNaN));
  }
  return rest === null ? less : or(less, and(equal, rest));
}
