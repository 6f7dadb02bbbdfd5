/** Exponentials and logarithms. */
import type { Primitive } from "../core/primitive";
import { add, div, mul, sub } from "./arith";
import { fullLike, onesLike } from "./broadcast";
import { type NoParams, smooth, unaryOp } from "./families";

export const exp_p: Primitive<NoParams, 1> = /* @__PURE__ */ smooth("exp", "exp", (dx, _x, y) => mul(dx, y));
export const exp2_p: Primitive<NoParams, 1> = /* @__PURE__ */ smooth("exp2", "exp2", (dx, x, y) =>
  mul(dx, mul(fullLike(x, Math.LN2), y)),
);
export const expm1_p: Primitive<NoParams, 1> = /* @__PURE__ */ smooth("expm1", "expm1", (dx, x, y) =>
  mul(dx, add(y, onesLike(x))),
);
export const log_p: Primitive<NoParams, 1> = /* @__PURE__ */ smooth("log", "log", (dx, x) => div(dx, x));
export const log1p_p: Primitive<NoParams, 1> = /* @__PURE__ */ smooth("log1p", "log1p", (dx, x) =>
  div(dx, add(x, onesLike(x))),
);
export const logistic_p: Primitive<NoParams, 1> = /* @__PURE__ */ smooth("logistic", "logistic", (dx, x, y) =>
  mul(dx, mul(y, sub(onesLike(x), y))),
);

/**
 * `e ** x`.
 * @example
 * lax.exp(np.array([0])).js(); // => [1]
 */
export const exp = /* @__PURE__ */ unaryOp(exp_p);
/**
 * `2 ** x`.
 * @example
 * lax.exp2(np.array([3])).js(); // => [8]
 */
export const exp2 = /* @__PURE__ */ unaryOp(exp2_p);
/**
 * `e ** x - 1`, exact for small x.
 * @example
 * lax.expm1(np.array([0])).js(); // => [0]
 */
export const expm1 = /* @__PURE__ */ unaryOp(expm1_p);
/**
 * Natural logarithm: -Infinity at 0, NaN below.
 * @example
 * lax.log(np.array([1])).js(); // => [0]
 */
export const log = /* @__PURE__ */ unaryOp(log_p);
/**
 * `log(1 + x)`, exact for small x.
 * @example
 * lax.log1p(np.array([0])).js(); // => [0]
 */
export const log1p = /* @__PURE__ */ unaryOp(log1p_p);
/**
 * `1 / (1 + e ** -x)`.
 * @example
 * lax.logistic(np.array([0])).js(); // => [0.5]
 */
export const logistic = /* @__PURE__ */ unaryOp(logistic_p);
