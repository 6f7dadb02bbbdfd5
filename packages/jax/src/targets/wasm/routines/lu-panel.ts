/**
 * LU with partial pivoting of a panel: the left half of its columns, the right half updated by a matrix product, and the
 * rest of the right half. Few columns are done one by one. Source: S. Toledo, "Locality of reference in LU decomposition
 * with partial pivoting" (1997).
 */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Value, type Var, define, i32s } from "./code";
import { halfOf, subtractTiles } from "./matrix";
import { type RealType, nmadd } from "./real";
import { solveLower } from "./triangular-kernel";
import type { FloatKind, ScalarKind } from "./value";

/**
 * (a, row, rows, columns, pivots) with no fewer rows than columns: `pivots` are the numbers of the rows that rows 0, 1,
 * ... were exchanged with. Halves end where whole cache lines do, and so what `solveLower` overwrites.
 */
export function luPanel(m: Module, features: WasmFeatures, real: RealType): Callable {
  const { bytes } = real;
  const line = 64 / bytes;
  const few = luColumns(m, features, real);
  const exchange = exchangeRows(m, real);
  const solve = solveLower(m, features, real);
  const subtract = subtractTiles(m, features, real);
  const names = ["a", "row", "rows", "columns", "pivots"] as const;
  return define(m, `luPanel_${real.name}`, i32s(names), [], (c, { a, row, rows, columns, pivots }) => {
    const self = c.f.callable;
    const manyColumns = (): void => {
      const half = c.let(halfOf(columns, line));
      const [height, width] = [c.let(rows.sub(half)), c.let(columns.sub(half))];
      c.run(self, a, row, rows, half, pivots);
      const right = c.let(a.add(half.mul(bytes)));
      const wide = c.let(width.mul(bytes));
      c.run(exchange, right, row, pivots, 0, half, wide);
      c.run(solve, a, row, bytes, 1, right, row, half, wide);
      const [left, below] = [c.let(a.add(half.mul(row))), c.let(right.add(half.mul(row)))];
      c.run(subtract, below, row, left, row, bytes, right, row, height, width, half, 1);
      const others = c.let(pivots.add(half.shl(2)));
      c.run(self, below, row, height, width, others);
      c.run(exchange, left, row, others, 0, width, half.mul(bytes));
      c.for(0, width, 1, (i) => {
        const at = c.let(others.add(i.shl(2)));
        c.store(at, c.load("i32", at).add(half));
      });
    };
    c.if(columns.le(line), () => c.run(few, a, row, rows, columns, pivots), manyColumns);
  });
}

/** (a, row, pivots, from, count, bytes): exchanges rows from, from + 1, ... of a with those of the pivots' numbers. */
export function exchangeRows(m: Module, real: RealType): Callable {
  const names = ["a", "row", "pivots", "from", "count", "bytes"] as const;
  return define(m, "exchangeRows", i32s(names), [], (c, { a, row, pivots, from, count, bytes }) => {
    const kept = c.var<FloatKind>(real.vector);
    c.for(0, count, 1, (i) => {
      const [one, other] = [c.let(from.add(i)), c.let(c.load("i32", pivots.add(i.shl(2))))];
      c.if(one.ne(other), () => {
        one.set(a.add(one.mul(row)));
        other.set(a.add(other.mul(row)));
        c.for(0, bytes, 16, (at) => {
          const load = (base: Value<"i32">): Value<FloatKind> => c.load<FloatKind>(real.vector, base.add(at));
          kept.set(load(one));
          c.store(one.add(at), load(other));
          c.store(other.add(at), kept);
        });
      });
    });
  });
}

/** (a, row, rows, columns, pivots): the same column by column, updating the columns to the right. */
function luColumns(m: Module, features: WasmFeatures, real: RealType): Callable {
  const { bytes, scalar } = real;
  const params = { a: "i32", row: "i32", rows: "i32", columns: "i32", pivots: "i32" } as const;
  const find = findPivot(m, real);
  const eliminate = eliminateBelow(m, features, real);
  return define(m, `luColumns_${real.name}`, params, [], (c, { a, row, rows, columns, pivots }) => {
    const kept = c.var<ScalarKind>(scalar);
    const count = c.let(c.select(rows.lt(columns), rows, columns));
    c.for(0, count, 1, (j) => {
      const top = c.let(a.add(j.mul(row)));
      const pivot = c.let(c.call(find, "i32", top.add(j.mul(bytes)), row, rows.sub(j)).add(j));
      c.store(pivots.add(j.shl(2)), pivot);
      c.if(pivot.ne(j), () => {
        const other = c.let(a.add(pivot.mul(row)));
        c.for(0, columns.mul(bytes), bytes, (at) => {
          kept.set(c.load<ScalarKind>(scalar, top.add(at)));
          c.store(top.add(at), c.load<ScalarKind>(scalar, other.add(at)));
          c.store(other.add(at), kept);
        });
      });
      c.run(eliminate, top, row, rows.sub(j).sub(1), j, columns);
    });
  });
}

/** (a, row, rows) -> the number of the row with the largest magnitude in its first element; NaN is none. */
function findPivot(m: Module, real: RealType): Callable {
  const { scalar } = real;
  return define(m, `findPivot_${real.name}`, { a: "i32", row: "i32", rows: "i32" }, ["i32"], (c, { a, row, rows }) => {
    const best = c.let(c.load<ScalarKind>(scalar, a).abs());
    const at = c.letConst("i32", 0);
    const x = c.var<ScalarKind>(scalar);
    c.for(1, rows, 1, (i) => {
      a.inc(row);
      x.set(c.load<ScalarKind>(scalar, a).abs());
      c.if(x.gt(best), () => {
        best.set(x);
        at.set(i);
      });
    });
    at.push();
  });
}

/**
 * (top, row, rows, j, columns): divides column j of the rows below `top` by that of `top`, and subtracts this multiple
 * of `top` from the columns to the right. A pivot of 0 leaves everything.
 */
function eliminateBelow(m: Module, features: WasmFeatures, real: RealType): Callable {
  const { bytes, scalar, vector } = real;
  const params = { top: "i32", row: "i32", rows: "i32", j: "i32", columns: "i32" } as const;
  return define(m, `eliminate_${real.name}`, params, [], (c, { top, row, rows, j, columns }) => {
    const pivot = c.let(c.load<ScalarKind>(scalar, top.add(j.mul(bytes))));
    const factor = c.var<ScalarKind>(scalar);
    const factors = c.var<FloatKind>(vector);
    const at = c.let(j.mul(bytes));
    const length = c.let(columns.sub(j).sub(1).mul(bytes));
    const right = c.let(top.add(at).add(bytes));
    const target = c.var("i32");
    const single = c.let(length.and(15));
    const step = (kind: FloatKind, by: Var<FloatKind>, t: Var<"i32">): void => {
      const old = c.load<FloatKind>(kind, target.add(t));
      c.store(target.add(t), nmadd(c, features, by, c.load<FloatKind>(kind, right.add(t)), old));
    };
    c.if(pivot.ne(0), () =>
      c.for(0, rows, 1, () => {
        top.inc(row);
        target.set(top.add(at));
        factor.set(c.load<ScalarKind>(scalar, target).div(pivot));
        c.store(target, factor);
        target.inc(bytes);
        factors.set(factor.to(`${vector as "f32x4"}.splat`, vector));
        c.for(0, single, bytes, (t) => step(scalar, factor, t));
        c.for(single, length, 16, (t) => step(vector, factors, t));
      }),
    );
  });
}
