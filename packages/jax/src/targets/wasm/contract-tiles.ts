/** Code that covers a block of the result with register tiles. */
import type { Func, Local, Module } from "./assembler";
import { pushMin, pushScaled, pushValue, type Value } from "./contract-index";
import type { OperandCode } from "./contract-panels";
import type { GemmPlan } from "./contract-plan";
import { microKernel } from "./gemm-micro";

/** Rows, columns and depths of a block. */
export interface Block {
  readonly blockStart: Value;
  readonly blockEnd: Value;
  readonly colStart: Value;
  readonly colEnd: Value;
  readonly kStart: Value;
  /** Depths in a panel. */
  readonly steps: Value;
}

/** Calls the micro kernel for each tile of a block; rows innermost, so that a panel of rhs stays in the L1 cache. */
export function emitTiles(
  m: Module,
  f: Func,
  plan: GemmPlan,
  a: OperandCode,
  b: OperandCode,
  c: Local,
  { blockStart, blockEnd, colStart, colEnd, kStart, steps }: Block,
): void {
  const { element, tile, relaxed, n } = plan;
  const size = element.sizeBytes;
  const bPanel = f.local("i32", "bPanel");
  const aPanel = f.local("i32", "aPanel");
  const cTile = f.local("i32", "cTile");
  const col = f.local("i32", "col");
  const row = f.local("i32", "row");
  const full = f.local("i32", "full");
  const pushStart = (operand: OperandCode, index: Value) => {
    if (operand.packed !== null) return f.get(operand.packed);
    const { outerStride, kStride } = operand.panels.operand;
    f.get(operand.base);
    pushScaled(f, index, (outerStride as number) * size).op("i32.add");
    return pushScaled(f, kStart, (kStride as number) * size).op("i32.add");
  };
  const advance = (operand: OperandCode, panel: Local, width: number) => {
    f.get(panel);
    if (operand.packed !== null) pushScaled(f, steps, width * size);
    else f.i32((operand.panels.operand.outerStride as number) * width * size);
    f.op("i32.add").set(panel);
  };
  const stride = (operand: OperandCode, of: "outerStride" | "kStride") =>
    operand.packed !== null ? 0 : (operand.panels.operand[of] as number) * size;
  const callMicro = (rows: number, cols: number) => {
    f.get(aPanel).i32(stride(a, "outerStride")).i32(stride(a, "kStride"));
    f.get(bPanel).i32(stride(b, "kStride"));
    f.get(cTile).i32(n * size);
    pushValue(f, steps);
    pushValue(f, kStart); // add to C in all blocks of k but the first
    f.call(microKernel(m, { element, tile, rows, cols, lhs: a.panels.mode, rhs: b.panels.mode, relaxed }));
  };
  const tilesOfColumns = (cols: number) => {
    pushStart(a, blockStart).set(aPanel);
    f.get(c);
    pushScaled(f, blockStart, n).get(col).op("i32.add");
    f.i32(size).op("i32.mul").op("i32.add").set(cTile);
    forTiles(f, plan.m, tile.mr, blockStart, blockEnd, row, full, (rows) => {
      callMicro(rows, cols);
      advance(a, aPanel, tile.mr);
      f.inc(cTile, tile.mr * n * size);
    });
  };
  pushStart(b, colStart).set(bPanel);
  const fullCols = f.local("i32", "fullCols");
  forTiles(f, n, tile.nr, colStart, colEnd, col, fullCols, (cols) => {
    tilesOfColumns(cols);
    advance(b, bPanel, tile.nr);
  });
  f.release(bPanel, aPanel, cTile, col, row, full, fullCols);
}

/** Runs `body` for the full tiles of [start, end), and for the narrower last one of [0, total). */
function forTiles(
  f: Func,
  total: number,
  width: number,
  start: Value,
  end: Value,
  index: Local,
  full: Local,
  body: (width: number) => void,
): void {
  const rest = total % width;
  const limit = total - rest;
  if (limit > 0) {
    if (typeof end === "number") {
      f.range(index, start, Math.min(end, limit), width, () => body(width));
    } else {
      pushMin(f, end, limit).set(full);
      f.range(index, start, full, width, () => body(width));
    }
  } else pushValue(f, start).set(index);
  if (rest === 0) return;
  const isLast = () => pushValue(f, end).i32(total).op("i32.eq");
  if (typeof end === "number") body(rest);
  else isLast().if(() => body(rest));
}
