/**
 * LU with partial pivoting by blocks of columns: a block is factored in a place of its own, its row exchanges are done
 * in the whole matrix, then U12 = inverse(L11) A12 and A22 -= L21 U12 by matrix products. Source: Golub and Van Loan,
 * Matrix Computations, 4th ed., 3.2.11 and 3.4.
 */
import type { RoutineKernel } from "../../../kernel/program";
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Value, define, i32s } from "./code";
import { type Crew, crewRoutine } from "./crew";
import { exchangeRows, luPanel } from "./lu-panel";
import { copyMatrix, least, rowBytesOf, subtractTiles } from "./matrix";
import { REAL32, REAL64, type RealType } from "./real";
import { type Routine, type RoutineCall, ScratchPlan } from "./routine";
import { solveLower } from "./triangular-kernel";

/** Columns of a panel, and columns that a thread updates at a time. */
const BLOCK = 96;

export function planLu({ dtype, batch, dims, operands, outs }: RoutineKernel, threads: number): RoutineCall | null {
  const [rows, columns] = dims as [number, number];
  if (batch * rows * columns === 0) return null;
  const real = dtype === "float64" ? REAL64 : REAL32;
  const scratch = new ScratchPlan();
  const row = rowBytesOf(real, columns);
  const panelRow = rowBytesOf(real, BLOCK);
  const work = scratch.take(rows * row);
  const panelBytes = rows * panelRow;
  const panel = scratch.take(2 * panelBytes);
  const buffers = [...operands, ...outs].map((buffer) => ({ buffer }));
  const args = [...buffers, { items: batch }, rows, columns, row, panelRow, panelBytes, "scratch", work, panel] as const; // prettier-ignore
  return { routine: luRoutine(real, threads > 1), args, scratchBytes: scratch.bytes };
}

const RUN = [
  "x", "out", "pivots", "order", "batch", "rows", "columns", "row", "panelRow", "panelBytes", "scratch", "work", "panel",
] as const; // prettier-ignore

const luRoutine = (real: RealType, together: boolean): Routine =>
  crewRoutine(`lu_${real.name}`, RUN, together, (m, features, crew) => {
    const copy = copyMatrix(m, real, real);
    const factor = factorLu(m, features, crew, real);
    return (c, p) => {
      const { rows, columns, work, row } = p;
      for (const place of [work, p.panel]) place.inc(p.scratch);
      const wide = c.let(columns.mul(real.bytes));
      const size = c.let(least(c, rows, columns));
      const { start, end } = crew.part(c, rows, 1);
      const count = c.let(end.sub(start));
      const own = c.let(work.add(start.mul(row)));
      c.for(0, p.batch, 1, () => {
        c.run(copy, p.x.add(start.mul(wide)), wide, real.bytes, own, row, real.bytes, count, columns);
        crew.first(c, () => c.for(0, rows, 1, (i) => c.store(p.order.add(i.shl(2)), i)));
        c.run(factor, work, row, rows, columns, size, p.pivots, p.order, p.panel, p.panelRow, p.panelBytes);
        c.run(copy, own, row, real.bytes, p.out.add(start.mul(wide)), wide, real.bytes, count, columns);
        crew.meet(c);
        for (const pointer of [p.x, p.out]) pointer.inc(rows.mul(wide));
        p.pivots.inc(size.shl(2));
        p.order.inc(rows.shl(2));
      });
    };
  });

/**
 * With a factored panel, the crew exchanges the rows of the other columns, and to the right finds U12 and subtracts
 * L21 U12: there the first thread begins, with what is the next panel, and factors that while the others go on.
 */
function factorLu(m: Module, features: WasmFeatures, crew: Crew, real: RealType): Callable {
  const { bytes } = real;
  const names = ["a", "row", "rows", "columns", "count", "pivots", "order", "panel", "panelRow", "panelBytes"] as const;
  const copy = copyMatrix(m, real, real);
  const factorPanel = luPanel(m, features, real);
  const exchange = exchangeRows(m, real);
  const solve = solveLower(m, features, real);
  const subtract = subtractTiles(m, features, real);
  return define(m, `factorLu_${real.name}`, i32s(names), [], (c, p) => {
    const { a, row, rows, columns, order, panelRow } = p;
    const panel = c.let(p.panel);
    const nextPanel = c.let(p.panel.add(p.panelBytes));
    const [size, height, rest, width, kept] = [c.var("i32"), c.var("i32"), c.var("i32"), c.var("i32"), c.var("i32")];
    const next = c.var("i32");
    const pivotsOf = (k: Value<"i32">): Value<"i32"> => p.pivots.add(k.shl(2));
    const sizeOf = (k: Value<"i32">): Value<"i32"> => least(c, p.count.sub(k), c.const("i32", BLOCK));
    /** Factors the panel with the columns from k on in memory of its own. */
    const factorAt = (k: Value<"i32">, to: Value<"i32">): void => {
      const diagonal = a.add(k.mul(row)).add(k.mul(bytes));
      c.run(copy, diagonal, row, bytes, to, panelRow, bytes, rows.sub(k), sizeOf(k));
      c.run(factorPanel, to, panelRow, rows.sub(k), sizeOf(k), pivotsOf(k));
      c.for(0, sizeOf(k), 1, (i) => {
        const found = c.let(pivotsOf(k).add(i.shl(2)));
        const pivot = c.let(c.load("i32", found).add(k));
        const [one, other] = [c.let(order.add(k.add(i).shl(2))), c.let(order.add(pivot.shl(2)))];
        kept.set(c.load("i32", one));
        c.store(one, c.load("i32", other));
        c.store(other, kept);
        c.store(found, pivot);
      });
    };
    crew.first(c, () => factorAt(c.const("i32", 0), panel));
    c.for(0, p.count, BLOCK, (k) => {
      size.set(sizeOf(k));
      height.set(rows.sub(k));
      rest.set(columns.sub(k).sub(size));
      const diagonal = c.let(a.add(k.mul(row)).add(k.mul(bytes)));
      const update = (j: Value<"i32">): void => {
        width.set(least(c, rest.sub(j), c.const("i32", BLOCK)));
        const right = c.let(diagonal.add(size.add(j).mul(bytes)));
        const wide = width.mul(bytes);
        c.run(exchange, right.sub(k.mul(row)), row, pivotsOf(k), k, size, wide);
        c.run(solve, panel, panelRow, bytes, 1, right, row, size, wide);
        const [target, below] = [right.add(size.mul(row)), panel.add(size.mul(panelRow))];
        c.run(subtract, target, row, below, panelRow, bytes, right, row, height.sub(size), width, size, 1);
      };
      next.set(k.add(size));
      crew.ahead(c, () => {
        c.if(rest.gt(0), () => update(c.const("i32", 0)));
        c.if(next.lt(p.count), () => factorAt(next, nextPanel));
      });
      const left = crew.part(c, k.mul(bytes), 64);
      c.run(exchange, a.add(left.start), row, pivotsOf(k), k, size, left.end.sub(left.start));
      const back = crew.part(c, height, 1);
      const [from, to] = [panel.add(back.start.mul(panelRow)), diagonal.add(back.start.mul(row))];
      c.run(copy, from, panelRow, bytes, to, row, bytes, back.end.sub(back.start), size);
      crew.each(c, BLOCK, rest, BLOCK, update);
      c.exchange(panel, nextPanel);
    });
  });
}
