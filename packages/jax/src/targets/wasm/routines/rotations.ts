/** Givens rotations, in float64. Source: Golub and Van Loan, Matrix Computations, 4th ed., 5.1.8. */
import type { Callable, Module } from "../assembler";
import { type Code, type Value, type Var, define } from "./code";

/** sqrt(x^2 + y^2) without overflow or underflow on the way. */
export const hypot = (m: Module): Callable =>
  define(m, "hypot", { x: "f64", y: "f64" }, ["f64"], (c, { x, y }) => {
    const squares = c.let(x.mul(x).add(y.mul(y)));
    const most = c.let(x.abs().max(y.abs()));
    c.if(squares.gt(1e-290).and(squares.lt(1e300)), () => {
      squares.sqrt().push();
      c.f.op("return");
    });
    c.if(most.eq(0), () => void c.f.f64(0).op("return"));
    x.set(x.div(most));
    y.set(y.div(most));
    most.mul(x.mul(x).add(y.mul(y)).sqrt()).push();
  });

/** The rotation (c, s; -s, c) that takes (f, g) to (r, 0). */
export class Rotation {
  readonly c: Var<"f64">;
  readonly s: Var<"f64">;
  readonly r: Var<"f64">;
  private readonly code: Code;
  private readonly hypot: Callable;

  constructor(m: Module, code: Code) {
    this.code = code;
    this.hypot = hypot(m);
    [this.c, this.s, this.r] = [code.var("f64"), code.var("f64"), code.var("f64")];
  }

  set(f: Value<"f64">, g: Value<"f64">): void {
    const { code, c, s, r } = this;
    const [x, y] = [code.let(f), code.let(g)];
    r.set(code.call(this.hypot, "f64", x, y));
    code.if(
      r.eq(0),
      () => {
        c.set(1);
        s.set(0);
      },
      () => {
        c.set(x.div(r));
        s.set(y.div(r));
      },
    );
  }
}
