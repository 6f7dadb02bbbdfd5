/**
 * Maps whose results are bool, int8 or uint8, sixteen points at once: what fits a byte is computed in bytes, a bool is a
 * mask of eight bits. What needs wider lanes (a comparison of floats) is done in four vectors and made narrow.
 */
import { type DType, isFloat, sizeBytesOf } from "../../aval/dtype";
import type { LoopKernel, Store } from "../../kernel/program";
import { type Range, rangeOfNode } from "../../kernel/range";
import type { ConstScalar, LoadScalar, OpScalar, Scalar } from "../../kernel/scalar";
import type { Local, PlainOp } from "./assembler";
import { loadsOf } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";
import { interleave } from "./loop-interleave";
import { isLongFormula, opsOf, unrollOf } from "./loop-kernel";
import { type Cursors, isStatic, loopWhileFits } from "./loop-nest";
import { loadOffset } from "./memory";

/** Points of a vector of bytes. */
const LANES = 16;
/** Operations in wider lanes, four vectors of them at once, that leave something of the time for bytes to save. */
const MOST_WIDE = 64;
/** Vectors of bytes in one turn of the loop, where everything is done in bytes. */
const UNROLLED = 4;

const BOOL_OPS: Partial<Record<string, PlainOp>> = {
  and: "v128.and", mul: "v128.and", min: "v128.and", or: "v128.or", add: "v128.or", max: "v128.or", xor: "v128.xor",
  ne: "v128.xor",
}; // prettier-ignore

const OF_BOOLS = /* @__PURE__ */ new Set<string>([...Object.keys(BOOL_OPS), "not", "eq", "lt", "le", "cast"]);

/** What the low bits of the operands say the low bits of. */
const OF_LOW_BITS = /* @__PURE__ */ new Set<string>([
  "add", "sub", "mul", "fma", "neg", "and", "or", "xor", "not", "bitcast",
]); // prettier-ignore

/** One instruction each, of whatever sign. */
const PLAIN_OPS: Partial<Record<string, PlainOp>> = {
  and: "v128.and", or: "v128.or", xor: "v128.xor", not: "v128.not", add: "i8x16.add", sub: "i8x16.sub", neg: "i8x16.neg",
  abs: "i8x16.abs", popcount: "i8x16.popcnt", eq: "i8x16.eq", ne: "i8x16.ne",
}; // prettier-ignore

const UNSIGNED: Range = { lo: 0, hi: 255 };
const SIGNED: Range = { lo: -128, hi: 127 };

const isShift = (by: Scalar): boolean => by.tag === "const" && by.value >= 0 && by.value < 8;

const isByte = (dtype: DType): boolean => sizeBytesOf(dtype) === 1;

/** As many points of a map as fit in bytes, from `col` on; none of other kernels. */
export function emitBytes(e: LoopEmitter, kernel: LoopKernel, cursors: Cursors, col: Local, colEnd: Local): void {
  const { axes, stages } = kernel;
  const last = axes.at(-1)!;
  const [stage] = stages;
  if (stages.length > 1 || stage!.axes.length > 0 || stage!.reductions.length > 0) return;
  if (isStatic(last) && last.size < LANES) return;
  const { stores } = stage!;
  const isStream = ({ buffer, index }: Store): boolean =>
    isByte(e.dtypeOf(buffer)) && e.analysis.step(index, last.id) === 1;
  if (!stores.every(isStream)) return;
  const bytes = new ByteLanes(
    e,
    stores.map((s) => s.value),
  );
  const { wide } = bytes;
  if (wide.length > 0 && (opsOf(wide) > MOST_WIDE || unrollOf(wide, e.relaxed) < 4)) return;
  bytes.hoist();
  for (const n of wide.length > 0 ? [1] : [UNROLLED, 1])
    loopWhileFits(e, col, colEnd, LANES * n, () => {
      for (let i = 0; i < n; i++)
        e.scoped(() => {
          const finish = (): void => bytes.emitStores(stores, i);
          if (isLongFormula(wide)) interleave(e, wide, 4, finish);
          else finish();
        });
      cursors.advance(LANES * n);
    });
}

/** Emits scalars as vectors of bytes. */
class ByteLanes {
  /** What is computed in wider lanes. */
  readonly wide: Scalar[] = [];
  private readonly splats = new Map<Scalar, Local>();
  private readonly seen = new Set<Scalar>();
  private readonly ranges = new Map<Scalar, Range>();
  /** Of the current vector. */
  private known = new Map<Scalar, Local>();

