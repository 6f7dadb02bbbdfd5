import {
  type Array as JaxArray,
  ConcretizationError,
  DTypeError,
  JaxError,
  LeakedTracerError,
  ShapeDtypeStruct,
  ShapeError,
  TreeMismatchError,
  UseAfterDisposeError,
  clearCaches,
  ensureCompileTimeEval,
  grad,
  jit,
  lax,
  numpy as np,
  ravelPytree,
  vmap,
} from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import type { WasmDevice } from "../src/devices/wasm/device";
import { getDevice } from "../src/runtime/registry";
import { testDevices } from "./devices";
import { Owner } from "./owner";

type A = JaxArray;

describe("donateArgnums", () => {
  for (const device of testDevices) {
    it(`donated arrays are disposed when the call is done on ${device}`, async () => {
      using o = new Owner();
      using f = jit((p: { w: A }, x: A) => ({ w: p.w.add(x) }), { donateArgnums: 0 });
      const p = { w: np.array([1, 2], { device }) };
      const x = o.of(np.array([10, 20], { device }));
      const q = f(p, x);
      expect(await o.of(q.w).jsAsync()).toEqual([11, 22]);
      expect(p.w.refCount).toBe(0);
      expect(() => p.w.add(1)).toThrow(UseAfterDisposeError);
      expect(await x.jsAsync()).toEqual([10, 20]);
    });
  }

  it("a list of arguments, one array twice, and an argument handed back", () => {
    using f = jit((x: A, y: A) => [x, x.add(y)], { donateArgnums: [0, -1] });
    const x = np.array([1]);
    const [same, sum] = f(x, x) as [A, A];
    expect([same.js(), sum.js()]).toEqual([[1], [2]]);
    expect(() => x.js()).toThrow(UseAfterDisposeError);
    same.dispose();
    sum.dispose();
  });

  it("nothing is disposed while tracing, nor when the call fails", () => {
    using inner = jit((x: A) => x.mul(x).sum(), { donateArgnums: 0 });
    using x = np.array([1, 2]);
    using g = grad(inner)(x);
    expect(g.js()).toEqual([2, 4]);
    using outer = jit(() => inner(x));
    using y = outer();
    expect(y.item()).toBe(5);
    using bad = jit((z: A) => np.matmul(z, np.ones([3])), { donateArgnums: 0 });
    expect(() => bad(x)).toThrow(ShapeError);
    expect(x.js()).toEqual([1, 2]);
    expect(() => jit((z: A) => z, { donateArgnums: 1, staticArgnums: [1] })).toThrow(JaxError);
  });
});

describe("static arguments", () => {
  it("are compared by content if plain, and may be counted from the end", () => {
    let traces = 0;
    using f = jit((x: A, c: { axes: number[]; name: string }) => (traces++, x.sum(c.axes)), { staticArgnums: -1 });
    using x = np.ones([2, 3]);
    using a = f(x, { axes: [0], name: "a" });
    using b = f(x, { axes: [0], name: "a" });
    using c = f(x, { axes: [1], name: "a" });
    expect([a.shape, b.shape, c.shape]).toEqual([[3], [3], [2]]);
    expect(traces).toBe(2);
  });

  it("count as they were at the call, whatever is written into their lists later", () => {
    const axes = [0];
    using f = jit((x: A, list: readonly number[]) => x.sum(list), { staticArgnums: 1 });
    using x = np.ones([2, 3]);
    using a = f(x, axes);
    axes[0] = 1;
    using b = f(x, axes);
    expect([a.shape, b.shape]).toEqual([[3], [2]]);
  });
});

