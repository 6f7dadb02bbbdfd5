/**
 * A symmetric matrix as Q T Q' with T tridiagonal, by reflections, in float64. Only the upper triangle is read and
 * updated: for every column a product A v and an update A - v w' - w v'. Source: Golub and Van Loan, Matrix
 * Computations, 4th ed., 8.3.1.
 */
import type { Callable, Module } from "../assembler";
import { type Code, type Var, define } from "./code";
import { makeReflection } from "./householder";
import { REAL64 } from "./real";

/**
 * (a, row, n, d, e, taus, v, w): diagonals d (n) and e (n - 1); reflection k stands in row k right of the superdiagonal.
 * `a` has zeros after each row; `v` and `w` are memory for a row.
 */
export function tridiagonalize(m: Module): Callable {
  const params = { a: "i32", row: "i32", n: "i32", d: "i32", e: "i32", taus: "i32", v: "i32", w: "i32" } as const;
  const make = makeReflection(m, REAL64);
  const product = symmetricProduct(m);
  const update = symmetricUpdate(m);
  return define(m, "tridiagonalize", params, [], (c, { a, row, n, d, e, taus, v, w }) => {
    const bytes = row;
    const factor = c.var("f64");
    const tau = c.var("f64");
    c.for(0, n.sub(1), 1, (k) => {
      const size = c.let(n.sub(k).sub(1));
      const head = c.let(a.add(8));
      c.store(d, c.load("f64", a));
      c.run(make, head, 8, size, taus);
      c.store(e, c.load("f64", head));
      tau.set(c.load("f64", taus));
      const next = c.let(a.add(row).add(8));
      c.if(tau.ne(0), () => {
        // v, with its head, and zeros behind it
        c.fill(v, 0, bytes);
        c.fill(w, 0, bytes);
        c.copy(v, head, size.shl(3));
        c.store(v, c.const("f64", 1));
        c.run(product, next, row, size, v, w);
        // w = tau A v - (tau / 2) (tau A v . v) v
        factor.set(dot(c, v, w, size).mul(tau).mul(tau).mul(0.5));
        const at = c.let(w);
        const of = c.let(v);
        c.for(0, size, 1, () => {
          c.store(at, c.load("f64", at).mul(tau).sub(c.load("f64", of).mul(factor)));
          at.inc(8);
          of.inc(8);
        });
        c.run(update, next, row, size, v, w);
      });
      a.set(next);
      for (const pointer of [d, e, taus]) pointer.inc(8);
    });
    c.store(d, c.load("f64", a));
  });
}

/** The product of two vectors. */
function dot(c: Code, x: Var<"i32">, y: Var<"i32">, n: Var<"i32">): Var<"f64"> {
  const sum = c.letConst("f64", 0);
  c.for(0, n, 1, (i) => sum.inc(c.load("f64", x.add(i.shl(3))).mul(c.load("f64", y.add(i.shl(3))))));
  return sum;
}

/** (a, row, n, v, w): w += A v, for the upper triangle of A at `a`. */
function symmetricProduct(m: Module): Callable {
  const params = { a: "i32", row: "i32", n: "i32", v: "i32", w: "i32" } as const;
  return define(m, "symmetricProduct", params, [], (c, { a, row, n, v, w }) => {
    const [from, x, y] = [c.var("i32"), c.var("i32"), c.var("i32")];
    const [element, old] = [c.var("f64x2"), c.var("f64x2")];
    const sums = [c.var("f64x2"), c.var("f64x2")] as const;
    const factor = c.var("f64x2");
    const end = c.let(v.add(n.shl(3)));
    c.for(0, n, 1, () => {
      const own = c.let(c.load("f64", v));
      factor.set(c.splat("f64x2", own));
      sums.forEach((sum) => sum.set(0));
      from.set(a.add(8));
      x.set(v.add(8));
      y.set(w.add(8));
      c.while(x.ltU(end), () => {
        sums.forEach((sum, i) => {
          element.set(c.load("f64x2", from, 16 * i));
          old.set(c.load("f64x2", y, 16 * i));
          sum.inc(element.mul(c.load("f64x2", x, 16 * i)));
          c.store(y, old.add(element.mul(factor)), 16 * i);
        });
        for (const pointer of [from, x, y]) pointer.inc(32);
      });
      sums[0].inc(sums[1]);
      const sum = sums[0].lane("f64", 0).add(sums[0].lane("f64", 1));
      c.store(w, c.load("f64", w).add(c.load("f64", a).mul(own)).add(sum));
      a.inc(row.add(8));
      v.inc(8);
      w.inc(8);
    });
  });
}

/** (a, row, n, v, w): A -= v w' + w v' in the upper triangle. */
function symmetricUpdate(m: Module): Callable {
  const params = { a: "i32", row: "i32", n: "i32", v: "i32", w: "i32" } as const;
  return define(m, "symmetricUpdate", params, [], (c, { a, row, n, v, w }) => {
    const [to, x, y] = [c.var("i32"), c.var("i32"), c.var("i32")];
    const [p, q] = [c.var("f64x2"), c.var("f64x2")];
    const end = c.let(v.add(n.shl(3)));
    c.for(0, n, 1, () => {
      p.set(c.loadSplat("f64x2", v));
      q.set(c.loadSplat("f64x2", w));
      to.set(a);
      x.set(v);
      y.set(w);
      c.while(x.ltU(end), () => {
        for (const at of [0, 16]) {
          const change = p.mul(c.load("f64x2", y, at)).add(q.mul(c.load("f64x2", x, at)));
          c.store(to, c.load("f64x2", to, at).sub(change), at);
        }
        for (const pointer of [to, x, y]) pointer.inc(32);
      });
      a.inc(row.add(8));
      v.inc(8);
      w.inc(8);
    });
  });
}
