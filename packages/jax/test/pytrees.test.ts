/* eslint-disable @typescript-eslint/no-explicit-any -- trees of users */
import {
  Partial,
  TreeMismatchError,
  checkpoint,
  flattenUtil,
  grad,
  jit,
  jvp,
  lax,
  linearize,
  makeJaxpr,
  numpy as np,
  ravelPytree,
  tree,
  treeUtil,
  vjp,
  vmap,
} from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { testDevices } from "./devices";

leavesArraysToCollector("structure is the point here; ownership of leaves is tested in leaks.test.ts");

type Leaf = ReturnType<typeof np.array>;

class Point {
  readonly x: any;
  readonly y: any;
  readonly unit: string;
  constructor(x: any, y: any, unit = "m") {
    this.x = x;
    this.y = y;
    this.unit = unit;
  }
  norm(): Leaf {
    return np.hypot(this.x, this.y);
  }
}
tree.registerPytreeNode(
  Point,
  (p) => [[p.x, p.y], p.unit],
  (unit, [x, y]) => new Point(x, y, unit),
  { keys: () => ["x", "y"] },
);

class Model {
  layers: any;
  name: string;
  constructor(layers: any, name: string) {
    this.layers = layers;
    this.name = name;
  }
}
tree.registerDataclass(Model, ["layers"], ["name"]);

const bagNode: tree.PytreeNode<Bag, null> = {
  name: "Bag",
  flatten: (b) => [b.items, null],
  unflatten: (_, items) => new Bag([...items]),
};
class Bag {
  readonly items: unknown[];
  constructor(items: unknown[]) {
    this.items = items;
  }
  get [tree.pytreeNode](): unknown {
    return bagNode;
  }
}

describe("tree", () => {
  it("map takes trees of which the first is a prefix, as JAX", () => {
    expect(tree.map((x: number, y: unknown) => [x, y], { a: 1, b: 2 }, { a: [5, 6], b: null })).toEqual({
      a: [1, [5, 6]],
      b: [2, null],
    });
    expect(() => tree.map((x: number) => x, { a: [1, 2] }, { a: [1] })).toThrow(/first at \.a: expected a list of 2/);
    expect(() => tree.map((x: number) => x, [null], [1])).toThrow(TreeMismatchError);
  });

  it("isLeaf stops at nodes", () => {
    const isNull = (x: unknown): boolean => x === null;
    expect(tree.leaves([null, [1, 2]], isNull)).toEqual([null, 1, 2]);
    expect(tree.structure([null, 1], isNull).size).toBe(2);
    expect(tree.leavesWithPath([null, 1], isNull)).toEqual([
      ["[0]", null],
      ["[1]", 1],
    ]);
    expect(tree.reduce((n: number, x) => n + (x ?? 10), [null, 1], 0, isNull)).toBe(11);
    expect(tree.leaves([null, [1, 2]], { isLeaf: (x) => x === null })).toEqual([null, 1, 2]);
    expect(tree.structure([[1], [2, 3]], { isLeaf: (x) => Array.isArray(x) && x.length === 2 }).toString()).toBe(
      "JsTreeDef(*)",
    );
  });

  it("reduce, all, transpose, broadcast", () => {
    expect(tree.reduce((a: number, b: number) => a - b, [10, { x: 1, y: 2 }])).toBe(7);
    expect(tree.reduce((a: string, b: number) => a + String(b), [1, 2], "x")).toBe("x12");
    expect(() => tree.reduce((a: number) => a, {})).toThrow(TreeMismatchError);
    const join = (a: string, b: string): string => `(${a}${b})`;
    expect(tree.reduceAssociative(join, ["a", { x: "b", y: ["c", "d"] }, "e"])).toBe("(((ab)(cd))e)");
    expect(tree.reduceAssociative(join, [null, {}], { identity: "none" })).toBe("none");
    expect(() => tree.reduceAssociative(join, [])).toThrow(TreeMismatchError);
    expect(tree.all([true, { a: 1 }])).toBe(true);
    expect(tree.all([])).toBe(true);
    const outer = tree.structure([0, 0]);
    expect(
      tree.transpose(outer, null, [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ]),
    ).toEqual({ a: [1, 3], b: [2, 4] });
    expect(() => tree.transpose(outer, null, [{ a: 1 }, { b: 1 }])).toThrow(TreeMismatchError);
    expect(tree.broadcast({ a: 1, b: 2 }, { a: [0, null, 0], b: 0 })).toEqual({ a: [1, null, 1], b: 2 });
  });

  it("paths", () => {
    const t = { a: new Point(1, [2]), b: new Bag([3]) };
    expect(tree.leavesWithPath(t)).toEqual([
      [".a.x", 1],
      [".a.y[0]", 2],
      [".b[0]", 3],
    ]);
    expect(tree.mapWithPath((p: string, x: number, y: number) => `${p}${x + y}`, { k: [1] }, { k: [2] })).toEqual({
      k: [".k[0]3"],
    });
  });
});

