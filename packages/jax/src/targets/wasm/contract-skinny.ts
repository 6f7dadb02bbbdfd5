/** Products of a large operand with a few rows (matrix-vector products and their like), at the speed of memory. */
import type { Local, Module } from "./assembler";
import type { ContractFunc, ContractParts } from "./contract-func";
import { emitAddOffset, emitOffsetTable, pushMin, pushScaled, pushValue, type Value } from "./contract-index";
import { BLOCK_MULTIPLE, roundUp, type ContractPlan } from "./contract-plan";
import { AXPY_STREAMS, SKINNY_ROWS, dotStreams, skinnyAxpy, skinnyDot, type SkinnyKernel } from "./gemm-skinny";
import { packFunc, type Packer } from "./pack";

export interface SkinnyPlan extends ContractPlan {
  readonly form: "dot" | "axpy";
  /** Rows of rhs in a unit of work, and units that are done together where a thread has so many. */
  readonly unit: number;
  readonly together: number;
  /** Copies rows of lhs that are not contiguous to scratch; null when they are. */
  readonly gather: Packer | null;
  readonly gatherAt: number;
  readonly kTableAt: number;
  readonly scratchBytes: number;
}

/** Steps of k that one call of the dot kernel does at most: longer sums are made of partial sums. */
const DOT_DEPTH = 4096;
/** Bytes of rhs in a unit; a stream has some of them, as streams should be far apart. */
const DOT_UNIT_BYTES = 1 << 18;
const DOT_STREAM_UNITS = 4;
/** Elements of a row of the result in a unit. So many units of it stay in the L1 cache; the prefetcher likes long rows. */
const AXPY_COLUMNS = 1024;
const AXPY_UNITS = 4;
/** Several rows shorter than this are better kept in registers by the blocked product. */
const AXPY_LEAST_COLUMNS = 32;

/** A plan, where the contraction is of this kind. */
export function planSkinny(plan: ContractPlan): SkinnyPlan | null {
  const { m, n, k, lhs, rhs, element } = plan;
  if (element.pairs) return null;
  if (m > SKINNY_ROWS || k === 0 || m * n === 0) return null;
  if (rhs.outerStride === null || rhs.kStride === null) return null;
  const form = rhs.outerStride === 1 && n > 1 ? "axpy" : rhs.kStride === 1 ? "dot" : null;
  if (form === null) return null;
  // Rows that are computed along k are sums of a loop, or blocks.
  if (lhs.source.computed !== undefined || (rhs.source.computed !== undefined && form === "dot")) return null;
  if (form === "axpy" && m > 1 && n < AXPY_LEAST_COLUMNS) return null;
  const dotUnit = roundUp(DOT_UNIT_BYTES / (k * element.sizeBytes), BLOCK_MULTIPLE);
  const unit = form === "axpy" ? AXPY_COLUMNS : dotUnit;
  const together = form === "axpy" ? AXPY_UNITS : DOT_STREAM_UNITS * dotStreams(m, plan.relaxed);
  const contiguous = lhs.kStride === 1 && lhs.outerStride !== null;
  const gather: Packer | null = contiguous
    ? null
    : { sizeBytes: element.sizeBytes, width: 1, contiguous: "none", kTable: lhs.kStride === null };
  const gatherAt = 64; // behind the packer's table of one lane
  const kTableAt = gatherAt + roundUp(m * k * element.sizeBytes, 64);
  const scratchBytes = gather === null ? 0 : kTableAt + (gather.kTable ? roundUp(4 * k, 64) : 0);
  return { ...plan, form, unit, together, gather, gatherAt, kTableAt, scratchBytes };
}

const unitsPerBatch = ({ n, unit }: SkinnyPlan): number => Math.ceil(n / unit);

export const skinnyUnits = (plan: SkinnyPlan): number => plan.nBatch * unitsPerBatch(plan);

/** Elements from one row of lhs to the next. */
export const lhsRowOf = ({ gather, lhs, k }: SkinnyPlan): number => (gather === null ? (lhs.outerStride as number) : k);

