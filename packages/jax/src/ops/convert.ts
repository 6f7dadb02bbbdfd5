/** Converting dtypes, reinterpreting bits, copies, and stopping gradients. */
import { type DType, dtypeInfo, isFloat, sizeBytesOf } from "../aval/dtype";
import { DTypeError } from "../base/errors";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import { Literal, type Tracer, literal } from "../core/tracer";
import type { Expr } from "../kernel/expr";
import { exprBarrier, exprScalar } from "../kernel/expr-build";
import { type NoParams } from "./families";

interface ConvertParams {
  readonly newDtype: DType;
  readonly weakType: boolean;
}

export const convert_element_type_p: Primitive<ConvertParams, 1> = {
  name: "convert_element_type",
  type([x], { newDtype, weakType }) {
    dtypeInfo(newDtype);
    return [x.withDType(newDtype, weakType)];
  },
  derivative: {
    kind: "jvp",
    jvp([x], [dx], params) {
      const out = bind1(convert_element_type_p, [x], params);
      const smooth = dx !== null && isFloat(params.newDtype);
      return [[out], [smooth ? bind1(convert_element_type_p, [dx], params) : null]];
    },
    transpose: ([ct], _xs, [x]) => [convertElementType(ct!, x.dtype, x.weakType)],
  },
  batch: ([x], [d], _size, params) => [[bind1(convert_element_type_p, [x], params)], [d]],
  lower: ([x], _avals, { newDtype }) => [exprScalar("cast", [x], newDtype)],
};

/**
 * x in another dtype: floats to integers truncate and saturate, NaN gives 0; integers wrap.
 *
 * Gradient: identity between floating dtypes.
 * @example
 * lax.convertElementType(np.array([1.7, -1.7]), "int32").js(); // => [1, -1]
 */
export function convertElementType(x: Tracer, dtype: DType, weakType = false): Tracer {
  if (x.dtype === dtype && x.weakType === weakType) return x;
  if (x instanceof Literal) {
    const converted = literalIn(x.value, dtype);
    if (converted !== null) return literal(converted, dtype, weakType);
  }
  return bind1(convert_element_type_p, [x], { newDtype: dtype, weakType });
}

/** A scalar converted now, where JS numbers do it exactly. */
function literalIn(value: number, dtype: DType): number | null {
  if (dtype === "float64") return value;
  if (dtype === "float32") return Math.fround(value);
  if (dtype === "bool") return value !== 0 ? 1 : 0;
  const small = Number.isInteger(value) && !Object.is(value, -0);
  if (dtype === "int32" && small && Math.abs(value) < 2 ** 31) return value;
  if (dtype === "uint32" && small && value >= 0 && value < 2 ** 32) return value;
  return null;
}

interface BitcastParams {
  readonly newDtype: DType;
}

export const bitcast_convert_type_p: Primitive<BitcastParams, 1> = {
  name: "bitcast_convert_type",
  type([x], { newDtype }) {
    if (sizeBytesOf(x.dtype) !== sizeBytesOf(newDtype) || (x.dtype === "bool") !== (newDtype === "bool")) {
      throw new DTypeError(`bitcast_convert_type: dtypes must have equal widths, got ${x} to ${newDtype}`);
    }
    return [x.withDType(newDtype)];
  },
  derivative: { kind: "zero", because: "bits are not a smooth function of the value" },
  batch: ([x], [d], _size, params) => [[bind1(bitcast_convert_type_p, [x], params)], [d]],
  lower: ([x], _avals, { newDtype }) => [exprScalar("bitcast", [x], newDtype)],
};

/**
 * The bits of x as another dtype of the same width.
 *
 * Errors: DTypeError if widths differ.
 * @example
 * lax.bitcastConvertType(np.array([1]), "int32").js(); // => [1065353216]
 */
export function bitcastConvertType(x: Tracer, dtype: DType): Tracer {
  return x.dtype === dtype ? x : bind1(bitcast_convert_type_p, [x], { newDtype: dtype });
}

const same = (record: () => Primitive<NoParams, 1>) =>
  ({
    type: ([x]) => [x],
    batch: ([x], [d]) => [[bind1(record(), [x], {})], [d]],
    lower: ([x]: readonly [Expr]) => [x],
  }) satisfies Pick<Primitive<NoParams, 1>, "type" | "batch" | "lower">;

export const stop_gradient_p: Primitive<NoParams, 1> = {
  name: "stop_gradient",
  derivative: { kind: "zero", because: "that is its purpose" },
  .../* @__PURE__ */ same(() => stop_gradient_p),
};

/**
 * x, with a derivative of zero.
 * @example
 * grad((x) => lax.stopGradient(x).mul(x))(np.array(3)).item(); // => 3
 */
export function stopGradient(x: Tracer): Tracer {
  return bind1(stop_gradient_p, [x], {});
}

export const copy_p: Primitive<NoParams, 1> = {
  name: "copy",
  derivative: { kind: "linear", transpose: ([ct]) => [ct!] },
  .../* @__PURE__ */ same(() => copy_p),
};

/** x as a value of its own: a new handle, and an array where x is a constant scalar. */
export function copy(x: Tracer): Tracer {
  return bind1(copy_p, [x], {});
}

export const optimization_barrier_p: Primitive<NoParams, 1> = {
  name: "optimization_barrier",
  derivative: { kind: "linear", transpose: ([ct]) => [ct!] },
  .../* @__PURE__ */ same(() => optimization_barrier_p),
  lower: ([x]) => [exprBarrier(x)],
};

/** x, of which the compiler does not know that it is x: what is computed from it is not shared with what is computed from x. */
export function optimizationBarrier(x: Tracer): Tracer {
  return bind1(optimization_barrier_p, [x], {});
}
