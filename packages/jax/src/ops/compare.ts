/** Comparisons: equal shapes and dtypes in, bool out. */
import type { Primitive } from "../core/primitive";
import type { ScalarOp } from "../kernel/scalar-op";
import { type NoParams, binary, binaryOp } from "./families";

function comparison(name: string, op: ScalarOp, swap = false): Primitive<NoParams, 2> {
  return binary({
    name,
    op,
    accepts: "any",
    result: "bool",
    swap,
    derivative: { kind: "zero", because: "its result is bool" },
  });
}

export const eq_p = /* @__PURE__ */ comparison("eq", "eq");
export const ne_p = /* @__PURE__ */ comparison("ne", "ne");
export const lt_p = /* @__PURE__ */ comparison("lt", "lt");
export const le_p = /* @__PURE__ */ comparison("le", "le");
export const gt_p = /* @__PURE__ */ comparison("gt", "lt", true);
export const ge_p = /* @__PURE__ */ comparison("ge", "le", true);

/**
 * `x == y`.
 * @example
 * lax.eq(np.array([1, 2]), np.array([1, 3])).js(); // => [true, false]
 */
export const eq = /* @__PURE__ */ binaryOp(eq_p);
/**
 * `x != y`; true where either is NaN.
 * @example
 * lax.ne(np.array([1, 2]), np.array([1, 3])).js(); // => [false, true]
 */
export const ne = /* @__PURE__ */ binaryOp(ne_p);
/**
 * `x < y`.
 * @example
 * lax.lt(np.array([1, 2]), np.array([2, 2])).js(); // => [true, false]
 */
export const lt = /* @__PURE__ */ binaryOp(lt_p);
/**
 * `x <= y`.
 * @example
 * lax.le(np.array([3, 2]), np.array([2, 2])).js(); // => [false, true]
 */
export const le = /* @__PURE__ */ binaryOp(le_p);
/**
 * `x > y`.
 * @example
 * lax.gt(np.array([3, 2]), np.array([2, 2])).js(); // => [true, false]
 */
export const gt = /* @__PURE__ */ binaryOp(gt_p);
/**
 * `x >= y`.
 * @example
 * lax.ge(np.array([1, 2]), np.array([2, 2])).js(); // => [false, true]
 */
export const ge = /* @__PURE__ */ binaryOp(ge_p);
