/** Products of a large operand with a few rows (matrix-vector products and their like), at the speed of memory. */
import type { Callable, Local, Module } from "./assembler";
import type { ContractFunc, EpilogueFunc } from "./contract-func";
import { emitAddOffset, emitOffsetTable, pushMin, pushScaled, pushValue, type Value } from "./contract-index";
import { roundUp, type ContractPlan, type OperandPlan } from "./contract-plan";
import { AXPY_UNROLL, SKINNY_ROWS, SKINNY_UNROLL, skinnyAxpy, skinnyDot, type SkinnyKernel } from "./gemm-skinny";
import { packFunc, type Packer } from "./pack";

export interface SkinnyPlan extends ContractPlan {
  readonly form: "dot" | "axpy";
  /** The operand with few rows is rhs (which then has one). */
  readonly swapped: boolean;
  readonly small: OperandPlan;
  readonly big: OperandPlan;
  /** Rows of `big` in a unit of work. */
  readonly block: number;
  /** Copies rows of `small` that are not contiguous to scratch; null when they are. */
  readonly gather: Packer | null;
  readonly gatherAt: number;
  readonly kTableAt: number;
  readonly scratchBytes: number;
}

/** Steps of k that one call of the dot kernel does at most: longer sums are made of partial sums. */
const DOT_DEPTH = 4096;
/** Elements of a row of the result that stay in the L1 cache; long rows of `big` are what the prefetcher likes. */
const AXPY_COLUMNS = 4096;
/** Several rows shorter than this are better kept in registers by the blocked product. */
const AXPY_LEAST_COLUMNS = 32;

/** A plan, where the contraction is of this kind. */
export function planSkinny(plan: ContractPlan): SkinnyPlan | null {
  const { m, n, k, lhs, rhs, element } = plan;
  const swapped = n === 1;
  const [small, big] = swapped ? [rhs, lhs] : [lhs, rhs];
  if (small.size > SKINNY_ROWS || k === 0 || m * n === 0) return null;
  if (big.outerStride === null || big.kStride === null) return null;
  const form = big.outerStride === 1 && big.size > 1 ? "axpy" : big.kStride === 1 ? "dot" : null;
  if (form === null) return null;
  if (form === "axpy" && small.size > 1 && big.size < AXPY_LEAST_COLUMNS) return null;
  const unroll = SKINNY_UNROLL[small.size] as number;
  const block = form === "axpy" ? AXPY_COLUMNS : 16 * unroll;
  const contiguous = small.kStride === 1 && small.outerStride !== null;
  const gather: Packer | null = contiguous
    ? null
    : { sizeBytes: element.sizeBytes, width: 1, contiguous: "none", kTable: small.kStride === null };
  const gatherAt = 64; // behind the packer's table of one lane
  const kTableAt = gatherAt + roundUp(small.size * k * element.sizeBytes, 64);
  const scratchBytes = gather === null ? 0 : kTableAt + (gather.kTable ? roundUp(4 * k, 64) : 0);
  return { ...plan, form, swapped, small, big, block, gather, gatherAt, kTableAt, scratchBytes };
}

export const skinnyUnits = ({ nBatch, big, block }: SkinnyPlan): number => nBatch * Math.ceil(big.size / block);

export function emitSkinny(m: Module, f: ContractFunc, plan: SkinnyPlan, epilogue: EpilogueFunc | null): void {
  const { element: e, small, big, swapped, block, form, batch: axes } = plan;
  const { lhs, rhs, out, scratch, context, begin, end } = f.params;
  const size = e.sizeBytes;
  const local = (name: string) => f.local("i32", name);
  const at = { small: local("small"), big: local("big"), out: local("c"), start: local("l0"), end: local("l1") };
  const unit = local("unit");
  const batch = local("batch");
  const perBatch = Math.ceil(big.size / block);
  const stridesOf = (side: 0 | 1) => axes.map((a) => ({ size: a.size, stride: a.strides[side] as number }));
  if (plan.gather?.kTable === true) {
    f.get(scratch).i32(plan.kTableAt).op("i32.add").set(at.small);
    emitOffsetTable(f, at.small, small.k, size, 0);
  }
  f.range(unit, begin, end, 1, () => {
    f.get(unit).i32(perBatch).op("i32.div_u").set(batch);
    f.get(unit)
      .i32(perBatch)
      .op("i32.rem_u")
      .i32(block)
      .op("i32.mul")
      .tee(at.start)
      .i32(block)
      .op("i32.add")
      .set(at.end);
    pushMin(f, at.end, big.size).set(at.end);
    f.get(swapped ? rhs : lhs).set(at.small);
    f.get(swapped ? lhs : rhs).set(at.big);
    emitAddOffset(f, at.small, batch, stridesOf(swapped ? 1 : 0), size);
    emitAddOffset(f, at.big, batch, stridesOf(swapped ? 0 : 1), size);
    f.get(out);
    pushScaled(f, batch, plan.m * plan.n * size)
      .op("i32.add")
      .set(at.out);
    emitGather(m, f, plan, at.small);
    if (form === "dot") emitDotBlock(m, f, plan, at);
    else emitAxpyBlock(m, f, plan, at);
    if (epilogue === null) return;
    const long = [at.start, at.end];
    const short = [0, small.size];
    f.get(context).get(batch);
    for (const value of swapped ? [...long, ...short] : [...short, ...long]) pushValue(f, value);
    f.call(epilogue);
  });
}

