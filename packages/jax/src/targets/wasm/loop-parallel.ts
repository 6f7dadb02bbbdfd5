/** A kernel with lanes along its last parallel axis: maps, and reductions over other axes than the innermost. */
import type { LoopKernel, Stage } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import type { Func, Local } from "./assembler";
import { VectorAccumulator } from "./loop-accumulate-lanes";
import { rootsOf } from "./loop-analysis";
import { type Bursts, emitBursts } from "./loop-bursts";
import { emitBytes } from "./loop-bytes";
import { copiedRows, emitCopy } from "./loop-copy";
import type { LoopEmitter } from "./loop-emitter";
import { hoist } from "./loop-hoist";
import { COLUMN_BLOCK, rowBlocks } from "./loop-items";
import { type KernelContext, SCRATCH, emitStages, stageAccesses, stageRoots, unrollOf } from "./loop-kernel";
import { Cursors, isStatic, loopWhileFits, runMultiple } from "./loop-nest";

/** Function (pointers, sizes, start, end) over the items of `rowBlockCuts`. */
export function emitParallel(k: KernelContext): Func {
  const { kernel, analysis } = k;
  const { axes, stages } = kernel;
  const last = axes.at(-1)!;
  const { e, col, colEnd, each } = rowBlocks(k);
  const vector = lanesSupport(kernel) && !(isStatic(last) && last.size < 4);
  const values = stages.flatMap(stageRoots);
  if (vector) {
    e.lanes = { axis: last.id, copy: 0 };
    const everything = analysis.maskOf([...axes, ...stages.flatMap((s) => s.axes)]);
    hoist(e, values, everything, true, copiesOf(stages, values, k.relaxed));
  }
  const bursts = k.bursts.length > 0 ? { stores: k.bursts, scratch: e.f.params[SCRATCH]! } : null;
  const copied = copiedRows(kernel, analysis, k.dtypeOf);
  each(() => {
    if (copied !== null) emitCopy(e, copied, col, colEnd);
    if (copied?.always !== true) emitColumns(e, kernel, col, colEnd, vector, runMultiple(last, COLUMN_BLOCK), bursts);
  });
  return e.f;
}

/**
 * All stages for the columns [col, colEnd) of the last axis, a multiple of so many: in lanes as far as that goes, then one
 * by one. `col` must be the axis' local; it ends at colEnd.
 */
export function emitColumns(
  e: LoopEmitter,
  kernel: LoopKernel,
  col: Local,
  colEnd: Local,
  vector: boolean,
  multiple = 1,
  bursts: Bursts | null = null,
): void {
  const { stages } = kernel;
  const last = kernel.axes.at(-1)!;
  const values = stages.flatMap(stageRoots);
  const stageAxes = stages.flatMap((s) => s.axes);
  const flat = stageAxes.length === 0;
  const copies = copiesOf(stages, values, e.relaxed);
  const inRow = e.analysis.maskOf([last, ...stageAxes]);
  const roots = flat ? values : rootsOf(kernel);
  const lanes = vector ? { axis: last.id, copy: 0 } : null;
  e.lanes = lanes;
  const cursors = new Cursors(e, last, flat ? stages.flatMap(stageAccesses) : []);
  const scalarColumns = (): void => {
    hoist(e, roots, inRow, false, 1);
    loopWhileFits(e, col, colEnd, 1, () =>
      e.scoped(() => {
        emitStages(e, kernel, 0);
        cursors.advance(1);
      }),
    );
  };
  e.withCursors(cursors.map, () => {
    if (!vector) return scalarColumns();
    e.scoped(() => {
      hoist(e, roots, inRow, true, copies);
      if (flat) emitBytes(e, kernel, cursors, col, colEnd);
      const columns = (end: Local): void => columnLoop(e, kernel, cursors, col, end, copies);
      if (bursts !== null) emitBursts(e, bursts, cursors, col, colEnd, columns);
      columns(colEnd);
      if (copies > 1 && multiple % (4 * copies) !== 0) columnLoop(e, kernel, cursors, col, colEnd, 1);
    });
    if (multiple % 4 === 0) return;
    e.lanes = null;
    e.f
      .get(col)
      .get(colEnd)
      .op("i32.lt_s")
      .if(() => e.scoped(scalarColumns));
    e.lanes = lanes;
  });
}

/** Formulas that are alike are side by side themselves. */
const copiesOf = (stages: readonly Stage[], values: readonly Scalar[], relaxed: boolean): number =>
  stages[0]!.areAlike === true ? 1 : unrollOf(values, relaxed);

/** Whether lanes along the last axis of a kernel can do all that it does. */
export const lanesSupport = (kernel: LoopKernel): boolean =>
  kernel.stages.every((s) => s.reductions.every(VectorAccumulator.supports));

function columnLoop(
  e: LoopEmitter,
  kernel: LoopKernel,
  cursors: Cursors,
  col: Local,
  colEnd: Local,
  copies: number,
): void {
  loopWhileFits(e, col, colEnd, 4 * copies, () =>
    e.scoped(() => {
      emitStages(e, kernel, copies);
      cursors.advance(4 * copies);
    }),
  );
}
