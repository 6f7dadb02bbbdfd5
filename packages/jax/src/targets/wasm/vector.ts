/**
 * One operation on four points at once. f32, i32 and u32 values are one v128; bool is a mask of 32-bit lanes; f64 values
 * are two v128, halves 0 and 1. What SIMD lacks is left to the caller, who does it lane by lane.
 */
import { type DType, isFloat, isUnsigned } from "../../aval/dtype";
import type { ScalarOp } from "../../kernel/scalar-op";
import type { Func, Local, PlainOp } from "./assembler";
import { narrowRange } from "./scalar";
import { emitVectorDivision } from "./vector-division";

export type Half = 0 | 1;

export interface VectorArgs {
  readonly f: Func;
  readonly relaxed: boolean;
  /** Pushes (half of) argument i. */
  push(i: number, half: Half): void;
  /** A local that holds (half of) argument i. */
  local(i: number, half: Half): Local;
  /** Value of argument i if it is a constant. */
  constant(i: number): number | undefined;
}

const isWide = (dtype: DType): boolean => dtype === "float64";

const FLOAT_OPS: Partial<Record<ScalarOp, string>> = {
  add: "add", sub: "sub", mul: "mul", div: "div", neg: "neg", abs: "abs", floor: "floor", ceil: "ceil",
  round: "nearest", trunc: "trunc", sqrt: "sqrt",
}; // prettier-ignore

const INT_OPS: Partial<Record<ScalarOp, PlainOp>> = {
  add: "i32x4.add", sub: "i32x4.sub", mul: "i32x4.mul", neg: "i32x4.neg", and: "v128.and", or: "v128.or",
  xor: "v128.xor", not: "v128.not", eq: "i32x4.eq", ne: "i32x4.ne",
}; // prettier-ignore

const BOOL_OPS: Partial<Record<ScalarOp, PlainOp>> = {
  and: "v128.and", or: "v128.or", xor: "v128.xor", not: "v128.not", ne: "v128.xor", max: "v128.or", min: "v128.and",
  add: "v128.or", mul: "v128.and",
}; // prettier-ignore

const COMPARE = { eq: "eq", ne: "ne", lt: "lt", le: "le" } as const;

/** Pushes (half of) the result; false, with nothing pushed, if there is no vector form. */
export function emitVectorOp(a: VectorArgs, op: ScalarOp, from: DType, to: DType, half: Half): boolean {
  if (op === "select") return emitSelect(a, to, half);
  if (op === "cast") return emitVectorCast(a, from, to, half);
  if (op === "bitcast") {
    if (isWide(from) || isWide(to)) return false;
    if (isFloat(from) || isFloat(to)) a.push(0, 0);
    else return emitVectorCast(a, from, to, half);
    return true;
  }
  if (from === "bool") return emitBoolOp(a, op);
  return isFloat(from) ? emitFloatOp(a, op, from, half) : emitIntOp(a, op, from);
}

function emitSelect(a: VectorArgs, to: DType, half: Half): boolean {
  a.push(1, half);
  a.push(2, half);
  a.push(0, 0);
  if (isWide(to)) a.f.op(half === 0 ? "i64x2.extend_low_i32x4_s" : "i64x2.extend_high_i32x4_s");
  a.f.op("v128.bitselect");
  return true;
}

function pushAll(a: VectorArgs, n: number, half: Half): Func {
  for (let i = 0; i < n; i++) a.push(i, half);
  return a.f;
}

function emitBoolOp(a: VectorArgs, op: ScalarOp): boolean {
  const name = BOOL_OPS[op];
  if (name !== undefined) pushAll(a, op === "not" ? 1 : 2, 0).op(name);
  else if (op === "eq") pushAll(a, 2, 0).op("v128.xor").op("v128.not");
  else if (op === "lt") {
    a.push(1, 0);
    a.push(0, 0);
    a.f.op("v128.andnot");
  } else if (op === "le") {
    a.push(0, 0);
    a.f.op("v128.not");
    a.push(1, 0);
    a.f.op("v128.or");
  } else return false;
  return true;
}

function emitFloatOp(a: VectorArgs, op: ScalarOp, dtype: DType, half: Half): boolean {
  const { f } = a;
  const type = isWide(dtype) ? "f64x2" : "f32x4";
  const name = FLOAT_OPS[op];
  if (name !== undefined) {
    const n = op === "add" || op === "sub" || op === "mul" || op === "div" ? 2 : 1;
    pushAll(a, n, half).op(`${type}.${name}` as PlainOp);
    return true;
  }
  if (op in COMPARE) {
    const compare = `${type}.${COMPARE[op as keyof typeof COMPARE]}` as PlainOp;
    pushAll(a, 2, 0).op(compare);
    if (type === "f64x2") pushAll(a, 2, 1).op(compare).shuffle(0, 2, 4, 6);
    return true;
  }
  switch (op) {
    case "fma":
      if (a.relaxed) pushAll(a, 3, half).op(`${type}.relaxed_madd`);
      else {
        pushAll(a, 2, half).op(`${type}.mul`);
        a.push(2, half);
        f.op(`${type}.add`);
      }
      return true;
    case "max":
    case "min":
      emitExtreme(a, type, op === "max" ? "pmax" : "pmin", half);
      return true;
    case "and":
    case "or":
    case "xor":
      pushAll(a, 2, half).op(`v128.${op}`);
      return true;
    case "shl":
    case "shr_logical":
      a.push(0, half);
      f.i32(a.constant(1)!).op(op === "shl" ? "i64x2.shl" : "i64x2.shr_u");
      return true;
    default:
      return false;
  }
}