export function emitSkinny(
  m: Module,
  f: ContractFunc,
  plan: SkinnyPlan,
  { epilogue = null, rows = null }: ContractParts,
): void {
  const { element: e, form, batch: axes } = plan;
  const { lhs, rhs, out, scratch, context, begin, end } = f.params;
  const size = e.sizeBytes;
  const local = (name: string) => f.local("i32", name);
  const at = { lhs: local("left"), rhs: local("right"), out: local("c"), start: local("l0"), end: local("l1") };
  const unit = local("unit");
  const batch = local("batch");
  const stridesOf = (side: 0 | 1) => axes.map((a) => ({ size: a.size, stride: a.strides[side] as number }));
  if (plan.gather?.kTable === true) {
    f.get(scratch).i32(plan.kTableAt).op("i32.add").set(at.lhs);
    emitOffsetTable(f, at.lhs, plan.lhs.k, size, 0);
  }
  f.get(begin).set(unit);
  forEachBlock(f, plan, unit, end, batch, at, () => {
    f.get(lhs).set(at.lhs);
    f.get(rhs).set(at.rhs);
    emitAddOffset(f, at.lhs, batch, stridesOf(0), size);
    emitAddOffset(f, at.rhs, batch, stridesOf(1), size);
    f.get(out);
    pushScaled(f, batch, plan.m * plan.n * size)
      .op("i32.add")
      .set(at.out);
    emitGather(m, f, plan, at.lhs);
    if (rows !== null) f.get(context).get(batch).get(at.start).get(at.end).get(at.lhs).get(at.out).call(rows);
    else if (form === "dot") emitDotBlock(m, f, plan, at);
    else emitAxpyBlock(m, f, plan, at);
    if (epilogue === null) return;
    f.get(context).get(batch).i32(0).i32(plan.m).get(at.start).get(at.end).call(epilogue);
  });
}

/** Runs `body` for rows [at.start, at.end) of a batch at a time, until the units [unit, end) are done. */
function forEachBlock(
  f: ContractFunc,
  plan: SkinnyPlan,
  unit: Local,
  end: Local,
  batch: Local,
  at: Pick<BlockCode, "start" | "end">,
  body: () => void,
): void {
  const perBatch = unitsPerBatch(plan);
  const next = f.local("i32", "next");
  f.block((done) => {
    f.loop((again) => {
      f.get(unit).get(end).op("i32.ge_s").brIf(done);
      f.get(unit).i32(perBatch).op("i32.div_u").set(batch);
      // as many as go together, of this batch, and of this thread
      f.get(unit).i32(plan.together).op("i32.add").set(next);
      pushMin(f, next, end).set(next);
      f.get(batch).i32(1).op("i32.add").i32(perBatch).op("i32.mul").set(at.end);
      pushMin(f, next, at.end).set(next);
      const pushRow = (index: Local) =>
        f.get(index).get(batch).i32(perBatch).op("i32.mul").op("i32.sub").i32(plan.unit).op("i32.mul");
      pushRow(unit).set(at.start);
      pushRow(next).set(at.end);
      pushMin(f, at.end, plan.n).set(at.end);
      body();
      f.get(next).set(unit).br(again);
    });
  });
}

/** Copies the rows of lhs to scratch, and lets `base` point there. */
function emitGather(m: Module, f: ContractFunc, plan: SkinnyPlan, base: Local): void {
  const { gather, lhs, gatherAt, kTableAt, k, element } = plan;
  if (gather === null) return;
  const { scratch } = f.params;
  const size = element.sizeBytes;
  const offsets = lhs.outer.reduce<number[]>(
    (all, { size: n, stride }) => all.flatMap((o) => Array.from({ length: n }, (_, i) => o + i * stride)),
    [0],
  );
  f.get(scratch).i32(0).mem("i32.store"); // the one lane of the packer
  offsets.forEach((offset, s) => {
    f.get(base)
      .i32(offset * size)
      .op("i32.add")
      .get(scratch);
    if (lhs.kStride === null) f.get(scratch).i32(kTableAt).op("i32.add");
    else f.i32(lhs.kStride * size);
    f.i32(k)
      .get(scratch)
      .i32(gatherAt + s * k * size)
      .op("i32.add")
      .call(packFunc(m, gather));
  });
  f.get(scratch).i32(gatherAt).op("i32.add").set(base);
}

interface BlockCode {
  readonly lhs: Local;
  readonly rhs: Local;
  readonly out: Local;
  readonly start: Local;
  readonly end: Local;
}

