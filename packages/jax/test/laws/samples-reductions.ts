/** Samples of reductions, running combinations, windows, contractions and factorizations. */
import type { AnyPrimitive } from "../../src/core/primitive";
import type { Tracer } from "../../src/core/tracer";
import { owned } from "../../src/numpy/owned";
import * as ops from "../../src/ops/index";
import { type Input, type Sample, f32, f64, i32, input, sample, strongDiagonal } from "./sample";

const reductions = (record: AnyPrimitive, empty: boolean): Sample[] => [
  sample(record, [f64([2, 3], -2, 2)], { axes: [1] }),
  sample(record, [f64([2, 3, 2], -2, 2)], { axes: [0, 2] }),
  sample(record, [f32([3, 4], -2, 2, "transposed")], { axes: [0] }),
  sample(record, [i32([2, 3])], { axes: [0, 1] }),
  sample(record, [input("uint8", [4], 0, 4)], { axes: [0] }),
  sample(record, [f32([1])], { axes: [0] }),
  sample(record, [f32([2, 0])], { axes: [0] }),
  ...(empty ? [sample(record, [f32([0, 2])], { axes: [0] })] : []),
];

const logical = (record: AnyPrimitive): Sample[] => [
  sample(record, [input("bool", [2, 3])], { axes: [1] }),
  sample(record, [i32([2, 3])], { axes: [0, 1] }),
  sample(record, [input("bool", [0])], { axes: [0] }),
];

const extremeIndex = (record: AnyPrimitive): Sample[] => [
  sample(record, [f64([2, 3])], { axes: [1], indexDtype: "int32" }),
  sample(record, [f32([3, 4], -2, 2, "reversed")], { axes: [0], indexDtype: "int32" }),
  sample(record, [i32([6], 0, 3)], { axes: [0], indexDtype: "int32" }),
  sample(record, [f32([1])], { axes: [0], indexDtype: "int32" }),
];

const running = (record: AnyPrimitive, integers: boolean): Sample[] => [
  sample(record, [f64([2, 5])], { axis: 1, reverse: false }),
  sample(record, [f64([3, 2])], { axis: 0, reverse: true }),
  sample(record, [f32([4, 3], -2, 2, "transposed")], { axis: 0, reverse: false }),
  sample(record, [f32([0, 2])], { axis: 0, reverse: false }),
  sample(record, [f32([1])], { axis: 0, reverse: true }),
  ...(integers ? [sample(record, [i32([5])], { axis: 0, reverse: false })] : []),
];

const window = (windowDimensions: number[], windowStrides: number[], windowDilation: number[]) => ({
  windowDimensions,
  windowStrides,
  windowDilation,
});
const windowed = (record: AnyPrimitive): Sample[] => [
  sample(record, [f64([5, 4])], window([2, 2], [1, 2], [1, 1])),
  sample(record, [f32([7])], window([2], [2], [3])),
  sample(record, [f32([3], -2, 2, "reversed")], window([3], [1], [1])),
  sample(record, [f32([1])], window([1], [1], [1])),
  sample(record, [f32([1])], window([2], [1], [1])),
];

const dot = (contract: [number[], number[]], batch: [number[], number[]] = [[], []]) => ({
  dimensionNumbers: [contract, batch],
  preferredElementType: null,
});

const conv = (n: number, more: object = {}) => ({
  windowStrides: Array.from({ length: n }, () => 1),
  padding: Array.from({ length: n }, () => [0, 0]),
  lhsDilation: Array.from({ length: n }, () => 1),
  rhsDilation: Array.from({ length: n }, () => 1),
  featureGroupCount: 1,
  ...more,
});

const factor = (record: AnyPrimitive, x: Input, params: object = {}, call?: (x: Tracer) => Tracer[]): Sample =>
  sample(record, [x], params, {
    slack: 20,
    ...(call === undefined ? {} : { call: ([a]: readonly Tracer[]) => owned(() => call(a!)) }),
  });
const solve = (a: Input, b: Input, lower: boolean, transpose: boolean, unit: boolean): Sample =>
  sample(ops.triangular_solve_p, [a, b], { lower, transpose, unit_diagonal: unit }, { slack: 20 });

