/**
 * Maps that transpose: a load that runs along another axis than the store does is read in 4 x 4 blocks, four vectors
 * along its own axis, and turned by shuffles.
 */
import type { Axis, LoopKernel } from "../../kernel/program";
import type { LoadScalar, Scalar } from "../../kernel/scalar";
import type { Func, Local } from "./assembler";
import { loadsOf } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";
import { hoist } from "./loop-hoist";
import {
  type Cut,
  type KernelContext,
  blockRange,
  counterOf,
  emitStages,
  emitterFor,
  itemLoop,
  kernelParams,
  opsOf,
  stageRoots,
} from "./loop-kernel";
import { isStatic, loopWhileFits } from "./loop-nest";
import type { Cursor } from "./loop-point";

export interface Tile {
  /** The axis along which the turned loads are contiguous. */
  readonly across: Axis;
  readonly turned: readonly LoadScalar[];
}

/** Columns of a tile: a cache line of the output. */
const COLUMNS = 16;
const ROWS = 256;

/** Loads worth turning; null if there are none. */
export function findTile({ kernel, analysis, dtypeOf }: KernelContext): Tile | null {
  const { axes, stages } = kernel;
  const last = axes.at(-1);
  if (last === undefined || stages.length !== 1 || stages[0]!.axes.length > 0 || stages[0]!.reductions.length > 0)
    return null;
  const { stores } = stages[0]!;
  if (!stores.every((s) => analysis.step(s.index, last.id) === 1)) return null;
  const values = stores.map((s) => s.value);
  if (opsOf(values) > 24 || (isStatic(last) && last.size < 4)) return null;
  const written = new Set(stores.map((s) => s.buffer));
  let best: Tile | null = null;
  for (const across of axes.slice(0, -1)) {
    if (isStatic(across) && across.size < 4) continue;
    const turned = loadsOf(values).filter((load) => {
      const step = analysis.step(load.index, last.id);
      const wide = ["float32", "int32", "uint32"].includes(dtypeOf(load.buffer));
      const strided = step !== null && step !== 0 && step !== 1;
      return (
        wide &&
        strided &&
        load.guard === null &&
        !written.has(load.buffer) &&
        analysis.step(load.index, across.id) === 1
      );
    });
    if (turned.length > (best?.turned.length ?? 0)) best = { across, turned };
  }
  return best;
}

export function tileCuts({ axes }: LoopKernel, { across }: Tile): Cut[] {
  const last = axes.at(-1)!;
  const others = axes.filter((a) => a !== across && a !== last).map((axis) => ({ axis, block: 1 }));
  return [...others, { axis: last, block: COLUMNS }, { axis: across, block: ROWS }];
}

/** Function (pointers, sizes, start, end) over tiles of 256 rows and 16 columns. */
export function emitTiled(k: KernelContext, tile: Tile): Func {
  const { kernel, analysis } = k;
  const last = kernel.axes.at(-1)!;
  const f: Func = k.module.func(k.name, { ...kernelParams(k), start: "i32", end: "i32" }, []);
  const e = emitterFor(k, f);
  const { start, end } = f.params as { start: Local; end: Local };
  const cuts = tileCuts(kernel, tile);
  const counters = cuts.map((cut) => counterOf(e, cut));
  const [row, rowEnd, col, colStart, colEnd] = ["row", "rowEnd", "col", "colStart", "colEnd"].map((name) => f.local("i32", name)) as [Local, Local, Local, Local, Local]; // prettier-ignore
  e.axes.set(last.id, col).set(tile.across.id, row);
  const values = kernel.stages.flatMap(stageRoots);
  e.lanes = { axis: last.id, copy: 0 };
  hoist(e, values, analysis.maskOf(kernel.axes), true, 1);
  const lanes = e.lanes;
  const one = (): void => {
    e.lanes = null;
    e.scoped(() => emitStages(e, kernel, 0));
    e.lanes = lanes;
  };
  itemLoop(e, counters, start, end, () => {
    blockRange(e, cuts.at(-2)!, counters.at(-2)!, colStart, colEnd);
    blockRange(e, cuts.at(-1)!, counters.at(-1)!, row, rowEnd);
    loopWhileFits(e, row, rowEnd, 4, () => {
      f.get(colStart).set(col);
      loopWhileFits(e, col, colEnd, 4, () => e.scoped(() => block(e, k, tile, row)));
      // columns left over, for each of the four rows
      const rowsEnd = e.temp("i32");
      f.get(row).i32(4).op("i32.add").set(rowsEnd);
      loopWhileFits(e, col, colEnd, 1, () => {
        loopWhileFits(e, row, rowsEnd, 1, one);
        f.get(row).i32(4).op("i32.sub").set(row);
      });
    });
    loopWhileFits(e, row, rowEnd, 1, () => {
      f.get(colStart).set(col);
      loopWhileFits(e, col, colEnd, 1, one);
    });
  });
  return f;
}

/** Four rows of four columns. */
function block(e: LoopEmitter, k: KernelContext, { across, turned }: Tile, row: Local): void {
  const { f } = e;
  const blocks = turned.map((load) => transposed(e, load));
  const at = e.temp("i32");
  e.axes.set(across.id, at);
  for (let r = 0; r < 4; r++) {
    f.get(row).i32(r).op("i32.add").set(at);
    e.withCursors(new Map<Scalar, Map<number, Cursor>>(), () =>
      e.scoped(() => {
        turned.forEach((load, i) => e.setVector(load, blocks[i]![r]!));
        emitStages(e, k.kernel, 1);
      }),
    );
  }
  e.axes.set(across.id, row);
}

/** The 4 x 4 block of a load at (row, col): for each row the vector along the columns. */
function transposed(e: LoopEmitter, load: LoadScalar): readonly Local[] {
  const { f } = e;
  const step = e.analysis.step(load.index, e.lanes!.axis)!;
  const address = e.temp("i32");
  const stride = e.temp("i32");
  e.scoped(() => e.pushComputedAddress(load.buffer, load.index));
  f.set(address);
  if (typeof step === "number") f.i32(4 * step);
  else {
    e.push(step);
    f.i32(2).op("i32.shl");
  }
  f.set(stride);
  const [a, b, c, d, x, y, z, w] = Array.from({ length: 8 }, () => e.temp("v128")) as [Local, Local, Local, Local, Local, Local, Local, Local]; // prettier-ignore
  for (const to of [a, b, c, d]) {
    f.get(address).mem("v128.load", 0, 2).set(to);
    if (to !== d) f.inc(address, stride);
  }
  f.get(a).get(b).shuffle(0, 4, 1, 5).set(x);
  f.get(c).get(d).shuffle(0, 4, 1, 5).set(y);
  f.get(a).get(b).shuffle(2, 6, 3, 7).set(z);
  f.get(c).get(d).shuffle(2, 6, 3, 7).set(w);
  f.get(x).get(y).shuffle(0, 1, 4, 5).set(a);
  f.get(x).get(y).shuffle(2, 3, 6, 7).set(b);
  f.get(z).get(w).shuffle(0, 1, 4, 5).set(c);
  f.get(z).get(w).shuffle(2, 3, 6, 7).set(d);
  return [a, b, c, d];
}
