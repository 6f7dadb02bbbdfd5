/** Selects that are one instruction on lanes: a smaller or greater value, or a mask. */
import { isFloat, isUnsigned } from "../../aval/dtype";
import type { OpScalar, Scalar } from "../../kernel/scalar";
import type { PlainOp } from "./assembler";

/** `op(first, second)` for `select(condition, x, y)`, bit for bit. */
export interface ShortSelect {
  readonly first: Scalar;
  readonly second: Scalar;
  readonly op: PlainOp;
}

export function shortSelect(s: OpScalar): ShortSelect | null {
  return extreme(s) ?? masked(s);
}

/** pmin(a, b) is `b < a ? b : a` and pmax(a, b) `a < b ? b : a`, of NaNs and zeros too. */
function extreme({ args, dtype }: OpScalar): ShortSelect | null {
  const [c, x, y] = args as [Scalar, Scalar, Scalar];
  if (c.tag !== "op" || (c.op !== "lt" && c.op !== "le") || dtype === "bool") return null;
  const [p, q] = c.args as [Scalar, Scalar];
  const least = p === x && q === y;
  if (!least && !(p === y && q === x)) return null;
  const name = least ? "min" : "max";
  if (!isFloat(dtype)) return { first: x, second: y, op: `i32x4.${name}_${isUnsigned(dtype) ? "u" : "s"}` };
  // what is equal has the same bits unless it is zero
  const same = [x, y].some((v) => v.tag === "const" && v.value !== 0);
  if (c.op === "le" && !same) return null;
  return { first: y, second: x, op: `${dtype === "float64" ? "f64x2" : "f32x4"}.p${name}` };
}

/** The condition is a mask of the other arm's lanes. A float64 has it for two lanes only. */
function masked({ args, dtype }: OpScalar): ShortSelect | null {
  const [c, x, y] = args as [Scalar, Scalar, Scalar];
  if (dtype === "float64") return null;
  if (isZero(x)) return { first: y, second: c, op: "v128.andnot" };
  return isZero(y) ? { first: x, second: c, op: "v128.and" } : null;
}

const isZero = (s: Scalar): boolean => s.tag === "const" && Object.is(s.value, 0);
