/**
 * A matrix with at least as many rows as columns as U B V' with B upper bidiagonal, by reflections from the left and
 * from the right in turn, in float64. Source: G. Golub and W. Kahan, "Calculating the singular values and pseudo-inverse
 * of a matrix" (1965).
 */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { define, i32s } from "./code";
import { makeReflection, reflectRows } from "./householder";
import { REAL64 } from "./real";

/**
 * (a, row, rows, n, d, e, tauLeft, tauRight): diagonals d (n) and e (n - 1). Reflections from the left stand in columns
 * below the diagonal, those from the right in rows right of the superdiagonal.
 */
export function bidiagonalize(m: Module, features: WasmFeatures): Callable {
  const names = ["a", "row", "rows", "n", "d", "e", "tauLeft", "tauRight"] as const;
  const make = makeReflection(m, REAL64);
  const left = reflectRows(m, features, REAL64);
  const right = reflectColumns(m);
  return define(m, "bidiagonalize", i32s(names), [], (c, { a, row, rows, n, d, e, tauLeft, tauRight }) => {
    c.for(0, n, 1, (k) => {
      const height = c.let(rows.sub(k));
      const width = c.let(n.sub(k).sub(1));
      const beside = c.let(a.add(8));
      c.run(make, a, row, height, tauLeft);
      c.store(d, c.load("f64", a));
      c.run(left, beside, row, height, width.shl(3), a, row, tauLeft);
      c.if(width.gt(0), () => {
        c.run(make, beside, 8, width, tauRight);
        c.store(e, c.load("f64", beside));
        c.run(right, beside.add(row), row, height.sub(1), width, beside, tauRight);
      });
      a.set(beside.add(row));
      for (const pointer of [d, e, tauLeft, tauRight]) pointer.inc(8);
    });
  });
}

/** (a, row, rows, n, v, tau): A <- A H for rows of n numbers; v[0] is taken as 1. */
function reflectColumns(m: Module): Callable {
  const names = ["a", "row", "rows", "n", "v", "tau"] as const;
  return define(m, "reflectColumns", i32s(names), [], (c, { a, row, rows, n, v, tau }) => {
    const factor = c.let(c.load("f64", tau));
    const kept = c.let(c.load("f64", v));
    const end = c.let(a.add(n.shl(3)));
    const [at, from] = [c.var("i32"), c.var("i32")];
    const sums = [c.var("f64x2"), c.var("f64x2")] as const;
    const scale = c.var("f64x2");
    const tail = n.and(3);
    const wholeEnd = c.let(end.sub(tail.shl(3)));
    const sum = c.var("f64");
    /** All of the row: four at a time, then one by one. */
    const each = (four: (offset: number, i: number) => void, one: () => void): void => {
      at.set(a);
      from.set(v);
      c.while(at.ltU(wholeEnd), () => {
        four(0, 0);
        four(16, 1);
        at.inc(32);
        from.inc(32);
      });
      c.while(at.ltU(end), () => {
        one();
        at.inc(8);
        from.inc(8);
      });
    };
    c.if(factor.ne(0), () => {
      c.store(v, c.const("f64", 1));
      c.for(0, rows, 1, () => {
        sums.forEach((s) => s.set(0));
        sum.set(0);
        each(
          (offset, i) => sums[i]!.inc(c.load("f64x2", at, offset).mul(c.load("f64x2", from, offset))),
          () => sum.inc(c.load("f64", at).mul(c.load("f64", from))),
        );
        sums[0].inc(sums[1]);
        sum.inc(sums[0].lane("f64", 0).add(sums[0].lane("f64", 1)));
        sum.set(sum.mul(factor));
        scale.set(c.splat("f64x2", sum));
        each(
          (offset) => c.store(at, c.load("f64x2", at, offset).sub(scale.mul(c.load("f64x2", from, offset))), offset),
          () => c.store(at, c.load("f64", at).sub(sum.mul(c.load("f64", from)))),
        );
        for (const pointer of [a, end, wholeEnd]) pointer.inc(row);
      });
      c.store(v, kept);
    });
  });
}
