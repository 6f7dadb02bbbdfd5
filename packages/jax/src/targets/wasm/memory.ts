/** Loads and stores of one element. */
import { type DType, sizeBytesOf } from "../../aval/dtype";
import { InternalError } from "../../base/errors";
import type { LoadScalar, Scalar } from "../../kernel/scalar";
import type { Func, MemoryOp } from "./assembler";
import type { PointEmitter } from "./loop-point";
import { valTypeOf } from "./scalar";

export const sizeLog2 = (dtype: DType): number => 31 - Math.clz32(sizeBytesOf(dtype));

const LOADS: Partial<Record<DType, MemoryOp>> = {
  bool: "i32.load8_u", int8: "i32.load8_s", uint8: "i32.load8_u", int16: "i32.load16_s", uint16: "i32.load16_u",
  int32: "i32.load", uint32: "i32.load", float32: "f32.load", float64: "f64.load",
}; // prettier-ignore

const STORES: Partial<Record<DType, MemoryOp>> = {
  bool: "i32.store8", int8: "i32.store8", uint8: "i32.store8", int16: "i32.store16", uint16: "i32.store16",
  int32: "i32.store", uint32: "i32.store", float32: "f32.store", float64: "f64.store",
}; // prettier-ignore

/** The load instruction; float16 and bfloat16 are loaded as uint16 after decomposition. */
export function loadScalar(f: Func, dtype: DType, offset: number): void {
  f.mem(instruction(LOADS, dtype), offset);
}

export function storeScalar(f: Func, dtype: DType, offset: number): void {
  f.mem(instruction(STORES, dtype), offset);
}

function instruction(table: Partial<Record<DType, MemoryOp>>, dtype: DType): MemoryOp {
  const name = table[dtype];
  if (name === undefined) throw new InternalError(`wasm: no memory access for ${dtype}`);
  return name;
}

/**
 * The constant part of a load's address, with the rest on the stack. The rest of a guarded load may lie before the
 * memory's start where only the sum is meant: instructions do not wrap their constant around, additions do.
 */
export function loadOffset(f: Func, s: LoadScalar, offset: number): number {
  if (s.guard === null || offset === 0) return offset;
  f.i32(offset).op("i32.add");
  return 0;
}

/** Pushes an element; 0 where the guard does not hold. */
export function pushScalarLoad(e: PointEmitter, s: LoadScalar): void {
  const { f } = e;
  const load = (): void => {
    loadScalar(f, s.dtype, loadOffset(f, s, e.pushAddress(s.buffer, s.index)));
  };
  if (s.guard === null) return load();
  e.push(s.guard);
  const type = valTypeOf(s.dtype);
  f.if(
    () => e.scoped(load),
    () => void (type === "f64" ? f.f64(0) : type === "f32" ? f.f32(0) : f.i32(0)),
    type,
  );
}

/** buffer[index] = value at the current point. */
export function emitScalarStore(e: PointEmitter, buffer: number, index: Scalar, value: Scalar): void {
  const offset = e.pushAddress(buffer, index);
  e.push(value);
  storeScalar(e.f, e.dtypeOf(buffer), offset);
}