describe("clearCaches", () => {
  for (const device of testDevices) {
    it(`everything works afterwards on ${device}`, async () => {
      using o = new Owner();
      let traces = 0;
      const k = o.of(np.array([1, 2], { device }));
      using f = jit((x: A) => (traces++, x.add(k)));
      const x = o.of(np.array([1, 2], { device }));
      const body = (c: A, y: A): [A, A] => [c.add(y), c];
      for (let round = 0; round < 3; round++) {
        expect(await o.of(f(x)).jsAsync()).toEqual([2, 4]);
        expect(await o.of(x.mul(k)).jsAsync()).toEqual([1, 4]);
        const [end, ys] = lax.scan(body, o.of(np.array(0, { device })), x) as [A, A];
        expect([await o.of(end).jsAsync(), await o.of(ys).jsAsync()]).toEqual([3, [0, 1]]);
        expect(await o.of(o.of(o.of(np.stack([x, x])).transpose()).ravel()).jsAsync()).toEqual([1, 1, 2, 2]);
        clearCaches();
      }
      expect(traces).toBe(3);
    });
  }

  it("frees what was compiled", () => {
    const wasm = getDevice("wasm") as WasmDevice;
    using f = jit((x: A) => x.add(1));
    using x = np.array([1], { device: "wasm" });
    f(x).dispose();
    x.add(1).dispose();
    clearCaches();
    expect(wasm.generic.size).toBe(0);
    const { ownBlocks } = wasm.ownMemory();
    f(x).dispose();
    expect(wasm.ownMemory().ownBlocks).toBe(ownBlocks + 1);
    f.dispose();
    expect(wasm.ownMemory().ownBlocks).toBe(ownBlocks);
    f(x).dispose();
    clearCaches();
    clearCaches();
    expect(wasm.ownMemory().ownBlocks).toBe(ownBlocks);
  });

  it("clearCache of one function", () => {
    let traces = 0;
    using f = jit((x: A) => (traces++, x.neg()));
    using x = np.array(1);
    f(x).dispose();
    f.clearCache();
    f(x).dispose();
    expect(traces).toBe(2);
  });

  it("a function is compiled for 300 shapes in turn", () => {
    using f = jit((x: A) => x.add(1));
    for (let n = 1; n <= 300; n++) {
      using x = np.ones([n]);
      using y = f(x);
      expect(y.shape).toEqual([n]);
    }
    using x = np.ones([1]);
    using y = f(x);
    expect(y.js()).toEqual([2]);
  });
});

describe("ravelPytree", () => {
  it("frees what it makes on its way", () => {
    using o = new Owner();
    const x = o.of({ a: np.array([1, 2]), b: np.array([[3]], { dtype: "int32" }), c: np.array(4) });
    const [flat, unravel] = ravelPytree(x);
    o.of(flat);
    expect(o.of(unravel(flat)).b.dtype).toBe("int32");
    const [same, back] = ravelPytree(x.a);
    o.of(same);
    expect(same === x.a).toBe(false);
    expect(o.of(back(same)) === same).toBe(false);
    const norm = (t: typeof x): A => {
      const [v] = ravelPytree(t);
      return np.dot(v, v);
    };
    const y = { a: x.a, b: x.c, c: x.c };
    expect(o.of(grad(norm)(y) as unknown as typeof x).a.js()).toEqual([2, 4]);
    using f = jit(norm);
    expect(o.of(f(y)).item()).toBe(37);
  });
});

