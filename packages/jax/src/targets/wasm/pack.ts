/**
 * Packers: copy a panel of an operand, `width` outer indices (rows of lhs or columns of rhs) by `kc` steps of k, to
 * the order [k][width] in which the micro kernel reads it. An element's address is src + lanes[outer] + kOffset(k):
 * the outer offsets come from a table, so any index map does; k has a fixed stride or a table of its own. At the edge
 * of an operand the caller repeats the last outer index in `lanes`: those products are computed and not stored.
 */
import type { Callable, Func, Local, Module } from "./assembler";
import { emitLoadPart, emitStorePart } from "./gemm-element";
import type { PairSource } from "./pack-pairs";

export interface Packer {
  readonly sizeBytes: 4 | 8;
  readonly width: number;
  /** What is contiguous, at least mostly: outer indices, k (in runs of 4 or more), or nothing. */
  readonly contiguous: "outer" | "k" | "none";
  /** The offsets of k are in a table, not a fixed stride. */
  readonly kTable: boolean;
  /** Elements are pairs of such numbers (`pack-pairs.ts`). */
  readonly pairsOf?: PairSource;
}

/** All in bytes: `lanes` is the address of `width` offsets (i32); `k` the stride, or the address of `kc` offsets. */
export const PACK_PARAMS = { src: "i32", lanes: "i32", k: "i32", kc: "i32", dst: "i32" } as const;

type PackFunc = Func<typeof PACK_PARAMS>;

/** Bytes that a packer may write past the end of its panel. */
export const PACK_OVERRUN_BYTES = 16;

/** The function of a packer, made once per module. */
export function packFunc(m: Module, packer: Packer): Callable {
  const { sizeBytes, width, contiguous, kTable } = packer;
  const key = `pack_${sizeBytes}x${width}_${contiguous}${kTable ? "_table" : ""}`;
  return m.helper(key, PACK_PARAMS, [], (f) => {
    const p = emitLanePointers(f, width);
    if (contiguous === "outer") emitPackOuter(f, packer, p);
    else if (contiguous === "k") emitPackTransposed(f, packer, p);
    else emitEachK(f, packer, (q) => emitGather(f, packer, p, q));
  });
}

/** Addresses of the panel's outer indices at k = 0. */
export function emitLanePointers(f: PackFunc, width: number): Local[] {
  return Array.from({ length: width }, (_, i) => {
    const pointer = f.local("i32", `p${i}`);
    f.get(f.params.lanes)
      .mem("i32.load", 4 * i)
      .get(f.params.src)
      .op("i32.add")
      .set(pointer);
    return pointer;
  });
}

/** Runs `body(q)` for each k, with q its offset; `dst` moves on by a row each time. */
function emitEachK(f: PackFunc, { sizeBytes, width, kTable }: Packer, body: (q: Local) => void): void {
  const { k, kc, dst } = f.params;
  const q = f.local("i32", "q");
  const at = f.local("i32", "at");
  const end = f.local("i32", "end");
  if (kTable) f.get(k).set(at);
  else f.i32(0).set(at).i32(0).set(q);
  f.get(kc);
  if (kTable) f.i32(2).op("i32.shl").get(k).op("i32.add");
  f.set(end);
  f.loop((again) => {
    if (kTable) f.get(at).mem("i32.load").set(q);
    body(q);
    if (!kTable) f.inc(q, k);
    f.inc(dst, width * sizeBytes);
    f.get(at)
      .i32(kTable ? 4 : 1)
      .op("i32.add")
      .tee(at)
      .get(end)
      .op("i32.lt_u")
      .brIf(again);
  });
  f.release(q, at, end);
}

/** Copies one element of every lane at offset q. */
function emitGather(f: PackFunc, { sizeBytes }: Packer, p: readonly Local[], q: Local, first = 0): void {
  const load = sizeBytes === 4 ? "i32.load" : "i64.load";
  const store = sizeBytes === 4 ? "i32.store" : "i64.store";
  p.forEach((pointer, i) => {
    f.get(f.params.dst)
      .get(pointer)
      .get(q)
      .op("i32.add")
      .mem(load)
      .mem(store, (first + i) * sizeBytes);
  });
}

/** Pushes 1 when the lanes are neighbours in memory. */
export function emitAreNeighbours(f: Func, sizeBytes: number, p: readonly Local[]): void {
  f.i32(0);
  for (let i = 1; i < p.length; i++) {
    f.get(p[i] as Local)
      .get(p[i - 1] as Local)
      .op("i32.sub")
      .i32(sizeBytes)
      .op("i32.ne")
      .op("i32.or");
  }
  f.op("i32.eqz");
}

/** Whole rows where the panel is contiguous; else vectors where a group of lanes is; else single elements. */
function emitPackOuter(f: PackFunc, packer: Packer, p: readonly Local[]): void {
  const { sizeBytes, width } = packer;
  const { dst } = f.params;
  const address = f.local("i32", "address");
  const value = f.local("v128", "value");
  const start = f.local("i32", "start");
  const copy = (lanes: readonly Local[], first: number, q: Local, wholeVectors: boolean) => {
    f.get(lanes[0] as Local)
      .get(q)
      .op("i32.add")
      .set(address);
    for (let offset = 0; offset < lanes.length * sizeBytes; offset += 16) {
      const bytes = Math.min(16, lanes.length * sizeBytes - offset);
      emitLoadPart(f, bytes, address, offset);
      f.set(value);
      emitStorePart(f, wholeVectors ? 16 : bytes, dst, value, first * sizeBytes + offset);
    }
  };
  emitAreNeighbours(f, sizeBytes, p);
  f.if(
    () => emitEachK(f, packer, (q) => copy(p, 0, q, true)), // the next row overwrites what is too much
    () => {
      const group = 16 / sizeBytes;
      f.get(dst).set(start);
      for (let first = 0; first < width; first += group) {
        const lanes = p.slice(first, first + group);
        f.get(start).set(dst);
        emitAreNeighbours(f, sizeBytes, lanes);
        f.if(
          () => emitEachK(f, packer, (q) => copy(lanes, first, q, false)),
          () => emitEachK(f, packer, (q) => emitGather(f, packer, lanes, q, first)),
        );
      }
    },
  );
}

