/** LU with partial pivoting of few columns: column by column, updating the columns to the right. */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Var, define } from "./code";
import { type RealType, nmadd } from "./real";
import type { FloatKind, ScalarKind } from "./value";

/** (a, row, rows, columns, pivots): `pivots` are the numbers of the rows that rows 0, 1, ... were exchanged with. */
export function luPanel(m: Module, features: WasmFeatures, real: RealType): Callable {
  const { bytes, scalar } = real;
  const params = { a: "i32", row: "i32", rows: "i32", columns: "i32", pivots: "i32" } as const;
  const find = findPivot(m, real);
  const eliminate = eliminateBelow(m, features, real);
  return define(m, `luPanel_${real.name}`, params, [], (c, { a, row, rows, columns, pivots }) => {
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
 * of `top` from the columns to the right, in whole vectors beyond the last. A pivot of 0 leaves everything.
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
    const step = (t: Var<"i32">): void => {
      const old = c.load<FloatKind>(vector, target.add(t));
      c.store(target.add(t), nmadd(c, features, factors, c.load<FloatKind>(vector, right.add(t)), old));
    };
    c.if(pivot.ne(0), () =>
      c.for(0, rows, 1, () => {
        top.inc(row);
        target.set(top.add(at));
        factor.set(c.load<ScalarKind>(scalar, target).div(pivot));
        c.store(target, factor);
        target.inc(bytes);
        factors.set(factor.to(`${vector as "f32x4"}.splat`, vector));
        c.for(0, length, 16, step);
      }),
    );
  });
}
