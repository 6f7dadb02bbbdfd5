/** Loads and stores of four points: contiguous, strided, gathered, guarded. */
import { type DType, sizeBytesOf } from "../../aval/dtype";
import { invariant } from "../../base/errors";
import type { LoadScalar, Scalar } from "../../kernel/scalar";
import type { Func, Local } from "./assembler";
import type { Analysis, Step } from "./loop-analysis";
import { loadOffset, loadScalar, sizeLog2, storeScalar } from "./memory";
import type { Half } from "./vector";

/** What loads and stores ask of the emitter of lanes. */
export interface LaneHost {
  readonly f: Func;
  readonly analysis: Analysis;
  readonly lanes: { readonly axis: number } | null;
  readonly pointers: ReadonlyMap<number, Local>;
  dtypeOf(buffer: number): DType;
  varies(s: Scalar): boolean;
  scoped(body: () => void): void;
  push(s: Scalar): void;
  pushVector(s: Scalar, half?: Half): void;
  keepVector(s: Scalar, half?: Half): Local;
  pushAddress(buffer: number, index: Scalar): number;
}

/** Pushes the lanes (of a half) of a load that differs from lane to lane. */
export function vectorLoad(e: LaneHost, s: LoadScalar, half: Half): void {
  const { f } = e;
  if (s.guard === null) return unguarded(e, s, half);
  if (!e.varies(s.guard)) {
    e.push(s.guard);
    f.if(
      () => e.scoped(() => unguarded(e, s, half)),
      () => void f.i32x4(0),
      "v128",
    );
    return;
  }
  guarded(e, s, s.guard, half);
}

function unguarded(e: LaneHost, s: LoadScalar, half: Half): void {
  const step = e.analysis.step(s.index, e.lanes!.axis);
  if (step === 1) contiguousLoad(e.f, s.dtype, loadOffset(e.f, s, e.pushAddress(s.buffer, s.index)), half);
  else laneLoads(e, s, step, half, null);
}

/** All lanes inside: as if there were no guard. All outside: zeros. Else each lane for itself. */
function guarded(e: LaneHost, s: LoadScalar, guard: Scalar, half: Half): void {
  const { f } = e;
  const mask = e.keepVector(guard);
  f.get(mask).op("i32x4.all_true");
  f.if(
    () => e.scoped(() => unguarded(e, s, half)),
    () => {
      f.get(mask).op("v128.any_true");
      f.if(
        () => e.scoped(() => laneLoads(e, s, e.analysis.step(s.index, e.lanes!.axis), half, mask)),
        () => void f.i32x4(0),
        "v128",
      );
    },
    "v128",
  );
}

/** Address on the stack: four elements in a row. Narrow integers are widened, bool becomes a mask. */
function contiguousLoad(f: Func, dtype: DType, offset: number, half: Half): void {
  switch (sizeBytesOf(dtype)) {
    case 8:
      f.mem("v128.load", offset + 16 * half, 3);
      return;
    case 4:
      f.mem("v128.load", offset, 2);
      return;
    case 2:
      f.mem(dtype === "int16" ? "v128.load16x4_s" : "v128.load16x4_u", offset, 1);
      return;
    default: {
      const u = dtype === "int8" ? "s" : "u";
      f.mem("v128.load32_zero", offset, 0).op(`i16x8.extend_low_i8x16_${u}`).op(`i32x4.extend_low_i16x8_${u}`);
      if (dtype === "bool") f.i32x4(0).op("i32x4.ne");
    }
  }
}

/**
 * For every second or third element, also backwards: how far a second vector lies behind the lowest element, so that none
 * is read that is not between the first and the last; and the lanes of both, from the lowest on.
 */
const NEAR: Readonly<Record<number, readonly [second: number, lanes: readonly number[]]>> = {
  1: [0, [0, 1, 2, 3]],
  2: [3, [0, 2, 5, 7]],
  3: [6, [0, 3, 4, 7]],
};

/** Four elements at a small distance from each other: one or two vectors, shuffled. */
function nearLoads(e: LaneHost, s: LoadScalar, step: number): void {
  const { f } = e;
  const [second, lanes] = NEAR[Math.abs(step)]!;
  const address = laneAddresses(e, s.buffer, s.index, step);
  for (const from of [0, second]) {
    f.mem("v128.load", loadOffset(f, s, address.push(step > 0 ? 0 : 3) + 4 * from), 2);
  }
  f.shuffle(...(step > 0 ? lanes : [...lanes].reverse())).release(...address.temps);
}

