/**
 * Reductions over windows that slide along the rows of a kernel, as pooling has them. Several results of a row are made
 * at once, in registers: what the rows of their windows come to for each column, in vectors as they lie in memory, and
 * of these columns, brought into place by shuffles, the results.
 */
import type { DType } from "../../aval/dtype";
import { range } from "../../base/list";
import type { Axis, LoopKernel, Reduction, Stage } from "../../kernel/program";
import type { LoadScalar } from "../../kernel/scalar";
import type { ReduceOp } from "../../kernel/scalar-op";
import type { Func, Local } from "./assembler";
import type { Analysis } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";
import { hoist } from "./loop-hoist";
import { COLUMN_BLOCK, isLong, rowBlocks } from "./loop-items";
import { type KernelContext, emitStages, stageAccesses, stageRoots } from "./loop-kernel";
import { Cursors, isStatic, loopWhileFits } from "./loop-nest";
import { reducedKey } from "./loop-point";
import { WindowBlock, emitNanSearch, looksForNaN } from "./loop-window-block";

/** A reduction over windows; places are in elements. */
export interface Window {
  readonly reduction: Reduction;
  readonly load: LoadScalar;
  /** From one result of a row to the next. */
  readonly step: number;
  /** Where in the row a window has its columns, from its first element. */
  readonly taps: readonly number[];
  /** Where the rows of a window begin. */
  readonly rows: readonly number[];
  /** Vectors of results that are made at once. */
  readonly vectors: number;
}

/** Vectors that are loaded for a block: more would be too long a code. */
const MOST_LOADS = 256;
/** Results of a block, where they are few enough loads. */
const BLOCK = 16;
/** From a window to the next: beyond, lanes are better along the windows. */
const [MOST_STEP, MOST_APART] = [8, 24];
/** Elements of a window without columns, beyond which looking for NaNs at each of them is faster. */
const MOST_ROWS_OF_MAXIMA = 8;
const OPS: ReadonlySet<ReduceOp> = /* @__PURE__ */ new Set<ReduceOp>(["add", "mul", "max", "min"]);
const DTYPES: ReadonlySet<DType> = /* @__PURE__ */ new Set<DType>(["float32", "int32", "uint32"]);

/** Whether a kernel's stages may be a reduction over windows, where it need not ask for borders. */
export function mayBeWindow([first, ...others]: readonly Stage[]): boolean {
  if (first === undefined || first.reductions.length !== 1 || first.stores.length > 0) return false;
  const { op, value, dtype } = first.reductions[0]!;
  const isPlain = others.length > 0 && others.every((s) => s.axes.length === 0 && s.reductions.length === 0);
  return isPlain && OPS.has(op) && DTYPES.has(dtype) && value.dtype === dtype;
}

/** The reduction over windows that a kernel is; null if it is something else, or these are better done in another way. */
export function findWindow({ axes, stages }: LoopKernel, analysis: Analysis): Window | null {
  const last = axes.at(-1);
  if (last === undefined || !isStatic(last) || last.size < 4 || !mayBeWindow(stages)) return null;
  const [{ axes: own, reductions }] = stages as [Stage];
  const { value } = reductions[0]!;
  if (value.tag !== "load" || value.guard !== null || !own.every(isStatic)) return null;
  return windowOf(analysis, stages[0]!, reductions[0]!, value, last);
}

