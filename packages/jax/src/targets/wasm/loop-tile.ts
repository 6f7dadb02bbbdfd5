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
import { type Cut, blockRange, counterOf, itemFunction, itemLoop } from "./loop-items";
import { type KernelContext, emitStages, opsOf, stageRoots } from "./loop-kernel";
import { isStatic, loopWhileFits } from "./loop-nest";
import type { Cursor } from "./loop-point";

export interface Tile {
  /** The axis along which the turned loads are contiguous. */
  readonly across: Axis;
  readonly turned: readonly LoadScalar[];
  readonly item: readonly [rows: number, columns: number];
}

/** Columns of a tile: a cache line of the output. */
const COLUMNS = 16;
/** Rows and columns of an item: several strips of 16 columns where something else is read along them. */
const ITEM = { alone: [256, COLUMNS], together: [128, 128] } as const;
/** Rows of a tile that is read whole. */
const SQUARE = 16;

/** Lines so many bytes apart compete for the same places of the L1 cache. */
const CONFLICT_BYTES = 2048;

/** What is worth writing out 64 times. */
const isLight = ({ kernel }: KernelContext): boolean => opsOf(kernel.stages.flatMap(stageRoots)) <= 2;

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
    if (turned.length <= (best?.turned.length ?? 0)) continue;
    best = { across, turned, item: loadsOf(values).length > turned.length ? ITEM.together : ITEM.alone };
  }
  return best;
}

export function tileCuts({ axes }: LoopKernel, { across, item: [rows, columns] }: Tile): Cut[] {
  const last = axes.at(-1)!;
  const others = axes.filter((a) => a !== across && a !== last).map((axis) => ({ axis, block: 1 }));
  return [...others, { axis: last, block: columns }, { axis: across, block: rows }];
}

