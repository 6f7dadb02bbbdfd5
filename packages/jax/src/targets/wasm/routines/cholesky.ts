/**
 * Cholesky by blocks: A = R' R with R upper triangular, which row-major rows suit, and L = R'. Block row k: R11 of the
 * diagonal block, R12 = inverse(R11') A12, A22 -= R12' R12 by matrix products. Source: Golub and Van Loan, Matrix
 * Computations, 4th ed., 4.2.9.
 */
import type { RoutineKernel } from "../../../kernel/program";
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Value, type Var, define, i32s } from "./code";
import { Crew, crewRoutine } from "./crew";
import { MULTIPLY_UPPER, copyMatrix, least, rowBytesOf, subtractTiles } from "./matrix";
import { REAL32, REAL64, type RealType, loadAll, nmadd } from "./real";
import { type Routine, type RoutineCall, ScratchPlan } from "./routine";
import { solveLower } from "./triangular-kernel";
import type { FloatKind, ScalarKind } from "./value";

/** Rows of a block of the diagonal, and of the blocks by which that is factored. */
const [BLOCK, SMALL_BLOCK] = [96, 16];

export function planCholesky(
  { dtype, batch, dims, operands, outs }: RoutineKernel,
  threads: number,
): RoutineCall | null {
  const n = dims[0]!;
  if (batch * n === 0) return null;
  const real = dtype === "float64" ? REAL64 : REAL32;
  const scratch = new ScratchPlan();
  const row = rowBytesOf(real, n);
  const work = scratch.take(n * row);
  const done = scratch.take(4);
  const buffers = [{ buffer: operands[0]! }, { buffer: outs[0]! }];
  const args = [...buffers, { items: batch }, n, row, "scratch", work, done] as const;
  return { routine: choleskyRoutine(real, threads > 1), args, scratchBytes: scratch.bytes };
}

const RUN = ["x", "out", "batch", "n", "row", "scratch", "work", "done"] as const;

const FACTOR = ["a", "row", "n", "done"] as const;

const choleskyRoutine = (real: RealType, together: boolean): Routine =>
  crewRoutine(`cholesky_${real.name}`, RUN, together, (m, features, crew) => {
    const diagonal = factorUpper(m, features, Crew.of(m, false), real, SMALL_BLOCK, factorRows(m, features, real));
    const factor = factorUpper(m, features, crew, real, BLOCK, diagonal);
    const copy = copyMatrix(m, real, real);
    const lower = writeLower(m, real);
    return (c, { x, out, batch, n, row, scratch, work, done }) => {
      for (const place of [work, done]) place.inc(scratch);
      const bytes = c.let(n.mul(real.bytes));
      const { start, end } = crew.part(c, n, 1);
      const count = c.let(end.sub(start));
      c.for(0, batch, 1, () => {
        const [from, to] = [x.add(start.mul(bytes)), work.add(start.mul(row))];
        c.run(copy, from, bytes, real.bytes, to, row, real.bytes, count, n);
        crew.meet(c);
        c.run(factor, work, row, n, done);
        c.run(lower, work.add(start.mul(real.bytes)), row, out.add(start.mul(bytes)), n, start, count, done);
        crew.meet(c);
        for (const pointer of [x, out]) pointer.inc(n.mul(bytes));
      });
    };
  });

/**
 * (a, row, n, done): R in the upper triangle of a, and 1 at `done`; or 0 where A is not positive definite. While the crew
 * updates the rest, the first thread factors the next block of the diagonal by `factor`.
 */
function factorUpper(
  m: Module,
  features: WasmFeatures,
  crew: Crew,
  real: RealType,
  block: number,
  factor: Callable,
): Callable {
  const solve = solveLower(m, features, real);
  const subtract = subtractTiles(m, features, real);
  const { bytes } = real;
  return define(m, `factorUpper_${real.name}_${block}`, i32s(FACTOR), [], (c, { a, row, n, done }) => {
    const size = c.var("i32");
    const rest = c.var("i32");
    const width = c.var("i32");
    const factorAt = (diagonal: Value<"i32">, left: Value<"i32">): void =>
      c.run(factor, diagonal, row, least(c, left, c.const("i32", block)), done);
    crew.first(c, () => factorAt(a, n));
    c.for(0, n, block, (k) => {
      size.set(least(c, n.sub(k), c.const("i32", block)));
      const diagonal = c.let(a.add(k.mul(row)).add(k.mul(bytes)));
      c.if(c.load("i32", done).eq(0), () => void c.f.op("return"));
      rest.set(n.sub(k).sub(size));
      c.if(rest.gt(0), () => {
        const right = c.let(diagonal.add(size.mul(bytes)));
        const { start, end } = crew.part(c, rest.mul(bytes), 64);
        c.run(solve, diagonal, bytes, row, 0, right.add(start), row, size, end.sub(start));
        crew.meet(c);
        const below = c.let(right.add(size.mul(row)));
        const update = (j: Value<"i32">): void => {
          width.set(least(c, rest.sub(j), c.const("i32", block)));
          const [to, by] = [below.add(j.mul(bytes)), right.add(j.mul(bytes))];
          c.run(subtract, to, row, right, bytes, row, by, row, j.add(width), width, size, MULTIPLY_UPPER);
        };
        crew.ahead(c, () => {
          update(c.const("i32", 0));
          factorAt(below, rest);
        });
        crew.each(c, block, rest, block, update);
      });
    });
  });
}

/** (a, row, n, done): the same row by row. What is below the diagonal is overwritten. */
function factorRows(m: Module, features: WasmFeatures, real: RealType): Callable {
  const { bytes, vector, scalar } = real;
  return define(m, `factorRows_${real.name}`, i32s(FACTOR), [], (c, { a, row, n, done }) => {
    c.store(done, c.const("i32", 0));
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
      c.if(pivot.gt(0).to("i32.eqz", "i32"), () => void c.f.op("return"));
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
    c.store(done, c.const("i32", 1));
  });
}

/**
 * (a, row, out, n, first, count, done): `count` rows of the transpose of the upper triangle from the one with number
 * `first` on, zeros above it; NaN for the triangle where `done` is 0.
 */
function writeLower(m: Module, real: RealType): Callable {
  const { bytes, scalar } = real;
  const names = ["a", "row", "out", "n", "first", "count", "done"] as const;
  return define(m, `writeLower_${real.name}`, i32s(names), [], (c, { a, row, out, n, first, count, done }) => {
    const from = c.var("i32");
    const wide = c.let(n.mul(bytes));
    const isDone = c.let(c.load("i32", done));
    c.for(0, count, 1, (i) => {
      c.fill(out, 0, wide);
      from.set(a.add(i.mul(bytes)));
      c.for(0, first.add(i).add(1), 1, (j) => {
        const value = c.load<ScalarKind>(scalar, from);
        c.store(out.add(j.mul(bytes)), c.select(isDone, value, c.const<ScalarKind>(scalar, NaN)));
        from.inc(row);
      });
      out.inc(wide);
    });
  });
}
