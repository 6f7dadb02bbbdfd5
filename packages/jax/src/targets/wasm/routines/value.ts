/** Values of the code in `code.ts`: what pushes them, and arithmetic on them by the instructions of their kind. */
import type { Func, Local, PlainOp, ValType } from "../assembler";

export type Kind = "i32" | "i64" | "f32" | "f64" | "f32x4" | "f64x2" | "i32x4" | "i64x2" | "i8x16";
export type ScalarKind = "f32" | "f64";
export type FloatKind = ScalarKind | "f32x4" | "f64x2";

/** What a comparison gives: an i32, or a mask of lanes. */
export type TestOf<K extends Kind> = K extends "f32x4"
  ? "i32x4"
  : K extends "f64x2"
    ? "i64x2"
    : K extends "i32x4" | "i64x2" | "i8x16"
      ? K
      : "i32";

export type Operand<K extends Kind> = Value<K> | number;

export const isVector = (kind: Kind): boolean => kind.includes("x");
export const valType = (kind: Kind): ValType => (isVector(kind) ? "v128" : (kind as ValType));
const TEST = { f32x4: "i32x4", f64x2: "i64x2", i32x4: "i32x4", i64x2: "i64x2", i8x16: "i8x16" } as const;
const testKind = (kind: Kind): Kind => (kind in TEST ? TEST[kind as keyof typeof TEST] : "i32");

export class Value<K extends Kind = Kind> {
  readonly kind: K;
  readonly push: () => void;
  protected readonly f: Func;

  constructor(f: Func, kind: K, push: () => void) {
    this.f = f;
    this.kind = kind;
    this.push = push;
  }

  add(o: Operand<K>): Value<K> {
    return o === 0 && !isVector(this.kind) ? this : this.with("add", o);
  }
  sub(o: Operand<K>): Value<K> {
    return o === 0 && !isVector(this.kind) ? this : this.with("sub", o);
  }
  mul(o: Operand<K>): Value<K> {
    return this.with("mul", o);
  }
  /** Of floats. */
  div(o: Operand<K>): Value<K> {
    return this.with("div", o);
  }
  divU(o: Operand<K>): Value<K> {
    return this.with("div_u", o);
  }
  remU(o: Operand<K>): Value<K> {
    return this.with("rem_u", o);
  }
  and(o: Operand<K>): Value<K> {
    return this.with("and", o, true);
  }
  or(o: Operand<K>): Value<K> {
    return this.with("or", o, true);
  }
  xor(o: Operand<K>): Value<K> {
    return this.with("xor", o, true);
  }
  /** This where `o` is 0. */
  andNot(o: Operand<K>): Value<K> {
    return this.with("andnot", o, true);
  }
  shl(by: number | Value): Value<K> {
    return this.shift("shl", by);
  }
  shrU(by: number | Value): Value<K> {
    return this.shift("shr_u", by);
  }
  shrS(by: number | Value): Value<K> {
    return this.shift("shr_s", by);
  }
  neg(): Value<K> {
    return this.kind === "i32" ? this.mul(-1) : this.unary("neg");
  }
  abs(): Value<K> {
    return this.unary("abs");
  }
  sqrt(): Value<K> {
    return this.unary("sqrt");
  }
  /** The larger; of floats, `this` where it is NaN. */
  max(o: Operand<K>): Value<K> {
    return isVector(this.kind) ? this.with("pmax", o) : this.with("max", o);
  }
  min(o: Operand<K>): Value<K> {
    return isVector(this.kind) ? this.with("pmin", o) : this.with("min", o);
  }
  copysign(o: Operand<K>): Value<K> {
    return this.with("copysign", o);
  }

  eq(o: Operand<K>): Value<TestOf<K>> {
    return this.test("eq", o);
  }
  ne(o: Operand<K>): Value<TestOf<K>> {
    return this.test("ne", o);
  }
  lt(o: Operand<K>): Value<TestOf<K>> {
    return this.test("lt", o, "_s");
  }
  le(o: Operand<K>): Value<TestOf<K>> {
    return this.test("le", o, "_s");
  }
  gt(o: Operand<K>): Value<TestOf<K>> {
    return this.test("gt", o, "_s");
  }
  ge(o: Operand<K>): Value<TestOf<K>> {
    return this.test("ge", o, "_s");
  }
  ltU(o: Operand<K>): Value<TestOf<K>> {
    return this.test("lt", o, "_u");
  }
  gtU(o: Operand<K>): Value<TestOf<K>> {
    return this.test("gt", o, "_u");
  }

  /** The same bits as lanes of another kind. */
  as<T extends Kind>(kind: T): Value<T> {
    return new Value(this.f, kind, this.push);
  }

  /** The instruction `name` applied to this. */
  to<T extends Kind>(name: PlainOp, kind: T): Value<T> {
    return new Value(this.f, kind, () => {
      this.push();
      this.f.op(name);
    });
  }

  lane<T extends Kind>(kind: T, lane: number): Value<T> {
    return new Value(this.f, kind, () => {
      this.push();
      this.f.lane(`${this.kind as "f32x4"}.extract_lane`, lane);
    });
  }

  pushOperand(o: Operand<K>): void {
    if (typeof o !== "number") return o.push();
    pushConstant(this.f, this.kind, o);
  }

  private with(name: string, o: Operand<K>, bitwise = false): Value<K> {
    const op = `${bitwise && isVector(this.kind) ? "v128" : this.kind}.${name}` as PlainOp;
    return new Value(this.f, this.kind, () => {
      this.push();
      this.pushOperand(o);
      this.f.op(op);
    });
  }

  private unary(name: string): Value<K> {
    return this.to(`${this.kind}.${name}` as PlainOp, this.kind);
  }

  private shift(name: string, by: number | Value): Value<K> {
    if (by === 0) return this;
    return new Value(this.f, this.kind, () => {
      this.push();
      if (typeof by !== "number") by.push();
      else if (this.kind === "i64") this.f.i64(BigInt(by));
      else this.f.i32(by);
      this.f.op(`${this.kind}.${name}` as PlainOp);
    });
  }

  private test(name: string, o: Operand<K>, sign = ""): Value<TestOf<K>> {
    const op = `${this.kind}.${name}${this.kind.startsWith("i") && name !== "eq" && name !== "ne" ? sign : ""}`;
    return new Value(this.f, testKind(this.kind) as TestOf<K>, () => {
      this.push();
      this.pushOperand(o);
      this.f.op(op as PlainOp);
    });
  }
}

export function pushConstant(f: Func, kind: Kind, value: number): void {
  if (kind === "i32") f.i32(value);
  else if (kind === "i64") f.i64(BigInt(value));
  else if (kind === "f32") f.f32(value);
  else if (kind === "f64") f.f64(value);
  else if (kind === "f32x4") f.f32x4(value);
  else if (kind === "f64x2") f.f64x2(value);
  else if (kind === "i32x4") f.i32x4(value);
  else f.i64(BigInt(value)).op("i64x2.splat");
}

/** A local variable. */
export class Var<K extends Kind = Kind> extends Value<K> {
  readonly local: Local;

  constructor(f: Func, kind: K, local: Local) {
    super(f, kind, () => void f.get(local));
    this.local = local;
  }

  set(value: Operand<K>): void {
    this.pushOperand(value);
    this.f.set(this.local);
  }

  /** this += amount. */
  inc(amount: Operand<K>): void {
    this.set(this.add(amount));
  }
}
