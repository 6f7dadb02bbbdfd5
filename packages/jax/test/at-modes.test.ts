/** Indices out of range are dropped, filled or clipped as JAX does by mode: oracles/at-modes.py. */
import { type Array as JaxArray, defaultDevice, grad, jit, lax, numpy as np, vmap } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import oracle from "./oracles/at-modes.json";
import { owned, test } from "./scoped";

type Mode = "fill" | "drop" | "clip" | "promise_in_bounds";

const table = (): JaxArray => owned(np.arange(1, 13, 1, { dtype: "float32" })).reshape([3, 4]);
const at = (i: unknown): JaxArray => owned(np.array(i as number[], { dtype: "int32" }));
const flat = (x: JaxArray): number[] => [...owned(x).dataSync()];

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const c of oracle.cases) {
      test(`${c.mode} at ${JSON.stringify(c.i)}, ${c.wrapNegativeIndices ? "" : "not "}from the end`, () => {
        const [x, i] = [owned(table()), at(c.i)];
        const how = { mode: c.mode as Mode, wrapNegativeIndices: c.wrapNegativeIndices, fillValue: -1 };
        expect(flat(x.at(i).get(how))).toEqual(c.get);
        expect(flat(x.at(i, [1, 3]).get(how))).toEqual(c.column);
        expect(flat(x.at(i).add(100, how))).toEqual(c.add);
        expect(flat(x.at(i, 0).multiply(2, how))).toEqual(c.multiply);
        expect(flat(x.at([1], i).max(9.5, how))).toEqual(c.max);
        expect(flat(x.at(i).apply((v) => np.maximum(v, 6), how))).toEqual(c.apply);
      });
    }
  });
}

test("numbers out of range are errors unless the mode says what to do", () => {
  const x = owned(table());
  expect(() => x.at(5).set(0)).toThrow(/index 5 is out of range/);
  expect(flat(x.at(5).set(0, { mode: "drop" }))).toEqual(flat(x.copy()));
  expect(flat(x.at(-9, 1).get({ mode: "fill", fillValue: 7 }))).toEqual([7]);
  expect(flat(x.at(9, [2]).get({ mode: "clip" }))).toEqual([11, 12]);
});

test("fills with what JAX does by default", () => {
  expect(
    flat(
      owned(np.ones([2]))
        .at(at([3]))
        .get({ mode: "fill" }),
    ),
  ).toEqual([NaN]);
  expect(
    flat(
      owned(np.ones([2], { dtype: "int8" }))
        .at(at([3]))
        .get({ mode: "fill" }),
    ),
  ).toEqual([-128]);
});

test("updates meet elements in the common dtype", () => {
  const x = owned(np.array([7, 4], { dtype: "uint8" }));
  const mask = owned(np.array([false, true]));
  expect(flat(x.at(mask).subtract(2))).toEqual([7, 2]);
  expect(flat(x.at(at([0, 1])).max(owned(np.array([-1, 300], { dtype: "int16" }))))).toEqual([7, 44]);
  expect(flat(x.at([0]).add(owned(np.array([0.75, -1.5]))))).toEqual([7, 2]);
  const large = owned(np.array([2 ** 24 + 1], { dtype: "int32" }));
  expect(flat(large.at([0, 0]).add(0.5))).toEqual([2 ** 24 + 1]);
});

test("a fill value of bools is a bool", () => {
  const dims = { offsetDims: [], collapsedSliceDims: [0], startIndexMap: [0] };
  const x = owned(np.array([false]));
  expect(flat(owned(lax.gather(x, at([[5], [0]]), dims, [1], "fill", 3)).astype("int32"))).toEqual([1, 0]);
});

test("works under transformations", () => {
  const [x, i] = [owned(table()), at([[0, 5, -1], [1, 1, 9]])]; // prettier-ignore
  const f = owned(jit((x: JaxArray, i: JaxArray) => x.at(i).get({ mode: "fill", fillValue: 0 }).sum()));
  expect(owned(f(x, i)).item()).toBe(104);
  const rows = vmap((i: JaxArray) => x.at(i).get({ mode: "fill", fillValue: 0 }).sum());
  expect(owned(rows(i)).js()).toEqual([52, 52]);
  expect(owned(grad((x: JaxArray) => x.at(i).get({ mode: "fill", fillValue: 0 }).sum())(x)).js()).toEqual([[1, 1, 1, 1], [2, 2, 2, 2], [1, 1, 1, 1]]); // prettier-ignore
});

test("says which modes there are", () => {
  expect(() => owned(np.ones([2])).at(at([3])).get({ mode: "wrap" as Mode })).toThrow(/at: unknown mode "wrap"; expected one of fill, drop, clip/); // prettier-ignore
});
