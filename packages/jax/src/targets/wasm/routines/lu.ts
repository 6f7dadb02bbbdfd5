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
import { luPanel } from "./lu-panel";
import { SPARE_ROWS, copyMatrix, least, multiplyTiles, negateRows, rowBytesOf } from "./matrix";
import { REAL32, REAL64, type RealType } from "./real";
import { type Routine, type RoutineCall, ScratchPlan } from "./routine";
import { solveBlock } from "./triangular-kernel";
import type { FloatKind } from "./value";

/** Columns of a block. */
const BLOCK = 24;

export function planLu({ dtype, batch, dims, operands, outs }: RoutineKernel, threads: number): RoutineCall | null {
  const [rows, columns] = dims as [number, number];
  if (batch * rows * columns === 0) return null;
  const real = dtype === "float64" ? REAL64 : REAL32;
  const scratch = new ScratchPlan();
  const row = rowBytesOf(real, columns);
  const panelRow = rowBytesOf(real, BLOCK);
  const work = scratch.take((rows + SPARE_ROWS) * row);
  const panel = scratch.take((rows + SPARE_ROWS) * panelRow);
  const spare = scratch.take(BLOCK * row);
  const buffers = [...operands, ...outs].map((buffer) => ({ buffer }));
  const args = [...buffers, { items: batch }, rows, columns, row, panelRow, "scratch", work, panel, spare] as const;
  return { routine: luRoutine(real, threads > 1), args, scratchBytes: scratch.bytes };
}

const RUN = [
  "x", "out", "pivots", "order", "batch", "rows", "columns", "row", "panelRow", "scratch", "work", "panel", "spare",
] as const; // prettier-ignore

const luRoutine = (real: RealType, together: boolean): Routine =>
  crewRoutine(`lu_${real.name}`, RUN, together, (m, features, crew) => {
    const copy = copyMatrix(m, real, real);
    const factor = factorLu(m, features, crew, real);
    return (c, p) => {
      const { rows, columns, work, row } = p;
      for (const place of [work, p.panel, p.spare]) place.inc(p.scratch);
      const wide = c.let(columns.mul(real.bytes));
      const size = c.let(least(c, rows, columns));
      const { start, end } = crew.part(c, rows, 1);
      const count = c.let(end.sub(start));
      const own = c.let(work.add(start.mul(row)));
      c.for(0, p.batch, 1, () => {
        c.run(copy, p.x.add(start.mul(wide)), wide, real.bytes, own, row, real.bytes, count, columns);
        crew.first(c, () => c.for(0, rows, 1, (i) => c.store(p.order.add(i.shl(2)), i)));
        c.run(factor, work, row, rows, columns, size, p.pivots, p.order, p.panel, p.panelRow, p.spare);
        c.run(copy, own, row, real.bytes, p.out.add(start.mul(wide)), wide, real.bytes, count, columns);
        crew.meet(c);
        for (const pointer of [p.x, p.out]) pointer.inc(rows.mul(wide));
        p.pivots.inc(size.shl(2));
        p.order.inc(rows.shl(2));
      });
    };
  });

/**
 * One thread factors the panel. Then each has columns of its own: it exchanges the rows there, and to the right of the
 * panel finds U12 and subtracts L21 U12.
 */
function factorLu(m: Module, features: WasmFeatures, crew: Crew, real: RealType): Callable {
  const { bytes } = real;
  const names = ["a", "row", "rows", "columns", "count", "pivots", "order", "panel", "panelRow", "spare"] as const;
  const copy = copyMatrix(m, real, real);
  const factorPanel = luPanel(m, features, real);
  const swap = swapRows(m, real);
  const solve = solveBlock(m, features, real);
  const multiply = multiplyTiles(m, features, real);
  const negate = negateRows(m, real);
  return define(m, `factorLu_${real.name}`, i32s(names), [], (c, p) => {
    const { a, row, rows, columns, order, panel, panelRow } = p;
    const size = c.var("i32");
    const height = c.var("i32");
    const rest = c.var("i32");
    c.for(0, p.count, BLOCK, (k) => {
      size.set(least(c, p.count.sub(k), c.const("i32", BLOCK)));
      height.set(rows.sub(k));
      const top = c.let(a.add(k.mul(row)));
      const diagonal = c.let(top.add(k.mul(bytes)));
      const found = c.let(p.pivots.add(k.shl(2)));
      crew.first(c, () => {
        c.run(copy, diagonal, row, bytes, panel, panelRow, bytes, height, size);
        c.run(factorPanel, panel, panelRow, height, size, found);
        c.for(0, size, 1, (i) => {
          const pivot = c.let(c.load("i32", found.add(i.shl(2))).add(k));
          const [one, other] = [c.let(order.add(k.add(i).shl(2))), c.let(order.add(pivot.shl(2)))];
          const kept = c.let(c.load("i32", one));
          c.store(one, c.load("i32", other));
          c.store(other, kept);
          c.store(found.add(i.shl(2)), pivot);
        });
      });
      const exchange = (first: Value<"i32">, length: Value<"i32">): void =>
        c.for(0, size, 1, (i) => {
          const pivot = c.let(c.load("i32", found.add(i.shl(2))));
          const [one, other] = [first.add(k.add(i).mul(row)), first.add(pivot.mul(row))];
          c.if(pivot.ne(k.add(i)), () => c.run(swap, one, other, length));
        });
      const left = crew.part(c, k.mul(bytes), 64);
      exchange(a.add(left.start), left.end.sub(left.start));
      const back = crew.part(c, height, 1);
      const [from, to] = [panel.add(back.start.mul(panelRow)), diagonal.add(back.start.mul(row))];
      c.run(copy, from, panelRow, bytes, to, row, bytes, back.end.sub(back.start), size);
      rest.set(columns.sub(k).sub(size));
      const own = crew.part(c, rest.mul(bytes), 64);
      const wide = c.let(own.end.sub(own.start));
      c.if(wide.gt(0), () => {
        const right = c.let(diagonal.add(size.mul(bytes)).add(own.start));
        const spare = p.spare.add(own.start);
        exchange(right.sub(k.mul(row)), wide);
        c.run(solve, panel, panelRow, bytes, 1, right, row, size, wide);
        c.run(negate, right, row, spare, row, size, wide);
        const [target, below] = [right.add(size.mul(row)), panel.add(size.mul(panelRow))];
        c.run(multiply, target, row, below, panelRow, bytes, spare, row, height.sub(size), wide.divU(bytes), size, 1);
      });
      crew.meet(c);
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