/** Function (pointers, sizes, start, end) over items of some strips of 16 columns. */
export function emitTiled(k: KernelContext, tile: Tile): Func {
  const { kernel, analysis } = k;
  const last = kernel.axes.at(-1)!;
  const { e, start, end } = itemFunction(k);
  const { f } = e;
  const cuts = tileCuts(kernel, tile);
  const counters = cuts.map((cut) => counterOf(e, cut));
  const [row, rowEnd, col, colStart, colEnd] = ["row", "rowEnd", "col", "colStart", "colEnd"].map((name) => f.local("i32", name)) as [Local, Local, Local, Local, Local]; // prettier-ignore
  const [rowStart, blockEnd] = [f.local("i32", "rowStart"), f.local("i32", "blockEnd")];
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
    blockRange(e, cuts.at(-2)!, counters.at(-2)!, colStart, blockEnd);
    blockRange(e, cuts.at(-1)!, counters.at(-1)!, rowStart, rowEnd);
    f.loop((again) => {
      f.get(rowStart).set(row);
      f.get(colStart).i32(COLUMNS).op("i32.add").tee(colEnd).get(blockEnd);
      f.get(colEnd).get(blockEnd).op("i32.lt_s").op("select").set(colEnd);
      if (isLight(k) && tile.turned.some((load) => mayConflict(e, load))) {
        f.get(colEnd).get(colStart).op("i32.sub").i32(COLUMNS).op("i32.eq");
        for (const load of tile.turned) pushConflict(e, load);
        f.if(() =>
          loopWhileFits(e, row, rowEnd, SQUARE, () => {
            f.get(colStart).set(col);
            e.scoped(() => square(e, k, tile, row, col));
          }),
        );
      }
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
      f.get(colEnd).tee(colStart).get(blockEnd).op("i32.lt_s").brIf(again);
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

const stepOf = (e: LoopEmitter, load: LoadScalar): number | Scalar => e.analysis.step(load.index, e.lanes!.axis)!;

function mayConflict(e: LoopEmitter, load: LoadScalar): boolean {
  const step = stepOf(e, load);
  return typeof step !== "number" || (4 * step) % CONFLICT_BYTES === 0;
}

/** With a condition on the stack: and whether the columns of a load of run-time strides conflict. */
function pushConflict(e: LoopEmitter, load: LoadScalar): void {
  const step = stepOf(e, load);
  if (typeof step === "number") return;
  e.push(step);
  e.f
    .i32(CONFLICT_BYTES / 4 - 1)
    .op("i32.and")
    .op("i32.eqz")
    .op("i32.and");
}

/**
 * 16 x 16: all of it is read before anything is written. Where the 16 lines of a tile conflict, going over them by blocks
 * of 4 x 4 loses each line before it is used up: 1.07 ns an element at 1024 x 1024, with whole tiles 0.3.
 */
function square(e: LoopEmitter, k: KernelContext, { across, turned }: Tile, row: Local, col: Local): void {
  const { f } = e;
  const last = k.kernel.axes.at(-1)!;
  const four = [0, 1, 2, 3];
  // by load, block of columns, row of the source, vector along it
  const read = turned.map((load) => {
    const { address, stride } = source(e, load);
    return four.map((c) =>
      four.map((j) => {
        const vectors = four.map((v) => {
          const local = e.temp("v128");
          f.get(address)
            .mem("v128.load", 16 * v, 2)
            .set(local);
          return local;
        });
        if (c < 3 || j < 3) f.inc(address, stride);
        return vectors;
      }),
    );
  });
  const rowAt = e.temp("i32");
  const colAt = e.temp("i32");
  e.axes.set(across.id, rowAt).set(last.id, colAt);
  for (const v of four) {
    e.scoped(() => {
      const blocks = read.map((load) =>
        four.map((c) =>
          turn(
            e,
            four.map((j) => load[c]![j]![v]!),
          ),
        ),
      );
      for (const r of four) {
        f.get(row)
          .i32(4 * v + r)
          .op("i32.add")
          .set(rowAt);
        for (const c of four) {
          f.get(col)
            .i32(4 * c)
            .op("i32.add")
            .set(colAt);
          e.withCursors(new Map<Scalar, Map<number, Cursor>>(), () =>
            e.scoped(() => {
              turned.forEach((load, i) => e.setVector(load, blocks[i]![c]![r]!));
              emitStages(e, k.kernel, 1);
            }),
          );
        }
      }
    });
  }
  e.axes.set(across.id, row).set(last.id, col);
}

/** The 4 x 4 block of a load at (row, col): for each row the vector along the columns. */
function transposed(e: LoopEmitter, load: LoadScalar): readonly Local[] {
  const { f } = e;
  const { address, stride } = source(e, load);
  const rows = Array.from({ length: 4 }, () => e.temp("v128"));
  rows.forEach((to, i) => {
    f.get(address).mem("v128.load", 0, 2).set(to);
    if (i < 3) f.inc(address, stride);
  });
  return turn(e, rows);
}

/** Where a load at (row, col) reads, and the bytes from there to what it reads at the next column. */
function source(e: LoopEmitter, load: LoadScalar): { address: Local; stride: Local } {
  const { f } = e;
  const step = stepOf(e, load);
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
  return { address, stride };
}

/** Four vectors as rows of a 4 x 4 matrix: its columns. */
function turn(e: LoopEmitter, [a, b, c, d]: readonly Local[]): readonly Local[] {
  const { f } = e;
  const to = (x: Local, y: Local, ...lanes: [number, number, number, number]): Local => {
    const local = e.temp("v128");
    f.get(x)
      .get(y)
      .shuffle(...lanes)
      .set(local);
    return local;
  };
  const [x, y] = [to(a!, b!, 0, 4, 1, 5), to(c!, d!, 0, 4, 1, 5)];
  const [z, w] = [to(a!, b!, 2, 6, 3, 7), to(c!, d!, 2, 6, 3, 7)];
  return [to(x, y, 0, 1, 4, 5), to(x, y, 2, 3, 6, 7), to(z, w, 0, 1, 4, 5), to(z, w, 2, 3, 6, 7)];
}
