/** Arithmetic. */
import { isFloat } from "../aval/dtype";
import { DTypeError } from "../base/errors";
import { bind1 } from "../core/interpreter";
import type { Primitive, Tangent } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { exprFull, exprScalar } from "../kernel/expr-build";
import type { Expr } from "../kernel/expr";
import { broadcastTo, fullLike, onesLike, zerosLike } from "./broadcast";
import { eq, gt, lt } from "./compare";
import { log } from "./exp";
import { type NoParams, binary, checkElementwise, unary } from "./families";
import { where } from "./select";

const NONE: NoParams = {};
const unaryOp =
  (record: Primitive<NoParams, 1>) =>
  (x: Tracer): Tracer =>
    bind1(record, [x], NONE);
const binaryOp =
  (record: Primitive<NoParams, 2>) =>
  (x: Tracer, y: Tracer): Tracer =>
    bind1(record, [x, y], NONE);

/** Sum of two tangents of which either may be missing. */
export const addTangents = (a: Tangent, b: Tangent): Tangent => (a === null ? b : b === null ? a : add(a, b));

export const neg_p: Primitive<NoParams, 1> = /* @__PURE__ */ unary({
  name: "neg",
  op: "neg",
  accepts: "number",
  derivative: { kind: "linear", transpose: ([ct]) => [neg(ct!)] },
});

export const add_p: Primitive<NoParams, 2> = /* @__PURE__ */ binary({
  name: "add",
  op: "add",
  accepts: "any",
  derivative: {
    kind: "jvp",
    jvp: ([x, y], [dx, dy]) => [[add(x, y)], [addTangents(dx, dy)]],
    transpose: ([ct], xs) => xs.map((x) => (x === null ? ct! : null)),
  },
});

export const sub_p: Primitive<NoParams, 2> = /* @__PURE__ */ binary({
  name: "sub",
  op: "sub",
  accepts: "number",
  derivative: {
    kind: "jvp",
    jvp: ([x, y], [dx, dy]) => [[sub(x, y)], [dy === null ? dx : dx === null ? neg(dy) : sub(dx, dy)]],
    transpose: ([ct], [x, y]) => [x === null ? ct! : null, y === null ? neg(ct!) : null],
  },
});

export const mul_p: Primitive<NoParams, 2> = /* @__PURE__ */ binary({
  name: "mul",
  op: "mul",
  accepts: "any",
  derivative: {
    kind: "bilinear",
    transpose: (ct, [x, y]) => mul(ct, x === null ? y! : x),
  },
});

export const div_p: Primitive<NoParams, 2> = /* @__PURE__ */ binary({
  name: "div",
  op: "div",
  accepts: "number",
  derivative: {
    kind: "jvp",
    jvp([x, y], [dx, dy]) {
      const out = div(x, y);
      const fromX = dx === null ? null : div(dx, y);
      const fromY = dy === null ? null : mul(neg(dy), div(out, y));
      return [[out], [addTangents(fromX, fromY)]];
    },
    transpose: ([ct], [, y]) => [div(ct!, y!), null],
  },
});

export const rem_p: Primitive<NoParams, 2> = /* @__PURE__ */ binary({
  name: "rem",
  op: "rem",
  accepts: "number",
  derivative: {
    kind: "jvp",
    jvp([x, y], [dx, dy]) {
      const quotient = (): Tracer => {
        const q = div(x, y);
        return where(lt(q, zerosLike(q)), ceil(q), floor(q));
      };
      return [[rem(x, y)], [addTangents(dx, dy === null ? null : mul(neg(dy), quotient()))]];
    },
  },
});

export const abs_p: Primitive<NoParams, 1> = /* @__PURE__ */ unary({
  name: "abs",
  op: "abs",
  accepts: "number",
  derivative: { kind: "jvp", jvp: ([x], [dx]) => [[abs(x)], [dx === null ? null : mul(dx, sign(x))]] },
});

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
  op: "nextafter",
  accepts: "float",
  derivative: { kind: "refused", because: "it is not a smooth function" },
});

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

const constantLike = (value: number, x: Expr): Expr => exprFull(value, x.shape, x.dtype);

