/**
 * The scalar operations of the kernel language: few and settled. Each target has one exhaustive table over them;
 * what a target cannot say directly is decomposed by `kernel/decompose.ts` into the basic ones.
 *
 * Meaning is XLA's. Integers wrap. Integer `div` truncates and never traps: `x / 0 = -1` (all ones for unsigned),
 * `x rem 0 = x`. Float `max`/`min` give NaN if either operand is NaN. `round` is to nearest, ties to even.
 * `rem` has the sign of the dividend. Shifts by at least the bit width give 0 (or the sign for `shr_arithmetic`).
 * There is no int64: `and`, `or`, `xor` of float64, and its `shl` and `shr_logical` by an int32 constant, act on the bits.
 * Comparisons give bool. `select(c, x, y)` is `c ? x : y`; `rarely(c, x, y)` too, and says that c seldom holds, so that x
 * is worth a branch. bool is stored as a byte 0 or 1.
 */
export const UNARY_OPS = [
  "neg", "abs", "sign", "floor", "ceil", "round", "trunc", "sqrt", "rsqrt", "cbrt",
  "exp", "exp2", "expm1", "log", "log2", "log1p", "logistic",
  "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
  "erf", "erfc", "erf_inv", "lgamma", "digamma",
  "not", "popcount", "clz", "is_finite",
] as const; // prettier-ignore

export const BINARY_OPS = [
  "add", "sub", "mul", "div", "rem", "pow", "atan2", "max", "min", "nextafter",
  "and", "or", "xor", "shl", "shr_logical", "shr_arithmetic",
  "eq", "ne", "lt", "le",
] as const; // prettier-ignore

/** `fma(a, b, c) = a * b + c`, rounded once or twice as the engine does it. */
export const TERNARY_OPS = ["select", "rarely", "fma"] as const;

export const isSelect = (op: ScalarOp): boolean => op === "select" || op === "rarely";

/** `cast` converts values (float to int truncates and saturates, NaN gives 0); `bitcast` keeps bits of equal width. */
export const CONVERSION_OPS = ["cast", "bitcast"] as const;

export type ScalarOp =
  | (typeof UNARY_OPS)[number]
  | (typeof BINARY_OPS)[number]
  | (typeof TERNARY_OPS)[number]
  | (typeof CONVERSION_OPS)[number];

export const COMPARISON_OPS = ["eq", "ne", "lt", "le"] as const satisfies readonly ScalarOp[];

/** How a reduction combines values; `argmax`/`argmin` give the int32 index of the first extreme along the one reduced axis (NaN counts as extreme). */
export type ReduceOp = "add" | "mul" | "max" | "min" | "and" | "or" | "argmax" | "argmin";
