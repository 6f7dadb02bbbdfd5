/** Collectives inside programs and functions with rules, and over several names. Numbers marked JAX are from JAX 0.10.2. */
import { type Array as JaxArray, checkpoint, customVjp, grad, lax, numpy as np, vmap } from "@jax-js/jax";
import { describe, expect, test as vitestTest } from "vitest";
import { currentTrace } from "../src/core/interpreter";
import { axis_index_p } from "../src/ops/collectives";
import { jit, test } from "./scoped";

type A = JaxArray;
const over = <F extends (...args: A[]) => A>(f: F): F => vmap(f, { axisName: "i" });
const x3 = (): A => np.array([1, 2, 3]);
const m34 = (): A => np.arange(12).astype("float32").reshape([3, 4]);

describe("nested names", () => {
  const nested = (f: (y: A) => A): unknown =>
    vmap((row: A) => vmap(f, { axisName: "j" })(row), { axisName: "i" })(m34()).js();
  test("each name and both", () => {
    expect(nested((y) => lax.axisIndex(["i", "j"]).add(y.mul(0)))).toEqual([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]); // prettier-ignore
    expect(nested((y) => y.mul(lax.psum(y, "i")))).toEqual([[0, 15, 36, 63], [48, 75, 108, 147], [96, 135, 180, 231]]); // prettier-ignore
    expect(nested((y) => y.mul(lax.psum(y, "j")))).toEqual([[0, 6, 12, 18], [88, 110, 132, 154], [304, 342, 380, 418]]); // prettier-ignore
    const row = (n: number): number[][] => [0, 1, 2].map(() => [n, n, n, n]);
    expect(nested((y) => lax.psum(y, ["i", "j"]))).toEqual(row(66));
    expect(nested((y) => lax.pmean(y, ["i", "j"]))).toEqual(row(5.5));
    expect(nested((y) => lax.pmax(y, ["j", "i"]))).toEqual(row(11));
  });
  test("gathers in the axis that is named", () => {
    const rows = nested((y) => lax.allGather(y, "i"));
    expect(rows).toEqual([0, 1, 2].map(() => [[0, 4, 8], [1, 5, 9], [2, 6, 10], [3, 7, 11]])); // prettier-ignore
  });
  test("the inner of two equal names counts, as in JAX", () => {
    const f = vmap((row: A) => over((y) => lax.psum(y, "i"))(row), { axisName: "i" });
    expect(f(m34()).js()).toEqual([[6, 6, 6, 6], [22, 22, 22, 22], [38, 38, 38, 38]]); // prettier-ignore
  });
  test("through a compiled function", () => {
    const inner = jit((y: A) => y.mul(lax.psum(y, "i")).add(lax.psum(y, "j")));
    expect(nested((y) => inner(y))).toEqual(nested((y) => y.mul(lax.psum(y, "i")).add(lax.psum(y, "j"))));
  });
});

describe("inside control flow", () => {
  test("scan", () => {
    const f = vmap(
      (x: A) =>
        lax.scan(
          (c: A, t: A) => [c.add(lax.psum(x.mul(t), "i")), lax.axisIndex("i").astype("float32").mul(c)],
          np.array(0),
          np.array([0, 1, 2]),
        ) as [A, A],
      { axisName: "i" },
    );
    const [c, ys] = f(x3());
    expect(c.js()).toEqual([18, 18, 18]); // JAX
    expect(ys.js()).toEqual([
      [0, 0, 0],
      [0, 0, 6],
      [0, 0, 12],
    ]); // JAX
  });
  test("scan of a program without batched operands", () => {
    const f = vmap(
      () => lax.scan((c: A) => [c.add(lax.axisIndex("i")), null], np.array(0).astype("int32"), null, 3)[0] as A,
      { axisName: "i", axisSize: 3 },
    );
    expect(f().js()).toEqual([0, 3, 6]);
  });
  test("the gradient of a scan", () => {
    const loss = (x: A): A =>
      lax.scan((c: A, t: A) => [c.add(lax.psum(x.mul(x).mul(t), "i")), null], np.array(0), np.array([1, 2]))[0] as A;
    expect(over(grad(loss))(x3()).js()).toEqual([18, 36, 54]); // 2 x * 3 * 3
  });
  test("cond", () => {
    const one = over((x) => lax.cond(true, () => lax.psum(x, "i"), () => x) as A); // prettier-ignore
    expect(one(x3()).js()).toEqual([6, 6, 6]);
    const each = over((x) => lax.cond(x.greater(1.5), () => lax.psum(x, "i"), () => x) as A); // prettier-ignore
    expect(each(x3()).js()).toEqual([1, 6, 6]); // JAX
  });
  test("while", () => {
    const f = over((x) => lax.whileLoop((c: A) => lax.psum(c, "i").less(50), (c: A) => c.mul(2), x) as A); // prettier-ignore
    expect(f(x3()).js()).toEqual([16, 32, 48]); // JAX
  });
});

describe("inside functions with rules", () => {
  test("customVjp and checkpoint", () => {
    const f = customVjp((x: A) => lax.psum(x.mul(x), "i"));
    f.defvjp(
      (x: A) => [f(x), x],
      (x: A, ct: A) => [lax.psum(ct, "i").mul(x).mul(2)],
    );
    expect(over(grad(f as (x: A) => A))(x3()).js()).toEqual([6, 12, 18]);
    expect(jit(over(grad(f as (x: A) => A)))(x3()).js()).toEqual([6, 12, 18]);
    expect(over(jit(grad(f as (x: A) => A)))(x3()).js()).toEqual([6, 12, 18]);
    expect(grad((x: A) => over(f as (x: A) => A)(x).sum())(x3()).js()).toEqual([6, 12, 18]);
    const remat = checkpoint((x: A) => np.sin(lax.psum(x.mul(x), "i")));
    const plain = (x: A): A => np.sin(lax.psum(x.mul(x), "i"));
    expect(over(grad(remat))(x3()).js()).toEqual(over(grad(plain))(x3()).js());
    const index = checkpoint(() => lax.axisIndex("i").mul(2));
    expect(vmap(() => index(), { axisName: "i", axisSize: 3 })().js()).toEqual([0, 2, 4]);
  });
});

vitestTest("a collective that is left over in a compiled program is refused", () => {
  const trace = currentTrace();
  expect(() => trace.process(axis_index_p, [], { axisName: "i", axisSize: 3 })).toThrow('axis name "i" is not bound');
});
