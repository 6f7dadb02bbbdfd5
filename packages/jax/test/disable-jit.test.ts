/** `disableJit`: what is compiled otherwise runs step by step, with the same results; and `typeof`. */
import * as jax from "@jax-js/jax";
import { disableJit, grad, jit, lax, numpy as np, vmap } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { syncDevices } from "./devices";
import { owned, test } from "./scoped";

type A = jax.Array;

describe("jit", () => {
  test("is a plain call, whose values can be read", () => {
    const seen: number[] = [];
    const f = owned(jit((x: A, y: A) => (seen.push(x.item() + y.item()), np.sin(x).mul(y))));
    const x = owned(np.array(2));
    const got = disableJit(() => owned(f(x, 3 as never)));
    expect(seen).toEqual([5]);
    expect(got.item()).toBeCloseTo(Math.sin(2) * 3, 6);
    expect(() => f(x, x)).toThrow(jax.ConcretizationError);
    expect(disableJit(() => owned(grad(f)(x, x))).item()).toBeCloseTo(Math.cos(2) * 2, 6);
    expect(seen).toEqual([5, 4]);
  });

  test("static arguments stay, and every result has a handle of its own", () => {
    const f = owned(jit((x: A, { name }: { name: string }) => [x, x, name.length], { staticArgnums: 1 }));
    const x = np.array([1, 2]);
    const [a, b, n] = disableJit(() => owned(f(x, { name: "abc" }))) as [A, A, A];
    x.dispose();
    expect([a.js(), b.js(), n.item()]).toEqual([[1, 2], [1, 2], 3]); // prettier-ignore
  });

  it("async waits for nothing", async () => {
    const f = jit((x: A) => x.mul(2));
    using x = np.array(4);
    using y = await disableJit(() => f.async(x));
    expect(y.item()).toBe(8);
    f.dispose();
  });

  it("is compiled again afterwards, also after an exception", () => {
    let calls = 0;
    const f = jit((x: A) => (calls++, x.neg()));
    expect(() =>
      disableJit(() => {
        throw new Error("stop");
      }),
    ).toThrow("stop");
    using x = np.array(1);
    for (let i = 0; i < 3; i++) f(x).dispose();
    expect(calls).toBe(1);
    f.dispose();
  });
});

/** Loops and branches of one array x of three numbers. */
const PROGRAMS: Readonly<Record<string, (x: A) => unknown>> = {
  scan: (x) => lax.scan((c: A, v: A) => [c.add(v), { twice: c.mul(2), v }], np.array(1), x),
  "scan backwards": (x) => lax.scan((c: A, v: A) => [c.mul(v), c], 1, x, { reverse: true }),
  "scan of no steps": (x) => lax.scan((c: A, v: A) => [c.add(v), c], 1, x.slice([0, 0])),
  "scan without xs": (x) => lax.scan((c: A) => [c.mul(2), null], x, null, { length: 4 }),
  "scan that changes nothing": (x) => lax.scan((c: A) => [c, c], x, null, { length: 2 }),
  "scan in segments": (x) => lax.scan((c: A, v: A) => [c.add(v), c], np.array(0), x, { checkpoint: 2 }),
  map: (x) => lax.map((v: A) => np.sin(v), x),
  whileLoop: (x) => lax.whileLoop((c: A) => c.sum().less(100), (c: A) => c.mul(2), x), // prettier-ignore
  foriLoop: (x) => lax.foriLoop(0, 4, (i: A, c: A) => c.add(i), x),
  "foriLoop of traced bounds": (x) => lax.foriLoop(0, np.array(3), (i: A, c: A) => c.mul(i.add(1)), x),
  cond: (x) => lax.cond(x.sum().greater(1), (v: A) => v.neg(), (v: A) => v, x), // prettier-ignore
  "cond of a boolean": (x) => lax.cond(false, (v: A) => v.neg(), (v: A) => v, x), // prettier-ignore
  switch: (x) => lax.switch(7, [(v: A) => v, (v: A) => v.mul(3)], x),
  associativeScan: (x) => lax.associativeScan((a: A, b: A) => a.mul(b), x),
};

const read = (t: unknown): unknown => jax.tree.map((x: A) => owned(x).js() as unknown, t);

describe.each(syncDevices)("control flow on %s", (device) => {
  for (const [name, program] of Object.entries(PROGRAMS)) {
    test(name, () => {
      const x = owned(np.array([1, 2, 3], { device }));
      const want = read(program(x));
      expect(disableJit(() => read(program(x)))).toEqual(want);
      const jitted = owned(jit(program));
      expect(disableJit(() => read(jitted(x)))).toEqual(want);
    });
    test(`vmap of ${name}`, () => {
      const x = owned(np.array([[1, 2, 3], [2, 1, 2]], { device })); // prettier-ignore
      const want = read(vmap(program)(x));
      expect(disableJit(() => read(vmap(program)(x)))).toEqual(want);
    });
  }

  test("gradients", () => {
    const x = owned(np.array([1, 2, 3], { device }));
    const f = (v: A): A => (lax.scan((c: A, u: A) => [np.sin(c.mul(u)), null], v.slice(0), v) as [A, null])[0];
    const want = owned(grad(f)(x)).js();
    expect(disableJit(() => owned(grad(f)(x)).js())).toEqual(want);
  });

  test("results have handles of their own, also those that a loop gives twice or takes from outside", () => {
    const [x, outside] = [owned(np.array([1, 2], { device })), owned(np.array(7, { device }))];
    const results = disableJit(() => [
      ...(lax.foriLoop(0, 2, (_: A, [, b]: [A, A]) => [b, b], [x, x]) as A[]),
      lax.cond(true, () => outside, () => outside) as A, // prettier-ignore
      lax.whileLoop((c: A) => c.less(5), () => outside, 1) as A, // prettier-ignore
    ]);
    for (const y of results) y.dispose();
    expect([x.refCount, outside.refCount]).toEqual([1, 1]);
    expect([x.js(), outside.item()]).toEqual([[1, 2], 7]); // prettier-ignore
  });

  test("bodies see values", () => {
    const seen: number[] = [];
    const body = (i: A, c: A): A => (seen.push(i.item(), c.item()), c.mul(2));
    disableJit(() => owned(lax.foriLoop(0, 3, body, owned(np.array(5, { device })))));
    expect(seen).toEqual([0, 5, 1, 10, 2, 20]);
  });
});

describe("typeof", () => {
  test("is the aval", () => {
    expect(jax.typeof(owned(np.ones([2, 3]))).toString()).toBe("f32[2,3]");
    expect([jax.typeof(1).dtype, jax.typeof(1).weakType, jax.typeof(true).dtype]).toEqual(["float32", true, "bool"]);
    let inside = "";
    owned(jit((x: A) => ((inside = String(jax.typeof(x))), x)))(owned(np.ones([4]))).dispose();
    expect(inside).toBe("f32[4]");
  });
  test("refuses what is no array", () => {
    expect(() => jax.typeof([1])).toThrow(/typeof: the argument is object, not an array/);
    expect(() => jax.typeof("f32")).toThrow(jax.DTypeError);
  });
});