export const sqrt_p: Primitive<NoParams, 1> = /* @__PURE__ */ unary({
  name: "sqrt",
  op: "sqrt",
  accepts: "float",
  derivative: {
    kind: "jvp",
    jvp([x], [dx]) {
      const y = sqrt(x);
      return [[y], [dx === null ? null : mul(dx, div(fullLike(x, 0.5), y))]];
    },
  },
});

export const rsqrt_p: Primitive<NoParams, 1> = /* @__PURE__ */ unary({
  name: "rsqrt",
  op: "rsqrt",
  accepts: "float",
  derivative: {
    kind: "jvp",
    jvp([x], [dx]) {
      const y = rsqrt(x);
      return [[y], [dx === null ? null : mul(dx, mul(fullLike(x, -0.5), div(y, x)))]];
    },
  },
});

export const cbrt_p: Primitive<NoParams, 1> = /* @__PURE__ */ unary({
  name: "cbrt",
  op: "cbrt",
  accepts: "float",
  derivative: {
    kind: "jvp",
    jvp([x], [dx]) {
      const y = cbrt(x);
      return [[y], [dx === null ? null : mul(dx, mul(fullLike(x, 1 / 3), integerPow(y, -2)))]];
    },
  },
});

/** Half of the tangent goes to each argument where they are equal. */
function extremeTangent(x: Tracer, y: Tracer, dx: Tangent, dy: Tangent, out: Tracer): Tangent {
  const share = (a: Tracer, b: Tracer, da: Tangent): Tangent => {
    if (da === null) return null;
    const half = where(eq(a, b), fullLike(a, 0.5), onesLike(a));
    return mul(da, where(eq(a, out), half, zerosLike(a)));
  };
  return addTangents(share(x, y, dx), share(y, x, dy));
}

export const max_p: Primitive<NoParams, 2> = /* @__PURE__ */ binary({
  name: "max",
  op: "max",
  accepts: "any",
  derivative: {
    kind: "jvp",
    jvp([x, y], [dx, dy]) {
      const out = max(x, y);
      return [[out], [extremeTangent(x, y, dx, dy, out)]];
    },
  },
});

export const min_p: Primitive<NoParams, 2> = /* @__PURE__ */ binary({
  name: "min",
  op: "min",
  accepts: "any",
  derivative: {
    kind: "jvp",
    jvp([x, y], [dx, dy]) {
      const out = min(x, y);
      return [[out], [extremeTangent(x, y, dx, dy, out)]];
    },
  },
});

export const pow_p: Primitive<NoParams, 2> = /* @__PURE__ */ binary({
  name: "pow",
  op: "pow",
  accepts: "number",
  derivative: {
    kind: "jvp",
    jvp([x, y], [dx, dy]) {
      const out = pow(x, y);
      const zeros = zerosLike(y);
      const base = (): Tracer => {
        // y * x ** (y - 1), and 0 where y is 0 even at x = 0.
        const flat = eq(y, zeros);
        const exponent = where(flat, onesLike(y), sub(y, onesLike(y)));
        return where(flat, zeros, mul(y, pow(x, exponent)));
      };
      const exponent = (): Tracer => {
        const positive = gt(x, zeros);
        const logs = log(where(positive, x, onesLike(x)));
        return where(eq(x, zeros), zeros, mul(where(positive, logs, log(x)), out));
      };
      const fromX = dx === null ? null : mul(dx, base());
      const fromY = dy === null ? null : mul(dy, exponent());
      return [[out], [addTangents(fromX, fromY)]];
    },
  },
});

interface IntegerPowParams {
  readonly y: number;
}

export const integer_pow_p: Primitive<IntegerPowParams, 1> = {
  name: "integer_pow",
  derivative: {
    kind: "jvp",
    jvp([x], [dx], { y }) {
      const out = integerPow(x, y);
      if (dx === null || y === 0) return [[out], [null]];
      return [[out], [mul(dx, mul(fullLike(x, y), integerPow(x, y - 1)))]];
    },
  },
  type([x], { y }) {
    if (y < 0 && !isFloat(x.dtype)) {
      throw new DTypeError(`integer_pow: integers cannot be raised to the negative power ${y}, got ${x}`);
    }
    return [checkElementwise("integer_pow", [x], "number")];
  },
  batch: ([x], [d], _size, params) => [[bind1(integer_pow_p, [x], params)], [d]],
  lower([x], _avals, { y }) {
    let power: Expr | null = null;
    let square = x;
    for (let n = Math.abs(y); n > 0; n = Math.floor(n / 2)) {
      if (n % 2 === 1) power = power === null ? square : exprScalar("mul", [power, square]);
      if (n > 1) square = exprScalar("mul", [square, square]);
    }
    const one = constantLike(1, x);
    if (power === null) return [one];
    return [y < 0 ? exprScalar("div", [one, power]) : power];
  },
};

