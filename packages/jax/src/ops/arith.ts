/** Arithmetic: sums, products, quotients and extremes. */
import type { Primitive, Tangent } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { broadcastTo, fullLike, onesLike, zerosLike } from "./broadcast";
import { eq, lt } from "./compare";
import { type NoParams, binary, binaryOp, unary, unaryOp } from "./families";
import { ceil, floor, sign } from "./rounding";
import { where } from "./select";

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
 * `x` no less than `lo` and no more than `hi`; bounds have x's shape or are scalars.
 * @example
 * lax.clamp(np.array(0), np.array([-1, 5]), np.array(3)).js(); // => [0, 3]
 */
export function clamp(lo: Tracer, x: Tracer, hi: Tracer): Tracer {
  const wide = (b: Tracer): Tracer => (b.ndim === 0 && x.ndim > 0 ? broadcastTo(b, x.shape) : b);
  return min(max(wide(lo), x), wide(hi));
}
