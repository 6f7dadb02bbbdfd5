/**
 * Running values of reductions. Float32 sums keep a total in float64 and add to it what a short run of float32
 * additions gave, so the error does not grow with the number of elements.
 */
import { type DType, isFloat, isUnsigned } from "../../aval/dtype";
import { InternalError } from "../../base/errors";
import type { Axis, Reduction } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import type { ReduceOp, ScalarOp } from "../../kernel/scalar-op";
import type { Func, Local, ValType } from "./assembler";
import type { LoopEmitter } from "./loop-emitter";
import { emitCast, emitScalarOp, valTypeOf } from "./scalar";

export const isArg = (op: ReduceOp): op is "argmax" | "argmin" => op === "argmax" || op === "argmin";

/** Value that leaves any other unchanged. */
export function identityOf(op: ReduceOp, dtype: DType): number {
  if (op === "add" || op === "or") return 0;
  if (op === "mul") return 1;
  if (op === "and") return dtype === "bool" ? 1 : -1;
  const max = op === "max" || op === "argmax";
  if (isFloat(dtype)) return max ? -Infinity : Infinity;
  if (dtype === "bool") return max ? 0 : 1;
  if (isUnsigned(dtype)) return max ? 0 : 2 ** 32 - 1;
  return max ? -(2 ** 31) : 2 ** 31 - 1;
}

/** Position along the stage's axes, row-major. */
export function positionOf(axes: readonly Axis[]): Scalar {
  const axisScalar = ({ id, size }: Axis): Scalar => ({ tag: "axis", dtype: "int32", axis: id, size });
  return axes.slice(1).reduce<Scalar>((position, axis) => {
    const slot = axis.sizeParam;
    const size: Scalar =
      slot === undefined ? { tag: "const", dtype: "int32", value: axis.size } : { tag: "param", dtype: "int32", slot };
    const scaled: Scalar = { tag: "op", dtype: "int32", op: "mul", args: [position, size] };
    return { tag: "op", dtype: "int32", op: "add", args: [scaled, axisScalar(axis)] };
  }, axisScalar(axes[0]!));
}

export function pushConst(f: Func, type: ValType, value: number): void {
  if (type === "f64") f.f64(value);
  else if (type === "f32") f.f32(value);
  else f.i32(value);
}

/** One reduction, one point at a time. */
export class ScalarAccumulator {
  readonly reduction: Reduction;
  private readonly e: LoopEmitter;
  private readonly value: Local;
  private readonly index: Local | null;
  private readonly type: ValType;
  /** A float64 total of float32 values. */
  private readonly wide: boolean;

  constructor(e: LoopEmitter, reduction: Reduction, wide: boolean) {
    this.e = e;
    this.reduction = reduction;
    this.type = valTypeOf(reduction.value.dtype);
    this.wide = wide && this.type === "f32" && reduction.op === "add";
    this.value = e.temp(this.wide ? "f64" : this.type);
    this.index = isArg(reduction.op) ? e.temp("i32") : null;
  }

  init(): void {
    const { f } = this.e;
    pushConst(f, this.wide ? "f64" : this.type, identityOf(this.reduction.op, this.reduction.value.dtype));
    f.set(this.value);
    if (this.index !== null) f.i32(0).set(this.index);
  }

  accumulate(position: Scalar): void {
    this.e.push(this.reduction.value);
    if (this.index !== null) this.e.push(position);
    this.merge();
  }

  /** Combines with the value (and, for argmax and argmin, the index) on the stack. */
  merge(): void {
    const { e, value, index } = this;
    const { f } = e;
    const { op } = this.reduction;
    const { dtype } = this.reduction.value;
    if (index !== null) return this.mergeArg(index);
    if (this.wide) {
      f.op("f64.promote_f32").get(value).op("f64.add").set(value);
      return;
    }
    f.get(value);
    emitScalarOp(e, op as ScalarOp, dtype, dtype);
    f.set(value);
  }

  private mergeArg(index: Local): void {
    const { e, value, type } = this;
    const { f } = e;
    const x = f.local(type);
    const at = f.local("i32");
    f.set(at).set(x);
    const unsigned = isUnsigned(this.reduction.value.dtype) || this.reduction.value.dtype === "bool";
    const greater = this.reduction.op === "argmax" ? "gt" : "lt";
    f.get(x).get(value);
    if (type === "i32") f.op(unsigned ? `i32.${greater}_u` : `i32.${greater}_s`);
    else {
      f.op(`${type as "f32" | "f64"}.${greater}`);
      f.get(x)
        .get(x)
        .op(`${type as "f32"}.ne`)
        .get(value)
        .get(value)
        .op(`${type as "f32"}.eq`)
        .op("i32.and")
        .op("i32.or");
    }
    f.if(() => f.get(x).set(value).get(at).set(index));
    f.release(x, at);
  }

  /** Pushes what a leaf returns: the value, and the index if there is one. */
  pushPartial(): void {
    this.e.f.get(this.value);
    if (this.index !== null) this.e.f.get(this.index);
  }

  static partialTypes({ op, value }: Reduction): ValType[] {
    return isArg(op) ? [valTypeOf(value.dtype), "i32"] : [valTypeOf(value.dtype)];
  }

  /** A local with the finished value in the reduction's dtype. */
  finish(): Local {
    const { f } = this.e;
    const { dtype, value } = this.reduction;
    const out = this.e.temp(valTypeOf(dtype));
    if (this.index !== null) return (f.get(this.index).set(out), out);
    f.get(this.value);
    if (this.wide && valTypeOf(dtype) === "f64") return (f.set(out), out);
    if (this.wide) f.op("f32.demote_f64");
    emitCast(f, value.dtype, dtype);
    f.set(out);
    return out;
  }
}

/** Combines four values with four others. Stack: running values, new values. */
export function emitCombine(f: Func, { op, value: { dtype } }: Reduction): void {
  const wide = dtype === "float64";
  switch (op) {
    case "and":
      return void f.op("v128.and");
    case "or":
      return void f.op("v128.or");
    case "add":
      return void f.op(dtype === "bool" ? "v128.or" : wide ? "f64x2.add" : isFloat(dtype) ? "f32x4.add" : "i32x4.add");
    case "mul":
      return void f.op(dtype === "bool" ? "v128.and" : wide ? "f64x2.mul" : isFloat(dtype) ? "f32x4.mul" : "i32x4.mul");
    case "max":
    case "min": {
      if (dtype === "bool") return void f.op(op === "max" ? "v128.or" : "v128.and");
      if (wide) return void f.op(`f64x2.p${op}`);
      if (isFloat(dtype)) return void f.op(`f32x4.p${op}`);
      return void f.op(`i32x4.${op}_${isUnsigned(dtype) ? "u" : "s"}`);
    }
    default:
      throw new InternalError(`wasm: no lanes for ${op}`);
  }
}
