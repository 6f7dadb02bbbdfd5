/** Reductions over axes. */
import { type DType, isFloat, isUnsigned, sizeBytesOf } from "../aval/dtype";
import { type Aval, ShapedArray } from "../aval/shaped-array";
import { DTypeError, ShapeError } from "../base/errors";
import { prod, range, without } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { Derivative, Primitive } from "../core/primitive";
import { type Tracer, literal } from "../core/tracer";
import { exprFull, exprReduce } from "../kernel/expr-build";
import type { ReduceOp } from "../kernel/scalar-op";
import { add, div, mul } from "./arith";
import { broadcastInDim } from "./broadcast";
import { eq } from "./compare";
import { convertElementType } from "./convert";
import { type Accepts } from "./families";
import { reshape } from "./reshape";
import { pad, slice } from "./slice";
import { transpose } from "./transpose";

interface ReduceParams {
  readonly axes: readonly number[];
}

function checkAxes(name: string, x: Aval, axes: readonly number[]): void {
  if (new Set(axes).size !== axes.length || axes.some((a) => !Number.isInteger(a) || a < 0 || a >= x.ndim)) {
    throw new ShapeError(`${name}: axes [${axes.join(",")}] are not distinct axes of ${x}`);
  }
}

interface ReduceSpec {
  readonly name: string;
  readonly op: ReduceOp;
  readonly accepts: Accepts;
  readonly derivative: Derivative<ReduceParams, 1>;
}

/** What is less, or greater, than all others of a dtype. */
export function extremeOfNothing(op: "max" | "min", dtype: DType): number {
  if (isFloat(dtype)) return op === "max" ? -Infinity : Infinity;
  const bits = dtype === "bool" ? 1 : 8 * sizeBytesOf(dtype);
  if (dtype === "bool" || isUnsigned(dtype)) return op === "max" ? 0 : 2 ** bits - 1;
  return op === "max" ? -(2 ** (bits - 1)) : 2 ** (bits - 1) - 1;
}

function reduction({ name, op, accepts, derivative }: ReduceSpec): Primitive<ReduceParams, 1> {
  const record: Primitive<ReduceParams, 1> = {
    name,
    derivative,
    type([x], { axes }) {
      checkAxes(name, x, axes);
      if (accepts === "number" && x.dtype === "bool")
        throw new DTypeError(`${name}: expected a number, got ${x}; convert with x.astype("int32")`);
      if (accepts === "bitwise" && isFloat(x.dtype))
        throw new DTypeError(`${name}: expected an integer or bool dtype, got ${x}`);
      return [x.withShape(without(x.shape, axes))];
    },
    batch([x], [d], _size, { axes }) {
      const at = d!;
      const moved = axes.map((a) => (a < at ? a : a + 1));
      return [[bind1(record, [x], { axes: moved })], [at - moved.filter((a) => a < at).length]];
    },
    lower([x], [aval], { axes }) {
      // Kernels compute narrow integers as int32, whose extremes they have not.
      const isEmpty = (op === "max" || op === "min") && axes.some((a) => aval.shape[a] === 0);
      if (isEmpty) return [exprFull(extremeOfNothing(op, x.dtype), without(aval.shape, axes), x.dtype)];
      return [exprReduce(op, x, axes)];
    },
  };
  return record;
}

/** y, an array without `axes`, repeated along them to the shape of x. */
const spread = (y: Tracer, x: Aval, axes: readonly number[]): Tracer =>
  broadcastInDim(y, x.shape, without(range(x.ndim), axes));

export const reduce_sum_p: Primitive<ReduceParams, 1> = /* @__PURE__ */ reduction({
  name: "reduce_sum",
  op: "add",
  accepts: "number",
  derivative: { kind: "linear", transpose: ([ct], [x], { axes }) => [spread(ct!, x, axes)] },
});

/** The tangent is the mean of the tangents of all elements that have the extreme value. */
function extreme(name: string, op: "max" | "min"): Primitive<ReduceParams, 1> {
  const record: Primitive<ReduceParams, 1> = reduction({
    name,
    op,
    accepts: "any",
    derivative: {
      kind: "jvp",
      jvp([x], [dx], params) {
        const y = bind1(record, [x], params);
        const where = convertElementType(eq(x, spread(y, x.aval, params.axes)), x.dtype);
        const count = reduceSum(where, params.axes);
        return [[y], [div(reduceSum(mul(dx!, where), params.axes), count)]];
      },
    },
  });
  return record;
}

export const reduce_max_p = /* @__PURE__ */ extreme("reduce_max", "max");
export const reduce_min_p = /* @__PURE__ */ extreme("reduce_min", "min");

