/** Samples of operations that move elements: shapes, slices, indices, sorting. */
import type { AnyPrimitive } from "../../src/core/primitive";
import * as ops from "../../src/ops/index";
import { type Input, type Sample, f32, f64, i32, indices, input, sample } from "./sample";

const slice = (startIndices: number[], limitIndices: number[], strides: number[] | null = null) => ({
  startIndices,
  limitIndices,
  strides,
});
const pad = (...paddingConfig: (readonly [number, number, number])[]) => ({ paddingConfig });

const rows = {
  offsetDims: [1],
  collapsedSliceDims: [0],
  startIndexMap: [0],
  operandBatchingDims: [],
  startIndicesBatchingDims: [],
};
const blocks = { ...rows, offsetDims: [1, 2], collapsedSliceDims: [], startIndexMap: [0, 1] };
const along = {
  ...rows,
  offsetDims: [],
  collapsedSliceDims: [1],
  startIndexMap: [1],
  operandBatchingDims: [0],
  startIndicesBatchingDims: [0],
};

const gather = (operand: Input, at: Input, dimensionNumbers: object, sliceSizes: number[], mode = "clip"): Sample =>
  sample(ops.gather_p, [operand, at], { dimensionNumbers, sliceSizes, mode, fillValue: mode === "fill" ? 7 : 0 });

const rowUpdates = {
  updateWindowDims: [1],
  insertedWindowDims: [0],
  scatterDimsToOperandDims: [0],
  operandBatchingDims: [],
  scatterIndicesBatchingDims: [],
};
const blockUpdates = {
  ...rowUpdates,
  updateWindowDims: [1, 2],
  insertedWindowDims: [],
  scatterDimsToOperandDims: [0, 1],
};
const alongUpdates = {
  updateWindowDims: [],
  insertedWindowDims: [1],
  scatterDimsToOperandDims: [1],
  operandBatchingDims: [0],
  scatterIndicesBatchingDims: [0],
};

function scatters(record: AnyPrimitive): Sample[] {
  const one = (dtype: "float32" | "float64" | "int32"): Sample =>
    sample(record, [input(dtype, [4, 3]), indices([3, 1], [2, 0, 2]), input(dtype, [3, 3], 1, 3)], {
      dimensionNumbers: rowUpdates,
      mode: "clip",
    });
  return [
    one("float64"),
    one("float32"),
    one("int32"),
    sample(record, [f64([4, 3]), indices([3, 1], [1, 9, -1]), f64([3, 3], 1, 3)], {
      dimensionNumbers: rowUpdates,
      mode: "fill",
    }),
    sample(record, [f32([4, 3]), indices([2, 2], [0, 1, 2, 1]), f32([2, 2, 2], 1, 3)], {
      dimensionNumbers: blockUpdates,
      mode: "clip",
    }),
    sample(record, [f32([2, 3]), indices([2, 1], [2, 0]), f32([2], 1, 3)], {
      dimensionNumbers: alongUpdates,
      mode: "clip",
    }),
    sample(record, [f32([4, 3]), indices([0, 1], []), f32([0, 3])], { dimensionNumbers: rowUpdates, mode: "clip" }),
  ];
}

const scalarIndex = (value: number): Input => indices([], [value]);