/** Calls a kernel for `streams` rows of rhs, `gap` rows (dot: of l, axpy: of k) apart, from l and k on. */
function emitCall(
  m: Module,
  f: ContractFunc,
  plan: SkinnyPlan,
  at: BlockCode,
  { streams, gap, tail, l, k, vectors }: Rows,
): void {
  const { element, relaxed, rhs, form, m: rows, n } = plan;
  const { sizeBytes } = element;
  const outer = rhs.outerStride as number;
  const inner = rhs.kStride as number;
  const kernel: SkinnyKernel = { element, relaxed, rows, streams, tail };
  f.get(at.lhs);
  pushScaled(f, k, sizeBytes).op("i32.add");
  f.i32(lhsRowOf(plan) * sizeBytes);
  f.get(at.rhs);
  pushScaled(f, l, outer * sizeBytes).op("i32.add");
  pushScaled(f, k, inner * sizeBytes).op("i32.add");
  pushScaled(f, gap, (form === "dot" ? outer : inner) * sizeBytes);
  f.get(at.out);
  pushScaled(f, l, sizeBytes)
    .op("i32.add")
    .i32(n * sizeBytes);
  pushScaled(f, gap, sizeBytes);
  pushValue(f, vectors);
  pushValue(f, k); // add to the result at all depths but the first
  f.call(form === "dot" ? skinnyDot(m, kernel) : skinnyAxpy(m, kernel));
}

interface Rows {
  readonly streams: number;
  readonly gap: Value;
  readonly tail: number;
  readonly l: Value;
  readonly k: Value;
  readonly vectors: Value;
}

function emitDotBlock(m: Module, f: ContractFunc, plan: SkinnyPlan, at: BlockCode): void {
  const { lanes } = plan.element;
  const streams = dotStreams(plan.m, plan.relaxed);
  const l = f.local("i32", "l");
  const k = f.local("i32", "k");
  const gap = f.local("i32", "gap");
  const streamEnd = f.local("i32", "streamEnd");
  const full = Math.floor((plan.k - 1) / DOT_DEPTH) * DOT_DEPTH;
  const last = plan.k - full;
  const tail = last % lanes;
  const rows = (count: number, distance: Value) => {
    const row = { streams: count, gap: distance, l };
    if (full > 0) {
      f.range(k, 0, full, DOT_DEPTH, () =>
        emitCall(m, f, plan, at, { ...row, tail: 0, k, vectors: DOT_DEPTH / lanes }),
      );
    }
    emitCall(m, f, plan, at, { ...row, tail, k: full, vectors: (last - tail) / lanes });
  };
  f.get(at.start).set(l);
  if (plan.n >= streams) {
    f.get(at.end).get(at.start).op("i32.sub").i32(streams).op("i32.div_u").tee(gap);
    f.get(l).op("i32.add").set(streamEnd);
    f.range(l, l, streamEnd, 1, () => rows(streams, gap));
    f.get(l);
    pushScaled(f, gap, streams - 1)
      .op("i32.add")
      .set(l);
  }
  f.range(l, l, at.end, 1, () => rows(1, 0));
}

function emitAxpyBlock(m: Module, f: ContractFunc, plan: SkinnyPlan, at: BlockCode): void {
  const { n, k: depth } = plan;
  const { lanes } = plan.element;
  const streams = AXPY_STREAMS[plan.m] as number;
  const k = f.local("i32", "k");
  const vectors = f.local("i32", "vectors");
  const gap = Math.floor(depth / streams);
  const all = (tail: number) => {
    const rows = { tail, l: at.start, vectors };
    if (gap > 0) f.range(k, 0, gap, 1, () => emitCall(m, f, plan, at, { ...rows, streams, gap, k }));
    const rest = depth - gap * streams;
    if (rest > 0) emitCall(m, f, plan, at, { ...rows, streams: rest, gap: 1, k: depth - rest });
  };
  f.get(at.end).get(at.start).op("i32.sub").i32(Math.log2(lanes)).op("i32.shr_u").set(vectors);
  const tail = n % lanes;
  if (tail === 0) all(0);
  else if (unitsPerBatch(plan) === 1) all(tail);
  else {
    f.get(at.end)
      .i32(n)
      .op("i32.eq")
      .if(
        () => all(tail),
        () => all(0),
      );
  }
}
