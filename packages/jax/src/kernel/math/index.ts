/** Which formula says an operation in simpler ones. Float formulas without a dtype in their name are for float32. */
import type { Scalar } from "../scalar";
import type { ScalarOp } from "../scalar-op";
import { erfDouble } from "./double-error-function";
import { exp2Double, expDouble, expm1Double, logisticDouble } from "./double-exponential";
import { coshDouble, sinhDouble, tanhDouble } from "./double-hyperbolic";
import { log1pDouble, log2Double, logDouble } from "./double-logarithm";
import { powDouble } from "./double-power";
import { cosDouble, sinDouble, tanDouble } from "./double-trigonometric";
import { erf, erfInv, erfc } from "./error-function";
import { exp, exp2, expm1, logistic } from "./exponential";
import { digamma, lgamma } from "./gamma";
import { acosh, asinh, atanh, cosh, sinh, tanh } from "./hyperbolic";
import { acos, asin, atan, atan2 } from "./inverse-trigonometric";
import type { Lang } from "./lang";
import { log, log1p, log2 } from "./logarithm";
import { cbrt, pow } from "./power";
import { clz, isFinite, nextafter, popcount, rem, rsqrt, sign } from "./simple";
import { cos, sin, tan } from "./trigonometric";

export type Rule = (m: Lang, x: Scalar, y: Scalar, z: Scalar) => Scalar;

export const RULES: Partial<Record<ScalarOp, Rule>> = {
  abs: (m, x) => m.float(m.and(m.bits(x), 0x7fffffff)),
  neg: (m, x) => m.float(m.xor(m.bits(x), -0x80000000)),
  sign,
  rsqrt,
  cbrt,
  exp,
  exp2,
  expm1,
  log,
  log2,
  log1p,
  logistic,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  asinh,
  acosh,
  atanh,
  erf,
  erfc,
  erf_inv: erfInv,
  lgamma,
  digamma,
  popcount,
  clz,
  is_finite: isFinite,
  rem,
  pow,
  atan2,
  nextafter,
  rarely: (m, condition, x, y) => m.select(condition, x, y),
};

/** Formulas for float64, where the target has no better. One may use its own operation, which then is the target's. */
export const DOUBLE_RULES: Partial<Record<ScalarOp, Rule>> = {
  exp: expDouble,
  exp2: exp2Double,
  expm1: expm1Double,
  log: logDouble,
  log2: log2Double,
  log1p: log1pDouble,
  logistic: logisticDouble,
  tanh: tanhDouble,
  sinh: sinhDouble,
  cosh: coshDouble,
  sin: sinDouble,
  cos: cosDouble,
  tan: tanDouble,
  erf: erfDouble,
  pow: powDouble,
};