/** Product and its tangent by halving, so that zeros among the elements do no harm. */
function productTangent(x: Tracer, dx: Tracer, axes: readonly number[]): Tracer {
  const rest = without(range(x.ndim), axes);
  const kept = rest.map((a) => x.shape[a]!);
  const rows = (t: Tracer): Tracer =>
    reshape(transpose(t, [...rest, ...axes]), [prod(kept), prod(x.shape) / Math.max(1, prod(kept))]);
  let n = axes.reduce((size, a) => size * x.shape[a]!, 1);
  if (n === 0 || prod(kept) === 0) return reduceSum(dx, axes);
  let [p, t] = [rows(x), rows(dx)];
  while (n > 1) {
    const half = Math.ceil(n / 2);
    const parts = (y: Tracer, fill: number): [Tracer, Tracer] => {
      const even = n % 2 === 0 ? y : pad(y, literal(fill, y.dtype), [0, 0], [0, 1]);
      return [slice(even, [0, 0], [even.shape[0]!, half]), slice(even, [0, half], [even.shape[0]!, 2 * half])];
    };
    const [[p1, p2], [t1, t2]] = [parts(p, 1), parts(t, 0)];
    [p, t] = [mul(p1, p2), add(mul(t1, p2), mul(p1, t2))];
    n = half;
  }
  return reshape(t, kept);
}

export const reduce_prod_p: Primitive<ReduceParams, 1> = /* @__PURE__ */ reduction({
  name: "reduce_prod",
  op: "mul",
  accepts: "number",
  derivative: { kind: "jvp", jvp: ([x], [dx], { axes }) => [[reduceProd(x, axes)], [productTangent(x, dx!, axes)]] },
});

const logical = { kind: "zero", because: "its result is not a float" } as const;
export const reduce_and_p = /* @__PURE__ */ reduction({
  name: "reduce_and",
  op: "and",
  accepts: "bitwise",
  derivative: logical,
});
export const reduce_or_p = /* @__PURE__ */ reduction({
  name: "reduce_or",
  op: "or",
  accepts: "bitwise",
  derivative: logical,
});

interface ArgParams {
  readonly axes: readonly number[];
  readonly indexDtype: "int32";
}

function argExtreme(name: string, op: "argmax" | "argmin"): Primitive<ArgParams, 1> {
  const record: Primitive<ArgParams, 1> = {
    name,
    derivative: { kind: "zero", because: "its result is an index" },
    type([x], { axes }) {
      checkAxes(name, x, axes);
      if (axes.length !== 1) throw new ShapeError(`${name}: expected one axis, got [${axes.join(",")}]`);
      if (x.shape[axes[0]!] === 0) throw new ShapeError(`${name}: axis ${axes[0]} of ${x} has no elements`);
      return [ShapedArray.of(without(x.shape, axes), "int32")];
    },
    batch([x], [d], _size, p) {
      const at = d!;
      const axis = p.axes[0]!;
      const moved = axis < at ? axis : axis + 1;
      return [[bind1(record, [x], { ...p, axes: [moved] })], [moved < at ? at - 1 : at]];
    },
    lower: ([x], _avals, { axes }) => [exprReduce(op, x, axes)],
  };
  return record;
}

export const argmax_p = /* @__PURE__ */ argExtreme("argmax", "argmax");
export const argmin_p = /* @__PURE__ */ argExtreme("argmin", "argmin");

const over =
  (record: Primitive<ReduceParams, 1>) =>
  (x: Tracer, axes: readonly number[]): Tracer =>
    axes.length === 0 ? x : bind1(record, [x], { axes: [...axes].sort((a, b) => a - b) });

/** Sum over axes; f16 and bf16 are summed in f32 inside. */
export const reduceSum = /* @__PURE__ */ over(reduce_sum_p);
/** Greatest over axes; NaN if any is. */
export const reduceMax = /* @__PURE__ */ over(reduce_max_p);
/** Least over axes; NaN if any is. */
export const reduceMin = /* @__PURE__ */ over(reduce_min_p);
/** Product over axes. */
export const reduceProd = /* @__PURE__ */ over(reduce_prod_p);
/** Bits that are 1 in all; for bool, whether all are true. */
export const reduceAnd = /* @__PURE__ */ over(reduce_and_p);
/** Bits that are 1 in any; for bool, whether any is true. */
export const reduceOr = /* @__PURE__ */ over(reduce_or_p);
/** Index of the first greatest along an axis, int32; the first NaN wins. */
export const argmax = (x: Tracer, axis: number): Tracer => bind1(argmax_p, [x], { axes: [axis], indexDtype: "int32" });
/** Index of the first least along an axis, int32; the first NaN wins. */
export const argmin = (x: Tracer, axis: number): Tracer => bind1(argmin_p, [x], { axes: [axis], indexDtype: "int32" });