  private readonly e: LoopEmitter;

  constructor(e: LoopEmitter, roots: readonly Scalar[]) {
    this.e = e;
    roots.forEach((root) => this.visit(root));
  }

  private visit(s: Scalar): void {
    if (this.seen.has(s)) return;
    this.seen.add(s);
    if (s.tag === "const" || !this.e.varies(s)) return;
    const parts = this.partsOf(s);
    if (parts === null) this.wide.push(s);
    else parts.forEach((part) => this.visit(part));
  }

  /** Computes into locals what does not change in the loop. */
  hoist(): void {
    const { e } = this;
    for (const s of this.seen) {
      if (s.tag === "const" || e.varies(s)) continue;
      const local = e.temp("v128");
      e.push(s);
      if (s.dtype === "bool") e.f.i32(-1).op("i32.mul");
      e.f.op("i8x16.splat").set(local);
      this.splats.set(s, local);
    }
  }

  emitStores(stores: readonly Store[], vector: number): void {
    const { e } = this;
    const { f } = e;
    this.known = new Map<Scalar, Local>();
    e.lanes!.copy = 4 * vector;
    const written = new Set(stores.map((s) => s.buffer));
    // A store must not change what the value of a later one loads.
    if (stores.length > 1 && loadsOf(stores.map((s) => s.value)).some((l) => written.has(l.buffer)))
      for (const { value } of stores) this.keep(value);
    for (const { buffer, index, value } of stores) {
      const offset = e.pushAddress(buffer, index);
      this.push(value);
      if (value.dtype === "bool") f.v128(splatBytes(1)).op("v128.and");
      f.mem("v128.store", offset, 0);
    }
    e.lanes!.copy = 0;
  }

  /** The operands in bytes of what is computed in bytes; null for what is not. */
  private partsOf(s: Scalar): readonly Scalar[] | null {
    if (s.tag === "load") return this.isByteLoad(s) ? [] : null;
    if (s.tag !== "op") return null;
    const { op, args, dtype } = s;
    const from = args[op === "select" ? 1 : 0]!.dtype;
    if (isFloat(from) || isFloat(dtype)) return null;
    if (op === "select") return args;
    if (from === "bool") return OF_BOOLS.has(op) ? args : null;
    if (OF_LOW_BITS.has(op)) return args;
    switch (op) {
      case "cast":
        return dtype !== "bool" || this.signOf(args) !== null ? args : null;
      case "eq":
      case "ne":
      case "lt":
      case "le":
      case "max":
      case "min":
        return this.signOf(args) !== null ? args : null;
      case "abs":
        return this.fits(args, SIGNED) ? args : null;
      case "popcount":
        return this.fits(args, UNSIGNED) ? args : null;
      case "shl":
        return isShift(args[1]!) ? [args[0]!] : null;
      case "shr_arithmetic":
        return isShift(args[1]!) && this.signOf([args[0]!]) !== null ? [args[0]!] : null;
      case "shr_logical":
        return isShift(args[1]!) && this.fits([args[0]!], UNSIGNED) ? [args[0]!] : null;
      default:
        return null;
    }
  }

  private isByteLoad({ dtype, guard, index }: LoadScalar): boolean {
    return isByte(dtype) && guard === null && this.e.analysis.step(index, this.e.lanes!.axis) === 1;
  }

  private readonly fits = (all: readonly Scalar[], { lo, hi }: Range): boolean =>
    all.map(this.rangeOf).every((r) => r.lo >= lo && r.hi <= hi);

  /** How all of these are read from bytes, if they fit them. */
  private signOf(all: readonly Scalar[]): "u" | "s" | null {
    return this.fits(all, UNSIGNED) ? "u" : this.fits(all, SIGNED) ? "s" : null;
  }

  private readonly rangeOf = (s: Scalar): Range => {
    let range = this.ranges.get(s);
    if (range === undefined) this.ranges.set(s, (range = rangeOfNode(s, this.rangeOf)));
    return range;
  };

  /** Pushes the low eight bits of integers, or masks of bools. */
  private push(s: Scalar): void {
    const { f, analysis } = this.e;
    if (s.tag === "const") return void f.v128(splatBytes(s.dtype === "bool" ? -Number(s.value !== 0) : s.value));
    const known = this.splats.get(s) ?? this.known.get(s);
    if (known !== undefined) return void f.get(known);
    this.compute(s);
    if ((analysis.uses.get(s) ?? 0) > 1) {
      const local = this.e.temp("v128");
      f.tee(local);
      this.known.set(s, local);
    }
  }

