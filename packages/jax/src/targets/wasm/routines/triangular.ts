/**
 * Triangular solves of op(A) X = B. Upper triangles are lower ones with rows and columns in reverse order, so all cases
 * are copied to one.
 */
import type { RoutineKernel } from "../../../kernel/program";
import { crewRoutine } from "./crew";
import { copyMatrix, rowBytesOf } from "./matrix";
import { REAL32, REAL64, type RealType } from "./real";
import { type Routine, type RoutineCall, ScratchPlan } from "./routine";
import { solveLower } from "./triangular-kernel";

export function planTriangularSolve(kernel: RoutineKernel, threads: number): RoutineCall | null {
  const { dtype, batch, dims, params, operands, outs } = kernel;
  const [n, columns] = [dims[0]!, dims[3]!];
  if (batch * n * columns === 0) return null;
  const real = dtype === "float64" ? REAL64 : REAL32;
  const scratch = new ScratchPlan();
  const [row, wide] = [rowBytesOf(real, n), rowBytesOf(real, columns)];
  const matrix = scratch.take(n * row);
  const x = scratch.take(n * wide);
  const transpose = params["transpose"] === true;
  const reverse = params["lower"] === transpose;
  const unit = params["unit_diagonal"] === true;
  const flags = [transpose, reverse, unit].map(Number);
  const buffers = [operands[0]!, operands[1]!, outs[0]!].map((buffer) => ({ buffer }));
  const args = [...buffers, { items: batch }, n, columns, ...flags, row, wide, "scratch", matrix, x] as const;
  return { routine: solveRoutine(real, threads > 1), args, scratchBytes: scratch.bytes };
}

const RUN = [
  "a", "b", "out", "batch", "n", "columns", "transpose", "reverse", "unit", "row", "wide", "scratch", "matrix", "x",
] as const; // prettier-ignore

/** Each thread copies rows of the matrix, then solves for columns of its own. */
const solveRoutine = (real: RealType, together: boolean): Routine =>
  crewRoutine(`triangular_solve_${real.name}`, RUN, together, (m, features, crew) => {
    const copy = copyMatrix(m, real, real);
    const solve = solveLower(m, features, real);
    const { bytes } = real;
    return (c, p) => {
      const { n, columns, matrix, x } = p;
      for (const place of [matrix, x]) place.inc(p.scratch);
      const side = c.let(n.mul(bytes));
      const width = c.let(columns.mul(bytes));
      const [down, right] = [c.let(c.select(p.transpose, c.const("i32", bytes), side)), c.let(c.select(p.transpose, side, c.const("i32", bytes)))]; // prettier-ignore
      // To the last row and column, and backward from there.
      const last = c.let(c.select(p.reverse, n.sub(1), c.const("i32", 0)));
      const sign = c.let(c.select(p.reverse, c.const("i32", -1), c.const("i32", 1)));
      const rows = crew.part(c, n, 1);
      const { start, end } = crew.part(c, width, 64);
      const own = c.let(end.sub(start));
      const ownColumns = c.let(own.divU(bytes));
      x.inc(start);
      c.for(0, p.batch, 1, () => {
        const corner = p.a.add(last.mul(side.add(bytes))).add(rows.start.mul(down.mul(sign)));
        const to = matrix.add(rows.start.mul(p.row));
        c.run(copy, corner, down.mul(sign), right.mul(sign), to, p.row, bytes, rows.end.sub(rows.start), n);
        crew.meet(c);
        const [b, out] = [p.b.add(start), p.out.add(start)];
        c.run(copy, b.add(last.mul(width)), width.mul(sign), bytes, x, p.wide, bytes, n, ownColumns);
        c.run(solve, matrix, p.row, bytes, p.unit, x, p.wide, n, own);
        c.run(copy, x.add(last.mul(p.wide)), p.wide.mul(sign), bytes, out, width, bytes, n, ownColumns);
        crew.meet(c);
        p.a.inc(n.mul(side));
        for (const pointer of [p.b, p.out]) pointer.inc(n.mul(width));
      });
    };
  });
