/**
 * Matrix products by blocks (the shape of BLIS): columns in blocks of nc, k in blocks of kc, rows in blocks of mc;
 * inside, tiles of mr x nr by the micro kernel. An operand is packed into panels, or read in place where that is as
 * fast. The driver has static sizes; all long loops are in functions of their own.
 */
import type { Func, Local, Module } from "./assembler";
import type { BlockFunc, ContractFunc, ContractParts } from "./contract-func";
import { emitAddOffset, pushMin, pushScaled, pushValue, type Value } from "./contract-index";
import { emitPackPanels, emitTables, type OperandCode } from "./contract-panels";
import { sourceBytes, type GemmPlan, type PanelPlan } from "./contract-plan";
import { emitTiles } from "./contract-tiles";

/** In all batches: what can be given to threads. */
export const gemmUnits = ({ nBatch, units }: GemmPlan): number => nBatch * units.count;

export function emitGemm(
  m: Module,
  f: ContractFunc,
  plan: GemmPlan,
  { epilogue = null, lhsBlock = null, rhsBlock = null }: ContractParts,
): void {
  const { element: e, lhsPanels, rhsPanels, mc, nc, kc } = plan;
  const { lhs, rhs, out, context, begin, end } = f.params;
  const size = e.sizeBytes;
  const batch = f.local("i32", "batch");
  const operand = (panels: PanelPlan, func: BlockFunc | null): OperandCode => {
    if (panels.mode === "inPlace") return { panels, base: f.local("i32", "base"), packed: null, compute: null };
    emitTables(f, panels);
    const packed = f.local("i32", "panels");
    f.get(f.params.scratch).i32(panels.panelsAt).op("i32.add").set(packed);
    return { panels, base: f.local("i32", "base"), packed, compute: func && { func, batch } };
  };
  const a = operand(lhsPanels, lhsBlock);
  const b = operand(rhsPanels, rhsBlock);
  const c = f.local("i32", "c");
  const unit = f.local("i32", "unit");
  const oneColumnBlock = plan.n <= nc;
  const oneDepthBlock = plan.k <= kc;
  // an operand that fits its panels and is the same in every batch is packed once
  const packOnce = (panels: PanelPlan, side: 0 | 1) =>
    plan.nBatch > 1 &&
    oneDepthBlock &&
    (side === 0 ? plan.m <= mc : oneColumnBlock) &&
    panels.mode === "packed" &&
    plan.batch.every((axis) => axis.strides[side] === 0);

  const guarded = (once: boolean, body: () => void) => {
    if (once) f.get(unit).get(begin).op("i32.eq").if(body);
    else body();
  };

  f.get(begin).set(unit);
  forEachBatch(f, plan, unit, end, batch, (start, stop) => {
    const [rowStart, rowEnd]: Value[] = plan.units.of === "rows" ? [start, stop] : [0, plan.m];
    const [firstCol, lastCol]: Value[] = plan.units.of === "rows" ? [0, plan.n] : [start, stop];
    f.get(lhs).set(a.base).get(rhs).set(b.base);
    emitAddOffset(
      f,
      a.base,
      batch,
      plan.batch.map((x) => ({ size: x.size, stride: x.strides[0] as number })),
      sourceBytes(lhsPanels.packer),
    );
    emitAddOffset(
      f,
      b.base,
      batch,
      plan.batch.map((x) => ({ size: x.size, stride: x.strides[1] as number })),
      sourceBytes(rhsPanels.packer),
    );
    f.get(out);
    pushScaled(f, batch, plan.m * plan.n * size)
      .op("i32.add")
      .set(c);
    forBlocks(f, firstCol!, lastCol!, nc, oneColumnBlock, (colStart, colEnd) => {
      forBlocks(f, 0, plan.k, kc, oneDepthBlock, (kStart, kEnd) => {
        const depth = difference(f, kStart, kEnd);
        const steps = e.pairs ? half(f, depth) : depth;
        if (plan.k === 0) emitZeroRows(f, plan, c, rowStart!, rowEnd!);
        else guarded(packOnce(rhsPanels, 1), () => emitPackPanels(m, f, b, colStart, colEnd, kStart, depth, steps));
        forBlocks(f, rowStart!, rowEnd!, mc, plan.m <= mc, (blockStart, blockEnd) => {
          if (plan.k > 0) {
            guarded(packOnce(lhsPanels, 0), () => emitPackPanels(m, f, a, blockStart, blockEnd, kStart, depth, steps));
            emitTiles(m, f, plan, a, b, c, { blockStart, blockEnd, colStart, colEnd, kStart, steps });
          }
          if (epilogue === null) return;
          const finish = () => {
            f.get(context).get(batch);
            for (const value of [blockStart, blockEnd, colStart, colEnd]) pushValue(f, value);
            f.call(epilogue);
          };
          if (oneDepthBlock) finish();
          else pushValue(f, kEnd).i32(plan.k).op("i32.eq").if(finish);
        });
      });
    });
  });
}

