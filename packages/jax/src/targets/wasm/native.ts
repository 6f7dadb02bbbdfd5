/** Scalar operations that need no decomposition on WebAssembly. */
import { BASIC_OPS, type IsNative } from "../../kernel/decompose";
import { DOUBLE_RULES } from "../../kernel/math/index";
import { HOST_MATH } from "./scalar";

/** Operations with instructions of their own, and in float64 those that the host's Math does and no formula. */
export const isNativeOnWasm: IsNative = (op, dtype) => {
  // V8 11.3 makes three instructions of each, and one of the same on the bits.
  if (dtype === "float32" && (op === "abs" || op === "neg")) return false;
  if (BASIC_OPS.has(op) || op === "rarely") return true;
  if (dtype === "float64") return HOST_MATH.has(op) && DOUBLE_RULES[op] === undefined;
  return dtype !== "float32" && (op === "rem" || op === "clz" || op === "popcount");
};
