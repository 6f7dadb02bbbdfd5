/** Joining many arrays: each is written to its place; and more than one kernel can read. */
import { type Array as JaxArray, type DType, defaultDevice, grad, jit, lax, numpy as np, vmap } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { syncDevices } from "./devices";
import { owned, test } from "./scoped";

leavesArraysToCollector("hundreds of arrays; values are the subject here");

/** Lengths along the joined axis of parts before, between and after which others lie: short, long, none, equal, unequal. */
const PARTS = [1, 130, 0, 1, 5, 130, 1, 1, 1, 1, 1, 1, 40, 1, 200, 5];

/** Part k has its number and places in its elements. */
const element = (k: number, i: number, j: number, l: number): number => ((k * 31 + i * 7 + j) * 3 + l) % 100;

/** The parts with `axis` of the given lengths and the others of 3 and 2 elements, and their elements joined. */
function parts(axis: number, dtype: DType, lengths: readonly number[]): { xs: JaxArray[]; joined: number[] } {
  const shapeOf = (n: number): number[] => [3, 2].toSpliced(axis, 0, n);
  const all = (n: number, f: (at: number[]) => number): number[] => {
    const [a, b, c] = shapeOf(n) as [number, number, number];
    return Array.from({ length: a * b * c }, (_, e) => f([Math.floor(e / (b * c)), Math.floor(e / c) % b, e % c]));
  };
  const valueOf = (k: number, [i, j, l]: number[]): number => element(k, i!, j!, l!) % (dtype === "bool" ? 2 : 100);
  const xs = lengths.map((n, k) =>
    np
      .array(
        all(n, (at) => valueOf(k, at)),
        { dtype },
      )
      .reshape(shapeOf(n)),
  );
  const joined = all(
    lengths.reduce((sum, n) => sum + n, 0),
    (at) => {
      let [k, rest] = [0, at[axis]!];
      while (rest >= lengths[k]!) rest -= lengths[k++]!;
      return valueOf(k, at.with(axis, rest));
    },
  );
  return { xs, joined };
}

const COUNT = 1500;
const numbers = Array.from({ length: COUNT }, (_, i) => i);

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const dtype of ["float32", "int32", "bool", "float64", "float16"] as const) {
      test(`${PARTS.length} arrays of ${dtype}, along each axis`, () => {
        for (const axis of [0, 1, 2]) {
          const { xs, joined } = parts(axis, dtype, PARTS);
          const join = (list: JaxArray[]): JaxArray => np.concatenate(list, axis);
          for (const f of [join, owned(jit(join))]) {
            expect([...f(xs).astype("int32").dataSync()]).toEqual(joined);
          }
        }
      });
    }

    test("what is computed on the way, and what is done with the whole", () => {
      for (const axis of [0, 1, 2]) {
        const { xs, joined } = parts(axis, "float32", PARTS);
        const f = owned(jit((list: JaxArray[]) => np.concatenate(list.map((x) => x.mul(2).add(1)), axis).sub(3))); // prettier-ignore
        expect([...f(xs).dataSync()]).toEqual(joined.map((v) => 2 * v - 2));
        const columns = owned(jit((list: JaxArray[]) => np.sum(np.concatenate(list.map((x) => np.cumsum(x, 0)), axis)))); // prettier-ignore
        const want = xs.reduce((sum, x) => sum + (np.sum(np.cumsum(x, 0)).item() as number), 0);
        expect(columns(xs).item()).toBe(want);
      }
    });

    test("one array many times, next to what it is added to", () => {
      const x = np.arange(600).reshape([2, 300]);
      const f = owned(jit((a: JaxArray) => np.concatenate([a, a, a.add(a), a, a, a.mul(3), a], 1)));
      const row = (from: number): number[] => Array.from({ length: 300 }, (_, i) => from + i);
      const want = [0, 300].flatMap((from) => [1, 1, 2, 1, 1, 3, 1].flatMap((by) => row(from).map((v) => by * v)));
      expect([...f(x).dataSync()]).toEqual(want);
    });

    test("batches of them", () => {
      const { xs, joined } = parts(1, "float32", PARTS);
      const f = vmap((list: JaxArray[]) => np.concatenate(list, 0));
      expect([...f(xs).dataSync()]).toEqual(joined);
      const rows = vmap((list: JaxArray[]) => np.stack(list), { outAxes: 1 });
      const few = xs.filter((x) => x.shape[1] === 1);
      const got = rows(few);
      expect(got.shape).toEqual([few.length, 3, 1, 2]);
      expect([...got.dataSync()]).toEqual(few.flatMap((x) => [...x.dataSync()]));
    });

    test("arrays of several sizes, one after another", () => {
      const xs = numbers.map((i) => np.array(new Array<number>(1 + (i % 3)).fill(i)));
      const expected = numbers.flatMap((i) => new Array<number>(1 + (i % 3)).fill(i));
      expect(np.concatenate(xs).js()).toEqual(expected);
      expect(lax.concatenate(xs, 0).js()).toEqual(expected);
      expect(np.hstack(xs).js()).toEqual(expected);
    });

    test("along a new axis, in front and behind", () => {
      const xs = numbers.map((i) => np.array([i, -1 - i]));
      expect(np.stack(xs).js()).toEqual(numbers.map((i) => [i, -1 - i]));
      expect(np.stack(xs, 1).js()).toEqual([numbers, numbers.map((i) => -1 - i)]);
    });

    test("and the gradient finds its way back", () => {
      const xs = numbers.slice(0, 200).map((i) => np.array([i, 1]));
      const weights = np.arange(400).reshape([200, 2]);
      const slopes = grad((list: JaxArray[]) => np.sum(np.stack(list).mul(weights)))(xs) as unknown as JaxArray[];
      expect(slopes.map((g) => g.js())).toEqual(numbers.slice(0, 200).map((i) => [2 * i, 2 * i + 1]));
    });
  });
}
