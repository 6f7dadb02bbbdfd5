/**
 * Triangular solves of op(A) X = B. Upper triangles are lower ones with rows and columns in reverse order, so all cases
 * are copied to one.
 */
import type { RoutineKernel } from "../../../kernel/program";
import { define } from "./code";
import { SPARE_ROWS, copyMatrix, rowBytesOf } from "./matrix";
import { REAL32, REAL64, type RealType } from "./real";
import { type Routine, type RoutineCall, ScratchPlan } from "./routine";
import { SOLVE_BLOCK, solveLower } from "./triangular-kernel";

export function planTriangularSolve(kernel: RoutineKernel): RoutineCall | null {
  const { dtype, batch, dims, params, operands, outs } = kernel;
  const [n, columns] = [dims[0]!, dims[3]!];
  if (batch * n * columns === 0) return null;
  const real = dtype === "float64" ? REAL64 : REAL32;
  const scratch = new ScratchPlan();
  const [row, wide] = [rowBytesOf(real, n), rowBytesOf(real, columns)];
  const matrix = scratch.take((n + SPARE_ROWS) * row);
  const x = scratch.take((n + SPARE_ROWS) * wide);
  const spare = scratch.take(SOLVE_BLOCK * wide);
  const transpose = params["transpose"] === true;
  const reverse = params["lower"] === transpose;
  const unit = params["unit_diagonal"] === true;
  const flags = [transpose, reverse, unit].map(Number);
  const buffers = [operands[0]!, operands[1]!, outs[0]!].map((buffer) => ({ buffer }));
  const args = [...buffers, { items: batch }, n, columns, ...flags, row, wide, "scratch", matrix, x, spare] as const;
  return { routine: solveRoutine(real), args, scratchBytes: scratch.bytes };
}

const solveRoutine = (real: RealType): Routine => ({
  key: `triangular_solve_${real.name}`,
  nParams: 15,
  emit(m, features) {
    const copy = copyMatrix(m, real, real);
    const solve = solveLower(m, features, real);
    const { bytes } = real;
    const params = {
      a: "i32", b: "i32", out: "i32", batch: "i32", n: "i32", columns: "i32", transpose: "i32", reverse: "i32",
      unit: "i32", row: "i32", wide: "i32", scratch: "i32", matrix: "i32", x: "i32", spare: "i32",
    } as const; // prettier-ignore
    define(m, "run", params, [], (c, p) => {
      const { n, columns, matrix, x } = p;
      for (const place of [matrix, x, p.spare]) place.inc(p.scratch);
      const side = c.let(n.mul(bytes));
      const width = c.let(columns.mul(bytes));
      const [down, right] = [c.let(c.select(p.transpose, c.const("i32", bytes), side)), c.let(c.select(p.transpose, side, c.const("i32", bytes)))]; // prettier-ignore
      // To the last row and column, and backward from there.
      const last = c.let(c.select(p.reverse, n.sub(1), c.const("i32", 0)));
      const sign = c.let(c.select(p.reverse, c.const("i32", -1), c.const("i32", 1)));
      c.for(0, p.batch, 1, () => {
        const corner = p.a.add(last.mul(side.add(bytes)));
        c.run(copy, corner, down.mul(sign), right.mul(sign), matrix, p.row, bytes, n, n);
        c.run(copy, p.b.add(last.mul(width)), width.mul(sign), bytes, x, p.wide, bytes, n, columns);
        c.run(solve, matrix, p.row, p.unit, x, p.wide, n, width, p.spare, p.wide);
        c.run(copy, x.add(last.mul(p.wide)), p.wide.mul(sign), bytes, p.out, width, bytes, n, columns);
        p.a.inc(n.mul(side));
        for (const pointer of [p.b, p.out]) pointer.inc(n.mul(width));
      });
    });
  },
});