/** Element by element; where `mask` is given, lanes outside of it are zero and not touched. */
function laneLoads(e: LaneHost, s: LoadScalar, step: Step | null, half: Half, mask: Local | null): void {
  const { f } = e;
  const { dtype, buffer } = s;
  const wide = dtype === "float64";
  if (mask === null && typeof step === "number" && Math.abs(step) in NEAR && sizeBytesOf(dtype) === 4)
    return nearLoads(e, s, step);
  const result = f.local("v128");
  const address = laneAddresses(e, buffer, s.index, step);
  const push = (lane: number): number => loadOffset(f, s, address.push(lane));
  f.i32x4(0).set(result);
  for (const lane of wide ? [2 * half, 2 * half + 1] : [0, 1, 2, 3]) {
    const load = (): void => {
      if (sizeBytesOf(dtype) === 4) {
        const offset = push(lane);
        f.get(result).memLane("v128.load32_lane", offset, lane).set(result);
      } else if (wide) {
        const offset = push(lane);
        f.get(result)
          .memLane("v128.load64_lane", offset, lane & 1)
          .set(result);
      } else {
        f.get(result);
        loadScalar(f, dtype, push(lane));
        if (dtype === "bool") f.i32(-1).op("i32.mul");
        f.lane("i32x4.replace_lane", lane).set(result);
      }
    };
    if (mask === null) load();
    else f.get(mask).lane("i32x4.extract_lane", lane).if(load);
  }
  f.get(result).release(result, ...address.temps);
}

interface LaneAddresses {
  /** Pushes the address of a lane; returns a constant to add. */
  push(lane: number): number;
  readonly temps: readonly Local[];
}

function laneAddresses(e: LaneHost, buffer: number, index: Scalar, step: Step | null): LaneAddresses {
  const { f } = e;
  const log2 = sizeLog2(e.dtypeOf(buffer));
  if (step === null) {
    const indices = e.keepVector(index);
    const pointer = e.pointers.get(buffer);
    invariant(pointer !== undefined, `wasm: buffer ${buffer} is not known here`);
    return {
      temps: [],
      push: (lane) => {
        f.get(pointer).get(indices).lane("i32x4.extract_lane", lane);
        if (log2 > 0) f.i32(log2).op("i32.shl");
        f.op("i32.add");
        return 0;
      },
    };
  }
  const first = f.local("i32");
  const offset = e.pushAddress(buffer, index);
  f.set(first);
  if (typeof step === "number") {
    const push = (lane: number): number => {
      f.get(first);
      const more = (lane * step) << log2;
      if (more >= 0) return offset + more;
      f.i32(more).op("i32.add");
      return offset;
    };
    return { temps: [first], push };
  }
  const stride = f.local("i32");
  e.push(step);
  if (log2 > 0) f.i32(log2).op("i32.shl");
  f.set(stride);
  const push = (lane: number): number => {
    f.get(first);
    if (lane > 0) f.get(stride).i32(lane).op("i32.mul").op("i32.add");
    return offset;
  };
  return { temps: [first, stride], push };
}

/** buffer[index] = value at the lanes of the current copy. */
export function emitVectorStore(e: LaneHost, buffer: number, index: Scalar, value: Scalar): void {
  const { f } = e;
  const dtype = e.dtypeOf(buffer);
  const step = e.analysis.step(index, e.lanes!.axis);
  if (step !== 1) return laneStores(e, buffer, index, value, step);
  if (dtype === "float64") {
    for (const half of [0, 1] as const) {
      const offset = e.pushAddress(buffer, index);
      e.pushVector(value, half);
      f.mem("v128.store", offset + 16 * half, 3);
    }
    return;
  }
  const offset = e.pushAddress(buffer, index);
  e.pushVector(value);
  narrowAndStore(f, dtype, offset);
}

/** Values are in range, so the saturating narrowing changes nothing. */
function narrowAndStore(f: Func, dtype: DType, offset: number): void {
  const size = sizeBytesOf(dtype);
  if (size === 4) return void f.mem("v128.store", offset, 2);
  const u = dtype === "int8" || dtype === "int16" ? "s" : "u";
  if (dtype === "bool") f.i32x4(1).op("v128.and");
  f.i32x4(0).op(`i16x8.narrow_i32x4_${u}`);
  if (size === 2) return void f.memLane("v128.store64_lane", offset, 0);
  f.i32x4(0).op(`i8x16.narrow_i16x8_${u}`).memLane("v128.store32_lane", offset, 0);
}

function laneStores(e: LaneHost, buffer: number, index: Scalar, value: Scalar, step: Step | null): void {
  const { f } = e;
  const dtype = e.dtypeOf(buffer);
  const values = dtype === "float64" ? [e.keepVector(value, 0), e.keepVector(value, 1)] : [e.keepVector(value)];
  const address = laneAddresses(e, buffer, index, step);
  for (const lane of [0, 1, 2, 3]) {
    const offset = address.push(lane);
    const from = values[dtype === "float64" ? lane >> 1 : 0]!;
    f.get(from);
    if (dtype === "float64") f.memLane("v128.store64_lane", offset, lane & 1);
    else if (sizeBytesOf(dtype) === 4) f.memLane("v128.store32_lane", offset, lane);
    else {
      f.lane("i32x4.extract_lane", lane);
      if (dtype === "bool") f.i32(1).op("i32.and");
      storeScalar(f, dtype, offset);
    }
  }
  f.release(...address.temps);
}