/** The sums of nothing. */
function emitZeroRows(f: ContractFunc, { n, element }: GemmPlan, c: Local, start: Value, end: Value): void {
  const rowBytes = n * element.sizeBytes;
  f.get(c);
  pushScaled(f, start, rowBytes).op("i32.add").i32(0);
  pushScaled(f, end, rowBytes);
  pushScaled(f, start, rowBytes).op("i32.sub").memoryFill();
}

/** Runs `body` for each batch with units in [unit, end), with the rows or columns of that batch that belong to them. */
function forEachBatch(
  f: ContractFunc,
  { m, n, nBatch, units }: GemmPlan,
  unit: Local,
  end: Local,
  batch: Local,
  body: (start: Value, end: Value) => void,
): void {
  const { size, count: perBatch } = units;
  const total = units.of === "rows" ? m : n;
  f.block((done) => {
    f.loop((again) => {
      f.get(unit).get(end).op("i32.ge_s").brIf(done);
      if (perBatch === 1) {
        f.get(unit).set(batch);
        body(0, total);
        f.inc(unit, 1);
      } else {
        const start = f.local("i32", "start");
        const stop = f.local("i32", "stop");
        const next = f.local("i32", "next");
        if (nBatch > 1) f.get(unit).i32(perBatch).op("i32.div_u").set(batch);
        else f.i32(0).set(batch);
        f.get(unit).get(batch).i32(perBatch).op("i32.mul").op("i32.sub").i32(size).op("i32.mul").set(start);
        f.get(batch).i32(1).op("i32.add").i32(perBatch).op("i32.mul").set(next);
        pushMin(f, next, end).set(next);
        f.get(next).get(batch).i32(perBatch).op("i32.mul").op("i32.sub").i32(size).op("i32.mul").set(stop);
        pushMin(f, stop, total).set(stop);
        body(start, stop);
        f.get(next).set(unit);
      }
      f.br(again);
    });
  });
}

/** Runs `body` for each block [start, min(start + step, to)); `single` says that there is one only. */
function forBlocks(
  f: Func,
  from: Value,
  to: Value,
  step: number,
  single: boolean,
  body: (start: Value, end: Value) => void,
): void {
  if (single) return body(from, to);
  const start = f.local("i32", "start");
  const end = f.local("i32", "end");
  f.range(start, from, to, step, () => {
    f.get(start).i32(step).op("i32.add").set(end);
    pushMin(f, end, to).set(end);
    body(start, end);
  });
  f.release(start, end);
}

/** Half of a depth, rounded up. */
function half(f: Func, depth: Value): Value {
  if (typeof depth === "number") return Math.ceil(depth / 2);
  const steps = f.local("i32", "steps");
  f.get(depth).i32(1).op("i32.add").i32(1).op("i32.shr_u").set(steps);
  return steps;
}

function difference(f: Func, start: Value, end: Value): Value {
  if (typeof start === "number" && typeof end === "number") return end - start;
  const depth = f.local("i32", "depth");
  pushValue(f, end);
  pushValue(f, start).op("i32.sub").set(depth);
  return depth;
}
