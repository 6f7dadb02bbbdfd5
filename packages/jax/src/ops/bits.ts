/** Operations on bits. For bool they are the logical ones. */
import type { DType } from "../aval/dtype";
import type { Primitive } from "../core/primitive";
import { exprScalar } from "../kernel/expr-build";
import type { ScalarOp } from "../kernel/scalar-op";
import { type Accepts, type NoParams, binary, binaryOp, unary, unaryOp } from "./families";

const SIGNED: Partial<Record<DType, DType>> = { uint8: "int8", uint16: "int16" };

const none = { kind: "zero", because: "bits are not a smooth function of the value" } as const;
const one = (name: string, op: ScalarOp, accepts: Accepts): Primitive<NoParams, 1> =>
  unary({ name, op, accepts, derivative: none });
const two = (name: string, op: ScalarOp, accepts: Accepts): Primitive<NoParams, 2> =>
  binary({ name, op, accepts, derivative: none });

export const not_p = /* @__PURE__ */ one("not", "not", "bitwise");
export const population_count_p = /* @__PURE__ */ one("population_count", "popcount", "integer");
export const clz_p = /* @__PURE__ */ one("clz", "clz", "integer");
export const and_p = /* @__PURE__ */ two("and", "and", "bitwise");
export const or_p = /* @__PURE__ */ two("or", "or", "bitwise");
export const xor_p = /* @__PURE__ */ two("xor", "xor", "bitwise");
export const shift_left_p = /* @__PURE__ */ two("shift_left", "shl", "integer");
export const shift_right_logical_p = /* @__PURE__ */ two("shift_right_logical", "shr_logical", "integer");
export const shift_right_arithmetic_p: Primitive<NoParams, 2> = {
  .../* @__PURE__ */ two("shift_right_arithmetic", "shr_arithmetic", "integer"),
  // The top bit is the sign in narrow unsigned dtypes too, which are computed in 32 bits.
  lower([x, y]) {
    const signed = SIGNED[x.dtype];
    if (signed === undefined) return [exprScalar("shr_arithmetic", [x, y])];
    const shifted = exprScalar("shr_arithmetic", [exprScalar("cast", [x], signed), exprScalar("cast", [y], signed)]);
    return [exprScalar("cast", [shifted], x.dtype)];
  },
};

/** All bits inverted. */
export const not = /* @__PURE__ */ unaryOp(not_p);
/** Number of bits that are 1. */
export const populationCount = /* @__PURE__ */ unaryOp(population_count_p);
/** Number of leading bits that are 0. */
export const clz = /* @__PURE__ */ unaryOp(clz_p);
/** Bits that are 1 in both. */
export const and = /* @__PURE__ */ binaryOp(and_p);
/** Bits that are 1 in one or both. */
export const or = /* @__PURE__ */ binaryOp(or_p);
/** Bits that are 1 in one of both. */
export const xor = /* @__PURE__ */ binaryOp(xor_p);
/** `x << y`; 0 for y of at least the bit width. */
export const shiftLeft = /* @__PURE__ */ binaryOp(shift_left_p);
/** `x >> y` with zeros coming in. */
export const shiftRightLogical = /* @__PURE__ */ binaryOp(shift_right_logical_p);
/** `x >> y` with the sign bit coming in. */
export const shiftRightArithmetic = /* @__PURE__ */ binaryOp(shift_right_arithmetic_p);
