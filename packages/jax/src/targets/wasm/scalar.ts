/**
 * One scalar operation as WebAssembly instructions: arguments are on the stack, the result replaces them.
 * bool is an i32 0 or 1; narrow integers are i32 in their range. Everything else has been decomposed before.
 */
import { type DType, dtypeInfo, isFloat, isUnsigned } from "../../aval/dtype";
import { InternalError } from "../../base/errors";
import type { ScalarOp } from "../../kernel/scalar-op";
import type { Callable, Func, PlainOp, ValType } from "./assembler";

export interface ScalarContext {
  readonly f: Func;
  /** Fused multiply-add allowed. */
  readonly relaxed: boolean;
  /** The imported function of a float64 operation. */
  hostMath(op: ScalarOp): Callable;
}

/** Type of the stack value that holds a scalar of this dtype. */
export function valTypeOf(dtype: DType): ValType {
  if (dtype === "float64") return "f64";
  return isFloat(dtype) ? "f32" : "i32";
}

const FLOAT_OPS: Partial<Record<ScalarOp, string>> = {
  add: "add", sub: "sub", mul: "mul", div: "div", neg: "neg", abs: "abs", floor: "floor", ceil: "ceil",
  round: "nearest", trunc: "trunc", sqrt: "sqrt", max: "max", min: "min", eq: "eq", ne: "ne", lt: "lt", le: "le",
}; // prettier-ignore

const DOUBLE_BITS: Partial<Record<ScalarOp, PlainOp>> = {
  and: "i64.and", or: "i64.or", xor: "i64.xor", shl: "i64.shl", shr_logical: "i64.shr_u",
}; // prettier-ignore

const INT_OPS: Partial<Record<ScalarOp, PlainOp>> = {
  add: "i32.add", sub: "i32.sub", mul: "i32.mul", and: "i32.and", or: "i32.or", xor: "i32.xor", eq: "i32.eq",
  ne: "i32.ne", clz: "i32.clz", popcount: "i32.popcnt",
}; // prettier-ignore

const BOOL_OPS: Partial<Record<ScalarOp, PlainOp>> = { add: "i32.or", mul: "i32.and", max: "i32.or", min: "i32.and" };

/** Float64 operations that the host's Math does. */
export const HOST_MATH: ReadonlySet<ScalarOp> = /* @__PURE__ */ new Set<ScalarOp>([
  "rem", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "sinh",
  "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "erf_inv", "lgamma", "digamma", "pow", "atan2",
  "logistic", "nextafter",
]); // prettier-ignore

/** Emits `op`; `from` is the dtype of its (first value) argument, `constant` its second argument when that is known. */
export function emitScalarOp(c: ScalarContext, op: ScalarOp, from: DType, to: DType, constant?: number): void {
  const { f } = c;
  if (op === "select") return void f.op("select"); // handled by the caller's argument order
  if (op === "cast") return emitCast(f, from, to);
  if (op === "bitcast") return emitBitcast(f, from, to);
  if (isFloat(from)) return emitFloatOp(c, op, from);
  emitIntOp(f, op, from, constant);
}

function emitFloatOp(c: ScalarContext, op: ScalarOp, dtype: DType): void {
  const { f } = c;
  const type = dtype === "float64" ? "f64" : "f32";
  const name = FLOAT_OPS[op];
  const bitwise = type === "f64" ? DOUBLE_BITS[op] : undefined;
  if (name !== undefined) f.op(`${type}.${name}` as PlainOp);
  else if (bitwise !== undefined) emitDoubleBits(f, bitwise);
  else if (op === "fma") emitFma(c, type);
  else if (type === "f64" && HOST_MATH.has(op)) f.call(c.hostMath(op));
  else throw new InternalError(`wasm: no scalar ${op} on ${dtype}`);
}

/** The operation on the bits of a float64; the second operand is a float64 too, or an int32 to shift by. */
function emitDoubleBits(f: Func, op: PlainOp): void {
  const isShift = op === "i64.shl" || op === "i64.shr_u";
  const y = f.local(isShift ? "i32" : "f64");
  f.set(y)
    .op("i64.reinterpret_f64")
    .get(y)
    .op(isShift ? "i64.extend_i32_u" : "i64.reinterpret_f64");
  f.release(y);
  f.op(op).op("f64.reinterpret_i64");
}

/** As the vector code rounds: once with relaxed SIMD, else twice. */
function emitFma({ f, relaxed }: ScalarContext, type: "f32" | "f64"): void {
  const b = f.local(type);
  const c = f.local(type);
  f.set(c);
  if (relaxed) {
    const [splat, madd, extract] =
      type === "f32"
        ? (["f32x4.splat", "f32x4.relaxed_madd", "f32x4.extract_lane"] as const)
        : (["f64x2.splat", "f64x2.relaxed_madd", "f64x2.extract_lane"] as const);
    f.set(b).op(splat).get(b).op(splat).get(c).op(splat).op(madd).lane(extract, 0);
  } else f.op(`${type}.mul`).get(c).op(`${type}.add`);
  f.release(b, c);
}

