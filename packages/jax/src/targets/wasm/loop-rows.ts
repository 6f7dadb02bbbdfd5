/**
 * A kernel with lanes along the axes of its stages: row reductions, softmax, a sum of everything. The innermost loop of
 * each stage is a function of its own, called for a stretch of the axis at a time: V8 replaces code only between calls,
 * and short runs keep float32 sums exact.
 */
import type { Axis, LoopKernel, Stage } from "../../kernel/program";
import { type Scalar } from "../../kernel/scalar";
import type { Func, Local, ValType } from "./assembler";
import { ScalarAccumulator, positionOf } from "./loop-accumulate";
import { VectorAccumulator } from "./loop-accumulate-lanes";
import { topological } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";
import { hoist } from "./loop-hoist";
import { counterOf, itemFunction, itemLoop, pointCuts } from "./loop-items";
import {
  type KernelContext,
  emitterFor,
  isLongFormula,
  paramName,
  pointerName,
  stageRoots,
  unrollOf,
} from "./loop-kernel";
import { interleave } from "./loop-interleave";
import { Cursors, accessesOf, isStatic, loopWhileFits, nestLoops, pushSize, runMultiple } from "./loop-nest";
import { reducedKey } from "./loop-point";
import { emitStores } from "./loop-store";
import { valTypeOf } from "./scalar";

/** Elements of one call of a stage's inner loop. */
const RUN = 4096;

/** Function (pointers, sizes, start, end) over the items of `pointCuts`. */
export function emitRows(k: KernelContext): Func {
  const { stages } = k.kernel;
  const leaves = stages.map((stage, i) => (stage.axes.length > 0 ? emitLeaf(k, stage, i) : null));
  const { e, start, end } = itemFunction(k);
  const counters = pointCuts(k.kernel).map((cut) => counterOf(e, cut));
  itemLoop(e, counters, start, end, () => {
    stages.forEach((stage, i) => {
      const leaf = leaves[i]!;
      if (leaf === null) emitPoint(e, stage, i);
      else emitStageCalls(e, stage, i, leaf);
    });
  });
  return e.f;
}

function emitPoint(e: LoopEmitter, stage: Stage, number: number): void {
  const accumulators = stage.reductions.map((r) => new ScalarAccumulator(e, r, false));
  for (const a of accumulators) {
    a.init();
    a.accumulate({ tag: "const", dtype: "int32", value: 0 });
  }
  emitStores(e, stage.stores);
  accumulators.forEach((a, slot) => e.reduced.set(reducedKey(number, slot), a.finish()));
}

interface Leaf {
  readonly func: Func;
  readonly buffers: readonly number[];
  readonly slots: readonly number[];
  readonly axes: readonly number[];
  readonly reduced: readonly { readonly key: string; readonly type: ValType }[];
}

/** Loops over all but the last axis of a stage, and calls its leaf for runs of the last. */
function emitStageCalls(e: LoopEmitter, stage: Stage, number: number, leaf: Leaf): void {
  const { f } = e;
  const short = shortRun(stage);
  const last = stage.axes.at(short === null ? -1 : -2)!;
  const longest = short === null ? RUN : Math.floor(RUN / short.size);
  const accumulators = stage.reductions.map((r) => new ScalarAccumulator(e, r, true));
  for (const a of accumulators) a.init();
  const size = e.temp("i32");
  pushSize(e, last);
  f.set(size);
  const calls = (): void => {
    const from = e.temp("i32");
    const to = e.temp("i32");
    const call = (): void => {
      for (const b of leaf.buffers) f.get(e.pointers.get(b)!);
      for (const s of leaf.slots) f.get(e.params.get(s)!);
      for (const a of leaf.axes) f.get(e.axes.get(a)!);
      for (const r of leaf.reduced) f.get(e.reduced.get(r.key)!);
      f.get(from).get(to).call(leaf.func);
      for (const a of [...accumulators].reverse()) a.merge();
    };
    f.i32(0).set(from);
    if (isStatic(last) && last.size <= longest) {
      f.get(size).set(to);
      return call();
    }
    f.block((done) => {
      f.get(size).op("i32.eqz").brIf(done);
      f.loop((again) => {
        f.get(from).i32(longest).op("i32.add").tee(to).get(size).get(to).get(size).op("i32.lt_s").op("select").set(to);
        call();
        f.get(to).tee(from).get(size).op("i32.lt_s").brIf(again);
      });
    });
  };
  const outer = stage.axes.slice(0, stage.axes.indexOf(last));
  if (outer.length === 0) calls();
  else nestLoops(e, outer, [], [], 0, calls);
  accumulators.forEach((a, slot) => e.reduced.set(reducedKey(number, slot), a.finish()));
}

/** A last axis so short that calls for each run of it would take longer than the runs. */
const SHORT = 256;

/** The last axis of a stage whose leaf does runs of it for a stretch of the axis before; null for others. */
function shortRun(stage: Stage): Axis | null {
  const last = stage.axes.at(-1)!;
  const fits = isStatic(last) && last.size <= SHORT && last.size % 4 === 0;
  const plain = stage.stores.length === 0 && stage.reductions.every((r) => r.op === "add");
  return stage.axes.length > 1 && fits && plain ? last : null;
}

