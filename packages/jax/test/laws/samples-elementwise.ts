/** Samples of operations that work element by element. */
import type { DType } from "../../src/aval/dtype";
import type { AnyPrimitive } from "../../src/core/primitive";
import * as ops from "../../src/ops/index";
import { type Sample, f32, f64, input, sample } from "./sample";

type Range = readonly [number, number];

/** Records of one float, with the range they are tried in: away from poles and kinks. */
const FLOAT: readonly (readonly [AnyPrimitive, Range])[] = [
  [ops.sin_p, [-3, 3]],
  [ops.cos_p, [-3, 3]],
  [ops.tan_p, [-1.2, 1.2]],
  [ops.asin_p, [-0.8, 0.8]],
  [ops.acos_p, [-0.8, 0.8]],
  [ops.atan_p, [-3, 3]],
  [ops.sinh_p, [-2, 2]],
  [ops.cosh_p, [-2, 2]],
  [ops.tanh_p, [-2, 2]],
  [ops.asinh_p, [-3, 3]],
  [ops.acosh_p, [1.5, 4]],
  [ops.atanh_p, [-0.8, 0.8]],
  [ops.exp_p, [-2, 2]],
  [ops.exp2_p, [-2, 2]],
  [ops.expm1_p, [-2, 2]],
  [ops.log_p, [0.25, 4]],
  [ops.log1p_p, [-0.5, 3]],
  [ops.logistic_p, [-3, 3]],
  [ops.sqrt_p, [0.25, 4]],
  [ops.rsqrt_p, [0.25, 4]],
  [ops.cbrt_p, [0.25, 4]],
  [ops.erf_p, [-2, 2]],
  [ops.erfc_p, [-2, 2]],
  [ops.erf_inv_p, [-0.8, 0.8]],
  [ops.lgamma_p, [0.5, 5]],
  [ops.digamma_p, [0.5, 5]],
  [ops.floor_p, [-3, 3]],
  [ops.ceil_p, [-3, 3]],
  [ops.is_finite_p, [-3, 3]],
];

const unaryShapes = (record: AnyPrimitive, [lo, hi]: Range, params: object = {}): Sample[] => [
  sample(record, [f64([2, 3], lo, hi)], params),
  sample(record, [f32([3, 2], lo, hi, "transposed")], params),
  sample(record, [f32([], lo, hi)], params),
  sample(record, [f32([0, 2], lo, hi)], params),
  sample(record, [f32([1], lo, hi)], params),
];

/** Records of numbers of all kinds. */
const NUMBER: readonly AnyPrimitive[] = [ops.neg_p, ops.abs_p, ops.sign_p];
const INTEGERS: readonly DType[] = ["int32", "uint32", "int8", "uint8", "int16", "uint16"];

const binary = (record: AnyPrimitive, lo: Range, hi: Range): Sample[] => [
  sample(record, [f64([2, 3], ...lo), f64([2, 3], ...hi)]),
  sample(record, [f32([3, 2], ...lo, "transposed"), f32([3, 2], ...hi, "reversed")]),
  sample(record, [f32([], ...lo), f32([], ...hi)]),
  sample(record, [f32([0], ...lo), f32([0], ...hi)]),
  sample(record, [input("float16", [1, 4], ...lo), input("float16", [1, 4], ...hi)]),
];
const integerPairs = (record: AnyPrimitive, dtypes: readonly DType[], lo: Range, hi: Range): Sample[] =>
  dtypes.map((d) => sample(record, [input(d, [5], ...lo), input(d, [5], ...hi)]));

const WIDE: Range = [-4, 5];
const SHIFTS: Range = [0, 7];
const COMPARISONS: readonly AnyPrimitive[] = [ops.eq_p, ops.ne_p, ops.lt_p, ops.le_p, ops.gt_p, ops.ge_p];
const SHIFT_RECORDS: readonly AnyPrimitive[] = [
  ops.shift_left_p,
  ops.shift_right_logical_p,
  ops.shift_right_arithmetic_p,
];

