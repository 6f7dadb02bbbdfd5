/**
 * The place of the greatest (or least) element of a run: first which block has it, by the block's extreme alone, then
 * where in that block it is.
 */
import { isFloat, isUnsigned } from "../../aval/dtype";
import type { Reduction, Stage } from "../../kernel/program";
import type { Local, PlainOp } from "./assembler";
import { ScalarAccumulator, identityOf, isArg, positionOf, pushConst } from "./loop-accumulate";
import { VectorAccumulator } from "./loop-accumulate-lanes";
import type { LoopEmitter } from "./loop-emitter";
import { hoist } from "./loop-hoist";
import { isLongFormula, stageRoots } from "./loop-kernel";
import { Cursors, accessesOf, loopWhileFits } from "./loop-nest";
import { valTypeOf } from "./scalar";

/** Elements of a block: one is searched, of all the lanes' extremes are brought together. */
const BLOCK = 512;
const COPIES = 4;

/** One place, of what is not costly: some of it is computed twice. */
export function isPlaceAlone({ reductions, stores }: Stage): boolean {
  const [first] = reductions;
  if (reductions.length !== 1 || stores.length > 0 || !isArg(first!.op)) return false;
  return first!.value.dtype !== "float64" && !isLongFormula([first!.value]);
}

/** Takes the elements [from, to) of the stage's last axis into `total`, but for the last to - from mod 4; moves `from`. */
export function emitPlaceOfExtreme(
  e: LoopEmitter,
  stage: Stage,
  range: { readonly from: Local; readonly to: Local },
  cursors: Cursors,
  total: ScalarAccumulator,
): void {
  const { f } = e;
  const { from, to } = range;
  const lanes = e.lanes!;
  const axis = stage.axes.at(-1)!;
  const [place] = stage.reductions as [Reduction];
  const { dtype } = place.value;
  const type = valTypeOf(dtype);
  const extreme: Reduction = { op: place.op === "argmax" ? "max" : "min", value: place.value, dtype };
  const position = positionOf(stage.axes);
  hoist(e, [place.value], e.analysis.maskOf([axis]), true, 1);

  const best = e.temp(type);
  const first = e.temp("i32");
  const [start, end, limit] = [e.temp("i32"), e.temp("i32"), e.temp("i32")];
  pushConst(f, type, identityOf(place.op, dtype));
  f.set(best).i32(-1).set(first);
  f.get(to).get(to).get(from).op("i32.sub").i32(3).op("i32.and").op("i32.sub").set(limit);
  f.loop((again) => {
    f.get(from).tee(start).i32(BLOCK).op("i32.add").tee(end).get(limit);
    f.get(end).get(limit).op("i32.lt_s").op("select").set(end);
    e.scoped(() => {
      const one = new ScalarAccumulator(e, extreme, false);
      const all = new VectorAccumulator(e, extreme, COPIES, true, false);
      one.init();
      all.init();
      for (const n of [COPIES, 1]) {
        loopWhileFits(e, from, end, 4 * n, () =>
          e.scoped(() => {
            for (lanes.copy = 0; lanes.copy < n; lanes.copy++) all.accumulate(lanes.copy, position);
            lanes.copy = 0;
            cursors.advance(4 * n);
          }),
        );
      }
      all.mergeInto(one);
      const found = one.finish();
      pushBeats(e, extreme, found, best);
      f.if(() => f.get(found).set(best).get(start).set(first));
    });
    f.get(from).get(limit).op("i32.lt_s").brIf(again);
  });
  f.get(first).i32(0).op("i32.ge_s");
  f.if(() => e.scoped(() => search(e, stage, first, limit, best, total)));
}

/** Whether a block's extreme beats that of all before it; a NaN beats all but NaNs. */
function pushBeats(e: LoopEmitter, { op, value: { dtype } }: Reduction, found: Local, best: Local): void {
  const { f } = e;
  const greater = op === "max" ? "gt" : "lt";
  f.get(found).get(best);
  if (!isFloat(dtype)) return void f.op(`i32.${greater}_${isUnsigned(dtype) || dtype === "bool" ? "u" : "s"}`);
  f.op(`f32.${greater}`).get(found).get(found).op("f32.ne").get(best).get(best).op("f32.eq");
  f.op("i32.and").op("i32.or");
}

/** From `first` on: the first element that equals `best`, or is a NaN if that is one. */
function search(e: LoopEmitter, stage: Stage, first: Local, limit: Local, best: Local, total: ScalarAccumulator): void {
  const { f } = e;
  const axis = stage.axes.at(-1)!;
  const { value } = stage.reductions[0]!;
  const shape = isFloat(value.dtype) ? "f32x4" : "i32x4";
  const moved = e.axes.get(axis.id)!;
  e.axes.set(axis.id, first);
  const wanted = e.temp("v128");
  const mask = e.temp("i32");
  f.get(best);
  if (value.dtype === "bool") f.i32(-1).op("i32.mul");
  f.op(`${shape}.splat` as PlainOp).set(wanted);
  const cursors = new Cursors(e, axis, accessesOf(stageRoots(stage), []));
  e.withCursors(cursors.map, () =>
    f.block((done) => {
      loopWhileFits(e, first, limit, 4, () =>
        e.scoped(() => {
          const x = e.keepVector(value);
          f.get(x).get(wanted).op(`${shape}.eq`);
          if (isFloat(value.dtype)) f.get(x).get(x).op("f32x4.ne").op("v128.or");
          f.op("i32x4.bitmask").tee(mask).brIf(done);
          cursors.advance(4);
        }),
      );
    }),
  );
  f.get(best);
  e.push(positionOf(stage.axes));
  f.get(mask).op("i32.ctz").op("i32.add");
  total.merge();
  e.axes.set(axis.id, moved);
}
