/**
 * A kernel with lanes along the axes of its stages: row reductions, softmax, a sum of everything. The innermost loop of
 * each stage is a function of its own, called for a stretch of the axis at a time: V8 replaces code only between calls,
 * and short runs keep float32 sums exact.
 */
import type { Axis, Stage } from "../../kernel/program";
import type { Func, Local, ValType } from "./assembler";
import { ScalarAccumulator, positionOf } from "./loop-accumulate";
import { VectorAccumulator } from "./loop-accumulate-lanes";
import { Analysis, rootsOf, topological } from "./loop-analysis";
import { emitPlaceOfExtreme, isPlaceAlone } from "./loop-arg-runs";
import type { LoopEmitter } from "./loop-emitter";
import { hoist } from "./loop-hoist";
import { type Cut, counterOf, itemFunction, itemLoop, pointCuts } from "./loop-items";
import { type KernelContext, emitterFor, paramName, pointerName, stageRoots } from "./loop-kernel";
import { Cursors, accessesOf, isStatic, loopWhileFits, nestLoops, pushSize, runMultiple } from "./loop-nest";
import { reducedKey } from "./loop-point";
import { type RowGroups, groupRows } from "./loop-row-groups";
import { RUN, emitRuns, emitShortRuns, shortRun } from "./loop-runs";
import { emitStores } from "./loop-store";
import { valTypeOf } from "./scalar";

/** Function (pointers, sizes, start, end) over items, and what they are: rows, or groups of them. */
export function emitRows(k: KernelContext): [Func, Cut[]] {
  const groups = groupRows(k.kernel);
  return groups === null ? [emitEachRow(k), pointCuts(k.kernel)] : emitRowGroups(k, groups);
}

function emitEachRow(k: KernelContext): Func {
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

function emitRowGroups(context: KernelContext, { rows, groups, size, last }: RowGroups): [Func, Cut[]] {
  const { axes, stages } = context.kernel;
  const before = stages.slice(0, -1);
  const analysis = new Analysis([...axes, groups], [...stages.flatMap((s) => s.axes)]);
  analysis.count(rootsOf({ ...context.kernel, stages: [...before, last] }));
  const k = { ...context, analysis };
  const leaves = [...before, last].map((stage, i) => emitLeaf(k, stage, i));
  const { e, start, end } = itemFunction(k);
  const cuts = axes.map((axis) => ({ axis, block: axis === rows ? size : 1 }));
  const counters = cuts.map((cut) => counterOf(e, cut));
  const row = e.temp("i32");
  e.axes.set(groups.id, counters.at(-1)!.at).set(rows.id, row);
  itemLoop(e, counters, start, end, () => {
    // what the reductions of each row have come to
    const known = Array.from({ length: size }, () => new Map<string, Local>());
    before.forEach((stage, i) =>
      known.forEach((reduced, r) => {
        e.f.get(counters.at(-1)!.at).i32(size).op("i32.mul").i32(r).op("i32.add").set(row);
        reduced.forEach((local, key) => e.reduced.set(key, local));
        emitStageCalls(e, stage, i, leaves[i]!);
        stage.reductions.forEach((_, slot) => {
          const local = e.reduced.get(reducedKey(i, slot))!;
          reduced.set(reducedKey(i, slot), local);
          e.reduced.set(reducedKey(i + r * stages.length, slot), local);
        });
      }),
    );
    known[0]!.forEach((local, key) => e.reduced.set(key, local));
    emitStageCalls(e, last, before.length, leaves.at(-1)!);
  });
  return [e.f, cuts];
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
      f.if(() =>
        e.scoped(() => {
          if (isPlaceAlone(stage)) emitPlaceOfExtreme(e, stage, { from, to }, cursors, accumulators[0]!);
          else emitRuns(e, k, stage, position, cursors, accumulators);
        }),
      );
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
