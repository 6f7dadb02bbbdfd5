import {
  type Array as JaxArray,
  JaxError,
  NaNError,
  checkpoint,
  clearCaches,
  debug,
  grad,
  jit,
  jvp,
  lax,
  makeJaxpr,
  numpy as np,
  tree,
  vjp,
  vmap,
} from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { testDevices } from "./devices";
import { Owner } from "./owner";

type A = JaxArray;

let printed: string[] = [];
beforeEach(() => {
  printed = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** What was printed since the last call. */
function taken(): string[] {
  const lines = printed;
  printed = [];
  return lines;
}

// On webgpu callbacks come later: see below.
for (const device of testDevices.filter((d) => d !== "webgpu")) {
  describe(device, () => {
    const arr = (o: Owner, x: number | number[] | number[][]): A => o.of(np.array(x, { device }));

    it("prints eagerly and under jit, each time", () => {
      using o = new Owner();
      const f = (x: A): A => {
        debug.print("x = {x}, {}", x.shape.length, { x });
        return o.of(x.mul(2));
      };
      f(arr(o, [1, 2.5]));
      expect(taken()).toEqual(["x = [1, 2.5], 1"]);
      using g = o.of(jit((x: A) => (debug.print("x = {x}, {}", 7, { x }), x.mul(2))));
      expect(o.of(g(arr(o, [1, 2]))).js()).toEqual([2, 4]);
      o.of(g(arr(o, [3, 4])));
      expect(taken()).toEqual(["x = [1, 2], 7", "x = [3, 4], 7"]);
    });

    it("a jitted function without results, and results that are arguments", () => {
      using o = new Owner();
      using f = jit((x: A): null => (debug.print("{}", x), null));
      f(arr(o, 1));
      f(arr(o, 2));
      using g = jit((x: A) => (debug.print("{}", x), x));
      expect(o.of(g(arr(o, 3))).item()).toBe(3);
      expect(taken()).toEqual(["1", "2", "3"]);
    });

    it("keeps the order, also of what does not depend on one another", () => {
      using o = new Owner();
      const step = (c: A, x: A): [A, null] => (debug.print("step {}", x), [c.add(x), null]);
      using f = jit((x: A, xs: A) => {
        const big = np.matmul(xs.reshape([3, 1]), xs.reshape([1, 3]));
        debug.print("a {}", big.sum());
        debug.print("b");
        const [total] = lax.scan(step, x, xs) as [A, null];
        debug.print("c {}", x);
        lax.cond(x.greater(0), (y: A) => (debug.print("positive"), y), (y: A) => (debug.print("negative"), y), x); // prettier-ignore
        debug.print("d");
        return total;
      });
      expect(o.of(f(arr(o, 1), arr(o, [1, 2, 3]))).item()).toBe(7);
      expect(taken()).toEqual(["a 36", "b", "step 1", "step 2", "step 3", "c 1", "positive", "d"]);
    });

    it("each iteration of scan, foriLoop and whileLoop, nested and without carry", () => {
      using o = new Owner();
      const xs = arr(o, [1, 2]);
      o.of(lax.scan((c: null, x: A) => (debug.print("s{}", x), [c, null]), null, xs));
      expect(taken()).toEqual(["s1", "s2"]);
      o.of(lax.foriLoop(0, 2, (i: A, c: A) => o.of(lax.foriLoop(0, 2, (j: A, d: A) => (debug.print("{}{}", i, j), d), c)), arr(o, 0))); // prettier-ignore
      expect(taken()).toEqual(["00", "01", "10", "11"]);
      const loop = (x: A): A =>
        lax.whileLoop((y: A) => (debug.print("test {}", y), y.less(4)), (y: A) => (debug.print("body {}", y), y.mul(2)), x) as A; // prettier-ignore
      expect(o.of(loop(arr(o, 1))).item()).toBe(4);
      expect(taken()).toEqual(["test 1", "body 1", "test 2", "body 2", "test 4"]);
      expect(o.of(lax.scan((c: A, x: A) => (debug.print("r{}", x), [c.add(x), c]), arr(o, 0), xs, { reverse: true }))).toHaveLength(2); // prettier-ignore
      expect(taken()).toEqual(["r2", "r1"]);
    });

    it("one branch", () => {
      using o = new Owner();
      using f = jit(
        (i: A, x: A) => lax.switch(i, [(y: A) => (debug.print("zero {}", y), y), (y: A) => y.neg()], x) as A,
      );
      o.of(f(o.of(np.array(0, { device, dtype: "int32" })), arr(o, 5)));
      o.of(f(o.of(np.array(1, { device, dtype: "int32" })), arr(o, 5)));
      expect(taken()).toEqual(["zero 5"]);
    });

    it("for each example under vmap; once for what is not mapped", () => {
      using o = new Owner();
      const f = (x: A, y: A): A => {
        debug.print("{} {}", x, y);
        debug.print("y {}", y);
        return x.add(y);
      };
      const xs = arr(o, [1, 2]);
      const y = arr(o, 5);
      expect(o.of(vmap(f, [0, null])(xs, y)).js()).toEqual([6, 7]);
      expect(taken()).toEqual(["1 5", "2 5", "y 5"]);
      using g = jit(vmap(f, [0, null]));
      o.of(g(xs, y));
      expect(taken()).toEqual(["1 5", "2 5", "y 5"]);
      const rows = arr(o, [[1, 2], [3, 4]]); // prettier-ignore
      using h = jit((x: A): A => (debug.print("{}", x), x));
      o.of(vmap(vmap(h), 1)(rows));
      expect(taken()).toEqual(["1", "3", "2", "4"]);
      o.of(
        vmap((r: A) => lax.scan((c: A, x: A) => (debug.print("{}", x), [c.add(x), null]), arr(o, 0), r)[0] as A)(rows),
      );
      expect(taken()).toEqual(["1", "3", "2", "4"]);
    });

    it("once in the forward pass; derivatives stay", () => {
      using o = new Owner();
      const f = (x: A): A => {
        const y = np.sin(x);
        debug.print("y {:.2f}", y);
        return y.mul(x);
      };
      const x = arr(o, 1);
      const want = Math.sin(1) + Math.cos(1);
      expect(o.of(grad(f)(x)).item()).toBeCloseTo(want, 5);
      expect(taken()).toEqual(["y 0.84"]);
      using jf = jit(f);
      expect(o.of(grad(jf)(x)).item()).toBeCloseTo(want, 5);
      expect(taken()).toEqual(["y 0.84"]);
      using jg = jit(grad(f));
      expect(o.of(jg(x)).item()).toBeCloseTo(want, 5);
      expect(taken()).toEqual(["y 0.84"]);
      expect(o.of(jvp(f, [x], [x]))[1].item()).toBeCloseTo(want, 5);
      expect(taken()).toEqual(["y 0.84"]);
      const [, back] = o.of(vjp(jf, [x]));
      expect(o.of(back(x))[0].item()).toBeCloseTo(want, 5);
      expect(taken()).toEqual(["y 0.84"]);
      const loop = (z: A): A =>
        lax.scan((c: A) => (debug.print("{}", c), [c.mul(z), null]), z, null, { length: 2 })[0] as A;
      using gl = jit(grad(loop));
      expect(o.of(gl(arr(o, 2))).item()).toBe(12);
      expect(taken()).toEqual(["2", "4"]);
      const branchy = (z: A): A =>
        lax.cond(
          z.greater(0),
          (y: A) => (debug.print("+ {}", y), y.mul(y)),
          (y: A) => y,
          z,
        ) as A;
      using gb = jit(grad(branchy));
      expect(o.of(gb(arr(o, 3))).item()).toBe(6);
      expect(taken()).toEqual(["+ 3"]);
    });

    it("under checkpoint again where the backward pass computes again", () => {
      using o = new Owner();
      const f = checkpoint((x: A) => (debug.print("{}", x), np.sin(np.sin(x))));
      using g = jit(grad(f));
      expect(o.of(g(arr(o, 0))).item()).toBe(1);
      expect(new Set(taken())).toEqual(new Set(["0"]));
    });

    it("callback gets trees of values, and may compute", () => {
      using o = new Owner();
      const seen: unknown[] = [];
      const note = (name: string, t: { a: debug.HostArray; b: [debug.HostArray] }): void => {
        using twice = np.array(t.a.js() as number[], { device });
        using sum = twice.sum();
        seen.push([name, t.a.shape, t.b[0].dtype, t.b[0].js(), sum.item()]);
      };
      using f = jit((x: A) => {
        debug.callback(note, "call", { a: x, b: [x.greater(1)] });
        return np.matmul(x.reshape([1, 2]), x);
      });
      expect(o.of(f(arr(o, [1, 2]))).js()).toEqual([5]);
      clearCaches();
      expect(o.of(f(arr(o, [2, 3]))).js()).toEqual([13]);
      expect(seen).toEqual([
        ["call", [2], "bool", [false, true], 3],
        ["call", [2], "bool", [true, true], 5],
      ]);
    });

    it("what a callback throws, the call throws", () => {
      using o = new Owner();
      using f = jit((x: A) => {
        debug.callback((v: debug.HostArray) => {
          if (v.item() < 0) throw new RangeError("negative");
        }, x);
        return x.mul(2);
      });
      expect(() => f(arr(o, -1))).toThrow(new RangeError("negative"));
      expect(o.of(f(arr(o, 1))).item()).toBe(2);
    });

    it("a call that throws leaves nothing of arguments that had to be laid out anew", () => {
      using o = new Owner();
      const x = o.of(arr(o, [[1, 2, 3], [4, 5, 6]]).transpose()); // prettier-ignore
      using f = jit((y: A) =>
        lax.foriLoop(0, 2, (_i: A, z: A) => {
          debug.callback(() => {
            throw new RangeError("no");
          }, z);
          return z.mul(2);
        }, y),
      ); // prettier-ignore
      expect(() => f(x) as unknown).toThrow(new RangeError("no"));
    });

    it("values of every dtype and strided ones", () => {
      using o = new Owner();
      const x = o.of(arr(o, [[1, 2, 3], [4, 5, 6]]).transpose()); // prettier-ignore
      using f = jit((y: A) => (debug.print("{}", y), null));
      f(x);
      debug.print("{}", x);
      for (const dtype of ["int32", "uint8", "float16", "bfloat16", "bool"] as const)
        f(o.of(arr(o, [0, 1]).astype(dtype)));
      const rows = "[[1, 4],\n [2, 5],\n [3, 6]]";
      expect(taken()).toEqual([rows, rows, "[0, 1]", "[0, 1]", "[0, 1]", "[0, 1]", "[false, true]"]);
    });

    it("arrays without elements, loops without steps, and caches cleared by a callback", () => {
      using o = new Owner();
      const step = (c: A, x: A): [A, null] => (debug.print("never {}", x), [c, null]);
      using f = jit((x: A) => {
        debug.print("empty {}", x);
        debug.callback(() => {
          clearCaches();
        });
        const [y] = lax.scan(step, np.array(1), x) as [A, null];
        debug.print("y {}", y);
        return y.add(1);
      });
      const none = o.of(np.zeros([0], { device }));
      for (let i = 0; i < 3; i++) expect(o.of(f(none)).item()).toBe(2);
      expect(taken()).toEqual(["empty []", "y 1", "empty []", "y 1", "empty []", "y 1"]);
    });

    it("checkNaN", () => {
      using o = new Owner();
      const f = (x: A): A => {
        const y = debug.checkNaN({ log: np.log(x) }, "loss").log;
        return y.sum();
      };
      using jf = jit(f);
      const good = arr(o, [1, 1]);
      const bad = arr(o, [1, -1]);
      expect(o.of(jf(good)).item()).toBe(0);
      expect(() => jf(bad)).toThrow(new NaNError("checkNaN: loss.log has 1 NaN of 2 elements, first at [1] of f32[2]"));
      expect(() => debug.checkNaN(o.of(np.log(bad)))).toThrow(/checkNaN: value has 1 NaN/);
      expect(o.of(grad(jf)(good)).js()).toEqual([1, 1]);
      expect(() => vmap(jf)(o.of(bad.reshape([2, 1])))).toThrow(/first at \[0\] of f32\[1\]/);
      const rows = arr(o, [[1, 1], [1, -1]]); // prettier-ignore
      const loop = (xs: A): A =>
        lax.scan((c: A, x: A) => [debug.checkNaN(c.add(np.log(x).sum()), "carry"), null], arr(o, 0), xs)[0] as A;
      expect(() => o.of(loop(rows))).toThrow(/checkNaN: carry has 1 NaN of 1 elements, first at \[\] of f32\[\]/);
    });
  });
}

if (testDevices.includes("webgpu")) {
  describe("webgpu: callbacks come when the values are there", () => {
    const arr = (x: number | number[]): A => np.array(x, { device: "webgpu" });
    const step = (c: A, x: A): [A, null] => (debug.print("step {}", x), [c.add(x), null]);

    it("in order, from scans, branches and loops", async () => {
      using o = new Owner();
      using f = jit((x: A, xs: A) => {
        debug.print("a {}", xs.sum());
        const [total] = lax.scan(step, x, xs) as [A, null];
        lax.cond(x.greater(0), (y: A) => (debug.print("positive"), y), (y: A) => (debug.print("negative"), y), x); // prettier-ignore
        const end = lax.whileLoop((y: A) => (debug.print("test {}", y), y.less(4)), (y: A) => (debug.print("body {}", y), y.mul(2)), x) as A; // prettier-ignore
        return total.add(end);
      });
      expect(await o.of(f(o.of(arr(1)), o.of(arr([1, 2, 3])))).jsAsync()).toBe(11);
      const loop = ["test 1", "body 1", "test 2", "body 2", "test 4"];
      expect(taken()).toEqual(["a 6", "step 1", "step 2", "step 3", "positive", ...loop]);
    });

    it("what a callback throws comes with the next values", async () => {
      using o = new Owner();
      using f = jit((x: A) => (debug.callback(() => { throw new JaxError("no"); }, x), x.mul(2))); // prettier-ignore
      const y = o.of(f(o.of(arr([1, 2]))));
      await expect(y.jsAsync()).rejects.toThrow("no");
      expect(await y.jsAsync()).toEqual([2, 4]);
    });
  });
}

describe("format", () => {
  it("fields, numbers, specs and braces", () => {
    debug.print("{1} {0}", 1, 2);
    debug.print("{{}} {a:.2f} {a:.1e} {b}", { a: 3.14159, b: [1, "two", { c: true }] });
    debug.print("{} {}", "text", null as never);
    expect(taken()).toEqual(["2 1", "{} 3.14 3.1e+0 [1, two, {c: true}]", "text null"]);
  });

  it.each<[string, unknown[], RegExp]>([
    ["{} {}", [1], /names \{\}, for which there is no argument/],
    ["{x}", [1], /names \{x\}/],
    ["{", [], /a single \{/],
    ["{:>5}", [1], /is not understood/],
    ["{}", [1, 2], /argument 1 is not named/],
  ])("refuses %s", (format, args, message) => {
    expect(() => debug.print(format, ...args)).toThrow(JaxError);
    expect(() => debug.print(format, ...args)).toThrow(message);
  });

  it("stays in the Jaxpr", () => {
    using x = np.array(1);
    const { jaxpr } = makeJaxpr((y: JaxArray) => (debug.print("{}", y), y))(x);
    expect(jaxpr.toString()).toContain("debug_callback[");
    expect(tree.leaves(jaxpr.consts)).toEqual([]);
  });
});
