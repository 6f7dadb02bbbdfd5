/**
 * Cholesky by blocks: A = R' R with R upper triangular, which row-major rows suit, and L = R'. Block row k: R11 of the
 * diagonal block, R12 = inverse(R11') A12, A22 -= R12' R12 by matrix products. Source: Golub and Van Loan, Matrix
 * Computations, 4th ed., 4.2.9.
 */
import type { RoutineKernel } from "../../../kernel/program";
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Value, type Var, define } from "./code";
import { MULTIPLY_UPPER, SPARE_ROWS, copyMatrix, least, multiplyTiles, negateRows, rowBytesOf } from "./matrix";
import { REAL32, REAL64, type RealType, loadAll, nmadd } from "./real";
import { type Routine, type RoutineCall, ScratchPlan } from "./routine";
import { SOLVE_BLOCK, solveBlock } from "./triangular-kernel";
import type { FloatKind, ScalarKind } from "./value";

export function planCholesky({ dtype, batch, dims, operands, outs }: RoutineKernel): RoutineCall | null {
  const n = dims[0]!;
  if (batch * n === 0) return null;
  const real = dtype === "float64" ? REAL64 : REAL32;
  const scratch = new ScratchPlan();
  const row = rowBytesOf(real, n);
  const work = scratch.take((n + SPARE_ROWS) * row);
  const spare = scratch.take(SOLVE_BLOCK * row);
  const args = [
    { buffer: operands[0]! },
    { buffer: outs[0]! },
    { items: batch },
    n,
    row,
    "scratch",
    work,
    spare,
  ] as const;
  return { routine: choleskyRoutine(real), args, scratchBytes: scratch.bytes };
}

const choleskyRoutine = (real: RealType): Routine => ({
  key: `cholesky_${real.name}`,
  nParams: 8,
  emit(m, features) {
    const factor = factorUpper(m, features, real);
    const copy = copyMatrix(m, real, real);
    const lower = writeLower(m, real);
    const params = {
      x: "i32", out: "i32", batch: "i32", n: "i32", row: "i32", scratch: "i32", work: "i32", spare: "i32",
    } as const; // prettier-ignore
    define(m, "run", params, [], (c, { x, out, batch, n, row, scratch, work, spare }) => {
      for (const place of [work, spare]) place.inc(scratch);
      const bytes = c.let(n.mul(real.bytes));
      c.for(0, batch, 1, () => {
        c.run(copy, x, bytes, real.bytes, work, row, real.bytes, n, n);
        const done = c.call(factor, "i32", work, row, n, spare);
        c.run(lower, work, row, out, n, done);
        for (const pointer of [x, out]) pointer.inc(n.mul(bytes));
      });
    });
  },
});

/** (a, row, n, spare) -> 1, and R in the upper triangle of a; or 0 where A is not positive definite. */
function factorUpper(m: Module, features: WasmFeatures, real: RealType): Callable {
  const block = factorBlock(m, features, real);
  const solve = solveBlock(m, features, real);
  const multiply = multiplyTiles(m, features, real);
  const negate = negateRows(m, real);
  const { bytes } = real;
  return define(m, `factorUpper_${real.name}`, { a: "i32", row: "i32", n: "i32", spare: "i32" }, ["i32"], (c, p) => {
    const { a, row, n, spare } = p;
    const size = c.var("i32");
    const rest = c.var("i32");
    const fail = (): void => void c.f.i32(0).op("return");
    c.for(0, n, SOLVE_BLOCK, (k) => {
      size.set(least(c, n.sub(k), c.const("i32", SOLVE_BLOCK)));
      const diagonal = c.let(a.add(k.mul(row)).add(k.mul(bytes)));
      c.if(c.call(block, "i32", diagonal, row, size).eq(0), fail);
      rest.set(n.sub(k).sub(size));
      c.if(rest.gt(0), () => {
        const right = c.let(diagonal.add(size.mul(bytes)));
        const wide = c.let(rest.mul(bytes));
        c.run(solve, diagonal, bytes, row, 0, right, row, size, wide);
        c.run(negate, right, row, spare, row, size, wide);
        const below = right.add(size.mul(row));
        c.run(multiply, below, row, spare, bytes, row, right, row, rest, rest, size, MULTIPLY_UPPER);
      });
    });
    c.f.i32(1);
  });
}

/** (a, row, n) -> 1 or 0: the same for a small block, row by row. What is below the diagonal is overwritten. */
function factorBlock(m: Module, features: WasmFeatures, real: RealType): Callable {
  const { bytes, vector, scalar } = real;
  return define(m, `factorBlock_${real.name}`, { a: "i32", row: "i32", n: "i32" }, ["i32"], (c, { a, row, n }) => {
    const pivot = c.var<ScalarKind>(scalar);
    const factor = c.var<FloatKind>(vector);
    const at = c.var("i32");
    const end = c.let(n.mul(bytes));
    /** Vectors of a row from that with `first` on. */
    const vectors = (first: Value<"i32">, body: (at: Var<"i32">) => void): void => {
      at.set(first.and(-16));
      c.doWhile(at.lt(end), () => {
        body(at);
        at.inc(16);
      });
    };
    const next = c.var("i32");
    c.for(0, n, 1, (j) => {
      const first = c.let(j.mul(bytes));
      pivot.set(c.load<ScalarKind>(scalar, a.add(first)));
      c.if(pivot.gt(0).to("i32.eqz", "i32"), () => void c.f.i32(0).op("return"));
      factor.set(pivot.sqrt().to(`${vector as "f32x4"}.splat`, vector));
      vectors(first, (t) => c.store(a.add(t), c.load<FloatKind>(vector, a.add(t)).div(factor)));
      next.set(a.add(row));
      c.for(j.add(1), n, 1, (i) => {
        const column = c.let(i.mul(bytes));
        factor.set(loadAll(c, vector, a.add(column)));
        vectors(column, (t) => {
          const old = c.load<FloatKind>(vector, next.add(t));
          c.store(next.add(t), nmadd(c, features, factor, c.load<FloatKind>(vector, a.add(t)), old));
        });
        next.inc(row);
      });
      a.inc(row);
    });
    c.f.i32(1);
  });
}

/** (a, row, out, n, done): the transpose of the upper triangle, zeros above it; NaN for the triangle if not done. */
function writeLower(m: Module, real: RealType): Callable {
  const { bytes, scalar } = real;
  const params = { a: "i32", row: "i32", out: "i32", n: "i32", done: "i32" } as const;
  return define(m, `writeLower_${real.name}`, params, [], (c, { a, row, out, n, done }) => {
    const from = c.var("i32");
    const wide = c.let(n.mul(bytes));
    c.for(0, n, 1, (i) => {
      c.fill(out, 0, wide);
      from.set(a.add(i.mul(bytes)));
      c.for(0, i.add(1), 1, (j) => {
        const value = c.load<ScalarKind>(scalar, from);
        c.store(out.add(j.mul(bytes)), c.select(done, value, c.const<ScalarKind>(scalar, NaN)));
        from.inc(row);
      });
      out.inc(wide);
    });
  });
}
