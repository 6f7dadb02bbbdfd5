/**
 * QR by Householder reflections in blocks: the block's columns are factored in a place of their own, then the block of
 * reflections is applied to the columns to the right, and in the end, from last to first, to the unit matrix. Source:
 * Golub and Van Loan, Matrix Computations, 4th ed., 5.2.3.
 */
import type { RoutineKernel } from "../../../kernel/program";
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Var, define, i32s } from "./code";
import { type Crew, crewRoutine } from "./crew";
import { makeReflection, reflectRows } from "./householder";
import { SPARE_ROWS, copyMatrix, least, rowBytesOf } from "./matrix";
import {
  BLOCK_ADDRESSES,
  BLOCK_PLACES,
  QR_BLOCK,
  applyBlock,
  blockFactor,
  copyReflections,
  formQ,
  planBlockPlaces,
} from "./qr-block";
import { REAL32, REAL64, type RealType } from "./real";
import { type Routine, type RoutineCall, ScratchPlan } from "./routine";

export function planQr(kernel: RoutineKernel, threads: number): RoutineCall | null {
  const { dtype, batch, dims, params, operands, outs } = kernel;
  const [rows, columns] = dims as [number, number];
  if (batch * rows * columns === 0) return null;
  const real = dtype === "float64" ? REAL64 : REAL32;
  const scratch = new ScratchPlan();
  const qColumns = params["full"] === true ? rows : Math.min(rows, columns);
  const [row, qRow] = [rowBytesOf(real, columns), rowBytesOf(real, qColumns)];
  const blocks = planBlockPlaces(scratch, real, rows, Math.max(columns, qColumns));
  const work = scratch.take((rows + SPARE_ROWS) * row);
  const q = scratch.take((rows + SPARE_ROWS) * qRow);
  const panel = scratch.take(rows * rowBytesOf(real, QR_BLOCK));
  const taus = scratch.take(Math.min(rows, columns) * real.bytes);
  const buffers = [...operands, ...outs].map((buffer) => ({ buffer }));
  const args = [...buffers, { items: batch }, rows, columns, qColumns, row, qRow, "scratch", work, q, panel, taus, ...blocks] as const; // prettier-ignore
  return { routine: qrRoutine(real, threads > 1), args, scratchBytes: scratch.bytes };
}

const RUN = [
  "x", "qOut", "rOut", "batch", "rows", "columns", "qColumns", "row", "qRow", "scratch", "work", "q", "panel", "taus",
  ...BLOCK_PLACES,
] as const; // prettier-ignore

const qrRoutine = (real: RealType, together: boolean): Routine =>
  crewRoutine(`qr_${real.name}`, RUN, together, (m, features, crew) => {
    const { bytes } = real;
    const copy = copyMatrix(m, real, real);
    const factor = factorQr(m, features, crew, real);
    const form = formQ(m, features, crew, real);
    return (c, p) => {
      const { rows, columns, qColumns, q, qRow, work, row, taus } = p;
      for (const name of ["work", "q", "panel", "taus", ...BLOCK_ADDRESSES] as const) p[name].inc(p.scratch);
      const blocks = BLOCK_PLACES.map((name) => p[name]);
      const [wide, qWide] = [c.let(columns.mul(bytes)), c.let(qColumns.mul(bytes))];
      const above = c.var("i32");
      const { start, end } = crew.part(c, rows, 1);
      const count = c.let(end.sub(start));
      const ofR = crew.part(c, qColumns, 1);
      const at = c.var("i32");
      c.for(0, p.batch, 1, () => {
        const from = p.x.add(start.mul(wide));
        c.run(copy, from, wide, bytes, work.add(start.mul(row)), row, bytes, count, columns);
        crew.meet(c);
        c.run(factor, rows, columns, work, row, p.panel, taus, ...blocks);
        c.run(form, rows, least(c, rows, columns), work, row, taus, q, qRow, qColumns, ...blocks);
        c.run(copy, q.add(start.mul(qRow)), qRow, bytes, p.qOut.add(start.mul(qWide)), qWide, bytes, count, qColumns);
        at.set(p.rOut.add(ofR.start.mul(wide)));
        c.for(ofR.start, ofR.end, 1, (i) => {
          above.set(least(c, i.mul(bytes), wide));
          c.fill(at, 0, above);
          c.copy(at.add(above), work.add(i.mul(row)).add(above), wide.sub(above));
          at.inc(wide);
        });
        crew.meet(c);
        p.x.inc(rows.mul(wide));
        p.qOut.inc(rows.mul(qWide));
        p.rOut.inc(qColumns.mul(wide));
      });
    };
  });

/** (rows, columns, work, row, panel, taus, ...places): R in the upper triangle of `work`, reflections below it. */
export function factorQr(m: Module, features: WasmFeatures, crew: Crew, real: RealType): Callable {
  const { bytes } = real;
  const names = ["rows", "columns", "work", "row", "panel", "taus", ...BLOCK_PLACES] as const;
  return define(m, `factorQr_${real.name}`, i32s(names), [], (c, p) => {
    const { rows, columns, work, row, panel, vs, t, gram, blockRow } = p;
    const copy = copyMatrix(m, real, real);
    const count = c.let(least(c, rows, columns));
    const [size, rest] = [c.var("i32"), c.var("i32")];
    c.for(0, count, QR_BLOCK, (k) => {
      size.set(least(c, count.sub(k), c.const("i32", QR_BLOCK)));
      const height = c.let(rows.sub(k));
      const corner = c.let(work.add(k.mul(row)).add(k.mul(bytes)));
      const tau = c.let(p.taus.add(k.mul(bytes)));
      rest.set(columns.sub(k).sub(size));
      crew.first(c, () => {
        c.run(copy, corner, row, bytes, panel, blockRow, bytes, height, size);
        c.run(factorPanel(m, features, real), panel, blockRow, height, size, tau);
        c.run(copy, panel, blockRow, bytes, corner, row, bytes, height, size);
        c.if(rest.gt(0), () => {
          c.run(copyReflections(m, real), panel, blockRow, vs, blockRow, height, size);
          c.run(blockFactor(m, features, real), vs, blockRow, height, tau, size, gram, t, blockRow);
        });
      });
      const block = [vs, blockRow, t, blockRow, c.const("i32", 1), p.w, p.w2, p.wRow];
      c.run(applyBlock(m, features, crew, real), corner.add(size.mul(bytes)), row, height, rest, ...block);
    });
  });
}

/** (a, row, rows, columns, tau): the factorization of few columns, one by one. */
function factorPanel(m: Module, features: WasmFeatures, real: RealType): Callable {
  const { bytes } = real;
  const params = { a: "i32", row: "i32", rows: "i32", columns: "i32", tau: "i32" } as const;
  const make = makeReflection(m, real);
  const reflect = reflectRows(m, features, real);
  return define(m, `qrPanel_${real.name}`, params, [], (c, { a, row, rows, columns, tau }) => {
    c.for(0, columns, 1, (j: Var<"i32">) => {
      const head = c.let(a.add(j.mul(row.add(bytes))));
      const height = c.let(rows.sub(j));
      c.run(make, head, row, height, tau);
      const width = columns.sub(j).sub(1).mul(bytes);
      c.run(reflect, head.add(bytes), row, height, width, head, row, tau);
      tau.inc(bytes);
    });
  });
}