/** Function (what it uses, from, to): the stage for a stretch of its last axis; returns the reductions over it. */
function emitLeaf(k: KernelContext, stage: Stage, number: number): Leaf {
  const last = stage.axes.at(-1)!;
  const short = shortRun(stage);
  const used = usesOf(k, stage, short === null ? [last] : stage.axes.slice(-2));
  const params: Record<string, ValType> = {};
  for (const b of used.buffers) params[pointerName(b)] = "i32";
  for (const s of used.slots) params[paramName(s)] = "i32";
  for (const a of used.axes) params[`a${a}`] = "i32";
  used.reduced.forEach((r, i) => (params[`r${i}`] = r.type));
  const results = stage.reductions.flatMap((r) => ScalarAccumulator.partialTypes(r));
  const f: Func = k.module.func(`${k.name}_stage${number}`, { ...params, from: "i32", to: "i32" }, results);
  const e = emitterFor(k, f);
  for (const a of used.axes) e.axes.set(a, f.params[`a${a}`]!);
  used.reduced.forEach((r, i) => e.reduced.set(r.key, f.params[`r${i}`]!));
  const { from, to } = f.params as { from: Local; to: Local };
  const accumulators = stage.reductions.map((r) => new ScalarAccumulator(e, r, false));
  for (const a of accumulators) a.init();
  if (short !== null) {
    emitShortRuns(e, k, stage, short, accumulators);
    for (const a of accumulators) a.pushPartial();
    return { func: f, ...used };
  }
  e.axes.set(last.id, from);
  const roots = stageRoots(stage);
  const mask = k.analysis.maskOf([last]);
  const position = positionOf(stage.axes);
  const vector = stage.reductions.every(VectorAccumulator.supports) && !(isStatic(last) && last.size < 4);
  if (vector) e.lanes = { axis: last.id, copy: 0 };
  const cursors = new Cursors(e, last, accessesOf(roots, stage.stores));
  e.withCursors(cursors.map, () => {
    if (vector) {
      f.get(to).get(from).op("i32.sub").i32(4).op("i32.ge_s");
      f.if(() => e.scoped(() => emitRuns(e, k, stage, position, cursors, accumulators)));
      e.lanes = null;
      if (runMultiple(last, RUN) % 4 === 0) return;
    }
    f.get(from).get(to).op("i32.lt_s");
    f.if(() =>
      e.scoped(() => {
        hoist(e, roots, mask, false, 1);
        loopWhileFits(e, from, to, 1, () =>
          e.scoped(() => {
            for (const a of accumulators) a.accumulate(position);
            emitStores(e, stage.stores);
            cursors.advance(1);
          }),
        );
      }),
    );
  });
  for (const a of accumulators) a.pushPartial();
  return { func: f, ...used };
}

/** Runs of the last axis for a stretch of the one before, with the lanes' sums kept from run to run. */
function emitShortRuns(
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
                interleave(e, roots, n);
                for (const a of accumulators) a.accumulateTogether(n, position);
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
function emitRuns(
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
  const copies = isPlainSum(stage, long) ? SUM_CHAINS : unrollOf(roots, k.relaxed);
  const chains = long ? 1 : copies;
  const accumulators = stage.reductions.map((r) => new VectorAccumulator(e, r, chains, true, false));
  for (const a of accumulators) a.init();
  const whole = runMultiple(stage.axes.at(-1)!, RUN) % (4 * copies) === 0;
  for (const n of copies === 1 || whole ? [copies] : [copies, 1]) {
    loopWhileFits(e, from, to, 4 * n, () =>
      e.scoped(() => {
        if (long) {
          interleave(e, roots, n);
          for (const a of accumulators) a.accumulateTogether(n, position);
        }
        for (lanes.copy = 0; lanes.copy < n; lanes.copy++) {
          if (!long) for (const a of accumulators) a.accumulate(lanes.copy, position);
          emitStores(e, stage.stores);
        }
        lanes.copy = 0;
        cursors.advance(4 * n);
      }),
    );
  }
  accumulators.forEach((a, i) => a.mergeInto(totals[i]!));
}

/** What a leaf must be given. */
function usesOf(k: KernelContext, stage: Stage, own: readonly Axis[]): Omit<Leaf, "func"> {
  const roots = [...stageRoots(stage), ...stage.stores.map((s) => s.index)];
  if (stage.reductions.some((r) => r.op === "argmax" || r.op === "argmin")) roots.push(positionOf(stage.axes));
  const buffers = new Set(stage.stores.map((s) => s.buffer));
  const slots = new Set<number>();
  const axes = new Set<number>();
  const reduced = new Map<string, ValType>();
  for (const s of topological(roots)) {
    if (s.tag === "load") buffers.add(s.buffer);
    else if (s.tag === "param") slots.add(s.slot);
    else if (s.tag === "axis" && own.every(({ id }) => s.axis !== id)) axes.add(s.axis);
    else if (s.tag === "reduced") reduced.set(reducedKey(s.stage, s.slot), valTypeOf(s.dtype));
  }
  return {
    buffers: [...buffers],
    slots: [...slots],
    axes: [...axes],
    reduced: [...reduced].map(([key, type]) => ({ key, type })),
  };
}
