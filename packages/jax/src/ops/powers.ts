/** Powers and roots. */
import { isFloat } from "../aval/dtype";
import { DTypeError } from "../base/errors";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import type { Expr } from "../kernel/expr";
import { exprFull, exprScalar } from "../kernel/expr-build";
import { addTangents, div, mul, sub } from "./arith";
import { fullLike, onesLike, zerosLike } from "./broadcast";
import { eq, gt } from "./compare";
import { log } from "./exp";
import { type NoParams, binary, binaryOp, checkElementwise, unary, unaryOp } from "./families";
import { where } from "./select";

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
    const one = exprFull(1, x.shape, x.dtype);
    if (power === null) return [one];
    return [y < 0 ? exprScalar("div", [one, power]) : power];
  },
};
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
