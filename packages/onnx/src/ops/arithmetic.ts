/** Elementwise operators of two and more arguments. */
import { lax, numpy as np } from "@jax-js/jax";
import { STRING } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, isHost } from "../value";
import { type OperatorTable } from "./operator";
import { equalStrings } from "./text";

/** Before operator set 7 the second operand was broadcast by attributes: from `axis` on. */
function operands(n: NodeContext): [NdArray, NdArray] {
  const a = n.x(0);
  const b = n.x(1);
  const axis = n.attributes.optionalInt("axis");
  if (n.version >= 7 || !n.attributes.flag("broadcast") || axis === undefined) return [a, b];
  const after = a.ndim - n.axis(axis, a.ndim) - b.ndim;
  return [a, b.reshape([...b.shape, ...Array.from({ length: Math.max(after, 0) }, () => 1)])];
}

type Binary = (a: NdArray, b: NdArray) => NdArray;

const binary =
  (f: Binary) =>
  (n: NodeContext): NdArray =>
    f(...operands(n));

/** Of one shape: what lax works on. */
const broadcast = (f: Binary): Binary => {
  return (a, b) => f(...(np.broadcastArrays(a, b) as [NdArray, NdArray]));
};

const variadic =
  (f: Binary) =>
  (n: NodeContext): NdArray =>
    n.all().reduce(f);

/** Remainder with the sign of the divisor for integers, or of the dividend with fmod, as C has it. */
function mod(n: NodeContext): NdArray {
  const [a, b] = operands(n);
  return n.attributes.flag("fmod") ? np.fmod(a, b) : np.mod(a, b);
}

/** Whole exponents up to this are products. */
const MOST_PRODUCTS = 4;

function pow(n: NodeContext): NdArray {
  const [a, b] = operands(n);
  const exponent = b.size === 1 && b.ndim <= a.ndim && isHost(n.value(1)) ? n.number(1) : null;
  if (exponent !== null && n.isFloat(0) && Number.isInteger(exponent) && Math.abs(exponent) <= MOST_PRODUCTS)
    return np.power(a, exponent);
  if (n.isFloat(0)) return np.power(a, b.astype(a.dtype));
  if (n.isFloat(1)) return lax.convertElementType(np.power(a.astype(b.dtype), b), a.dtype);
  return lax.convertElementType(np.power(a, b), a.dtype);
}

function bitShift(n: NodeContext): NdArray {
  const [a, b] = operands(n);
  const shift = n.attributes.string("direction", "") === "LEFT" ? np.leftShift : np.rightShift;
  return shift(a, b);
}

export const arithmetic: OperatorTable = {
  Add: binary(np.add),
  Sub: binary(np.subtract),
  Mul: binary(np.multiply),
  Div: binary(broadcast(lax.div)),
  Mod: mod,
  Pow: pow,
  BitShift: bitShift,
  BitwiseAnd: binary(np.bitwiseAnd),
  BitwiseOr: binary(np.bitwiseOr),
  BitwiseXor: binary(np.bitwiseXor),
  And: binary(np.logicalAnd),
  Or: binary(np.logicalOr),
  Xor: binary(np.logicalXor),
  Equal: (n) => (n.type(0) === STRING ? equalStrings(n) : binary(np.equal)(n)),
  Greater: binary(np.greater),
  GreaterOrEqual: binary(np.greaterEqual),
  Less: binary(np.less),
  LessOrEqual: binary(np.lessEqual),
  Max: variadic(np.maximum),
  Min: variadic(np.minimum),
  Sum: variadic(np.add),
  Mean: (n) => n.all().reduce(np.add).div(n.inputs.length),
};