export const reductionSamples: readonly Sample[] = [
  ...[ops.reduce_sum_p, ops.reduce_prod_p].flatMap((r) => reductions(r, true)),
  ...[ops.reduce_max_p, ops.reduce_min_p].flatMap((r) => [
    ...reductions(r, false),
    sample(r, [input("bool", [2, 2])], { axes: [0] }),
  ]),
  ...[ops.reduce_and_p, ops.reduce_or_p].flatMap(logical),
  ...[ops.argmax_p, ops.argmin_p].flatMap(extremeIndex),
  ...[ops.cumsum_p, ops.cumprod_p, ops.cummax_p, ops.cummin_p].flatMap((r) => running(r, true)),
  ...running(ops.cumlogsumexp_p, false),
  ...[ops.windows_p, ops.reduce_window_max_p, ops.reduce_window_min_p].flatMap(windowed),

  sample(ops.dot_general_p, [f64([2, 3]), f64([3, 4])], dot([[1], [0]])),
  sample(ops.dot_general_p, [f64([2, 3, 2]), f64([2, 2, 3])], dot([[1], [2]], [[0], [1]])),
  sample(
    ops.dot_general_p,
    [f64([2, 3]), f64([2, 3])],
    dot([
      [0, 1],
      [0, 1],
    ]),
  ),
  sample(
    ops.dot_general_p,
    [f64([2, 3, 4]), f64([4, 3])],
    dot([
      [2, 1],
      [0, 1],
    ]),
  ),
  sample(ops.dot_general_p, [f32([3, 2], -2, 2, "transposed"), f32([2, 5])], dot([[1], [0]])),
  sample(ops.dot_general_p, [f32([2]), f32([3])], dot([[], []])),
  sample(ops.dot_general_p, [f32([2, 0]), f32([0, 3])], dot([[1], [0]])),
  sample(ops.dot_general_p, [f32([0, 3]), f32([3, 2])], dot([[1], [0]])),
  sample(ops.dot_general_p, [f32([1, 1]), f32([1, 1])], dot([[1], [0]])),
  sample(ops.dot_general_p, [i32([2, 3]), i32([3, 2])], dot([[1], [0]])),

  sample(ops.conv_general_dilated_p, [f64([2, 2, 5]), f64([3, 2, 2])], conv(1)),
  sample(ops.conv_general_dilated_p, [f64([1, 2, 4, 4]), f64([2, 2, 2, 3])], conv(2, { windowStrides: [2, 1], padding: [[1, 0], [1, 1]] })), // prettier-ignore
  sample(
    ops.conv_general_dilated_p,
    [f64([1, 4, 4]), f64([4, 2, 2])],
    conv(1, { featureGroupCount: 2, rhsDilation: [2] }),
  ),
  sample(
    ops.conv_general_dilated_p,
    [f64([2, 1, 3]), f64([1, 1, 3])],
    conv(1, { lhsDilation: [2], padding: [[2, 1]] }),
  ),
  sample(ops.conv_general_dilated_p, [f32([1, 1, 3, 3]), f32([1, 1, 3, 3])], conv(2)),
  sample(ops.conv_general_dilated_p, [f32([0, 1, 3]), f32([2, 1, 2])], conv(1)),
  sample(ops.conv_general_dilated_p, [i32([1, 1, 4]), i32([1, 1, 2])], conv(1)),

  ...[
    strongDiagonal("float64", [3, 3]),
    strongDiagonal("float64", [2, 2, 2]),
    strongDiagonal("float32", [1, 1]),
  ].flatMap((x) => [
    factor(ops.cholesky_p, x, {}, (a) => [ops.cholesky(a)]),
    factor(ops.eigh_p, x, {}, ops.eigh),
    factor(ops.lu_p, x),
    factor(ops.qr_p, x, { full: false }),
    factor(ops.svd_p, x, { full: false }),
  ]),
  ...[strongDiagonal("float64", [3, 3]), strongDiagonal("float32", [2, 2, 2]), f32([1, 1])].flatMap((x) => [
    sample(ops.schur_p, [x]),
    sample(ops.geqrf_p, [x], { pivoting: false }),
    sample(ops.hessenberg_p, [x]),
    sample(ops.tridiagonal_p, [x], { lower: true }),
  ]),
  // Vectors come too, and have no derivatives here: so no differences in float64.
  ...[strongDiagonal("float32", [3, 3]), strongDiagonal("float32", [2, 2, 2]), f32([1, 1])].map((x) =>
    sample(ops.eig_p, [x], { left: false, right: false, vectorDerivatives: false }, { slack: 10 }),
  ),
  factor(ops.qr_p, f32([3, 2]), { full: true }),
  factor(ops.qr_p, f64([4, 2]), { full: false }),
  factor(ops.svd_p, f64([3, 2]), { full: false }),
  factor(ops.svd_p, f64([2, 3]), { full: false }),
  factor(ops.svd_p, f32([3, 2]), { full: true }),
  factor(ops.lu_p, f64([2, 4])),
  factor(ops.lu_p, f64([4, 2])),
  factor(ops.cholesky_p, f32([0, 2, 2]), {}, (a) => [ops.cholesky(a)]),
  solve(strongDiagonal("float64", [3, 3]), f64([3, 2]), true, false, false),
  solve(strongDiagonal("float64", [2, 2, 2]), f64([2, 2, 1]), false, true, false),
  solve(strongDiagonal("float64", [3, 3]), f64([3, 1]), true, true, true),
  solve(strongDiagonal("float32", [2, 2]), f32([2, 0]), true, false, false),
  sample(ops.fft_p, [f64([2, 4]), f64([2, 4], -1, 3)], { inverse: false }),
  sample(ops.fft_p, [f64([6]), f64([6], -1, 3)], { inverse: true }),
  sample(ops.fft_p, [f32([5]), f32([5], -1, 3)], { inverse: false }),
  sample(ops.fft_p, [f32([1]), f32([1], -1, 3)], { inverse: false }),
  sample(ops.fft_p, [f32([0, 2]), f32([0, 2])], { inverse: false }),
];
