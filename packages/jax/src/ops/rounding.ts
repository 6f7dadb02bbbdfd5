/** Functions that are constant between their jumps, and the neighbours of floats. */
import { bind1 } from "../core/interpreter";
import { sizeBytesOf } from "../aval/dtype";
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import type { Expr } from "../kernel/expr";
import type { ScalarOp } from "../kernel/scalar-op";
import { exprFull, exprScalar } from "../kernel/expr-build";
import { type NoParams, binary, binaryOp, checkElementwise, unary, unaryOp } from "./families";

const constantLike = (value: number, x: Expr): Expr => exprFull(value, x.shape, x.dtype);

const stepwise = { kind: "zero", because: "it is constant between its jumps" } as const;

export const sign_p: Primitive<NoParams, 1> = /* @__PURE__ */ unary({
  name: "sign",
  op: "sign",
  accepts: "number",
  derivative: stepwise,
});

export const floor_p: Primitive<NoParams, 1> = /* @__PURE__ */ unary({
  name: "floor",
  op: "floor",
  accepts: "float",
  derivative: stepwise,
});

export const ceil_p: Primitive<NoParams, 1> = /* @__PURE__ */ unary({
  name: "ceil",
  op: "ceil",
  accepts: "float",
  derivative: stepwise,
});

export const is_finite_p: Primitive<NoParams, 1> = /* @__PURE__ */ unary({
  name: "is_finite",
  op: "is_finite",
  accepts: "float",
  result: "bool",
  derivative: { kind: "zero", because: "its result is bool" },
});

export const nextafter_p: Primitive<NoParams, 2> = /* @__PURE__ */ binary({
  name: "nextafter",
  op: (x, y) => (sizeBytesOf(x.dtype) === 2 ? nextNarrow(x, y) : exprScalar("nextafter", [x, y])),
  accepts: "float",
  derivative: { kind: "refused", because: "it is not a smooth function" },
});

/** Floats of 16 bits are computed in float32, whose next value is another: the next bits, counted away from zero. */
function nextNarrow(x: Expr, y: Expr): Expr {
  const op = (name: ScalarOp, ...args: Expr[]): Expr => exprScalar(name, args);
  const int = (value: number): Expr => exprFull(value, x.shape, "int32");
  const zero = constantLike(0, x);
  const down = op("lt", y, x);
  const step = op("select", op("xor", down, op("lt", x, zero)), int(-1), int(1));
  const bits = op("add", exprScalar("cast", [exprScalar("bitcast", [x], "int16")], "int32"), step);
  const next = op("select", op("eq", x, zero), op("select", down, int(-0x7fff), int(1)), bits);
  const moved = exprScalar("bitcast", [exprScalar("cast", [next], "int16")], x.dtype);
  const nan = op("or", op("ne", x, x), op("ne", y, y));
  return op("select", nan, constantLike(NaN, x), op("select", op("eq", x, y), y, moved));
}

interface RoundParams {
  /** 0: halves away from zero; 1: halves to even. */
  readonly roundingMethod: number;
}

export const round_p: Primitive<RoundParams, 1> = {
  name: "round",
  derivative: stepwise,
  type: ([x]) => [checkElementwise("round", [x], "float")],
  batch: ([x], [d], _size, params) => [[bind1(round_p, [x], params)], [d]],
  lower([x], _avals, { roundingMethod }) {
    if (roundingMethod === 1) return [exprScalar("round", [x])];
    // trunc(|x| + the number just below 1/2), with the sign of x.
    const abs = exprScalar("abs", [x]);
    const whole = exprScalar("floor", [abs]);
    const up = exprScalar("le", [constantLike(0.5, x), exprScalar("sub", [abs, whole])]);
    const rounded = exprScalar("select", [up, exprScalar("add", [whole, constantLike(1, x)]), whole]);
    const negative = exprScalar("lt", [x, constantLike(0, x)]);
    const signed = exprScalar("select", [negative, exprScalar("neg", [rounded]), rounded]);
    // -0 keeps its sign
    return [exprScalar("select", [exprScalar("eq", [x, constantLike(0, x)]), x, signed])];
  },
};
/**
 * -1, 0 or 1.
 * @example
 * lax.sign(np.array([-2, 0])).js(); // => [-1, 0]
 */
export const sign = /* @__PURE__ */ unaryOp(sign_p);
/**
 * Greatest whole number that is not greater.
 * @example
 * lax.floor(np.array([1.5, -1.5])).js(); // => [1, -2]
 */
export const floor = /* @__PURE__ */ unaryOp(floor_p);
/**
 * Least whole number that is not less.
 * @example
 * lax.ceil(np.array([1.5, -1.5])).js(); // => [2, -1]
 */
export const ceil = /* @__PURE__ */ unaryOp(ceil_p);
/**
 * Nearest whole number: halves away from zero (0, the default), or to even (1).
 * @example
 * lax.round(np.array([2.5, -0.5])).js(); // => [3, -1]
 */
export function round(x: Tracer, roundingMethod = 0): Tracer {
  return bind1(round_p, [x], { roundingMethod });
}

/**
 * True where x is neither infinite nor NaN.
 * @example
 * lax.isFinite(np.array([1, Infinity])).js(); // => [true, false]
 */
export const isFinite = /* @__PURE__ */ unaryOp(is_finite_p);
/** The next representable value after x in the direction of y. */
export const nextafter = /* @__PURE__ */ binaryOp(nextafter_p);