  private keep(s: Scalar): Local {
    const local = this.e.temp("v128");
    this.push(s);
    this.e.f.set(local);
    this.known.set(s, local);
    return local;
  }

  private compute(s: Scalar): void {
    if (this.partsOf(s) === null) return this.pushWide(s);
    if (s.tag === "load") this.pushLoad(s);
    else this.pushOp(s as OpScalar);
  }

  private pushLoad(s: LoadScalar): void {
    const { f } = this.e;
    f.mem("v128.load", loadOffset(f, s, this.e.pushAddress(s.buffer, s.index)), 0);
    if (s.dtype === "bool") f.v128(splatBytes(0)).op("i8x16.ne");
  }

  private pushOp(s: OpScalar): void {
    const { op, args, dtype } = s;
    const { f } = this.e;
    if (op === "select") {
      for (const i of [1, 2, 0]) this.push(args[i]!);
      return void f.op("v128.bitselect");
    }
    if (op === "cast") return this.pushCast(args[0]!, dtype);
    if (op === "bitcast") return this.push(args[0]!);
    if (args[0]!.dtype === "bool") return this.pushBool(op, args);
    const plain = PLAIN_OPS[op];
    if (plain !== undefined) return void this.pushAll(args).op(plain);
    if (op === "mul") return this.pushProduct(args[0]!, args[1]!);
    if (op === "fma") {
      this.pushProduct(args[0]!, args[1]!);
      this.push(args[2]!);
      return void f.op("i8x16.add");
    }
    const u = this.signOf(op.startsWith("sh") ? args.slice(0, 1) : args) ?? "u";
    if (op === "lt" || op === "le" || op === "max" || op === "min") this.pushAll(args).op(`i8x16.${op}_${u}`);
    else {
      this.push(args[0]!);
      f.i32((args[1] as ConstScalar).value).op(op === "shl" ? "i8x16.shl" : `i8x16.shr_${u}`);
    }
  }

  private pushAll(args: readonly Scalar[]): LoopEmitter["f"] {
    for (const arg of args) this.push(arg);
    return this.e.f;
  }

  private pushCast(x: Scalar, to: DType): void {
    const { f } = this.e;
    this.push(x);
    if (x.dtype === "bool" && to !== "bool") f.v128(splatBytes(1)).op("v128.and");
    else if (to === "bool" && x.dtype !== "bool") f.v128(splatBytes(0)).op("i8x16.ne");
  }

  private pushBool(op: string, args: readonly Scalar[]): void {
    const { f } = this.e;
    const name = BOOL_OPS[op];
    if (name !== undefined) this.pushAll(args).op(name);
    else if (op === "not") this.pushAll(args).op("v128.not");
    else if (op === "eq") this.pushAll(args).op("v128.xor").op("v128.not");
    else {
      // a < b is b and not a; a <= b is b or not a
      this.push(args[1]!);
      this.push(args[0]!);
      if (op === "lt") f.op("v128.andnot");
      else f.op("v128.not").op("v128.or");
    }
  }

  /** There is no product of bytes: those of even and of odd places, as 16 bits of which the low eight count. */
  private pushProduct(x: Scalar, y: Scalar): void {
    const { f } = this.e;
    const [a, b] = [this.keep(x), this.keep(y)];
    f.get(a)
      .get(b)
      .op("i16x8.mul")
      .v128(new Uint8Array(new Uint16Array(8).fill(0xff).buffer))
      .op("v128.and");
    for (const p of [a, b]) f.get(p).i32(8).op("i16x8.shr_u");
    f.op("i16x8.mul").i32(8).op("i16x8.shl").op("v128.or");
  }

  /** The lanes of four vectors, made bytes. */
  private pushWide(s: Scalar): void {
    const { e } = this;
    const { f } = e;
    const sign = s.dtype === "bool" ? "s" : this.signOf([s]);
    const lanes = e.lanes!;
    const first = lanes.copy;
    for (let i = 0; i < 4; i++) {
      lanes.copy = first + i;
      e.pushVector(s);
      if (sign === null) f.i32x4(255).op("v128.and");
      if (i % 2 === 1) f.op("i16x8.narrow_i32x4_s");
    }
    lanes.copy = first;
    f.op(`i8x16.narrow_i16x8_${sign ?? "u"}`);
  }
}

const splatBytes = (x: number): Uint8Array => new Uint8Array(16).fill(x);