export const structureSamples: readonly Sample[] = [
  sample(ops.reshape_p, [f64([2, 3])], { newSizes: [3, 2] }),
  sample(ops.reshape_p, [f32([3, 4], -2, 2, "transposed")], { newSizes: [2, 6] }),
  sample(ops.reshape_p, [i32([])], { newSizes: [1, 1] }),
  sample(ops.reshape_p, [f32([0, 3])], { newSizes: [3, 0] }),
  sample(ops.transpose_p, [f64([2, 3])], { permutation: [1, 0] }),
  sample(ops.transpose_p, [f32([2, 1, 3])], { permutation: [2, 0, 1] }),
  sample(ops.transpose_p, [i32([2, 0])], { permutation: [1, 0] }),
  sample(ops.rev_p, [f64([2, 3])], { dimensions: [1] }),
  sample(ops.rev_p, [i32([2, 3], -4, 5, "transposed")], { dimensions: [0, 1] }),
  sample(ops.rev_p, [f32([0])], { dimensions: [0] }),
  sample(ops.broadcast_in_dim_p, [f64([3])], { shape: [2, 3], broadcastDimensions: [1] }),
  sample(ops.broadcast_in_dim_p, [f64([2, 1])], { shape: [2, 3], broadcastDimensions: [0, 1] }),
  sample(ops.broadcast_in_dim_p, [f32([])], { shape: [2, 2], broadcastDimensions: [] }),
  sample(ops.broadcast_in_dim_p, [i32([1])], { shape: [0, 3], broadcastDimensions: [1] }),
  sample(ops.broadcast_in_dim_p, [f32([1, 2])], { shape: [1, 3, 2], broadcastDimensions: [0, 2] }),
  ...(["int32", "float32", "float64", "uint8"] as const).map((dtype) =>
    sample(ops.iota_p, [], { dtype, shape: [2, 3], dimension: 1 }),
  ),
  sample(ops.iota_p, [], { dtype: "int32", shape: [0], dimension: 0 }),

  sample(ops.slice_p, [f64([4, 5])], slice([1, 0], [4, 5], [2, 3])),
  sample(ops.slice_p, [f32([4, 5], -2, 2, "reversed")], slice([1, 2], [3, 4])),
  sample(ops.slice_p, [i32([5])], slice([2], [2])),
  sample(ops.slice_p, [f32([1])], slice([0], [1])),
  sample(ops.pad_p, [f64([2, 3]), f64([])], pad([1, 2, 0], [0, 1, 2])),
  sample(ops.pad_p, [f64([3, 4]), f64([])], pad([-1, 1, 0], [1, -2, 1])),
  sample(ops.pad_p, [i32([3]), i32([])], pad([2, 0, 1])),
  sample(ops.pad_p, [f32([0, 2]), f32([])], pad([1, 1, 3], [0, 0, 0])),
  sample(ops.pad_p, [f32([1]), f32([])], pad([0, 0, 5])),
  sample(ops.concatenate_p, [f64([2, 3]), f64([2, 1]), f64([2, 2])], { dimension: 1 }),
  sample(ops.concatenate_p, [f32([2]), f32([0])], { dimension: 0 }),
  sample(ops.concatenate_p, [i32([1, 2]), i32([2, 2])], { dimension: 0 }),

  gather(f64([4, 3]), indices([3, 1], [2, 0, 2]), rows, [1, 3]),
  gather(f64([4, 3]), indices([3, 1], [1, 9, -1]), rows, [1, 3], "fill"),
  gather(f32([4, 3]), indices([3, 1], [1, 9, -1]), rows, [1, 3]),
  gather(f32([4, 3]), indices([2, 2], [0, 1, 3, 2]), blocks, [2, 2]),
  gather(i32([2, 3]), indices([2, 1], [2, 0]), along, [1, 1], "promise_in_bounds"),
  gather(f32([4, 3]), indices([0, 1], []), rows, [1, 3]),
  gather(i32([4, 3]), indices([1, 1], [3], "uint8"), rows, [1, 3]),
  ...[ops.scatter_p, ops.scatter_add_p, ops.scatter_mul_p, ops.scatter_min_p, ops.scatter_max_p].flatMap(scatters),
  sample(ops.dynamic_slice_p, [f64([4, 5]), scalarIndex(1), scalarIndex(4)], { sliceSizes: [2, 3] }),
  sample(ops.dynamic_slice_p, [f32([5]), scalarIndex(-3)], { sliceSizes: [2] }),
  sample(ops.dynamic_slice_p, [i32([2, 2]), scalarIndex(1), scalarIndex(0)], { sliceSizes: [0, 2] }),
  sample(ops.dynamic_slice_p, [f32([])], { sliceSizes: [] }),
  sample(ops.dynamic_update_slice_p, [f64([4, 5]), f64([2, 3], 5, 6), scalarIndex(1), scalarIndex(4)]),
  sample(ops.dynamic_update_slice_p, [f32([5]), f32([2], 5, 6), scalarIndex(9)]),
  sample(ops.dynamic_update_slice_p, [i32([3]), i32([1], 7, 9), scalarIndex(0)]),
  sample(ops.dynamic_update_slice_p, [f32([3]), f32([0]), scalarIndex(1)]),

  sample(ops.sort_p, [f64([2, 4])], { dimension: 1, numKeys: 1 }),
  sample(ops.sort_p, [f64([4]), f64([4], 3, 5)], { dimension: 0, numKeys: 1 }),
  sample(ops.sort_p, [f32([4, 3], -2, 2, "transposed")], { dimension: 0, numKeys: 1 }),
  sample(ops.sort_p, [i32([6], 0, 2), i32([6]), i32([6], 0, 100)], { dimension: 0, numKeys: 2 }),
  sample(ops.sort_p, [input("uint8", [5], 0, 9)], { dimension: 0, numKeys: 1 }),
  sample(ops.sort_p, [f32([0])], { dimension: 0, numKeys: 1 }),
  sample(ops.sort_p, [f32([1])], { dimension: 0, numKeys: 1 }),
];
