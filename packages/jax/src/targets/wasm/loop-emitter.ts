/** Emits scalars four points at once ("lanes") along one axis, in several copies, or one point at a time. */
import type { OpScalar, Scalar } from "../../kernel/scalar";
import type { Local } from "./assembler";
import { isSelect } from "../../kernel/scalar-op";
import { PointEmitter, reducedKey, secondConstant } from "./loop-point";
import { emitScalarOp, valTypeOf } from "./scalar";
import { type Half, emitVectorOp } from "./vector";
import { type LaneHost, vectorLoad } from "./vector-memory";
import { shortSelect } from "./vector-select";

export class LoopEmitter extends PointEmitter implements LaneHost {
  /** Finished reductions of all lanes, by `2 * copy + half`. */
  readonly reducedLanes = new Map<string, (Local | undefined)[]>();
  /** Whether seldom needed arms are left out now. */
  private armless = false;

  /** Pushes (half of) the values of the lanes of the current copy. */
  pushVector(s: Scalar, half: Half = 0): void {
    if (!this.varies(s)) return this.pushSplat(s);
    const { f } = this;
    const lanes = this.lanes!;
    if (s.tag === "axis")
      return void f
        .get(this.axes.get(s.axis)!)
        .op("i32x4.splat")
        .v128(iotaBytes(4 * lanes.copy))
        .op("i32x4.add");
    if (s.tag === "reduced") {
      const locals = this.reducedLanes.get(reducedKey(s.stage, s.slot));
      return void f.get(this.known(locals?.[2 * lanes.copy + half], "reduction"));
    }
    const memo = this.findVector(s, half);
    if (memo !== null) return void f.get(memo);
    if (s.tag === "load") vectorLoad(this, s, half);
    else this.pushVectorOp(s as OpScalar, half);
    if ((this.analysis.uses.get(s) ?? 0) > 1) this.f.tee(this.rememberVector(s, half));
  }

  /** Says that a local holds the lanes of a value, in the current scope. */
  setVector(s: Scalar, local: Local): void {
    this.scopes.at(-1)!.vectors.set(s, [local]);
  }

  keepVector(s: Scalar, half: Half = 0): Local {
    if (!this.varies(s)) return this.keepSplat(s);
    const memo = this.findVector(s, half);
    if (memo !== null) return memo;
    this.pushVector(s, half);
    const again = this.findVector(s, half);
    if (again !== null) {
      this.f.op("drop");
      return again;
    }
    const local = this.rememberVector(s, half);
    this.f.set(local);
    return local;
  }

  /** The same value in all lanes, kept in a local of the current scope. */
  keepSplat(s: Scalar): Local {
    const memo = this.findSplat(s);
    if (memo !== null) return memo;
    this.pushSplat(s);
    const local = this.temp("v128");
    this.f.set(local);
    this.scopes.at(-1)!.splats.set(s, local);
    return local;
  }

  private pushSplat(s: Scalar): void {
    const { f } = this;
    const memo = this.findSplat(s);
    if (memo !== null) return void f.get(memo);
    const type = valTypeOf(s.dtype);
    if (s.tag === "const") {
      if (type === "f64") f.f64x2(s.value);
      else if (type === "f32") f.f32x4(s.value);
      else f.i32x4(s.dtype === "bool" && s.value !== 0 ? -1 : s.value);
      return;
    }
    this.push(s);
    if (type === "f64") f.op("f64x2.splat");
    else if (type === "f32") f.op("f32x4.splat");
    else {
      if (s.dtype === "bool") f.i32(-1).op("i32.mul");
      f.op("i32x4.splat");
    }
  }

  /** The factors of a float32 product that nothing else needs. */
  productOf(s: Scalar): readonly Scalar[] | null {
    if (s.tag !== "op" || s.op !== "mul" || s.dtype !== "float32" || !this.varies(s)) return null;
    return (this.analysis.uses.get(s) ?? 0) <= 1 ? s.args : null;
  }

  /** True for a select that computes its first arm only where some lane asks for it. */
  hasArm(s: OpScalar): boolean {
    return s.op === "rarely" && this.varies(s.args[0]!);
  }

  /** What an operation needs where it is computed; what only a seldom needed arm needs is computed in its branch. */
  operandsOf(s: OpScalar): readonly Scalar[] {
    if (!this.hasArm(s)) return s.args;
    const [condition, , usual] = s.args as [Scalar, Scalar, Scalar];
    return this.armless ? [usual] : [condition, usual, ...this.rare.sharedOf(s)];
  }

  /** Runs `body`; what it computes leaves seldom needed arms out. */
  withoutArms(body: () => void): void {
    this.armless = true;
    body();
    this.armless = false;
  }

