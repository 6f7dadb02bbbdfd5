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
import { type Columns, type Weights, emitRowGuards, emitWeighted, guardOf, productOf } from "./loop-window-weights";

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
  /** What each element is multiplied by, if it is. */
  readonly weights: Weights | null;
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
  const { op, value } = reductions[0]!;
  if (!own.every(isStatic)) return null;
  if (op === "add") {
    const product = productOf(value, (index) => analysis.step(index, last.id) === 0);
    if (product !== null) return windowOf(analysis, stages[0]!, reductions[0]!, product.load, product.weight, last);
  }
  if (value.tag !== "load" || value.guard !== null) return null;
  return windowOf(analysis, stages[0]!, reductions[0]!, value, null, last);
}

function windowOf(
  analysis: Analysis,
  stage: Stage,
  reduction: Reduction,
  load: LoadScalar,
  weight: LoadScalar | null,
  last: Axis,
): Window | null {
  const step = analysis.step(load.index, last.id);
  if (typeof step !== "number" || step < 1) return null;
  if (stage.axes.some((axis) => axis.size === 0)) return null;
  const moves = stage.axes.map((axis) => ({ axis, size: axis.size, by: analysis.step(load.index, axis.id) }));
  if (!moves.every((m): m is Move => typeof m.by === "number" && m.by >= 1)) return null;
  // The axis along the row; none where the next columns of a window are further away than those of the next results.
  const near = moves.filter((m) => m.by < BLOCK * step);
  const along = near.reduce((a, b) => (b.by < a.by ? b : a), NO_MOVE);
  const taps = range(along.size).map((i) => (i === 0 ? 0 : i * along.by));
  if (step > 2 * taps.length || step > (taps.at(-1)! < step ? MOST_APART : MOST_STEP)) return null;
  let rows = [0];
  for (const m of moves) {
    if (m !== along) rows = rows.flatMap((at) => range(m.size).map((i) => at + i * m.by));
  }
  const others = moves.filter((m) => m !== along);
  const weights = weight && weightsOf(analysis, load, weight, { axis: last, step, taps }, along, others);
  if (weight !== null && weights === null) return null;
  const isColumn = taps.length === 1;
  if (isColumn && (step > 1 || (rows.length > MOST_ROWS_OF_MAXIMA && looksForNaN(reduction)))) return null;
  for (const vectors of [4, 2, 1]) {
    const columns = (4 * vectors - 1) * step + taps.at(-1)! + 1;
    if (rows.length * Math.ceil(columns / 4) <= MOST_LOADS)
      return { reduction, load, step, taps, rows, weights, vectors };
  }
  return null;
}

/** An axis of the window: how far its elements are apart. */
interface Move {
  readonly axis: Axis;
  readonly size: number;
  readonly by: number;
}

const NO_MOVE: Move = { axis: { id: -1, size: 1 }, size: 1, by: Infinity };

interface Row {
  readonly axis: Axis;
  readonly step: number;
  readonly taps: readonly number[];
}

/** Fewer columns than this in a row are too few for whole vectors. */
const LEAST_COLUMNS = 4;
/** Blocks of results that ask for padding are written out, each. */
const MOST_PADDING = 64;

function weightsOf(
  analysis: Analysis,
  image: LoadScalar,
  load: LoadScalar,
  row: Row,
  along: Move,
  others: readonly Move[],
): Weights | null {
  const steps = [along, ...others].map((m) => analysis.step(load.index, m.axis.id));
  if (row.taps.length === 1 || !steps.every((s): s is number => typeof s === "number")) return null;
  const guard = guardOf(image.guard, analysis, row, { axis: along.axis, step: along.by });
  if (guard === null) return null;
  const { columns } = guard;
  if (columns !== null) {
    const width = row.taps.at(-1)!;
    const end = (row.axis.size - 1) * row.step + width + 1;
    if (Math.min(columns.to, end) - columns.from < LEAST_COLUMNS) return null;
    if (Math.max(columns.from, end - columns.to) > Math.min(MOST_PADDING, width)) return null;
    if (isLong(row.axis, COLUMN_BLOCK)) return null;
  }
  const places = others.reduce<number[][]>((all, m) => all.flatMap((at) => range(m.size).map((i) => [...at, i])), [[]]);
  const rows = places.map((at) => at.reduce((sum, i, axis) => sum + i * steps[1 + axis]!, 0));
  const taps = range(along.size).map((i) => i * steps[0]!);
  const first = Math.min(...rows) + Math.min(...taps);
  return {
    load,
    first,
    rows: rows.map((at) => at - first),
    taps,
    ...guard,
    axes: others.map((m) => m.axis),
    places,
  };
}