describe("registered classes", () => {
  it("flatten, unflatten, equality and text", () => {
    const [leaves, def] = tree.flatten({ p: new Point(1, 2) });
    expect(leaves).toEqual([1, 2]);
    expect(def.toString()).toBe("JsTreeDef({p: CustomNode(Point[m], [*, *])})");
    const p = (tree.unflatten(def, [3, 4]) as any).p;
    expect(p).toBeInstanceOf(Point);
    expect([p.x, p.y, p.unit]).toEqual([3, 4, "m"]);
    expect(def.equals(tree.structure({ p: new Point(9, 9) }))).toBe(true);
    expect(def.equals(tree.structure({ p: new Point(9, 9, "km") }))).toBe(false);
    expect(() => tree.map((x: number) => x, new Point(1, 2), new Point(1, 2, "km"))).toThrow(
      /expected a node CustomNode\(Point\[m\]/,
    );
    expect(() =>
      tree.registerPytreeNode(
        Point,
        () => [[], null],
        () => new Point(0, 0),
      ),
    ).toThrow(/registered already/);
  });

  it("a subclass of a registered class is a leaf", () => {
    class Far extends Point {}
    expect(tree.leaves([new Far(1, 2)])).toHaveLength(1);
  });

  it("a dataclass keeps its methods and fixed parts", () => {
    const m = tree.map((x: number) => 2 * x, new Model([{ w: 1 }], "net")) as unknown as Model;
    expect(m).toBeInstanceOf(Model);
    expect(m).toEqual(new Model([{ w: 2 }], "net"));
    expect(tree.flattenWithPath(m)[0]).toEqual([[".layers[0].w", 2]]);
  });

  for (const device of testDevices) {
    it(`go through every transformation on ${device}`, async () => {
      const a = (v: number): Leaf => np.array(v, { device });
      const p = new Point(a(3), a(4));
      const f = (q: Point): Leaf => q.norm();
      expect(await jit(f)(p).jsAsync()).toBeCloseTo(5, 6);
      const g = grad(f)(p) as unknown as Point;
      expect(g).toBeInstanceOf(Point);
      expect([await g.x.jsAsync(), await g.y.jsAsync()]).toEqual([expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)]);
      const [, dy] = jvp(f, [p], [new Point(a(1), a(0))]);
      expect(await dy.jsAsync()).toBeCloseTo(0.6, 6);
      const [, back] = vjp(f, [p]);
      expect(await back(a(1))[0].y.jsAsync()).toBeCloseTo(0.8, 6);
      const [, lin] = linearize(f, [p]);
      expect(await lin(new Point(a(0), a(1))).jsAsync()).toBeCloseTo(0.8, 6);
      const many = new Point(np.array([3, 6], { device }), np.array([4, 8], { device }));
      expect(await vmap(f)(many).jsAsync()).toEqual([expect.closeTo(5, 5), expect.closeTo(10, 5)]);
      expect(vmap(f, [new Point(0, null) as never])(new Point(many.x, p.y)).shape).toEqual([2]);
      const out = vmap((q: Point) => new Point(q.y, q.x, "km"))(many);
      expect(out).toBeInstanceOf(Point);
      expect(await out.x.jsAsync()).toEqual([4, 8]);
      const [end] = lax.scan((c: Point) => [new Point(c.y, c.x), null], p, null, { length: 3 }) as [Point, null];
      expect(await end.x.jsAsync()).toBe(4);
      const swapped = lax.cond(
        np.array(true, { device }),
        (q: Point) => new Point(q.y, q.x),
        (q: Point) => q,
        p,
      ) as Point;
      expect(await swapped.x.jsAsync()).toBe(4);
      {
        const counted = lax.whileLoop(
          (q: Point) => q.x.less(10),
          (q: Point) => new Point(q.x.mul(2), q.y),
          p,
        ) as Point;
        expect(await counted.x.jsAsync()).toBe(12);
      }
      expect(await (grad(checkpoint(f))(p) as unknown as Point).x.jsAsync()).toBeCloseTo(0.6, 6);
      expect(jit((q: Point) => new Point(q.x, q.y, "km"))(p).unit).toBe("km");
      expect(makeJaxpr((q: Point) => q)(p).treedef.toString()).toBe("JsTreeDef(CustomNode(Point[m], [*, *]))");
    });
  }

  it("jit traces again for another fixed part", () => {
    let traces = 0;
    const f = jit((q: Point) => (traces++, q.unit === "m" ? q.x : q.x.mul(1000)));
    expect(f(new Point(1, 2)).item()).toBe(1);
    expect(f(new Point(2, 2)).item()).toBe(2);
    expect(f(new Point(1, 2, "km")).item()).toBe(1000);
    expect(traces).toBe(2);
  });

  it("errors name the path", () => {
    expect(() => jit((q: unknown) => q)(new Point("a", 1))).toThrow(/argument 0\.x is the string "a"/);
    expect(() => vmap((q: Point) => q.x)(new Point(np.ones([2]), np.ones([3])))).toThrow(/argument 0\.y/);
  });
});