/** Square blocks transposed in registers: 4x4 of 4 bytes, 2x2 of 8; single steps of k where a run breaks off. */
function emitPackTransposed(f: PackFunc, packer: Packer, p: readonly Local[]): void {
  const { sizeBytes, width, kTable } = packer;
  const { k, kc, dst } = f.params;
  const step = 16 / sizeBytes;
  const q = f.local("i32", "q");
  const rest = f.local("i32", "rest");
  f.get(kc).set(rest);
  const advance = (count: number) => {
    if (kTable) f.inc(k, 4 * count);
    else f.inc(q, sizeBytes * count);
    f.inc(dst, count * width * sizeBytes);
    f.get(rest).i32(count).op("i32.sub").tee(rest);
  };
  const isRun = () => {
    f.get(rest).i32(step).op("i32.ge_s");
    if (!kTable) return;
    // a break inside would need a jump of exactly one element, which is none: runs are at least `step` long
    f.if(
      () =>
        f
          .get(k)
          .mem("i32.load", 4 * (step - 1))
          .get(q)
          .op("i32.sub")
          .i32(16 - sizeBytes)
          .op("i32.eq"),
      () => f.i32(0),
      "i32",
    );
  };
  f.block((done) => {
    f.loop((again) => {
      if (kTable) f.get(k).mem("i32.load").set(q);
      isRun();
      f.if(() => {
        for (let first = 0; first < width; first += step) {
          emitTransposeBlock(f, packer, p.slice(first, first + step), q, first);
        }
        advance(step);
        f.brIf(again).br(done);
      });
      emitGather(f, packer, p, q);
      advance(1);
      f.brIf(again);
    });
  });
}

/** Loads one vector along k from each lane, and stores them transposed. */
function emitTransposeBlock(f: PackFunc, packer: Packer, lanes: readonly Local[], q: Local, first: number): void {
  const { sizeBytes, width } = packer;
  const rows = lanes.map((pointer, i) => {
    const row = f.local("v128", `x${i}`);
    f.get(pointer).get(q).op("i32.add").mem("v128.load", 0, 2).set(row);
    return row;
  });
  emitTransposed(f, rows, f.params.dst, sizeBytes, width, first);
  f.release(...rows);
}

/** Stores vectors as columns of a panel at `dst`, from lane `first` on. */
export function emitTransposed(
  f: Func,
  rows: readonly Local[],
  dst: Local,
  sizeBytes: 4 | 8,
  width: number,
  first: number,
): void {
  const column = (k: number) => k * width * sizeBytes + first * sizeBytes;
  const [x0, x1, x2, x3] = rows as [Local, Local, Local, Local];
  if (sizeBytes === 8 && rows.length === 2) {
    f.get(dst).get(x0).get(x1).shuffle(0, 2).mem("v128.store", column(0), 2);
    f.get(dst).get(x0).get(x1).shuffle(1, 3).mem("v128.store", column(1), 2);
  } else if (sizeBytes === 4 && rows.length === 4) {
    const y = [0, 1, 2, 3].map((i) => f.local("v128", `y${i}`)) as [Local, Local, Local, Local];
    f.get(x0).get(x1).shuffle(0, 4, 1, 5).set(y[0]);
    f.get(x0).get(x1).shuffle(2, 6, 3, 7).set(y[1]);
    f.get(x2).get(x3).shuffle(0, 4, 1, 5).set(y[2]);
    f.get(x2).get(x3).shuffle(2, 6, 3, 7).set(y[3]);
    f.get(dst).get(y[0]).get(y[2]).shuffle(0, 1, 4, 5).mem("v128.store", column(0), 2);
    f.get(dst).get(y[0]).get(y[2]).shuffle(2, 3, 6, 7).mem("v128.store", column(1), 2);
    f.get(dst).get(y[1]).get(y[3]).shuffle(0, 1, 4, 5).mem("v128.store", column(2), 2);
    f.get(dst).get(y[1]).get(y[3]).shuffle(2, 3, 6, 7).mem("v128.store", column(3), 2);
    f.release(...y);
  } else if (sizeBytes === 4 && rows.length === 2) {
    const y = f.local("v128", "y0");
    for (const half of [0, 2]) {
      f.get(x0)
        .get(x1)
        .shuffle(half, half + 4, half + 1, half + 5)
        .set(y);
      f.get(dst).get(y).memLane("v128.store64_lane", column(half), 0);
      f.get(dst)
        .get(y)
        .memLane("v128.store64_lane", column(half + 1), 1);
    }
    f.release(y);
  } else {
    rows.forEach((row, i) => {
      for (let k = 0; k < 16 / sizeBytes; k++) {
        f.get(dst).get(row);
        f.memLane(sizeBytes === 4 ? "v128.store32_lane" : "v128.store64_lane", column(k) + i * sizeBytes, k);
      }
    });
  }
}
