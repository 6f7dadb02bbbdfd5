/**
 * Emits the scalars of one kernel function, one point at a time or four points at once ("lanes") along one axis. Values
 * used twice go to locals; a scope is a stretch of code in which they stay valid.
 */
import type { DType } from "../../aval/dtype";
import { invariant } from "../../base/errors";
import type { LoadScalar, OpScalar, Scalar } from "../../kernel/scalar";
import type { ScalarOp } from "../../kernel/scalar-op";
import type { Callable, Func, Local, ValType } from "./assembler";
import { type Analysis, childrenOf } from "./loop-analysis";
import { LazyArms } from "./loop-lazy";
import { pushScalarLoad, sizeLog2 } from "./memory";
import { type ScalarContext, emitScalarOp, valTypeOf } from "./scalar";
import { type Half, emitVectorOp } from "./vector";
import { type LaneHost, vectorLoad } from "./vector-memory";

/** A pointer that moves with the innermost loop. */
export interface Cursor {
  readonly local: Local;
  readonly offsetBytes: number;
}

/** Four points at once: lane l of copy c is at axis value `local + 4c + l`. */
export interface Lanes {
  readonly axis: number;
  copy: number;
}

interface Scope {
  readonly scalars: Map<Scalar, Local>;
  /** By copy and half: `2 * copy + half`. */
  readonly vectors: Map<Scalar, (Local | undefined)[]>;
  readonly splats: Map<Scalar, Local>;
  readonly owned: Local[];
}

export interface EmitterOptions {
  readonly f: Func;
  readonly analysis: Analysis;
  readonly relaxed: boolean;
  readonly hostMath: (op: ScalarOp) => Callable;
  readonly dtypeOf: (buffer: number) => DType;
}

export class LoopEmitter implements ScalarContext, LaneHost {
  readonly f: Func;
  readonly analysis: Analysis;
  readonly relaxed: boolean;
  readonly hostMath: (op: ScalarOp) => Callable;
  readonly dtypeOf: (buffer: number) => DType;
  readonly pointers = new Map<number, Local>();
  readonly params = new Map<number, Local>();
  readonly axes = new Map<number, Local>();
  readonly reduced = new Map<string, Local>();
  /** Finished reductions of all lanes, by `2 * copy + half`. */
  readonly reducedLanes = new Map<string, (Local | undefined)[]>();
  lanes: Lanes | null = null;
  private cursors = new Map<Scalar, Map<number, Cursor>>();
  private scopes: Scope[] = [];
  readonly lazy: LazyArms;

  constructor(options: EmitterOptions) {
    this.f = options.f;
    this.analysis = options.analysis;
    this.relaxed = options.relaxed;
    this.hostMath = options.hostMath;
    this.dtypeOf = options.dtypeOf;
    this.lazy = new LazyArms(this.analysis.uses);
    this.scopes.push(newScope());
  }

  /** Runs `body`; values that it computes are forgotten, and their locals free, at its end. */
  scoped(body: () => void): void {
    const scope = newScope();
    this.scopes.push(scope);
    body();
    this.scopes.pop();
    this.f.release(...scope.owned);
  }

  /** A local that lives until the current scope ends. */
  temp(type: ValType): Local {
    const local = this.f.local(type);
    this.scopes.at(-1)!.owned.push(local);
    return local;
  }

  /** Runs `body` with pointers that move with a loop. */
  withCursors(cursors: Map<Scalar, Map<number, Cursor>>, body: () => void): void {
    const saved = this.cursors;
    this.cursors = cursors;
    body();
    this.cursors = saved;
  }

  cursor(buffer: number, index: Scalar): Cursor | undefined {
    return this.cursors.get(index)?.get(buffer);
  }

  /** True if the value differs from lane to lane. */
  varies(s: Scalar): boolean {
    return this.lanes !== null && (this.analysis.mask(s) & this.analysis.bit(this.lanes.axis)) !== 0;
  }

  // --- one point ---