/** Copies the rows of `small` to scratch, and lets `base` point there. */
function emitGather(m: Module, f: ContractFunc, plan: SkinnyPlan, base: Local): void {
  const { gather, small, gatherAt, kTableAt, k, element } = plan;
  if (gather === null) return;
  const { scratch } = f.params;
  const size = element.sizeBytes;
  const offsets = small.outer.reduce<number[]>(
    (all, { size: n, stride }) => all.flatMap((o) => Array.from({ length: n }, (_, i) => o + i * stride)),
    [0],
  );
  f.get(scratch).i32(0).mem("i32.store"); // the one lane of the packer
  offsets.forEach((offset, s) => {
    f.get(base)
      .i32(offset * size)
      .op("i32.add")
      .get(scratch);
    if (small.kStride === null) f.get(scratch).i32(kTableAt).op("i32.add");
    else f.i32(small.kStride * size);
    f.i32(k)
      .get(scratch)
      .i32(gatherAt + s * k * size)
      .op("i32.add")
      .call(packFunc(m, gather));
  });
  f.get(scratch).i32(gatherAt).op("i32.add").set(base);
}

interface BlockCode {
  readonly small: Local;
  readonly big: Local;
  readonly out: Local;
  readonly start: Local;
  readonly end: Local;
}

/** Calls a kernel for rows l of `big` from `l` on and depths from `k` on. */
function emitCall(
  f: ContractFunc,
  { element: { sizeBytes }, small, big, form, gather, k: depth, n }: SkinnyPlan,
  at: BlockCode,
  kernel: Callable,
  l: Value,
  k: Value,
  vectors: Value,
): void {
  const outer = big.outerStride as number;
  const inner = big.kStride as number;
  f.get(at.small);
  pushScaled(f, k, sizeBytes).op("i32.add");
  f.i32((gather === null ? (small.outerStride as number) : depth) * sizeBytes);
  f.get(at.big);
  pushScaled(f, l, outer * sizeBytes).op("i32.add");
  pushScaled(f, k, inner * sizeBytes).op("i32.add");
  f.i32((form === "dot" ? outer : inner) * sizeBytes);
  f.get(at.out);
  pushScaled(f, l, sizeBytes)
    .op("i32.add")
    .i32(n * sizeBytes);
  pushValue(f, vectors);
  pushValue(f, k); // add to the result at all depths but the first
  f.call(kernel);
}

function emitDotBlock(m: Module, f: ContractFunc, plan: SkinnyPlan, at: BlockCode): void {
  const { element, relaxed, small, big, k } = plan;
  const unroll = SKINNY_UNROLL[small.size] as number;
  const rest = big.size % unroll;
  const l = f.local("i32", "l");
  const depth = f.local("i32", "k");
  const full = Math.floor((k - 1) / DOT_DEPTH) * DOT_DEPTH;
  const rowsOf = (count: number) => {
    const kernel = (tail: number): SkinnyKernel => ({ element, relaxed, rows: small.size, unroll: count, tail });
    if (full > 0) {
      f.range(depth, 0, full, DOT_DEPTH, () => {
        emitCall(f, plan, at, skinnyDot(m, kernel(0)), l, depth, DOT_DEPTH / element.lanes);
      });
    }
    const last = k - full;
    const tail = last % element.lanes;
    emitCall(f, plan, at, skinnyDot(m, kernel(tail)), l, full, (last - tail) / element.lanes);
  };
  f.get(at.start).set(l);
  if (big.size >= unroll) {
    const fullEnd = f.local("i32", "full");
    pushMin(f, at.end, big.size - rest).set(fullEnd);
    f.range(l, l, fullEnd, unroll, () => rowsOf(unroll));
  }
  if (rest > 0)
    f.get(at.end)
      .i32(big.size)
      .op("i32.eq")
      .if(() => rowsOf(rest));
}

function emitAxpyBlock(m: Module, f: ContractFunc, plan: SkinnyPlan, at: BlockCode): void {
  const { element, relaxed, small, big, k, block } = plan;
  const { lanes } = element;
  const unroll = AXPY_UNROLL[small.size] as number;
  const depth = f.local("i32", "k");
  const vectors = f.local("i32", "vectors");
  const rest = k % unroll;
  const all = (tail: number) => {
    const kernel = (count: number): SkinnyKernel => ({ element, relaxed, rows: small.size, unroll: count, tail });
    f.range(depth, 0, k - rest, unroll, () => {
      emitCall(f, plan, at, skinnyAxpy(m, kernel(unroll)), at.start, depth, vectors);
    });
    if (rest > 0) emitCall(f, plan, at, skinnyAxpy(m, kernel(rest)), at.start, k - rest, vectors);
  };
  f.get(at.end).get(at.start).op("i32.sub").i32(Math.log2(lanes)).op("i32.shr_u").set(vectors);
  const tail = big.size % lanes;
  if (tail === 0) all(0);
  else if (big.size <= block) all(tail);
  else {
    f.get(at.end)
      .i32(big.size)
      .op("i32.eq")
      .if(
        () => all(tail),
        () => all(0),
      );
  }
}