describe("lower", () => {
  it("shows the program, without arrays", () => {
    using f = jit((x: A, n: number) => np.sin(x).sum(n), { staticArgnums: 1 });
    const low = f.lower(new ShapeDtypeStruct([3], "float32"), 0);
    expect(low.asText().replace(/\s+/g, " ")).toBe(
      "{ lambda ; a:f32[3]. let b:f32[3] = sin a c:f32[] = reduce_sum[axes=(0,)] b in (c,) }",
    );
    expect(low.jaxpr.outAvals.map(String)).toEqual(["f32[]"]);
    expect(low.outTree.toString()).toBe("JsTreeDef(*)");
  });

  for (const device of testDevices) {
    it(`compile on ${device}: called without tracing again`, async () => {
      using o = new Owner();
      let traces = 0;
      const w = o.of(np.array([1, 2], { device }));
      using f = jit((p: { x: A }, s: A) => (traces++, { y: p.x.mul(w).add(s) }));
      const x = o.of(np.array([3, 4], { device }));
      const compiled = f.lower({ x }, new ShapeDtypeStruct([], "float32")).compile();
      expect(await o.of((compiled({ x }, 1) as { y: A }).y).jsAsync()).toEqual([4, 9]);
      expect(await o.of((compiled({ x }, o.of(np.array(2, { device }))) as { y: A }).y).jsAsync()).toEqual([5, 10]);
      if (device !== "cpu") expect(compiled.asText().length).toBeGreaterThan(100);
      expect(() => compiled({ z: x }, 1) as unknown).toThrow(TreeMismatchError);
      const wide = o.of(np.ones([3], { device }));
      expect(() => compiled({ x: wide }, 1) as unknown).toThrow(
        new ShapeError("compiled: argument 0.x is f32[3]; expected f32[2], as it was compiled for"),
      );
      const ints = o.of(x.astype("int32"));
      expect(() => compiled({ x: ints }, 1) as unknown).toThrow(DTypeError);
      expect(traces).toBe(1);
    });
  }

  it("donates, and works inside transformations", () => {
    using f = jit((n: number, x: A) => x.mul(n), { staticArgnums: 0, donateArgnums: 1 });
    const compiled = f.lower(3, new ShapeDtypeStruct([2], "float32")).compile();
    const x = np.array([1, 2]);
    using y = compiled(x) as A;
    expect(y.js()).toEqual([3, 6]);
    expect(x.refCount).toBe(0);
    using xs = np.array([[1, 2], [3, 4]]); // prettier-ignore
    using ys = vmap((r: A) => compiled(r) as A)(xs);
    expect(ys.js()).toEqual([[3, 6], [9, 12]]); // prettier-ignore
  });

  it("refuses values that are being traced", () => {
    using x = np.array(1);
    expect(() =>
      jit(
        (y: A) =>
          jit((z: A) => z.add(y))
            .lower(x)
            .compile()(x) as A,
      )(x),
    ).toThrow(/pass it as an argument/);
  });
});

describe("ensureCompileTimeEval", () => {
  it("computes while tracing", () => {
    let table: A | null = null;
    using f = jit((x: A) => {
      const n = ensureCompileTimeEval(() => {
        using k = np.arange(5);
        using s = k.sum();
        return s.item();
      });
      table = ensureCompileTimeEval(() => np.arange(2).astype("float32"));
      return n === 10 ? x.add(table) : x;
    });
    using x = np.array([1, 1]);
    using y = f(x);
    using z = f(x);
    expect([y.js(), z.js()]).toEqual([[1, 2], [1, 2]]); // prettier-ignore
    expect(table).not.toBe(null);
    using g = jit((t: A) => t.mul(ensureCompileTimeEval(() => np.array(2))));
    using v = vmap(g)(x);
    expect(v.js()).toEqual([2, 2]);
  });

  it("not on traced values", () => {
    using x = np.array(1);
    expect(() => jit((y: A) => ensureCompileTimeEval(() => y.add(1)))(x)).toThrow(LeakedTracerError);
  });
});

describe("errors that say what to use", () => {
  it.each<[string, (x: A) => unknown, RegExp]>([
    ["if", (x) => (Number(x) > 0 ? x : x.neg()), /for `if` use lax\.cond or np\.where/],
    [
      "for",
      (x) => {
        let y = x;
        for (let i = 0; i < +x; i++) y = y.add(1);
        return y;
      },
      /lax\.foriLoop or lax\.whileLoop/,
    ],
    ["item", (x) => x.item(), /to look at it use debug\.print/],
    ["js", (x) => x.js(), /to look at it use debug\.print/],
  ])("%s", (_, f, message) => {
    // prettier-ignore
    using x = np.array(1);
    expect(() => jit(f as (x: A) => A)(x)).toThrow(ConcretizationError);
    expect(() => jit(f as (x: A) => A)(x)).toThrow(message);
  });
});