  /** Pushes the value at the current point; in lane mode that of lane 0 of copy 0. */
  push(s: Scalar): void {
    const { f } = this;
    switch (s.tag) {
      case "const":
        return this.pushConst(s.dtype, s.value);
      case "axis":
        return void f.get(this.known(this.axes.get(s.axis), `axis ${s.axis}`));
      case "param":
        return void f.get(this.known(this.params.get(s.slot), `param ${s.slot}`));
      case "reduced":
        return void f.get(this.known(this.reduced.get(reducedKey(s.stage, s.slot)), "reduction"));
      case "acc":
        return void f.get(this.known(this.reduced.get("acc"), "acc"));
      case "load":
      case "op":
        break;
      default:
        s satisfies never;
    }
    const memo = this.findScalar(s);
    if (memo !== null) return void f.get(memo);
    if (s.tag === "load") pushScalarLoad(this, s);
    else this.pushOp(s as OpScalar);
    if ((this.analysis.uses.get(s) ?? 0) > 1) {
      const local = this.temp(valTypeOf(s.dtype));
      f.tee(local);
      this.scopes.at(-1)!.scalars.set(s, local);
    }
  }

  /** The value in a local, computed now if it was not before. */
  keep(s: Scalar): Local {
    const memo = this.findScalar(s);
    if (memo !== null) return memo;
    this.push(s);
    const again = this.findScalar(s);
    if (again !== null) {
      this.f.op("drop");
      return again;
    }
    const local = this.temp(valTypeOf(s.dtype));
    this.f.set(local);
    this.scopes.at(-1)!.scalars.set(s, local);
    return local;
  }

  private pushConst(dtype: DType, value: number): void {
    const type = valTypeOf(dtype);
    if (type === "f64") this.f.f64(value);
    else if (type === "f32") this.f.f32(value);
    else this.f.i32(value);
  }

  private pushOp(s: OpScalar): void {
    const { args, op } = s;
    if (op === "select") {
      const slow = this.lazy.arm(s);
      if (slow !== null) return this.pushLazySelect(s);
      this.push(args[1]!);
      this.push(args[2]!);
      this.push(args[0]!);
      this.f.op("select");
      return;
    }
    for (const arg of args) this.push(arg);
    emitScalarOp(this, op, args[0]!.dtype, s.dtype, secondConstant(s));
  }

  private pushLazySelect(s: OpScalar): void {
    const [condition, yes, no] = s.args as [Scalar, Scalar, Scalar];
    for (const shared of this.lazy.frontier(s)) this.keep(shared);
    this.push(condition);
    this.f.if(
      () => this.scoped(() => this.push(yes)),
      () => this.scoped(() => this.push(no)),
      valTypeOf(s.dtype),
    );
  }

  // --- four points ---

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

