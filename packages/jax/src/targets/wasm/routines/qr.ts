/**
 * QR by Householder reflections in blocks: the block's columns are factored in a place of their own, then the block of
 * reflections is applied to the columns to the right, and in the end, from last to first, to the unit matrix. Source:
 * Golub and Van Loan, Matrix Computations, 4th ed., 5.2.3.
 */
import type { RoutineKernel } from "../../../kernel/program";
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Value, type Var, define, i32s } from "./code";
import { type Crew, crewRoutine } from "./crew";
import { makeReflection, reflectRows } from "./householder";
import { copyMatrix, least, rowBytesOf } from "./matrix";
import {
  BLOCK_ADDRESSES,
  BLOCK_PLACES,
  STRIP,
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
  const work = scratch.take(rows * row);
  const q = scratch.take(rows * qRow);
  const panel = scratch.take(rows * blocks[BLOCK_PLACES.indexOf("blockRow")]!);
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

/**
 * (rows, columns, work, row, panel, taus, ...places): R in the upper triangle of `work`, reflections below it. Of the
 * columns to the right the first thread begins with the next block, and factors that while the others go on.
 */
export function factorQr(m: Module, features: WasmFeatures, crew: Crew, real: RealType): Callable {
  const { bytes } = real;
  const names = ["rows", "columns", "work", "row", "panel", "taus", ...BLOCK_PLACES] as const;
  return define(m, `factorQr_${real.name}`, i32s(names), [], (c, p) => {
    const { rows, columns, work, row, panel, gram, blockRow } = p;
    const copy = copyMatrix(m, real, real);
    const apply = applyBlock(m, features, real);
    const count = c.let(least(c, rows, columns));
    const [size, rest, width] = [c.var("i32"), c.var("i32"), c.var("i32")];
    const [vs, t] = [c.let(p.vs), c.let(p.t)];
    const [nextVs, nextT] = [c.let(p.vs2), c.let(p.t2)];
    const sizeOf = (k: Value<"i32">): Value<"i32"> => least(c, count.sub(k), p.reflections);
    /** Factors the block with the columns from k on; what is applied to the right of it goes to v and -T. */
    const factorAt = (k: Value<"i32">, v: Value<"i32">, minusT: Value<"i32">): void => {
      const corner = c.let(work.add(k.mul(row)).add(k.mul(bytes)));
      const height = c.let(rows.sub(k));
      const tau = p.taus.add(k.mul(bytes));
      c.run(copy, corner, row, bytes, panel, blockRow, bytes, height, sizeOf(k));
      c.run(factorPanel(m, features, real), panel, blockRow, height, sizeOf(k), tau);
      c.run(copy, panel, blockRow, bytes, corner, row, bytes, height, sizeOf(k));
      c.if(columns.sub(k).gt(sizeOf(k)), () => {
        c.run(copyReflections(m, real), panel, blockRow, v, blockRow, height, sizeOf(k));
        c.run(blockFactor(m, features, real), v, blockRow, height, tau, sizeOf(k), gram, minusT, blockRow);
      });
    };
    crew.first(c, () => factorAt(c.const("i32", 0), vs, t));
    c.for(0, count, p.reflections, (k) => {
      size.set(sizeOf(k));
      const height = c.let(rows.sub(k));
      const next = c.let(k.add(size));
      rest.set(columns.sub(next));
      const right = c.let(work.add(k.mul(row)).add(next.mul(bytes)));
      const update = (j: Value<"i32">): void => {
        width.set(least(c, rest.sub(j), c.const("i32", STRIP)));
        const at = j.mul(bytes);
        const block = [vs, blockRow, size, t, blockRow, c.const("i32", 1), p.w.add(at), p.w2.add(at), p.wRow];
        c.run(apply, right.add(at), row, height, width, ...block);
      };
      crew.ahead(c, () => {
        c.if(rest.gt(0), () => update(c.const("i32", 0)));
        c.if(next.lt(count), () => factorAt(next, nextVs, nextT));
      });
      crew.each(c, STRIP, rest, STRIP, update);
      c.exchange(vs, nextVs);
      c.exchange(t, nextT);
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
