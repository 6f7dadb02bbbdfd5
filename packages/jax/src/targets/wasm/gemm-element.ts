/** The element types of contractions, and the vector instructions that compute with them. */
import type { Func, LaneOp, Local, MemoryOp, PlainOp } from "./assembler";

export interface Element {
  readonly name: "f32" | "f64" | "i32";
  /** An element of a panel is two of k, whose products are added up. */
  readonly pairs: boolean;
  readonly sizeBytes: 4 | 8;
  /** Elements in a vector. */
  readonly lanes: 2 | 4;
  readonly load: MemoryOp;
  readonly store: MemoryOp;
  readonly add: PlainOp;
  readonly mul: PlainOp;
  readonly loadSplat: MemoryOp;
  readonly vectorAdd: PlainOp;
  readonly vectorSub: PlainOp;
  readonly vectorMul: PlainOp;
  /** Fused multiply-add of relaxed SIMD: stack a, b, c -> a * b + c. */
  readonly vectorMadd: PlainOp | null;
  readonly extract: LaneOp;
}

export const F32: Element = {
  name: "f32",
  pairs: false,
  sizeBytes: 4,
  lanes: 4,
  load: "f32.load",
  store: "f32.store",
  add: "f32.add",
  mul: "f32.mul",
  loadSplat: "v128.load32_splat",
  vectorAdd: "f32x4.add",
  vectorSub: "f32x4.sub",
  vectorMul: "f32x4.mul",
  vectorMadd: "f32x4.relaxed_madd",
  extract: "f32x4.extract_lane",
};

export const F64: Element = {
  name: "f64",
  pairs: false,
  sizeBytes: 8,
  lanes: 2,
  load: "f64.load",
  store: "f64.store",
  add: "f64.add",
  mul: "f64.mul",
  loadSplat: "v128.load64_splat",
  vectorAdd: "f64x2.add",
  vectorSub: "f64x2.sub",
  vectorMul: "f64x2.mul",
  vectorMadd: "f64x2.relaxed_madd",
  extract: "f64x2.extract_lane",
};

/** Signed and unsigned: products and sums wrap alike. */
export const I32: Element = {
  name: "i32",
  pairs: false,
  sizeBytes: 4,
  lanes: 4,
  load: "i32.load",
  store: "i32.store",
  add: "i32.add",
  mul: "i32.mul",
  loadSplat: "v128.load32_splat",
  vectorAdd: "i32x4.add",
  vectorSub: "i32x4.sub",
  vectorMul: "i32x4.mul",
  vectorMadd: null,
  extract: "i32x4.extract_lane",
};

/** Two int16 side by side along k; sums are of 32 bits. Operands are packed so. */
export const PAIRS: Element = { ...I32, pairs: true, vectorMul: "i32x4.dot_i16x8_s" };

/** acc += a * b. */
export function emitMadd(f: Func, e: Element, relaxed: boolean, acc: Local, a: Local, b: Local): void {
  if (relaxed && e.vectorMadd !== null) f.get(a).get(b).get(acc).op(e.vectorMadd).set(acc);
  else f.get(acc).get(a).get(b).op(e.vectorMul).op(e.vectorAdd).set(acc);
}

/** Pushes a vector whose first `bytes` (4, 8, 12 or 16) are those at address + offset; reads nothing beyond them. */
export function emitLoadPart(f: Func, bytes: number, address: Local, offset: number): void {
  f.get(address);
  if (bytes === 16) f.mem("v128.load", offset, 2);
  else if (bytes === 4) f.mem("v128.load32_zero", offset);
  else f.mem("v128.load64_zero", offset, 2);
  if (bytes !== 12) return;
  const low = f.local("v128");
  f.set(low)
    .get(address)
    .get(low)
    .memLane("v128.load32_lane", offset + 8, 2)
    .release(low);
}

/** Stores the first `bytes` (4, 8, 12 or 16) of `value` at address + offset; writes nothing beyond them. */
export function emitStorePart(f: Func, bytes: number, address: Local, value: Local, offset: number): void {
  f.get(address).get(value);
  if (bytes === 16) f.mem("v128.store", offset, 2);
  else if (bytes === 4) f.memLane("v128.store32_lane", offset, 0);
  else f.memLane("v128.store64_lane", offset, 0);
  if (bytes === 12)
    f.get(address)
      .get(value)
      .memLane("v128.store32_lane", offset + 8, 2);
}

/** Pushes the sum of the lanes of `value`, a scalar. */
export function emitLaneSum(f: Func, e: Element, value: Local): void {
  if (e.lanes === 4) {
    f.get(value).get(value).get(value).shuffle(2, 3, 0, 1).op(e.vectorAdd).set(value);
    f.get(value).lane(e.extract, 0).get(value).lane(e.extract, 1).op(e.add);
  } else {
    f.get(value).lane(e.extract, 0).get(value).lane(e.extract, 1).op(e.add);
  }
}
