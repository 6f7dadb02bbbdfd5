/** Trigonometric and hyperbolic functions; angles in radians. */
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { add, addTangents, div, mul, neg, sub } from "./arith";
import { onesLike } from "./broadcast";
import { type NoParams, binary, smooth, unaryOp } from "./families";
import { rsqrt, square } from "./powers";

type Record1 = Primitive<NoParams, 1>;

export const sin_p: Record1 = /* @__PURE__ */ smooth("sin", "sin", (dx, x) => mul(dx, cos(x)));
export const cos_p: Record1 = /* @__PURE__ */ smooth("cos", "cos", (dx, x) => neg(mul(dx, sin(x))));
export const tan_p: Record1 = /* @__PURE__ */ smooth("tan", "tan", (dx, x, y) => mul(dx, add(onesLike(x), square(y))));
export const asin_p: Record1 = /* @__PURE__ */ smooth("asin", "asin", (dx, x) =>
  mul(dx, rsqrt(sub(onesLike(x), square(x)))),
);
export const acos_p: Record1 = /* @__PURE__ */ smooth("acos", "acos", (dx, x) =>
  mul(dx, neg(rsqrt(sub(onesLike(x), square(x))))),
);
export const atan_p: Record1 = /* @__PURE__ */ smooth("atan", "atan", (dx, x) => div(dx, add(onesLike(x), square(x))));
export const sinh_p: Record1 = /* @__PURE__ */ smooth("sinh", "sinh", (dx, x) => mul(dx, cosh(x)));
export const cosh_p: Record1 = /* @__PURE__ */ smooth("cosh", "cosh", (dx, x) => mul(dx, sinh(x)));
export const tanh_p: Record1 = /* @__PURE__ */ smooth("tanh", "tanh", (dx, x, y) =>
  mul(add(dx, mul(dx, y)), sub(onesLike(x), y)),
);
export const asinh_p: Record1 = /* @__PURE__ */ smooth("asinh", "asinh", (dx, x) =>
  mul(dx, rsqrt(add(square(x), onesLike(x)))),
);
export const acosh_p: Record1 = /* @__PURE__ */ smooth("acosh", "acosh", (dx, x) =>
  mul(dx, rsqrt(mul(sub(x, onesLike(x)), add(x, onesLike(x))))),
);
export const atanh_p: Record1 = /* @__PURE__ */ smooth("atanh", "atanh", (dx, x) =>
  mul(div(onesLike(x), add(onesLike(x), x)), div(dx, sub(onesLike(x), x))),
);

export const atan2_p: Primitive<NoParams, 2> = /* @__PURE__ */ binary({
  name: "atan2",
  op: "atan2",
  accepts: "float",
  derivative: {
    kind: "jvp",
    jvp([y, x], [dy, dx]) {
      const r2 = (): Tracer => add(square(x), square(y));
      const fromY = dy === null ? null : mul(dy, div(x, r2()));
      const fromX = dx === null ? null : mul(dx, div(neg(y), r2()));
      return [[atan2(y, x)], [addTangents(fromY, fromX)]];
    },
  },
});

/**
 * Sine.
 * @example
 * lax.sin(np.array([0])).js(); // => [0]
 */
export const sin = /* @__PURE__ */ unaryOp(sin_p);
/**
 * Cosine.
 * @example
 * lax.cos(np.array([0])).js(); // => [1]
 */
export const cos = /* @__PURE__ */ unaryOp(cos_p);
/**
 * Tangent.
 * @example
 * lax.tan(np.array([0])).js(); // => [0]
 */
export const tan = /* @__PURE__ */ unaryOp(tan_p);
/**
 * Angle whose sine is x; NaN outside [-1, 1].
 * @example
 * lax.asin(np.array([0])).js(); // => [0]
 */
export const asin = /* @__PURE__ */ unaryOp(asin_p);
/**
 * Angle whose cosine is x; NaN outside [-1, 1].
 * @example
 * lax.acos(np.array([1])).js(); // => [0]
 */
export const acos = /* @__PURE__ */ unaryOp(acos_p);
/**
 * Angle whose tangent is x.
 * @example
 * lax.atan(np.array([0])).js(); // => [0]
 */
export const atan = /* @__PURE__ */ unaryOp(atan_p);
/**
 * Hyperbolic sine.
 * @example
 * lax.sinh(np.array([0])).js(); // => [0]
 */
export const sinh = /* @__PURE__ */ unaryOp(sinh_p);
/**
 * Hyperbolic cosine.
 * @example
 * lax.cosh(np.array([0])).js(); // => [1]
 */
export const cosh = /* @__PURE__ */ unaryOp(cosh_p);
/**
 * Hyperbolic tangent.
 * @example
 * lax.tanh(np.array([0])).js(); // => [0]
 */
export const tanh = /* @__PURE__ */ unaryOp(tanh_p);
/**
 * Inverse of sinh.
 * @example
 * lax.asinh(np.array([0])).js(); // => [0]
 */
export const asinh = /* @__PURE__ */ unaryOp(asinh_p);
/**
 * Inverse of cosh; NaN below 1.
 * @example
 * lax.acosh(np.array([1])).js(); // => [0]
 */
export const acosh = /* @__PURE__ */ unaryOp(acosh_p);
/**
 * Inverse of tanh; NaN outside [-1, 1].
 * @example
 * lax.atanh(np.array([0])).js(); // => [0]
 */
export const atanh = /* @__PURE__ */ unaryOp(atanh_p);
/**
 * Angle of the point (x, y), in [-pi, pi].
 * @example
 * lax.atan2(np.array([0]), np.array([1])).js(); // => [0]
 */
export function atan2(y: Tracer, x: Tracer): Tracer {
  return bind1(atan2_p, [y, x], {});
}
