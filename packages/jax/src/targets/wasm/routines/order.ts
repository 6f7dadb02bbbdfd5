/** The order of few numbers. */
import type { Callable, Module } from "../assembler";
import { define } from "./code";

/** (x, n, order, descending): the numbers (i32) of n float64 in order, stable, by insertion. */
export const orderNumbers = (m: Module): Callable =>
  define(m, "order", { x: "i32", n: "i32", order: "i32", descending: "i32" }, [], (c, { x, n, order, descending }) => {
    const value = c.var("f64");
    const before = c.var("f64");
    const sign = c.let(c.select(descending, c.const("f64", -1), c.const("f64", 1)));
    const number = c.var("i32");
    const at = c.var("i32");
    c.for(0, n, 1, (i) => {
      value.set(c.load("f64", x.add(i.shl(3))).mul(sign));
      at.set(order.add(i.shl(2)));
      c.f.block((found) => {
        c.f.loop((again) => {
          at.eq(order).push();
          c.f.brIf(found);
          number.set(c.load("i32", at.sub(4)));
          before.set(c.load("f64", x.add(number.shl(3))).mul(sign));
          before.le(value).push();
          c.f.brIf(found);
          c.store(at, number);
          at.inc(-4);
          c.f.br(again);
        });
      });
      c.store(at, i);
    });
  });