  private pushVectorOp(s: OpScalar, half: Half): void {
    const { args, op } = s;
    if (this.hasArm(s)) return this.armless ? this.pushVector(args[2]!, half) : this.pushRarely(s, half);
    const short = op === "select" ? shortSelect(s) : null;
    if (short !== null) {
      this.pushVector(short.first, half);
      this.pushVector(short.second, half);
      return void this.f.op(short.op);
    }
    const from = args[isSelect(op) ? 1 : 0]!.dtype;
    const done = emitVectorOp(
      {
        f: this.f,
        relaxed: this.relaxed,
        push: (i, h) => this.pushVector(args[i]!, h),
        local: (i, h) => this.keepVector(args[i]!, h),
        constant: (i) => {
          const arg = args[i]!;
          return arg.tag === "const" ? arg.value : undefined;
        },
      },
      op,
      from,
      s.dtype,
      half,
    );
    if (!done) this.pushLaneByLane(s, half);
  }

  /** The operation once for every lane, by its scalar form. */
  private pushLaneByLane(s: OpScalar, half: Half): void {
    const { f } = this;
    const result = f.local("v128");
    const type = valTypeOf(s.dtype);
    const constant = secondConstant(s);
    const wide = type === "f64";
    for (const lane of wide ? [2 * half, 2 * half + 1] : [0, 1, 2, 3]) {
      if (lane > (wide ? 2 * half : 0)) f.get(result);
      for (const arg of s.args) this.pushLane(arg, lane);
      emitScalarOp(this, s.op, s.args[0]!.dtype, s.dtype, constant);
      if (s.dtype === "bool") f.i32(-1).op("i32.mul");
      const shape = wide ? "f64x2" : type === "f32" ? "f32x4" : "i32x4";
      const first = lane === (wide ? 2 * half : 0);
      if (first) f.op(`${shape}.splat`);
      else f.lane(`${shape}.replace_lane`, wide ? lane & 1 : lane);
      f.set(result);
    }
    f.get(result).release(result);
  }

  /** Pushes one lane of a value as a scalar. */
  private pushLane(s: Scalar, lane: number): void {
    if (!this.varies(s)) return this.push(s);
    const { f } = this;
    const type = valTypeOf(s.dtype);
    if (type === "f64") return void f.get(this.keepVector(s, (lane >> 1) as Half)).lane("f64x2.extract_lane", lane & 1);
    f.get(this.keepVector(s)).lane(type === "f32" ? "f32x4.extract_lane" : "i32x4.extract_lane", lane);
    if (s.dtype === "bool") f.i32(1).op("i32.and");
  }

  /** A select whose first arm is computed only when some lane asks for it. */
  private pushRarely(s: OpScalar, half: Half): void {
    const { f } = this;
    const [condition, yes, no] = s.args as [Scalar, Scalar, Scalar];
    const wide = s.dtype === "float64";
    for (const shared of this.rare.sharedOf(s)) this.keepAllHalves(shared);
    const usual = this.keepVector(no, half);
    const mask = this.keepVector(condition);
    const pushMask = (): void => {
      f.get(mask);
      if (wide) f.op(half === 0 ? "i64x2.extend_low_i32x4_s" : "i64x2.extend_high_i32x4_s");
    };
    f.get(mask)
      .op("v128.any_true")
      .if(
        () =>
          this.scoped(() => {
            this.pushVector(yes, half);
            f.get(usual);
            pushMask();
            f.op("v128.bitselect");
          }),
        () => f.get(usual),
        "v128",
      );
  }

  /** Computes the lanes of the current copy into locals. */
  keepAllHalves(s: Scalar): void {
    this.keepVector(s, 0);
    if (s.dtype === "float64" && this.varies(s)) this.keepVector(s, 1);
  }

  private findSplat(s: Scalar): Local | null {
    return this.find((scope) => scope.splats.get(s));
  }

  private findVector(s: Scalar, half: Half): Local | null {
    const slot = 2 * this.lanes!.copy + half;
    return this.find((scope) => scope.vectors.get(s)?.[slot]);
  }

  private rememberVector(s: Scalar, half: Half): Local {
    const local = this.temp("v128");
    const { vectors } = this.scopes.at(-1)!;
    let locals = vectors.get(s);
    if (locals === undefined) vectors.set(s, (locals = []));
    locals[2 * this.lanes!.copy + half] = local;
    return local;
  }
}

function iotaBytes(first: number): Uint8Array {
  return new Uint8Array(Int32Array.of(first, first + 1, first + 2, first + 3).buffer);
}
