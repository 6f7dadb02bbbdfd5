/** Meaning of every scalar operation on JS numbers: the reference that all devices are tested against. */
import { fromBfloat16Bits, fromFloat16Bits, storageView, toBfloat16Bits, toFloat16Bits } from "../../aval/data-array";
import { type DType, dtypeInfo, isFloat, sizeBytesOf } from "../../aval/dtype";
import type { ScalarOp } from "../../kernel/scalar-op";
import { digamma, erf, erfInv, erfc, lgamma } from "../../kernel/routines/special";

type Fn = (a: number, b: number, c: number) => number;

/** Nearest value of `dtype`; integers wrap. */
export function normalizer(dtype: DType): (x: number) => number {
  switch (dtype) {
    case "float32":
      return Math.fround;
    case "float64":
      return (x) => x;
    case "float16":
      return (x) => fromFloat16Bits(toFloat16Bits(x));
    case "bfloat16":
      return (x) => fromBfloat16Bits(toBfloat16Bits(x));
    case "int32":
      return (x) => x | 0;
    case "uint32":
      return (x) => x >>> 0;
    case "int16":
      return (x) => (x << 16) >> 16;
    case "uint16":
      return (x) => x & 0xffff;
    case "int8":
      return (x) => (x << 24) >> 24;
    case "uint8":
      return (x) => x & 0xff;
    case "bool":
      return (x) => (x !== 0 ? 1 : 0);
    default:
      dtype satisfies never;
      throw new Error(String(dtype));
  }
}

const roundHalfEven = (x: number): number => {
  const r = Math.round(x);
  const even = r - x === 0.5 && r % 2 !== 0 ? r - 1 : r;
  return even === 0 ? (x < 0 || Object.is(x, -0) ? -0 : 0) : even;
};

const cosSafe =
  (f: (x: number) => number) =>
  (x: number): number =>
    Number.isFinite(x) ? f(x) : NaN;

const clz = (x: number): number => Math.clz32(x);
const popcount = (x: number): number => {
  let n = x >>> 0;
  let count = 0;
  for (; n !== 0; n &= n - 1) count++;
  return count;
};

/** Operations whose meaning is the same for every float dtype, before rounding. */
const FLOAT: Partial<Record<ScalarOp, Fn>> = {
  neg: (a) => -a,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfEven,
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  rsqrt: (a) => 1 / Math.sqrt(a),
  cbrt: Math.cbrt,
  exp: Math.exp,
  exp2: (a) => 2 ** a,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log1p: Math.log1p,
  logistic: (a) => 1 / (1 + Math.exp(-a)),
  sin: cosSafe(Math.sin),
  cos: cosSafe(Math.cos),
  tan: cosSafe(Math.tan),
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  erf,
  erfc,
  erf_inv: erfInv,
  lgamma,
  digamma,
  is_finite: (a) => (Number.isFinite(a) ? 1 : 0),
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  rem: (a, b) => a % b,
  pow: (a, b) => (a === 1 || b === 0 ? 1 : a === -1 && !Number.isFinite(b) && b === b ? 1 : a ** b),
  atan2: Math.atan2,
  max: (a, b) => Math.max(a, b), // not Math.max: it takes all arguments
  min: (a, b) => Math.min(a, b),
  fma: (a, b, c) => a * b + c,
};

/** Operations on integers and bool, on values already in range; results are normalised afterwards. */
const INT: Partial<Record<ScalarOp, Fn>> = {
  neg: (a) => -a,
  abs: Math.abs,
  sign: Math.sign,
  not: (a) => ~a,
  popcount,
  clz,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: Math.imul,
  div: (a, b) => (b === 0 ? -1 : Math.trunc(a / b)),
  rem: (a, b) => (b === 0 ? a : a % b),
  max: (a, b) => Math.max(a, b), // not Math.max: it takes all arguments
  min: (a, b) => Math.min(a, b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => (b >>> 0 >= 32 ? 0 : a << b),
  shr_logical: (a, b) => (b >>> 0 >= 32 ? 0 : (a >>> b) | 0),
  shr_arithmetic: (a, b) => (b >>> 0 >= 32 ? (a < 0 ? -1 : 0) : a >> b),
  fma: (a, b, c) => Math.imul(a, b) + c,
  pow: (a, b) => intPow(a, b),
};

function intPow(a: number, b: number): number {
  let out = 1;
  for (let e = b, base = a; e > 0; e = Math.floor(e / 2), base = Math.imul(base, base)) {
    if (e % 2 === 1) out = Math.imul(out, base);
  }
  return out;
}

/** Operations on the bits of float64. */
const DOUBLE_BITS: Partial<Record<ScalarOp, (a: bigint, b: bigint) => bigint>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shr_logical: (a, b) => a >> b,
};

