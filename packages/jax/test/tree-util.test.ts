/** Names of jax.tree_util, and leaves by `isLeaf` (oracles/tree-util.py: as in JAX). */
import { jit, tree, treeUtil } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import oracle from "./oracles/tree-util.json";

type Names = keyof (typeof oracle.cases)[number]["stopped"];
const STOPS: Record<Names, (x: unknown) => boolean> = {
  never: () => false,
  none: (x) => x === null,
  pairs: (x) => Array.isArray(x) && x.length === 2,
  objects: (x) => typeof x === "object" && x !== null && !Array.isArray(x),
};

describe.each(oracle.cases.map((c) => [JSON.stringify(c.tree), c] as const))("%s", (_, c) => {
  it("structure", () => {
    const treedef = tree.structure(c.tree);
    expect(treeUtil.treedefIsLeaf(treedef)).toBe(c.isLeaf);
    expect(treeUtil.treedefChildren(treedef).map((t) => t.size)).toEqual(c.children);
    const both = treeUtil.treedefTuple([treedef, treedef]);
    expect(both.size).toBe(c.tuple);
    expect(both.equals(tree.structure([c.tree, c.tree]))).toBe(true);
  });
  it.each(Object.entries(c.stopped))("leaves are %s", (name, want) => {
    const options = { isLeaf: STOPS[name as Names] };
    expect(tree.leaves(c.tree, options)).toEqual(want.leaves);
    expect(tree.map((x: unknown) => [x, "seen"], c.tree, options)).toEqual(want.map);
    const short = (path: string): string => treeUtil.keystr(path, { simple: true, separator: "/" });
    expect(tree.mapWithPath(short, c.tree, options)).toEqual(want.names);
    const prefix = tree.map(() => "x", c.tree, options) as unknown;
    expect(tree.broadcast(prefix, c.tree)).toEqual(want.broadcast);
    if (want.allLeaves !== null) expect(treeUtil.allLeaves(c.tree as unknown[], options)).toBe(want.allLeaves);
  });
});

it("isLeaf of map is asked of the first tree, and further trees come before it", () => {
  const isLeaf = (x: unknown): boolean => Array.isArray(x);
  const first = { a: [1, 2], b: 3 };
  const joined = tree.map((x: unknown, y: unknown) => [x, y], first, { a: { c: 1 }, b: 4 }, { isLeaf });
  expect(joined).toEqual({ a: [[1, 2], { c: 1 }], b: [3, 4] }); // prettier-ignore
  expect(tree.map((x: number) => x + 1, [1], { isLeaf: undefined })).toEqual([2]);
  expect(tree.broadcast([[1, 2], 3], [{ c: 0, d: 0 }, 0], { isLeaf: (x) => Array.isArray(x) && x[0] === 1 })).toEqual([{ c: [1, 2], d: [1, 2] }, 3]); // prettier-ignore
});

it("reduce begins with the first leaf where the initial value is undefined", () => {
  const isLeaf = (x: unknown): boolean => Array.isArray(x) && x.length === 2;
  expect(tree.reduce((a: unknown, b: unknown) => [a, b], [[1, 2], 3], undefined, { isLeaf })).toEqual([[1, 2], 3]);
});

it("keystr", () => {
  expect(treeUtil.keystr(".a[0].b", { separator: "/" })).toBe(".a/[0]/.b");
  expect(treeUtil.keystr("")).toBe("");
  const paths = tree.leavesWithPath({ layers: [{ w: 1 }] }).map(([path]) => path);
  expect(paths.map((path) => treeUtil.keystr(path))).toEqual(paths);
});

describe("registered", () => {
  it("static objects are constants of a program", () => {
    class Mode {
      readonly factor: number;
      constructor(factor: number) {
        this.factor = factor;
      }
    }
    treeUtil.registerStatic(Mode);
    let traces = 0;
    const f = jit((mode: Mode, x: { mul(y: number): unknown }) => (traces++, x.mul(mode.factor)));
    const [two, three] = [new Mode(2), new Mode(3)];
    const values = [two, two, three].map((mode) => {
      using y = f(mode, 5 as never) as Disposable & { item(): number };
      return y.item();
    });
    expect(values).toEqual([10, 10, 15]);
    expect(traces).toBe(2);
    f.dispose();
    expect(() => treeUtil.registerStatic(Mode)).toThrow(/Mode is registered already/);
  });
  it("classes with keys have paths", () => {
    class Pair {
      readonly x: unknown;
      readonly y: unknown;
      constructor(x: unknown, y: unknown) {
        this.x = x;
        this.y = y;
      }
      treeFlattenWithKeys(): [[string, unknown][], null] {
        return [[["x", this.x], ["y", this.y]], null]; // prettier-ignore
      }
      static treeUnflatten(_: null, [x, y]: readonly unknown[]): Pair {
        return new Pair(x, y);
      }
    }
    expect(treeUtil.registerPytreeWithKeysClass(Pair)).toBe(Pair);
    expect(tree.leavesWithPath([new Pair(1, [2])])).toEqual([["[0].x", 1], ["[0].y[0]", 2]]); // prettier-ignore
    expect(tree.map((x: number) => -x, new Pair(1, 2))).toEqual(new Pair(-1, -2));
  });
});