function windowOf(analysis: Analysis, stage: Stage, reduction: Reduction, load: LoadScalar, last: Axis): Window | null {
  const step = analysis.step(load.index, last.id);
  if (typeof step !== "number" || step < 1) return null;
  if (stage.axes.some((axis) => axis.size === 0)) return null;
  const moves = stage.axes.map((axis) => ({ size: axis.size, by: analysis.step(load.index, axis.id) }));
  if (!moves.every((m): m is { size: number; by: number } => typeof m.by === "number" && m.by >= 1)) return null;
  // The axis along the row; none where the next columns of a window are further away than those of the next results.
  const near = moves.filter((m) => m.by < BLOCK * step);
  const along = near.reduce((a, b) => (b.by < a.by ? b : a), { size: 1, by: Infinity });
  const taps = range(along.size).map((i) => (i === 0 ? 0 : i * along.by));
  if (step > 2 * taps.length || step > (taps.at(-1)! < step ? MOST_APART : MOST_STEP)) return null;
  let rows = [0];
  for (const m of moves) {
    if (m !== along) rows = rows.flatMap((at) => range(m.size).map((i) => at + i * m.by));
  }
  const isColumn = taps.length === 1;
  if (isColumn && (step > 1 || (rows.length > MOST_ROWS_OF_MAXIMA && looksForNaN(reduction)))) return null;
  for (const vectors of [4, 2, 1]) {
    const columns = (4 * vectors - 1) * step + taps.at(-1)! + 1;
    if (rows.length * Math.ceil(columns / 4) <= MOST_LOADS) return { reduction, load, step, taps, rows, vectors };
  }
  return null;
}

/** Function (pointers, sizes, start, end) over the items of `rowBlockCuts`. */
export function emitWindows(k: KernelContext, w: Window): Func {
  const { kernel } = k;
  const last = kernel.axes.at(-1)!;
  const search = looksForNaN(w.reduction) ? emitNanSearch(k, w) : null;
  const { e, col, colEnd, each } = rowBlocks(k);
  const { f } = e;
  const zero = e.temp("i32");
  for (const axis of kernel.stages[0]!.axes) e.axes.set(axis.id, zero);
  const rest: LoopKernel = { ...kernel, stages: kernel.stages.slice(1) };
  each(() => {
    f.i32(0).set(zero);
    const at = e.temp("i32");
    e.scoped(() => e.pushComputedAddress(w.load.buffer, w.load.index));
    f.set(at);
    const lanes = { axis: last.id, copy: 0 };
    e.lanes = lanes;
    hoist(e, rest.stages.flatMap(stageRoots), k.analysis.maskOf([last]), true, w.vectors);
    const cursors = new Cursors(e, last, rest.stages.flatMap(stageAccesses));
    const block = (count: number): void => emitBlock(e, w, rest, { count, at, search, cursors, col });
    e.withCursors(cursors.map, () => {
      const size = 4 * w.vectors;
      if (last.size >= size) {
        loopWhileFits(e, col, colEnd, size, () => {
          block(size);
          f.inc(at, 4 * w.step * size);
        });
      }
      const left = last.size % size;
      if (left === 0) return;
      if (isLong(last, COLUMN_BLOCK))
        f.get(col)
          .get(colEnd)
          .op("i32.lt_s")
          .if(() => block(left));
      else block(left);
    });
    e.lanes = null;
  });
  return f;
}

interface Place {
  readonly count: number;
  /** Address of the first element of the first window. */
  readonly at: Local;
  readonly search: Func | null;
  readonly cursors: Cursors;
  readonly col: Local;
}

/** `count` results of a row: in lanes, and up to three one by one. */
function emitBlock(e: LoopEmitter, w: Window, rest: LoopKernel, { count, at, search, cursors, col }: Place): void {
  const { f } = e;
  const { lanes } = e;
  e.scoped(() => {
    const results = new WindowBlock(e, w, count, at).emit(search);
    const full = count >> 2;
    const key = reducedKey(0, 0);
    if (full > 0) {
      e.reducedLanes.set(
        key,
        results.flatMap((v) => [v, undefined]),
      );
      e.scoped(() => emitStages(e, rest, full));
      cursors.advance(4 * full);
    }
    if (count % 4 === 0) return;
    const one = e.temp(w.reduction.dtype === "float32" ? "f32" : "i32");
    e.reduced.set(key, one);
    f.inc(col, 4 * full);
    e.lanes = null;
    for (let lane = 0; lane < count % 4; lane++) {
      f.get(results[full]!).lane(w.reduction.dtype === "float32" ? "f32x4.extract_lane" : "i32x4.extract_lane", lane);
      f.set(one);
      e.scoped(() => emitStages(e, rest, 0));
      cursors.advance(1);
      f.inc(col, 1);
    }
    e.lanes = lanes;
  });
}
