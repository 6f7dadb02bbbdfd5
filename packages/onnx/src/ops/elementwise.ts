/** Elementwise operators of one argument. */
import { lax, nn, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../graph/node-context";
import { type NdArray } from "../value";
import { type OperatorTable } from "./operator";

const unary =
  (f: (x: NdArray) => NdArray) =>
  (n: NodeContext): NdArray =>
    f(n.x(0));

function isInf(n: NodeContext): NdArray {
  const x = n.x(0);
  const negative = n.attributes.flag("detect_negative", true);
  const positive = n.attributes.flag("detect_positive", true);
  if (negative && positive) return np.isinf(x);
  if (negative) return np.equal(x, -Infinity);
  return positive ? np.equal(x, Infinity) : np.zeros(x.shape, { dtype: "bool" });
}

/** Bounds were attributes before operator set 11. */
function clip(n: NodeContext): NdArray {
  const x = n.x(0);
  const bound = (i: number, name: string): NdArray | number | null => {
    if (n.version < 11) return n.attributes.optionalFloat(name) ?? null;
    return n.optional(i)?.reshape([]) ?? null;
  };
  return np.clip(x, bound(1, "min"), bound(2, "max"));
}

export const elementwise: OperatorTable = {
  Abs: unary(np.abs),
  Acos: unary(np.arccos),
  Acosh: unary(np.arccosh),
  Asin: unary(np.arcsin),
  Asinh: unary(np.arcsinh),
  Atan: unary(np.arctan),
  Atanh: unary(np.arctanh),
  BitwiseNot: unary(np.bitwiseNot),
  Ceil: unary(np.ceil),
  Clip: clip,
  Cos: unary(np.cos),
  Cosh: unary(np.cosh),
  Erf: unary(lax.erf),
  Exp: unary(np.exp),
  Floor: unary(np.floor),
  Identity: (n) => n.value(0),
  IsInf: isInf,
  IsNaN: unary(np.isnan),
  Log: unary(np.log),
  Neg: unary(np.negative),
  Not: unary(np.logicalNot),
  Reciprocal: unary(np.reciprocal),
  Round: unary(np.rint),
  Sigmoid: unary(nn.sigmoid),
  Sign: unary(np.sign),
  Sin: unary(np.sin),
  Sinh: unary(np.sinh),
  Sqrt: unary(np.sqrt),
  Tan: unary(np.tan),
  Tanh: unary(np.tanh),
  Where: (n) => np.where(n.x(0), n.x(1), n.x(2)),
};