/** Function (pointers, sizes, start, end) over the items of `rowBlockCuts`. */
export function emitWindows(k: KernelContext, w: Window): Func {
  const { kernel } = k;
  const last = kernel.axes.at(-1)!;
  const search = looksForNaN(w.reduction) ? emitNanSearch(k, w) : null;
  const { e, col, colEnd, each } = rowBlocks(k);
  const { f } = e;
  const zeros = kernel.stages[0]!.axes.map((axis) => {
    const zero = e.temp("i32");
    e.axes.set(axis.id, zero);
    return zero;
  });
  const rest: LoopKernel = { ...kernel, stages: kernel.stages.slice(1) };
  each(() => {
    for (const zero of zeros) f.i32(0).set(zero);
    const addressOf = ({ buffer, index }: LoadScalar, more = 0): Local => {
      const at = e.temp("i32");
      e.scoped(() => e.pushComputedAddress(buffer, index));
      f.i32(4 * more).op("i32.add").set(at); // prettier-ignore
      return at;
    };
    const at = addressOf(w.load);
    const by = w.weights;
    const weighted = by && { at, weights: addressOf(by.load, by.first), there: emitRowGuards(e, by) };
    const lanes = { axis: last.id, copy: 0 };
    e.lanes = lanes;
    hoist(e, rest.stages.flatMap(stageRoots), k.analysis.maskOf([last]), true, w.vectors);
    const cursors = new Cursors(e, last, rest.stages.flatMap(stageAccesses));
    const block = (count: number, columns: Columns | null = null): void => {
      const results = (): Local[] => {
        if (weighted === null) return new WindowBlock(e, w, count, at).emit(search);
        return emitWeighted(e, w, count, weighted, columns);
      };
      emitBlock(e, w, rest, results, { count, cursors, col });
    };
    e.withCursors(cursors.map, () => {
      const size = 4 * w.vectors;
      const columns = w.weights?.columns;
      if (columns) return emitPaddedRow(e, w, last.size, columns, { at, col, colEnd }, block);
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

/** A whole row: the blocks at its ends that ask for padding one by one, those between as a loop. */
function emitPaddedRow(
  e: LoopEmitter,
  w: Window,
  length: number,
  { from, to }: Columns,
  { at, col, colEnd }: { readonly at: Local; readonly col: Local; readonly colEnd: Local },
  block: (count: number, columns?: Columns | null) => void,
): void {
  const { f } = e;
  const size = 4 * w.vectors;
  const move = (count: number): void => void f.inc(at, 4 * w.step * count);
  const single = (first: number): void => {
    const count = Math.min(size, length - first);
    const here = first * w.step;
    block(count, { from: from - here, to: to - here });
    if (first + count === length) return;
    move(size);
    f.inc(col, size);
  };
  const end = (first: number): number => (first + size - 1) * w.step + w.taps.at(-1)! + 1;
  const start = Math.min(length, Math.ceil(from / (size * w.step)) * size);
  let stop = start;
  while (stop + size <= length && end(stop) <= to) stop += size;
  for (let first = 0; first < start; first += size) single(first);
  if (stop > start) {
    f.i32(stop).set(colEnd);
    loopWhileFits(e, col, colEnd, size, () => {
      block(size);
      move(size);
    });
  }
  for (let first = stop; first < length; first += size) single(first);
}

interface Place {
  readonly count: number;
  readonly cursors: Cursors;
  readonly col: Local;
}

/** `count` results of a row: in lanes, and up to three one by one. */
function emitBlock(
  e: LoopEmitter,
  w: Window,
  rest: LoopKernel,
  emit: () => Local[],
  { count, cursors, col }: Place,
): void {
  const { f } = e;
  const { lanes } = e;
  e.scoped(() => {
    const results = emit();
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