/** pmax(a, b) is `a < b ? b : a`: a NaN in a stays; a NaN in b must be put back unless b is a known number. */
function emitExtreme(a: VectorArgs, type: "f32x4" | "f64x2", name: "pmax" | "pmin", half: Half): void {
  const [x, y] = a.constant(0) !== undefined ? [1, 0] : [0, 1];
  const constant = a.constant(y);
  if (constant !== undefined && constant === constant) {
    a.push(x, half);
    a.push(y, half);
    a.f.op(`${type}.${name}`);
    return;
  }
  const b = a.local(y, half);
  a.push(x, half);
  a.f.get(b).op(`${type}.${name}`).get(b).get(b).get(b).op(`${type}.eq`).op("v128.bitselect");
}

function emitIntOp(a: VectorArgs, op: ScalarOp, dtype: DType): boolean {
  const { f } = a;
  const u = isUnsigned(dtype) ? "u" : "s";
  const name = INT_OPS[op];
  if (name !== undefined) {
    pushAll(a, op === "neg" || op === "not" ? 1 : 2, 0).op(name);
    return true;
  }
  switch (op) {
    case "lt":
    case "le":
    case "max":
    case "min":
      pushAll(a, 2, 0).op(`i32x4.${op}_${u}`);
      return true;
    case "abs":
      a.push(0, 0);
      if (u === "s") f.op("i32x4.abs");
      return true;
    case "fma":
      pushAll(a, 2, 0).op("i32x4.mul");
      a.push(2, 0);
      f.op("i32x4.add");
      return true;
    case "shl":
    case "shr_logical":
    case "shr_arithmetic": {
      const by = a.constant(1);
      if (by === undefined || by < 0 || by >= 32) return false;
      a.push(0, 0);
      f.i32(by).op(op === "shl" ? "i32x4.shl" : op === "shr_logical" ? "i32x4.shr_u" : "i32x4.shr_s");
      return true;
    }
    case "div":
    case "rem":
      emitVectorDivision(a, op, u);
      return true;
    case "popcount":
      a.push(0, 0);
      f.op("i8x16.popcnt").op("i16x8.extadd_pairwise_i8x16_u").op("i32x4.extadd_pairwise_i16x8_u");
      return true;
    default:
      return false;
  }
}

function emitVectorCast(a: VectorArgs, from: DType, to: DType, half: Half): boolean {
  const { f } = a;
  if (to === "bool") {
    a.push(0, 0);
    if (isWide(from)) {
      f.f64x2(0).op("f64x2.ne");
      a.push(0, 1);
      f.f64x2(0).op("f64x2.ne").shuffle(0, 2, 4, 6);
    } else if (isFloat(from)) f.f32x4(0).op("f32x4.ne");
    else if (from !== "bool") f.i32x4(0).op("i32x4.ne");
  } else if (from === "bool") {
    a.push(0, 0);
    if (isWide(to)) f.op(extend(half, "s")).f64x2(1);
    else if (isFloat(to)) f.f32x4(1);
    else f.i32x4(1);
    f.op("v128.and");
  } else if (isWide(to)) {
    if (isWide(from)) a.push(0, half);
    else {
      a.push(0, 0);
      if (half === 1) f.get(a.local(0, 0)).shuffle(2, 3, 2, 3);
      f.op(isFloat(from) ? "f64x2.promote_low_f32x4" : `f64x2.convert_low_i32x4_${isUnsigned(from) ? "u" : "s"}`);
    }
  } else if (isFloat(to)) {
    if (isWide(from)) bothHalves(a, "f32x4.demote_f64x2_zero");
    else {
      a.push(0, 0);
      if (!isFloat(from)) f.op(`f32x4.convert_i32x4_${isUnsigned(from) ? "u" : "s"}`);
    }
  } else emitToInt(a, from, to);
  return true;
}

const extend = (half: Half, u: "s" | "u"): PlainOp =>
  half === 0 ? `i64x2.extend_low_i32x4_${u}` : `i64x2.extend_high_i32x4_${u}`;

/** Two f64x2 to the low two lanes of each result, put together. */
function bothHalves(a: VectorArgs, name: PlainOp): void {
  a.push(0, 0);
  a.f.op(name);
  a.push(0, 1);
  a.f.op(name).shuffle(0, 1, 4, 5);
}

function emitToInt(a: VectorArgs, from: DType, to: DType): void {
  const { f } = a;
  const u = isUnsigned(to) ? "u" : "s";
  const [lo, hi] = narrowRange(to);
  const narrow = hi < 65536;
  if (isFloat(from)) {
    // What is narrow fits int32, to which conversion is cheaper.
    const by = narrow ? "s" : u;
    if (isWide(from)) bothHalves(a, `i32x4.trunc_sat_f64x2_${by}_zero`);
    else {
      a.push(0, 0);
      f.op(`i32x4.trunc_sat_f32x4_${by}`);
    }
    if (narrow) f.i32x4(lo).op("i32x4.max_s").i32x4(hi).op("i32x4.min_s");
    return;
  }
  a.push(0, 0);
  if (!narrow) return;
  if (u === "u") f.i32x4(hi).op("v128.and");
  else {
    const by = hi < 256 ? 24 : 16;
    f.i32(by).op("i32x4.shl").i32(by).op("i32x4.shr_s");
  }
}