  private pushVectorOp(s: OpScalar, half: Half): void {
    const { args, op } = s;
    if (op === "select" && this.varies(args[0]!) && this.lazy.arm(s) !== null) return this.pushLazyVector(s, half);
    const from = args[op === "select" ? 1 : 0]!.dtype;
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

  /** A select whose costly arm is computed only when some lane asks for it. */
  private pushLazyVector(s: OpScalar, half: Half): void {
    const { f } = this;
    const [condition, yes, no] = s.args as [Scalar, Scalar, Scalar];
    const slow = this.lazy.arm(s)!;
    const wide = s.dtype === "float64";
    for (const shared of this.lazy.frontier(s)) this.keepAllHalves(shared);
    const mask = this.keepVector(condition);
    const pushMask = (): void => {
      f.get(mask);
      if (wide) f.op(half === 0 ? "i64x2.extend_low_i32x4_s" : "i64x2.extend_high_i32x4_s");
    };
    f.get(mask);
    if (slow === 1) f.op("v128.any_true");
    else f.op("i32x4.all_true").op("i32.eqz");
    f.if(
      () =>
        this.scoped(() => {
          this.pushVector(yes, half);
          this.pushVector(no, half);
          pushMask();
          f.op("v128.bitselect");
        }),
      () => this.scoped(() => this.pushVector(slow === 1 ? no : yes, half)),
      "v128",
    );
  }

  /** Computes the lanes of the current copy into locals. */
  keepAllHalves(s: Scalar): void {
    this.keepVector(s, 0);
    if (s.dtype === "float64" && this.varies(s)) this.keepVector(s, 1);
  }

  /**
   * Computes into locals, now, what the loops over the axes in `loopMask` need and do not change. `vector` says that
   * the values are needed in lanes.
   */
  hoist(roots: readonly Scalar[], loopMask: number, vector: boolean, copies: number): void {
    const seen = [new Set<Scalar>(), new Set<Scalar>()];
    const visit = (s: Scalar, asVector: boolean): void => {
      if (seen[asVector ? 1 : 0]!.has(s)) return;
      seen[asVector ? 1 : 0]!.add(s);
      if ((this.analysis.mask(s) & loopMask) === 0) return this.hoistOne(s, asVector, copies);
      if (s.tag === "load") {
        if (this.cursor(s.buffer, s.index) === undefined) visit(s.index, asVector && this.gathers(s));
        if (s.guard !== null) visit(s.guard, asVector && this.varies(s.guard));
      } else {
        for (const child of childrenOf(s)) visit(child, asVector && this.varies(s));
      }
    };
    for (const root of roots) visit(root, vector);
  }

  private gathers(s: LoadScalar): boolean {
    return this.lanes !== null && this.analysis.step(s.index, this.lanes.axis) === null;
  }

  private hoistOne(s: Scalar, asVector: boolean, copies: number): void {
    if (!asVector) {
      if (s.tag === "op" || s.tag === "load") this.keep(s);
    } else if (!this.varies(s)) this.keepSplat(s);
    else if (s.tag !== "reduced") {
      const lanes = this.lanes!;
      const saved = lanes.copy;
      for (lanes.copy = 0; lanes.copy < copies; lanes.copy++) this.keepAllHalves(s);
      lanes.copy = saved;
    }
  }

  // --- addresses ---

  /** Pushes the address of buffer[index] at the current point (lane 0 of the copy); returns a constant to add. */
  pushAddress(buffer: number, index: Scalar): number {
    const { f } = this;
    const log2 = sizeLog2(this.dtypeOf(buffer));
    const cursor = this.cursor(buffer, index);
    let offset = 0;
    if (cursor === undefined) this.pushComputedAddress(buffer, index);
    else {
      f.get(cursor.local);
      offset = cursor.offsetBytes;
    }
    const { lanes } = this;
    if (lanes === null || lanes.copy === 0 || !this.varies(index)) return offset;
    const step = this.analysis.step(index, lanes.axis);
    invariant(step !== null, "wasm: address of a gather");
    if (typeof step === "number") {
      const more = (4 * lanes.copy * step) << log2;
      if (more >= 0) return offset + more;
      f.i32(more).op("i32.add");
    } else {
      this.push(step);
      f.i32((4 * lanes.copy) << log2)
        .op("i32.mul")
        .op("i32.add");
    }
    return offset;
  }

  pushComputedAddress(buffer: number, index: Scalar): void {
    const { f } = this;
    const log2 = sizeLog2(this.dtypeOf(buffer));
    f.get(this.known(this.pointers.get(buffer), `buffer ${buffer}`));
    if (index.tag === "const") {
      if (index.value !== 0) f.i32(index.value << log2).op("i32.add");
      return;
    }
    this.push(index);
    if (log2 > 0) f.i32(log2).op("i32.shl");
    f.op("i32.add");
  }

  private known<T>(x: T | undefined, what: string): T {
    invariant(x !== undefined, `wasm: ${what} is not known here`);
    return x;
  }

  private findScalar(s: Scalar): Local | null {
    return this.find((scope) => scope.scalars.get(s));
  }

  private findSplat(s: Scalar): Local | null {
    return this.find((scope) => scope.splats.get(s));
  }

  private findVector(s: Scalar, half: Half): Local | null {
    const slot = 2 * this.lanes!.copy + half;
    return this.find((scope) => scope.vectors.get(s)?.[slot]);
  }

  private find(get: (scope: Scope) => Local | undefined): Local | null {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const local = get(this.scopes[i]!);
      if (local !== undefined) return local;
    }
    return null;
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

const newScope = (): Scope => ({
  scalars: new Map<Scalar, Local>(),
  vectors: new Map<Scalar, (Local | undefined)[]>(),
  splats: new Map<Scalar, Local>(),
  owned: [],
});

/** What is known of the second argument. A parameter that divides is greater than 1, so any such number stands for it. */
function secondConstant({ op, args }: OpScalar): number | undefined {
  const second = args[1];
  if (second?.tag === "param" && (op === "div" || op === "rem")) return 2;
  return second?.tag === "const" ? second.value : undefined;
}

export const reducedKey = (stage: number, slot: number): string => `${stage}.${slot}`;

function iotaBytes(first: number): Uint8Array {
  return new Uint8Array(Int32Array.of(first, first + 1, first + 2, first + 3).buffer);
}