describe("Partial", () => {
  it("is a function and a tree", () => {
    const f = (a: number, b: number, c: number): number => 100 * a + 10 * b + c;
    const p = Partial(Partial(f, 1), 2);
    expect(p(3)).toBe(123);
    expect(tree.leaves(p)).toEqual([1, 2]);
    const q = tree.map((x: number) => x + 1, p) as unknown as typeof p;
    expect(q(3)).toBe(233);
    expect(tree.structure(p).equals(tree.structure(q))).toBe(true);
    expect(tree.structure(p).equals(tree.structure(Partial(() => 0, 1, 2)))).toBe(false);
    expect(tree.leavesWithPath(p)).toEqual([
      [".args[0]", 1],
      [".args[1]", 2],
    ]);
  });

  it("is differentiated, and returned from jit", () => {
    const p = Partial((a: Leaf, x: Leaf) => a.mul(x), np.array(3));
    expect((grad((f: typeof p) => f(np.array(5)))(p) as any).args[0].item()).toBe(5);
    const made = jit((a: Leaf) => Partial((b: Leaf, x: Leaf) => b.add(x), a.mul(2)))(np.array(4));
    expect(made(np.array(1)).item()).toBe(9);
  });
});

describe("ravelPytree", () => {
  it("goes there and back", () => {
    const t = {
      w: np.array([
        [1, 2],
        [3, 4],
      ]),
      p: new Point(np.array([5]).astype("int32"), np.array(true)),
    };
    const [flat, unravel] = flattenUtil.ravelPytree(t);
    expect(flat.js()).toEqual([5, 1, 1, 2, 3, 4]);
    expect(flat.dtype).toBe("float32");
    const back = unravel(flat.mul(1));
    expect(back.w.js()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(back.p).toBeInstanceOf(Point);
    expect([back.p.x.dtype, back.p.y.dtype]).toEqual(["int32", "bool"]);
    expect(() => unravel(np.ones([5]))).toThrow(/unravel: got f32\[5\]; expected an array of shape \[6\]/);
    expect(() => unravel(np.ones([6]).astype("int32"))).toThrow(/expected float32/);
    expect(ravelPytree([])[0].shape).toEqual([0]);
    const ints = ravelPytree([np.array([1]).astype("int32"), np.array([2]).astype("int32")]);
    expect(ints[0].dtype).toBe("int32");
  });

  it("works inside transformations", () => {
    const loss = (t: { a: Leaf; b: Leaf }): Leaf => {
      const [flat] = ravelPytree(t);
      return flat.mul(flat).sum();
    };
    const g = jit(grad(loss))({ a: np.array([1, 2]), b: np.array(3) }) as any;
    expect([g.a.js(), g.b.item()]).toEqual([[2, 4], 6]);
  });
});

describe("names of jax.tree_util", () => {
  it("are those of tree", () => {
    const pairs = Object.entries(treeUtil).filter(([name]) => /^tree[A-Z]/.test(name));
    for (const [name, f] of pairs) {
      const short = name.slice(4, 5).toLowerCase() + name.slice(5);
      expect((tree as Record<string, unknown>)[short], name).toBe(f);
    }
    expect(pairs.length).toBe(13);
  });
  it("work as they are written for JAX", () => {
    const params = { w: np.ones([2]), b: [np.zeros([2])] };
    const scaled = treeUtil.treeMap((x: Leaf, y: Leaf) => x.add(y), params, params) as typeof params;
    expect([scaled.w.js(), scaled.b[0]!.js()]).toEqual([[2, 2], [0, 0]]); // prettier-ignore
    const [leaves, treedef] = treeUtil.treeFlatten<Leaf>(params);
    expect(leaves.length).toBe(2);
    expect(treedef).toBeInstanceOf(treeUtil.PyTreeDef);
    expect((treeUtil.treeUnflatten(treedef, leaves) as typeof params).w).toBe(params.w);
    expect(treeUtil.treeLeavesWithPath({ a: [1, 2] })).toEqual([[".a[0]", 1], [".a[1]", 2]]); // prettier-ignore
  });
  it("allLeaves", () => {
    expect(treeUtil.allLeaves([1, np.ones([2])])).toBe(true);
    expect([[1, null], [[]], [{ a: 1 }]].map((xs) => treeUtil.allLeaves(xs))).toEqual([false, false, false]);
    expect(treeUtil.allLeaves([])).toBe(true);
  });
});