function onDoubleBits(f: (a: bigint, b: bigint) => bigint, isShift: boolean): Fn {
  const bits = new BigUint64Array(2);
  const values = new Float64Array(bits.buffer);
  return (a, b) => {
    values.set([a, b]);
    bits[0] = f(bits[0]!, isShift ? BigInt(b) : bits[1]!);
    return values[0]!;
  };
}

const COMPARE: Partial<Record<ScalarOp, Fn>> = {
  eq: (a, b) => (a === b ? 1 : 0),
  ne: (a, b) => (a !== b ? 1 : 0),
  lt: (a, b) => (a < b ? 1 : 0),
  le: (a, b) => (a <= b ? 1 : 0),
  select: (c, x, y) => (c !== 0 ? x : y),
  rarely: (c, x, y) => (c !== 0 ? x : y),
};

/** The function of an operation on `argDType` with results in `dtype`. */
export function scalarFunction(op: ScalarOp, argDType: DType, dtype: DType): Fn {
  const compare = COMPARE[op];
  if (compare !== undefined) return compare;
  if (op === "cast") return castFunction(argDType, dtype);
  if (op === "bitcast") return bitcastFunction(argDType, dtype);
  if (op === "nextafter") return (a, b) => nextafter(a, b, dtype);
  const onBits = argDType === "float64" ? DOUBLE_BITS[op] : undefined;
  if (onBits !== undefined) return onDoubleBits(onBits, op.startsWith("sh"));
  if (isFloat(argDType)) {
    const f = FLOAT[op];
    if (f === undefined) throw new Error(`internal: ${op} has no meaning on ${argDType}`);
    const norm = normalizer(dtype);
    return (a, b, c) => norm(f(a, b, c));
  }
  const f = INT[op];
  if (f === undefined) throw new Error(`internal: ${op} has no meaning on ${argDType}`);
  if (argDType === "bool") return op === "not" ? (a) => 1 - a : (a, b, c) => (f(a, b, c) !== 0 ? 1 : 0);
  const norm = normalizer(dtype);
  if (op === "shr_arithmetic" && dtypeInfo(argDType).kind === "uint") return (a, b, c) => norm(f(a | 0, b, c));
  return (a, b, c) => norm(f(a, b, c));
}

/** Conversion of values: float to integer truncates and saturates, NaN gives 0; integers wrap. */
function castFunction(from: DType, to: DType): Fn {
  if (to === "bool") return (a) => (a !== 0 ? 1 : 0);
  const norm = normalizer(to);
  if (!isFloat(from) || isFloat(to)) return norm;
  const { kind, sizeBytes } = dtypeInfo(to);
  const [lo, hi] =
    kind === "uint" ? [0, 2 ** (8 * sizeBytes) - 1] : [-(2 ** (8 * sizeBytes - 1)), 2 ** (8 * sizeBytes - 1) - 1];
  return (a) => (a !== a ? 0 : Math.min(hi, Math.max(lo, Math.trunc(a))));
}

/** Reads a value's bits as another dtype of equal width. */
function bitcastFunction(from: DType, to: DType): Fn {
  const bytes = new Uint8Array(sizeBytesOf(from));
  const a = storageView(bytes, from);
  const b = storageView(bytes, to);
  const put = storer(from);
  const get = loader(to);
  return (x) => {
    put(a, 0, x);
    return get(b, 0);
  };
}

/** Reads element `i` of a storage view as a number. */
export function loader(dtype: DType): (view: ArrayLike<number>, i: number) => number {
  if (dtype === "float16") return (view, i) => fromFloat16Bits(view[i]!);
  if (dtype === "bfloat16") return (view, i) => fromBfloat16Bits(view[i]!);
  return (view, i) => view[i]!;
}

/** Writes a number as element `i` of a storage view. */
export function storer(dtype: DType): (view: { [i: number]: number }, i: number, x: number) => void {
  if (dtype === "float16") return (view, i, x) => (view[i] = toFloat16Bits(x));
  if (dtype === "bfloat16") return (view, i, x) => (view[i] = toBfloat16Bits(x));
  return (view, i, x) => (view[i] = x);
}

/** The next value of `dtype`, float32 or float64, after a in the direction of b. */
function nextafter(a: number, b: number, dtype: DType): number {
  if (a !== a || b !== b) return NaN;
  if (a === b) return b;
  const bytes = new Uint8Array(8);
  const down = b < a;
  if (a === 0) {
    const tiny = dtype === "float64" ? Number.MIN_VALUE : 2 ** -149;
    return down ? -tiny : tiny;
  }
  const step = a > 0 === down ? -1n : 1n;
  const size = sizeBytesOf(dtype);
  storer(dtype)(storageView(bytes.subarray(0, size), dtype), 0, a);
  const bits = new DataView(bytes.buffer).getBigUint64(0, true) + step;
  new DataView(bytes.buffer).setBigUint64(0, bits, true);
  return loader(dtype)(storageView(bytes.subarray(0, size), dtype), 0);
}