/**
 * `-x`.
 * @example
 * lax.neg(np.array([1, -2])).js(); // => [-1, 2]
 */
export const neg = /* @__PURE__ */ unaryOp(neg_p);
/**
 * `x + y` of equal shapes and dtypes. bool adds as or.
 * @example
 * lax.add(np.array([1]), np.array([2])).js(); // => [3]
 */
export const add = /* @__PURE__ */ binaryOp(add_p);
/**
 * `x - y`.
 * @example
 * lax.sub(np.array([1]), np.array([2])).js(); // => [-1]
 */
export const sub = /* @__PURE__ */ binaryOp(sub_p);
/**
 * `x * y`.
 * @example
 * lax.mul(np.array([3]), np.array([2])).js(); // => [6]
 */
export const mul = /* @__PURE__ */ binaryOp(mul_p);
/**
 * `x / y`; integers truncate, and division by zero gives -1.
 * @example
 * lax.div(np.array([3]), np.array([2])).js(); // => [1.5]
 */
export const div = /* @__PURE__ */ binaryOp(div_p);
/**
 * Remainder with the sign of x; `x rem 0` is x for integers.
 * @example
 * lax.rem(np.array([-7]), np.array([3])).js(); // => [-1]
 */
export const rem = /* @__PURE__ */ binaryOp(rem_p);
/**
 * `|x|`; derivative sign(x), 0 at 0.
 * @example
 * lax.abs(np.array([-2])).js(); // => [2]
 */
export const abs = /* @__PURE__ */ unaryOp(abs_p);
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
/**
 * Square root; infinite derivative at 0.
 * @example
 * lax.sqrt(np.array([4])).js(); // => [2]
 */
export const sqrt = /* @__PURE__ */ unaryOp(sqrt_p);
/**
 * `1 / sqrt(x)`.
 * @example
 * lax.rsqrt(np.array([4])).js(); // => [0.5]
 */
export const rsqrt = /* @__PURE__ */ unaryOp(rsqrt_p);
/**
 * Cube root, of negative numbers too.
 * @example
 * lax.cbrt(np.array([-8])).js(); // => [-2]
 */
export const cbrt = /* @__PURE__ */ unaryOp(cbrt_p);
/**
 * Greater of two; NaN if either is. Gradient is split in halves at ties.
 * @example
 * lax.max(np.array([1, 5]), np.array([3, 2])).js(); // => [3, 5]
 */
export const max = /* @__PURE__ */ binaryOp(max_p);
/**
 * Lesser of two; NaN if either is. Gradient is split in halves at ties.
 * @example
 * lax.min(np.array([1, 5]), np.array([3, 2])).js(); // => [1, 2]
 */
export const min = /* @__PURE__ */ binaryOp(min_p);
/**
 * `x ** y` of floats.
 * @example
 * lax.pow(np.array([2]), np.array([3])).js(); // => [8]
 */
export const pow = /* @__PURE__ */ binaryOp(pow_p);
/**
 * `x ** y` for a whole number y known now; right at 0, and for integers.
 * @example
 * lax.integerPow(np.array([3]), 2).js(); // => [9]
 */
export function integerPow(x: Tracer, y: number): Tracer {
  if (y === 1) return x;
  return bind1(integer_pow_p, [x], { y });
}
/**
 * `x * x`.
 * @example
 * lax.square(np.array([3])).js(); // => [9]
 */
export const square = (x: Tracer): Tracer => integerPow(x, 2);
/**
 * `x` no less than `lo` and no more than `hi`; bounds have x's shape or are scalars.
 * @example
 * lax.clamp(np.array(0), np.array([-1, 5]), np.array(3)).js(); // => [0, 3]
 */
export function clamp(lo: Tracer, x: Tracer, hi: Tracer): Tracer {
  const wide = (b: Tracer): Tracer => (b.ndim === 0 && x.ndim > 0 ? broadcastTo(b, x.shape) : b);
  return min(max(wide(lo), x), wide(hi));
}
