/** NumPy's objects with brackets, universal functions, data from bytes and texts, print options. */
import { type Array as JaxArray, DTypeError, JaxError, ShapeError, grad, jit, numpy as np, random } from "@jax-js/jax";
import { describe, expect } from "vitest";
import { owned, test } from "./scoped";

const i32 = (...values: number[]): JaxArray => np.array(values, { dtype: "int32" });
const js = (x: JaxArray): unknown => owned(x).js() as unknown;

describe("grids", () => {
  test("mgrid and ogrid", () => {
    expect(js(np.mgrid([0, 2], [0, 3]))).toEqual([[[0, 0, 0], [1, 1, 1]], [[0, 1, 2], [0, 1, 2]]]); // prettier-ignore
    expect(np.mgrid([0, 2], [0, 3]).dtype).toBe("int32");
    expect(js(np.mgrid([0, 6, 2]))).toEqual([0, 2, 4]);
    const [rows, columns] = np.ogrid(2, { start: 0, stop: 1, num: 3 });
    expect([rows!.dtype, js(rows!), js(columns!)]).toEqual(["float32", [[0], [1]], [[0, 0.5, 1]]]);
  });
  test("r_ and c_", () => {
    expect(js(np.r_(1, i32(2, 3), { stop: 3 }, { start: 0, stop: 1, num: 3 }))).toEqual([1, 2, 3, 0, 1, 2, 0, 0.5, 1]);
    expect(js(np.c_(i32(1, 2), i32(3, 4)))).toEqual([[1, 3], [2, 4]]); // prettier-ignore
    expect(js(np.r_("0,2", i32(1, 2), i32(3, 4)))).toEqual([[1, 2], [3, 4]]); // prettier-ignore
    expect(js(np.r_("1", np.ones([1, 2]), np.ones([1, 1])))).toEqual([[1, 1, 1]]);
    expect(() => np.r_("x", 1)).toThrow(ShapeError);
  });
  test("s_ and indexExp keep an index", () => {
    expect(
      js(
        np
          .arange(6)
          .reshape(2, 3)
          .slice(...np.s_(1, [1])),
      ),
    ).toEqual([4, 5]);
    expect(js(np.arange(4).slice(...np.indexExp([null, null, -1])))).toEqual([3, 2, 1, 0]);
  });
});

test("array has as many axes as ndmin asks for", () => {
  expect(owned(np.array(3, { ndmin: 2 })).shape).toEqual([1, 1]);
  expect(js(np.array([1, 2], { ndmin: 3, dtype: "int32" }))).toEqual([[[1, 2]]]);
  expect(owned(np.array([[1]], { ndmin: 1 })).shape).toEqual([1, 1]);
  const x = i32(1, 2);
  expect(owned(np.array(x, { ndmin: 2 })).shape).toEqual([1, 2]);
  expect(js(np.array([x, x], { ndmin: 3 }))).toEqual([[[1, 2], [1, 2]]]); // prettier-ignore
  const traced = owned(jit((y: JaxArray) => np.array(y, { ndmin: 2 })));
  expect(owned(traced(x)).shape).toEqual([1, 2]);
  expect(js(x)).toEqual([1, 2]);
});

describe("frompyfunc", () => {
  const add = np.frompyfunc((x, y) => x.add(y), 2, 1, { identity: 0 });
  const x = (): JaxArray => np.arange(6).reshape(2, 3).astype("float32");
  test("broadcasts", () => {
    expect(js(add(np.array([[1], [2]]), i32(10, 20)))).toEqual([[11, 21], [12, 22]]); // prettier-ignore
    expect([add.nin, add.nout, add.nargs, add.identity]).toEqual([2, 1, 3, 0]);
  });
  test("reduces", () => {
    expect(js(add.reduce(x()))).toEqual([3, 5, 7]);
    expect(js(add.reduce(x(), { axis: 1, keepdims: true }))).toEqual([[3], [12]]);
    expect(js(add.reduce(x(), { axis: null, initial: 100 }))).toBe(115);
    expect(js(add.reduce(np.zeros([0, 2])))).toEqual([0, 0]);
    const minus = np.frompyfunc((a, b) => a.sub(b), 2, 1);
    expect(js(minus.reduce(np.array([10, 2, 3])))).toBe(5);
    expect(() => minus.reduce(np.zeros([0]))).toThrow(/no identity/);
  });
  test("accumulates, multiplies out, and works in parts", () => {
    expect(js(add.accumulate(x(), { axis: 1 }))).toEqual([[0, 1, 3], [3, 7, 12]]); // prettier-ignore
    expect(js(add.outer(i32(0, 1), i32(0, 1, 2)))).toEqual([[0, 1, 2], [1, 2, 3]]); // prettier-ignore
    expect(js(add.reduceat(np.arange(6).astype("float32"), [0, 3]))).toEqual([3, 12]);
    expect(js(add.reduceat(np.arange(4).astype("float32"), [2, 1]))).toEqual([2, 6]);
    expect(js(add.at(np.arange(4).astype("float32"), i32(0, 0, 1), 10))).toEqual([20, 11, 2, 3]);
    const negate = np.frompyfunc((a) => a.neg(), 1, 1);
    expect(js(negate.at(np.array([1, 2, 3]), i32(1)))).toEqual([1, -2, 3]);
    expect(() => negate.reduce(x())).toThrow(/two arguments/);
  });
  test("under jit and grad", () => {
    const f = (a: JaxArray): JaxArray => np.frompyfunc((p, q) => p.mul(q), 2, 1).reduce(a);
    expect(js(owned(jit(f))(np.array([2, 3, 4])))).toBe(24);
    expect(js(grad(f)(np.array([2, 3, 4])))).toEqual([12, 8, 6]);
  });
});

