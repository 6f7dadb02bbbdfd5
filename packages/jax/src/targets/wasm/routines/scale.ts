/** Matrices of very large or very small numbers, in float64, brought near 1 so that squares stay in range. */
import type { Callable, Module } from "../assembler";
import { define } from "./code";

/**
 * (a, row, rows, columns) -> the power of 2 that the matrix was divided by, 1 for usual numbers; NaN if there is a NaN
 * or an infinity.
 */
export const scaleOf = (m: Module): Callable =>
  define(m, "scaleOf", { a: "i32", row: "i32", rows: "i32", columns: "i32" }, ["f64"], (c, p) => {
    const { a, row, rows, columns } = p;
    const most = c.letConst("f64", 0);
    const bad = c.letConst("f64", 0);
    const each = (body: (at: typeof a) => void): void => {
      const start = c.let(a);
      const at = c.var("i32");
      c.for(0, rows, 1, () => {
        at.set(start);
        c.for(0, columns, 1, () => {
          body(at);
          at.inc(8);
        });
        start.inc(row);
      });
    };
    each((at) => {
      const x = c.let(c.load("f64", at).abs());
      c.if(x.gt(most), () => most.set(x));
      // 0 of a finite number, else NaN
      bad.inc(x.sub(x));
    });
    const scale = c.letConst("f64", 1);
    c.if(most.gt(0).and(most.lt(1e-120).or(most.gt(1e120))), () => {
      const exponent = most.to("i64.reinterpret_f64", "i64").and(0x7ff0000000000000);
      scale.set(exponent.to("f64.reinterpret_i64", "f64"));
      // Of a subnormal number
      c.if(scale.eq(0), () => scale.set(2 ** -1022));
      each((at) => c.store(at, c.load("f64", at).div(scale)));
    });
    scale.add(bad).push();
  });

/** (x, n, scale): x *= scale */
export const unscale = (m: Module): Callable =>
  define(m, "unscale", { x: "i32", n: "i32", scale: "f64" }, [], (c, { x, n, scale }) =>
    c.if(scale.ne(1), () =>
      c.for(0, n, 1, () => {
        c.store(x, c.load("f64", x).mul(scale));
        x.inc(8);
      }),
    ),
  );
