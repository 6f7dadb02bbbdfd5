/** Lanes along the innermost axis of a stage: long runs of it, and short ones for a stretch of the axis before. */
import type { Axis, Stage } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import type { Local } from "./assembler";
import { type ScalarAccumulator, positionOf } from "./loop-accumulate";
import { VectorAccumulator } from "./loop-accumulate-lanes";
import type { LoopEmitter } from "./loop-emitter";
import { hoist } from "./loop-hoist";
import { interleave } from "./loop-interleave";
import { type KernelContext, isLongFormula, stageRoots, unrollOf } from "./loop-kernel";
import { Cursors, accessesOf, isStatic, loopWhileFits, runMultiple } from "./loop-nest";
import { emitStores } from "./loop-store";

/** Elements of one call of a stage's inner loop. */
export const RUN = 4096;

/** A last axis so short that calls for each run of it would take longer than the runs. */
const SHORT = 256;

/** The last axis of a stage whose leaf does runs of it for a stretch of the axis before; null for others. */
export function shortRun(stage: Stage): Axis | null {
  const last = stage.axes.at(-1)!;
  const fits = isStatic(last) && last.size > 0 && last.size <= SHORT && last.size % 4 === 0;
  const plain = stage.stores.length === 0 && stage.reductions.every((r) => r.op === "add");
  return stage.axes.length > 1 && fits && plain ? last : null;
}

/** Runs of the last axis for a stretch of the one before, with the lanes' sums kept from run to run. */
export function emitShortRuns(
  e: LoopEmitter,
  k: KernelContext,
  stage: Stage,
  run: Axis,
  totals: readonly ScalarAccumulator[],
): void {
  const { f } = e;
  const { from, to } = f.params as { from: Local; to: Local };
  const roots = stageRoots(stage);
  const copies = Math.min(unrollOf(roots, k.relaxed), run.size / 4);
  const long = isLongFormula(roots);
  const lanes = { axis: run.id, copy: 0 };
  const column = e.temp("i32");
  const end = e.temp("i32");
  e.axes.set(stage.axes.at(-2)!.id, from).set(run.id, column);
  e.lanes = lanes;
  f.i32(run.size).set(end);
  hoist(e, roots, k.analysis.maskOf(stage.axes.slice(-2)), true, 1);
  const accumulators = stage.reductions.map((r) => new VectorAccumulator(e, r, long ? 1 : copies, false, false));
  for (const a of accumulators) a.init();
  const position = positionOf(stage.axes);
  loopWhileFits(e, from, to, 1, () =>
    e.scoped(() => {
      f.i32(0).set(column);
      const cursors = new Cursors(e, run, accessesOf(roots, []));
      e.withCursors(cursors.map, () => {
        hoist(e, roots, k.analysis.maskOf([run]), true, 1);
        for (const n of run.size % (4 * copies) === 0 ? [copies] : [copies, 1]) {
          loopWhileFits(e, column, end, 4 * n, () =>
            e.scoped(() => {
              if (long) {
                interleave(e, roots, n, () => {
                  for (const a of accumulators) a.accumulateTogether(n, position);
                });
              } else {
                for (lanes.copy = 0; lanes.copy < n; lanes.copy++)
                  for (const a of accumulators) a.accumulate(lanes.copy, position);
              }
              lanes.copy = 0;
              cursors.advance(4 * n);
            }),
          );
        }
      });
    }),
  );
  accumulators.forEach((a, i) => a.mergeInto(totals[i]!));
}

/** Sums that wait for nothing but each other: an addition takes 3 or 4 cycles, in which 6 or 8 could be done. */
const SUM_CHAINS = 8;
/** Elements of a run that is worth them. */
const MANY = 256;

/** One sum or product of short formulas over long runs. */
function isPlainSum({ axes, reductions, stores }: Stage, long: boolean): boolean {
  const [run, first] = [axes.at(-1)!, reductions[0]];
  if (long || stores.length > 0 || reductions.length !== 1 || !isStatic(run) || run.size < MANY) return false;
  return (first!.op === "add" || first!.op === "mul") && first!.value.dtype !== "float64";
}

/** The lanes of a leaf: several vectors at once, then one, then the lanes into the scalar values. */
export function emitRuns(
  e: LoopEmitter,
  k: KernelContext,
  stage: Stage,
  position: Scalar,
  cursors: Cursors,
  totals: readonly ScalarAccumulator[],
): void {
  const roots = stageRoots(stage);
  const { from, to } = e.f.params as { from: Local; to: Local };
  const lanes = e.lanes!;
  hoist(e, roots, k.analysis.maskOf([stage.axes.at(-1)!]), true, 1);
  const long = isLongFormula(roots);
  // Several results (of the rows of a group) are side by side as they are.
  const nSide = Math.max(1, Math.floor(unrollOf(roots, k.relaxed) / Math.max(1, stage.stores.length)));
  const copies = isPlainSum(stage, long) ? SUM_CHAINS : nSide;
  const chains = long ? 1 : copies;
  const accumulators = stage.reductions.map((r) => new VectorAccumulator(e, r, chains, true, false));
  for (const a of accumulators) a.init();
  const whole = runMultiple(stage.axes.at(-1)!, RUN) % (4 * copies) === 0;
  for (const n of copies === 1 || whole ? [copies] : [copies, 1]) {
    loopWhileFits(e, from, to, 4 * n, () =>
      e.scoped(() => {
        const finish = (): void => {
          if (long) for (const a of accumulators) a.accumulateTogether(n, position);
          for (lanes.copy = 0; lanes.copy < n; lanes.copy++) {
            if (!long) for (const a of accumulators) a.accumulate(lanes.copy, position);
            emitStores(e, stage.stores);
          }
          lanes.copy = 0;
        };
        if (long) interleave(e, roots, n, finish);
        else finish();
        cursors.advance(4 * n);
      }),
    );
  }
  accumulators.forEach((a, i) => a.mergeInto(totals[i]!));
}
