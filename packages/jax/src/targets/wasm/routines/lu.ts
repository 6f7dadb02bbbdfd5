/**
 * LU with partial pivoting by blocks of columns: a block is factored in a place of its own, its row exchanges are done
 * in the whole matrix, then U12 = inverse(L11) A12 and A22 -= L21 U12 by matrix products. Source: Golub and Van Loan,
 * Matrix Computations, 4th ed., 3.2.11 and 3.4.
 */
import type { RoutineKernel } from "../../../kernel/program";
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Value, define } from "./code";
import { luPanel } from "./lu-panel";
import { SPARE_ROWS, copyMatrix, least, multiplyTiles, negateRows, rowBytesOf } from "./matrix";
import { REAL32, REAL64, type RealType } from "./real";
import { type Routine, type RoutineCall, ScratchPlan } from "./routine";
import { solveBlock } from "./triangular-kernel";
import type { FloatKind } from "./value";

/** Columns of a block. */
const BLOCK = 24;

export function planLu({ dtype, batch, dims, operands, outs }: RoutineKernel): RoutineCall | null {
  const [rows, columns] = dims as [number, number];
  if (batch * rows * columns === 0) return null;
  const real = dtype === "float64" ? REAL64 : REAL32;
  const scratch = new ScratchPlan();
  const row = rowBytesOf(real, columns);
  const panelRow = rowBytesOf(real, BLOCK);
  const work = scratch.take((rows + SPARE_ROWS) * row);
  const panel = scratch.take(rows * panelRow);
  const spare = scratch.take(BLOCK * row);
  const buffers = [...operands, ...outs].map((buffer) => ({ buffer }));
  const args = [...buffers, { items: batch }, rows, columns, row, panelRow, "scratch", work, panel, spare] as const;
  return { routine: luRoutine(real), args, scratchBytes: scratch.bytes };
}

const luRoutine = (real: RealType): Routine => ({
  key: `lu_${real.name}`,
  nParams: 13,
  emit(m, features) {
    const copy = copyMatrix(m, real, real);
    const factor = factorLu(m, features, real);
    const params = {
      x: "i32", out: "i32", pivots: "i32", order: "i32", batch: "i32", rows: "i32", columns: "i32", row: "i32",
      panelRow: "i32", scratch: "i32", work: "i32", panel: "i32", spare: "i32",
    } as const; // prettier-ignore
    define(m, "run", params, [], (c, p) => {
      const { rows, columns, work } = p;
      for (const place of [work, p.panel, p.spare]) place.inc(p.scratch);
      const wide = c.let(columns.mul(real.bytes));
      const size = c.let(least(c, rows, columns));
      c.for(0, p.batch, 1, () => {
        c.run(copy, p.x, wide, real.bytes, work, p.row, real.bytes, rows, columns);
        c.for(0, rows, 1, (i) => c.store(p.order.add(i.shl(2)), i));
        c.run(factor, work, p.row, rows, columns, size, p.pivots, p.order, p.panel, p.panelRow, p.spare);
        c.run(copy, work, p.row, real.bytes, p.out, wide, real.bytes, rows, columns);
        for (const pointer of [p.x, p.out]) pointer.inc(rows.mul(wide));
        p.pivots.inc(size.shl(2));
        p.order.inc(rows.shl(2));
      });
    });
  },
});

function factorLu(m: Module, features: WasmFeatures, real: RealType): Callable {
  const { bytes } = real;
  const params = {
    a: "i32", row: "i32", rows: "i32", columns: "i32", count: "i32", pivots: "i32", order: "i32", panel: "i32",
    panelRow: "i32", spare: "i32",
  } as const; // prettier-ignore
  const copy = copyMatrix(m, real, real);
  const factorPanel = luPanel(m, features, real);
  const swap = swapRows(m, real);
  const solve = solveBlock(m, features, real);
  const multiply = multiplyTiles(m, features, real);
  return define(m, `factorLu_${real.name}`, params, [], (c, p) => {
    const { a, row, rows, columns, pivots, panel, panelRow } = p;
    const size = c.var("i32");
    const height = c.var("i32");
    const rest = c.var("i32");
    c.for(0, p.count, BLOCK, (k) => {
      size.set(least(c, p.count.sub(k), c.const("i32", BLOCK)));
      height.set(rows.sub(k));
      const top = c.let(a.add(k.mul(row)));
      const diagonal = c.let(top.add(k.mul(bytes)));
      const found = c.let(pivots.add(k.shl(2)));
      c.run(copy, diagonal, row, bytes, panel, panelRow, bytes, height, size);
      c.run(factorPanel, panel, panelRow, height, size, found);
      c.for(0, size, 1, (i) => {
        const pivot = c.let(c.load("i32", found.add(i.shl(2))));
        c.if(pivot.ne(i), () => {
          c.run(swap, top.add(i.mul(row)), top.add(pivot.mul(row)), columns.mul(bytes));
          const [one, other] = [c.let(p.order.add(k.add(i).shl(2))), c.let(p.order.add(k.add(pivot).shl(2)))];
          const kept = c.let(c.load("i32", one));
          c.store(one, c.load("i32", other));
          c.store(other, kept);
        });
        c.store(found.add(i.shl(2)), pivot.add(k));
      });
      c.run(copy, panel, panelRow, bytes, diagonal, row, bytes, height, size);
      rest.set(columns.sub(k).sub(size));
      c.if(rest.gt(0), () => {
        const right = c.let(diagonal.add(size.mul(bytes)));
        const wide = c.let(rest.mul(bytes));
        c.run(solve, diagonal, row, bytes, 1, right, row, size, wide);
        c.run(negateRows(m, real), right, row, p.spare, row, size, wide);
        const [target, left] = [right.add(size.mul(row)), diagonal.add(size.mul(row))];
        c.run(multiply, target, row, left, row, bytes, p.spare, row, height.sub(size), rest, size, 1);
      });
    });
  });
}

/** (one, other, bytes): exchanges rows, in whole vectors. */
function swapRows(m: Module, real: RealType): Callable {
  return define(m, "swapRows", { one: "i32", other: "i32", bytes: "i32" }, [], (c, { one, other, bytes }) => {
    const kept = c.var<FloatKind>(real.vector);
    c.for(0, bytes, 16, (at) => {
      const load = (base: Value<"i32">): Value<FloatKind> => c.load<FloatKind>(real.vector, base.add(at));
      kept.set(load(one));
      c.store(one.add(at), load(other));
      c.store(other.add(at), kept);
    });
  });
}
