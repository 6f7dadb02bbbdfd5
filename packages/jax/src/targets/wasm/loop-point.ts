/**
 * Emits the scalars of one kernel function, one point at a time. Values used twice go to locals; a scope is a stretch of
 * code in which they stay valid. `loop-emitter.ts` adds four points at once.
 */
import type { DType } from "../../aval/dtype";
import { invariant } from "../../base/errors";
import type { OpScalar, Scalar } from "../../kernel/scalar";
import type { ScalarOp } from "../../kernel/scalar-op";
import type { Callable, Func, Local, ValType } from "./assembler";
import type { Analysis } from "./loop-analysis";
import { RareArms } from "./loop-rare";
import { pushScalarLoad, sizeLog2 } from "./memory";
import { type ScalarContext, emitScalarOp, valTypeOf } from "./scalar";

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

/** Emits scalars one point at a time. */
export class PointEmitter implements ScalarContext {
  readonly f: Func;
  readonly analysis: Analysis;
  readonly relaxed: boolean;
  readonly hostMath: (op: ScalarOp) => Callable;
  readonly dtypeOf: (buffer: number) => DType;
  readonly pointers = new Map<number, Local>();
  readonly params = new Map<number, Local>();
  readonly axes = new Map<number, Local>();
  readonly reduced = new Map<string, Local>();
  lanes: Lanes | null = null;
  private cursors = new Map<Scalar, Map<number, Cursor>>();
  protected readonly scopes: Scope[] = [];
  readonly rare: RareArms;

  constructor(options: EmitterOptions) {
    this.f = options.f;
    this.analysis = options.analysis;
    this.relaxed = options.relaxed;
    this.hostMath = options.hostMath;
    this.dtypeOf = options.dtypeOf;
    this.rare = new RareArms(this.analysis.usual);
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
    if (op === "rarely") return this.pushRarelyAtPoint(s);
    if (op === "select") {
      this.push(args[1]!);
      this.push(args[2]!);
      this.push(args[0]!);
      this.f.op("select");
      return;
    }
    for (const arg of args) this.push(arg);
    emitScalarOp(this, op, args[0]!.dtype, s.dtype, secondConstant(s));
  }

  private pushRarelyAtPoint(s: OpScalar): void {
    const [condition, yes, no] = s.args as [Scalar, Scalar, Scalar];
    for (const shared of this.rare.sharedOf(s)) this.keep(shared);
    const usual = this.keep(no);
    this.push(condition);
    this.f.if(
      () => this.scoped(() => this.push(yes)),
      () => this.f.get(usual),
      valTypeOf(s.dtype),
    );
  }

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

  protected known<T>(x: T | undefined, what: string): T {
    invariant(x !== undefined, `wasm: ${what} is not known here`);
    return x;
  }

  private findScalar(s: Scalar): Local | null {
    return this.find((scope) => scope.scalars.get(s));
  }

  protected find(get: (scope: Scope) => Local | undefined): Local | null {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const local = get(this.scopes[i]!);
      if (local !== undefined) return local;
    }
    return null;
  }
}

const newScope = (): Scope => ({
  scalars: new Map<Scalar, Local>(),
  vectors: new Map<Scalar, (Local | undefined)[]>(),
  splats: new Map<Scalar, Local>(),
  owned: [],
});

/** What is known of the second argument. A parameter that divides is greater than 1, so any such number stands for it. */
export function secondConstant({ op, args }: OpScalar): number | undefined {
  const second = args[1];
  if (second?.tag === "param" && (op === "div" || op === "rem")) return 2;
  return second?.tag === "const" ? second.value : undefined;
}

export const reducedKey = (stage: number, slot: number): string => `${stage}.${slot}`;