describe("data", () => {
  test("frombuffer", () => {
    const bytes = new Uint8Array([0, 0, 128, 63, 0, 0, 0, 64]);
    expect(js(np.frombuffer(bytes))).toEqual([1, 2]);
    expect(js(np.frombuffer(bytes, "int16", 2, 4))).toEqual([0, 16384]);
    expect(js(np.frombuffer(bytes.buffer, { dtype: "uint8", offset: 6 }))).toEqual([0, 64]);
    expect(js(np.frombuffer(new Int32Array([7, 8]), { count: 1 }))).toEqual([7]);
    expect(js(np.frombuffer(new Uint8Array([0, 2]), "bool"))).toEqual([false, true]);
    expect(() => np.frombuffer(bytes, { offset: 1 })).toThrow(/not a whole number of float32/);
    expect(() => np.frombuffer(bytes, { count: 3 })).toThrow(/do not hold 3 elements/);
  });
  test("fromiter and fromstring", () => {
    function* endless(): Generator<number> {
      for (let i = 0; ; i++) yield i;
    }
    expect(js(np.fromiter(endless(), "int32", 3))).toEqual([0, 1, 2]);
    expect(js(np.fromiter(new Set([1.5, 2])))).toEqual([1.5, 2]);
    expect(() => np.fromiter([1], { count: 2 })).toThrow(/1 elements came, not 2/);
    expect(js(np.fromstring("1, 2.5,-inf", { sep: "," }))).toEqual([1, 2.5, -Infinity]);
    expect(js(np.fromstring(" 1  2\n3 ", { sep: " ", dtype: "int32", count: 2 }))).toEqual([1, 2]);
    expect(() => np.fromstring("1,x", { sep: "," })).toThrow(DTypeError);
    expect(() => np.fromstring("1 2")).toThrow(/give sep/);
  });
});

describe("print options", () => {
  test("hold for a while", () => {
    const third = np.array([1 / 3, 100]);
    expect(np.printoptions({ precision: 2, suppress: true }, () => String(third))).toBe("[  0.33 100.  ]");
    expect(() => np.printoptions({ precision: 2 }, () => { throw new JaxError("no"); })).toThrow("no"); // prettier-ignore
    expect(np.getPrintoptions().precision).toBe(8);
    np.setPrintoptions({ threshold: 5, edgeitems: 1 });
    expect(String(np.arange(10))).toBe("[0 ... 9]");
    np.setPrintoptions({ threshold: 1000, edgeitems: 3 });
  });
  test("arrayRepr and arrayStr take their own", () => {
    const x = np.array([1e-10, 1]);
    expect(np.arrayStr(x, { precision: 3, suppressSmall: true })).toBe("[0. 1.]");
    expect(np.arrayRepr(np.arange(20), 40)).toBe(
      "Array([ 0,  1,  2,  3,  4,  5,  6,  7,\n        8,  9, 10, 11, 12, 13, 14, 15,\n       16, 17, 18, 19], dtype=int32)",
    );
    expect(owned(jit((y: JaxArray) => { seen.push(np.arrayRepr(y)); return y; }))(x).shape).toEqual([2]); // prettier-ignore
    expect(seen[0]).toContain("f32[2]");
  });
  const seen: string[] = [];
});

describe("kinds", () => {
  test("of values", () => {
    expect([np.iscomplexobj({ real: 1, imag: 2 }), np.isrealobj(np.ones([1]))]).toEqual([true, true]);
    expect([np.iterable(np.ones([1])), np.iterable(np.array(1)), np.iterable("ab"), np.iterable(3)]).toEqual([true, false, true, false]); // prettier-ignore
    expect([np.dtype("<f8"), np.dtype("int"), np.dtype(i32(1))]).toEqual(["float64", "int32", "int32"]);
    expect(() => np.dtype("complex64")).toThrow(DTypeError);
    expect(np.ones([1])).toBeInstanceOf(np.ndarray);
  });
  test("of dtypes", () => {
    const kinds = [np.generic, np.number, np.integer, np.signedinteger, np.unsignedinteger, np.inexact, np.floating];
    const of = (dtype: "int8" | "uint8" | "float16" | "bool"): boolean[] => kinds.map((k) => np.issubdtype(dtype, k));
    expect(of("int8")).toEqual([true, true, true, true, false, false, false]);
    expect(of("uint8")).toEqual([true, true, true, false, true, false, false]);
    expect(of("float16")).toEqual([true, true, false, false, false, true, true]);
    expect(of("bool")).toEqual([true, false, false, false, false, false, false]);
  });
  test("of keys", () => {
    expect([random.keyImpl(random.key(0)), random.keyDtype()]).toEqual(["threefry2x32", "uint32"]);
  });
});

describe("means", () => {
  test("of more 16-bit floats than they can count", () => {
    for (const dtype of ["float16", "bfloat16"] as const) {
      const x = owned(np.full([70_000], 3, { dtype }));
      const where = owned(owned(np.arange(70_000)).less(69_000));
      const means = [np.mean(x), np.mean(x, { where }), np.average(x), jit((y: JaxArray) => np.mean(y))(x)];
      expect(means.map((m) => [m.dtype, js(m)])).toEqual(means.map(() => [dtype, 3])); // as JAX
    }
  });
});
