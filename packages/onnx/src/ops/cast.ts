/** Changes of element type. */
import { lax, numpy as np } from "@jax-js/jax";
import {
  BOOL,
  type ElemType,
  FLOAT,
  STRING,
  deviceDType,
  elemInfo,
  integerRange,
  isFloatType,
  isIntegerType,
} from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, type Tensor, type Value, hostTensor, stringTensor, toDevice } from "../value";
import { type RoundMode, roundMode, roundToSmallFloat } from "./small-float";
import { type OperatorTable } from "./operator";

/** Floats become integers by truncation; what has more bits than the type keeps the low ones. */
function castArray(x: NdArray, from: ElemType, to: ElemType, saturate: boolean, mode: RoundMode): NdArray {
  const dtype = deviceDType(to);
  if (to === BOOL) return x.dtype === "bool" ? x : np.notEqual(x, 0);
  if (isFloatType(to) && elemInfo(to).bits <= 8) return roundToSmallFloat(x.astype("float32"), to, saturate, mode);
  if (isIntegerType(to) && elemInfo(to).bits < 8) return lowBits(lax.convertElementType(x, "int32"), to).astype(dtype);
  if (isIntegerType(to) && isFloatType(from) && elemInfo(to).bits < 32)
    return lax.convertElementType(lax.convertElementType(x, "int32"), dtype);
  return lax.convertElementType(x, dtype);
}

/** The low 4 or 2 bits. */
function lowBits(x: NdArray, to: ElemType): NdArray {
  const [low, high] = integerRange(to);
  return np.mod(x.sub(low), high - low + 1).add(low);
}

function cast(n: NodeContext, to: ElemType): Value {
  const tensor = n.tensor(0);
  const saturate = n.attributes.flag("saturate", true);
  if (tensor.type === STRING) return to === STRING ? tensor : parsed(n, tensor, to);
  if (to === STRING) return stringTensor(tensor.shape, n.numbers(0).map((x) => written(x, tensor.type))); // prettier-ignore
  if (tensor.type === to) return tensor;
  if (tensor.data && isIntegerType(tensor.type) && elemInfo(to).bits === 64)
    return hostTensor(to, tensor.shape, tensor.data as ArrayLike<number>);
  const mode = roundMode(n.attributes.string("round_mode", "up"));
  return n.as(castArray(toDevice(tensor), tensor.type, to, saturate, mode), to);
}

function parsed(n: NodeContext, tensor: Tensor, to: ElemType): Value {
  const numbers = (tensor.data as readonly string[]).map((s) => {
    const word = s.trim().toLowerCase();
    const special: Record<string, number> = { inf: Infinity, "+inf": Infinity, "-inf": -Infinity, nan: NaN };
    const x = Object.hasOwn(special, word) ? special[word]! : Number(word);
    if (Number.isNaN(x) && word !== "nan") n.fail(`the string "${s}" is no number`);
    return isFloatType(to) ? x : Math.trunc(x);
  });
  return hostTensor(to, tensor.shape, to === BOOL ? numbers.map((x) => Number(x !== 0)) : numbers);
}

/** How many digits onnxruntime writes of a float, also of a double: C's %.8g. */
const DIGITS = 8;

/** A number as text. */
function written(x: number, type: ElemType): string {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "INF" : "-INF";
  if (!isFloatType(type) || x === 0) return Object.is(x, -0) ? "-0" : String(x);
  const [mantissa, exponent] = x.toExponential(DIGITS - 1).split("e") as [string, string];
  const e = Number(exponent);
  const trimmed = (s: string): string => (s.includes(".") ? s.replace(/\.?0+$/, "") : s);
  if (e >= -4 && e < DIGITS) return trimmed(x.toFixed(Math.max(DIGITS - 1 - e, 0)));
  return `${trimmed(mantissa)}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
}

function bitCast(n: NodeContext): Value {
  const to = n.attributes.int("to", 0);
  const [from, target] = [elemInfo(n.type(0)), elemInfo(to)];
  if (from.bits !== target.bits || !target.dtype) n.fail(`cannot read the bits of ${from.name} as ${target.name}`);
  const wide = from.bits === 64 && n.type(0) !== to;
  const isDouble = (kind: string): boolean => kind === "float";
  if (wide && isDouble(from.kind) !== isDouble(target.kind))
    n.fail(`64-bit integers are held in 32 bits here, so the bits of ${from.name} cannot be read as ${target.name}`);
  const bits = n.x(0).dtype === "bool" ? n.x(0).astype("uint8") : n.x(0);
  return n.as(to === BOOL ? bits.astype("bool") : lax.bitcastConvertType(bits, deviceDType(to)), to);
}

export const casting: OperatorTable = {
  BitCast: bitCast,
  Cast: (n) => cast(n, n.version < 6 ? namedType(n) : n.attributes.int("to", FLOAT)),
  CastLike: (n) => cast(n, n.type(1)),
};

/** Before operator set 6 the type was a name. */
function namedType(n: NodeContext): ElemType {
  const name = n.attributes.string("to", "FLOAT").toLowerCase();
  for (let type = 1; type <= 16; type++) if (elemInfo(type).name === name) return type;
  return n.fail(`the type "${name}" is not known`);
}