export const elementwiseSamples: readonly Sample[] = [
  ...FLOAT.flatMap(([record, at]) => unaryShapes(record, at)),
  ...NUMBER.flatMap((record) => [
    ...unaryShapes(record, [-2, 2]),
    ...INTEGERS.map((d) => sample(record, [input(d, [4], -3, 4)])),
  ]),
  ...[0, 1].flatMap((roundingMethod) => unaryShapes(ops.round_p, [-3, 3], { roundingMethod })),
  ...[2, 3, 0, -2].flatMap((y) => unaryShapes(ops.integer_pow_p, [0.5, 2], { y })),
  sample(ops.integer_pow_p, [input("int32", [4], -3, 4)], { y: 3 }),
  ...[ops.copy_p, ops.optimization_barrier_p, ops.stop_gradient_p].flatMap((record) => [
    ...unaryShapes(record, [-2, 2]),
    sample(record, [input("int32", [3], ...WIDE)]),
  ]),

  ...[ops.add_p, ops.sub_p, ops.mul_p].flatMap((record) => [
    ...binary(record, [-2, 2], [-1.5, 2.25]),
    ...integerPairs(record, INTEGERS, WIDE, [-3, 4]),
  ]),
  ...[ops.div_p, ops.rem_p].flatMap((record) => [
    ...binary(record, [-4, 4], [0.75, 2]),
    ...integerPairs(record, INTEGERS, [-9, 9], [1, 4]),
  ]),
  ...[ops.max_p, ops.min_p].flatMap((record) => [
    ...binary(record, [-2, 2], [-1.5, 2.25]),
    ...integerPairs(record, ["int32", "uint8", "bool"], WIDE, [-3, 4]),
  ]),
  ...binary(ops.pow_p, [0.5, 2], [-2, 2]),
  ...binary(ops.atan2_p, [-2, 2], [0.5, 2]),
  sample(ops.nextafter_p, [f32([3], -2, 2), f32([3], -1.5, 2.25)]),
  sample(ops.nextafter_p, [f32([0]), f32([0])]),
  ...COMPARISONS.flatMap((record) => [
    ...binary(record, [-2, 2], [-1.5, 2.25]),
    ...integerPairs(record, ["int32", "uint32", "int8", "bool"], [-2, 3], [-1, 2]),
  ]),

  ...[ops.not_p, ops.population_count_p, ops.clz_p].flatMap((record) =>
    INTEGERS.map((d) => sample(record, [input(d, [4], -9, 9)])),
  ),
  sample(ops.not_p, [input("bool", [2, 3])]),
  sample(ops.clz_p, [input("int32", [0])]),
  ...[ops.and_p, ops.or_p, ops.xor_p].flatMap((record) => [
    ...integerPairs(record, [...INTEGERS, "bool"], [-9, 9], [-5, 7]),
    sample(record, [input("bool", []), input("bool", [])]),
    sample(record, [input("int32", [0]), input("int32", [0])]),
  ]),
  ...SHIFT_RECORDS.flatMap((record) => integerPairs(record, INTEGERS, [-9, 9], SHIFTS)),
  sample(
    ops.threefry2x32_p,
    [3, 5, 7, 11].map((hi) => input("uint32", [4], 0, hi * 1000)),
  ),
  sample(
    ops.threefry2x32_p,
    [3, 5, 7, 11].map((hi) => input("uint32", [], 0, hi)),
  ),

  ...(["float64", "float32", "int32", "uint8", "bool", "float16", "bfloat16"] as const).flatMap((newDtype) => [
    sample(ops.convert_element_type_p, [f64([2, 3])], { newDtype, weakType: false }),
    sample(ops.convert_element_type_p, [f32([3], 0, 9)], { newDtype, weakType: false }),
    sample(ops.convert_element_type_p, [input("int32", [3], 0, 9)], { newDtype, weakType: false }),
    sample(ops.convert_element_type_p, [input("bool", [])], { newDtype, weakType: false }),
  ]),
  sample(ops.convert_element_type_p, [f32([0])], { newDtype: "int32", weakType: false }),
  sample(ops.bitcast_convert_type_p, [f32([2, 3])], { newDtype: "int32" }),
  sample(ops.bitcast_convert_type_p, [input("int32", [3])], { newDtype: "float32" }),
  sample(ops.bitcast_convert_type_p, [input("float16", [3])], { newDtype: "uint16" }),
  sample(ops.bitcast_convert_type_p, [input("int8", [1])], { newDtype: "uint8" }),

  ...[[], [3], [2, 3], [0]].flatMap((shape) => [
    sample(ops.select_n_p, [input("bool", shape), f64(shape), f64(shape, 2, 4)]),
    sample(ops.select_n_p, [input("int32", shape, 0, 3), f32(shape), f32(shape, 2, 4), f32(shape, 5, 6)]),
  ]),
  sample(ops.select_n_p, [input("bool", []), f32([2, 2]), f32([2, 2], 2, 4)]),
  sample(ops.select_n_p, [input("int32", []), input("int32", [3]), input("int32", [3], 5, 9)]),
];