function emitIntOp(f: Func, op: ScalarOp, dtype: DType, constant: number | undefined): void {
  const plain = dtype === "bool" ? (BOOL_OPS[op] ?? INT_OPS[op]) : INT_OPS[op];
  const u = isUnsigned(dtype) ? "u" : "s";
  if (plain !== undefined) return void f.op(plain);
  switch (op) {
    case "lt":
      return void f.op(`i32.lt_${u}`);
    case "le":
      return void f.op(`i32.le_${u}`);
    case "not":
      return void (dtype === "bool" ? f.op("i32.eqz") : f.i32(-1).op("i32.xor"));
    case "neg":
      return void f.i32(-1).op("i32.mul");
    case "abs":
      if (u === "u") return;
      return withTemps(f, 1, ([x]) =>
        f.set(x).get(x).get(x).i32(31).op("i32.shr_s").tee(x).op("i32.xor").get(x).op("i32.sub"),
      );
    case "max":
    case "min":
      return withTemps(f, 2, ([x, y]) => {
        f.set(y).tee(x).get(y).get(x).get(y);
        f.op(`i32.${op === "max" ? "gt" : "lt"}_${u}`).op("select");
      });
    case "fma":
      return withTemps(f, 1, ([z]) => f.set(z).op("i32.mul").get(z).op("i32.add"));
    case "shl":
    case "shr_logical":
    case "shr_arithmetic":
      return emitShift(f, op, constant);
    case "div":
    case "rem":
      return emitDivision(f, op, u, constant);
    default:
      throw new InternalError(`wasm: no scalar ${op} on ${dtype}`);
  }
}

/** Shifting by 32 or more gives 0, or the sign. */
function emitShift(f: Func, op: "shl" | "shr_logical" | "shr_arithmetic", constant: number | undefined): void {
  const name = ({ shl: "i32.shl", shr_logical: "i32.shr_u", shr_arithmetic: "i32.shr_s" } as const)[op];
  if (constant !== undefined && constant >= 0 && constant < 32) return void f.op(name);
  withTemps(f, 1, ([by]) => {
    f.set(by);
    if (op === "shr_arithmetic") f.get(by).i32(31).get(by).i32(32).op("i32.lt_u").op("select").op(name);
    else f.get(by).op(name).i32(0).get(by).i32(32).op("i32.lt_u").op("select");
  });
}

/** Integer division never traps: x / 0 = -1, x rem 0 = x, and the least integer by -1 wraps. */
function emitDivision(f: Func, op: "div" | "rem", u: "u" | "s", constant: number | undefined): void {
  if (constant !== undefined && constant !== 0 && (u === "u" || constant !== -1)) return void f.op(`i32.${op}_${u}`);
  withTemps(f, 2, ([x, y]) => {
    f.set(y).set(x);
    f.get(y).op("i32.eqz").if(
      () => (op === "div" ? f.i32(-1) : f.get(x)),
      () => {
        if (u === "u" || op === "rem") return void f.get(x).get(y).op(`i32.${op}_${u}`);
        f.get(y).i32(-1).op("i32.eq");
        f.if(
          () => f.i32(0).get(x).op("i32.sub"),
          () => f.get(x).get(y).op("i32.div_s"),
          "i32",
        );
      },
      "i32",
    ); // prettier-ignore
  });
}

/** Conversion of values. Float to integer truncates and saturates; integers wrap; to bool is `!= 0`. */
export function emitCast(f: Func, from: DType, to: DType): void {
  const source = valTypeOf(from);
  const target = valTypeOf(to);
  if (to === "bool") {
    if (from === "bool") return;
    if (source === "i32") f.i32(0).op("i32.ne");
    else if (source === "f32") f.f32(0).op("f32.ne");
    else f.f64(0).op("f64.ne");
  } else if (target === "i32") {
    if (source === "i32") return emitWrap(f, from, to);
    const { kind, sizeBytes } = dtypeInfo(to);
    f.op(`i32.trunc_sat_${source as "f32" | "f64"}_${kind === "uint" ? "u" : "s"}`);
    if (sizeBytes < 4) {
      const [lo, hi] = narrowRange(to);
      f.i32(lo);
      emitIntOp(f, "max", kind === "uint" ? "uint32" : "int32", undefined);
      f.i32(hi);
      emitIntOp(f, "min", kind === "uint" ? "uint32" : "int32", undefined);
    }
  } else if (source === "i32") {
    f.op(`${target as "f32" | "f64"}.convert_i32_${isUnsigned(from) ? "u" : "s"}`);
  } else if (source === "f32" && target === "f64") f.op("f64.promote_f32");
  else if (source === "f64" && target === "f32") f.op("f32.demote_f64");
}

function emitWrap(f: Func, from: DType, to: DType): void {
  const { kind, sizeBytes } = dtypeInfo(to);
  const source = dtypeInfo(from);
  if (sizeBytes >= 4 || from === "bool" || (source.kind === kind && source.sizeBytes <= sizeBytes)) return;
  if (kind === "uint") f.i32(2 ** (8 * sizeBytes) - 1).op("i32.and");
  else f.op(sizeBytes === 1 ? "i32.extend8_s" : "i32.extend16_s");
}

export function narrowRange(dtype: DType): [number, number] {
  const { kind, sizeBytes } = dtypeInfo(dtype);
  const span = 2 ** (8 * sizeBytes);
  return kind === "uint" ? [0, span - 1] : [-span / 2, span / 2 - 1];
}

function emitBitcast(f: Func, from: DType, to: DType): void {
  const source = valTypeOf(from);
  const target = valTypeOf(to);
  if (source === "i32" && target === "i32") emitWrap(f, from, to);
  else if (source === "f32" && target === "i32") f.op("i32.reinterpret_f32");
  else if (source === "i32" && target === "f32") f.op("f32.reinterpret_i32");
  else if (source !== target) throw new InternalError(`wasm: no bitcast of ${from} to ${to}`);
}

function withTemps(f: Func, n: number, body: (locals: [Temp, Temp]) => void): void {
  const temps = Array.from({ length: n }, () => f.local("i32")) as [Temp, Temp];
  body(temps);
  f.release(...temps);
}
type Temp = ReturnType<Func["local"]>;
