/** Searches, sets and the greatest, against counting and sorting; and scatters whose operands are costly. */
import { type Array as JaxArray, grad, jvp, lax, numpy as np, vmap } from "@jax-js/jax";
import { describe, expect } from "vitest";
import { randomNumbers } from "./run-program";
import { jit, owned, test } from "./scoped";

/** As sorting orders: NaN is larger than everything. */
const isLess = (x: number, y: number): boolean => x < y || (!Number.isNaN(x) && Number.isNaN(y));

describe("searchsorted", () => {
  for (const side of ["left", "right"] as const) {
    test(`counts what is before a value, ${side}`, () => {
      const random = randomNumbers(9);
      for (let n = 0; n <= 36; n++) {
        for (const span of [3, 60]) {
          const list = Array.from({ length: n }, () => Math.floor(random() * span) - 1);
          if (n > 4) list.push(NaN, NaN, Infinity, -Infinity, -0);
          list.sort((x, y) => (isLess(x, y) ? -1 : isLess(y, x) ? 1 : 0));
          const values = [
            NaN,
            Infinity,
            -Infinity,
            -0,
            0,
            0.5,
            ...list,
            ...Array.from({ length: 20 }, (_, i) => 3 * i - 2),
          ];
          const got = owned(np.searchsorted(owned(np.array(list)), owned(np.array(values)), side)).js();
          const isBefore = (x: number, v: number): boolean => (side === "left" ? isLess(x, v) : !isLess(v, x));
          expect(got, `${n} of ${span}`).toEqual(values.map((v) => list.filter((x) => isBefore(x, v)).length));
        }
      }
    });
  }
});

describe("sets and divisors", () => {
  test("isin finds what is there among few and among many, NaN never", () => {
    for (const n of [0, 1, 16, 17, 300]) {
      const among = Array.from({ length: n }, (_, i) => ((i * 37) % 91) / 2);
      if (n > 1) among[1] = NaN;
      const x = [NaN, Infinity, -0, 0, ...Array.from({ length: 120 }, (_, i) => (i - 10) / 2)];
      const want = x.map((v) => among.some((w) => w === v));
      const f = (a: JaxArray, b: JaxArray): JaxArray => np.isin(a.reshape([-1, 2]), b.reshape([1, -1]));
      for (const run of [f, owned(jit(f))]) {
        const got = owned(run(owned(np.array(x)), owned(np.array(among))));
        expect(got.shape).toEqual([x.length / 2, 2]);
        expect([...got.dataSync()].map(Boolean), `${n}`).toEqual(want);
      }
      const ints = x.slice(2).map((v) => Math.trunc(v));
      const whole = owned(np.isin(owned(np.array(ints, { dtype: "int32" })), owned(np.array(among)), { invert: true }));
      expect(whole.js()).toEqual(ints.map((v) => !among.includes(v)));
    }
  });

  test("gcd of what takes Euclid longest, and of everything small", () => {
    const lists: [number, number][] = [];
    for (const more of [1, 2]) {
      for (let a = 1, b = 1; b < 2 ** 31; [a, b] = [b, more * b + a])
        lists.push([a, b], [b, a], [-b, a], [3 * a, 3 * b]);
    }
    for (let a = -20; a <= 20; a++) for (let b = -20; b <= 20; b++) lists.push([a, b]);
    const pairs = lists.filter(([a, b]) => Math.max(Math.abs(a), Math.abs(b)) < 2 ** 31);
    const euclid = (a: number, b: number): number => (b === 0 ? Math.abs(a) : euclid(b, a % b));
    const [x, y] = [0, 1].map((k) =>
      owned(
        np.array(
          pairs.map((p) => p[k as 0 | 1]),
          { dtype: "int32" },
        ),
      ),
    );
    expect(owned(np.gcd(x!, y!)).js()).toEqual(pairs.map(([a, b]) => euclid(a, b)));
    const large = [4294967295, 4294967291, 3363 ** 2, 2 ** 31, 2744210, 4126648797];
    const u = owned(np.array(new Uint32Array(large.flatMap((a) => large.map(() => a)))));
    const v = owned(np.array(new Uint32Array(large.flatMap(() => large))));
    expect(owned(np.gcd(u, v)).js()).toEqual(large.flatMap((a) => large.map((b) => euclid(a, b))));
  });

  test("places of a mask, along every axis", () => {
    const shape = [3, 5, 4];
    const mask = Array.from({ length: 60 }, (_, i) => (i * i) % 7 < 3);
    const at = mask.flatMap((v, i) => (v ? [i] : []));
    const got = np.nonzero(owned(owned(np.array(mask)).reshape(shape))).map(owned);
    expect(got.map((x) => x.js())).toEqual([
      at.map((i) => Math.floor(i / 20)),
      at.map((i) => Math.floor(i / 4) % 5),
      at.map((i) => i % 4),
    ]);
    for (const all of [true, false]) {
      const [only] = np.nonzero(owned(np.full([9], all))).map(owned);
      expect(only!.js()).toEqual(all ? [0, 1, 2, 3, 4, 5, 6, 7, 8] : []);
    }
  });
});

describe("the greatest", () => {
  const values = [3, -1, 4, 1, -5, 9, 2, 6, 5, 3, 5, -8, 9, 7, 0];
  /** Places of the k greatest of a row, the first of equal ones first. */
  const placesOf = (row: readonly number[], k: number): number[] =>
    row
      .map((_, i) => i)
      .sort((i, j) => row[j]! - row[i]! || i - j)
      .slice(0, k);

  test("of rows and columns, of floats and integers, as they are sorted", () => {
    for (const dtype of ["float32", "int32", "float64", "uint8"] as const) {
      const given = dtype === "uint8" ? values.map(Math.abs) : values;
      const x = owned(owned(np.array(given, { dtype })).reshape([3, 5]));
      const rows = [0, 1, 2].map((i) => given.slice(5 * i, 5 * i + 5));
      for (const k of [0, 1, 3, 5]) {
        for (const f of [(a: JaxArray) => lax.topK(a, k), owned(jit((a: JaxArray) => lax.topK(a, k)))]) {
          const [top, at] = f(x).map(owned) as [JaxArray, JaxArray];
          expect([top.dtype, at.dtype]).toEqual([dtype, "int32"]);
          expect(at.js()).toEqual(rows.map((row) => placesOf(row, k)));
          expect(top.js()).toEqual(rows.map((row) => placesOf(row, k).map((i) => row[i])));
        }
      }
      const [columns] = lax.topK(x, 2, 0).map(owned);
      expect(columns!.js()).toEqual([0, 1].map((k) => [0, 1, 2, 3, 4].map((j) => rows.map((row) => row[j]!).sort((p, q) => q - p)[k]))); // prettier-ignore
    }
    const [withNaN] = lax.topK(owned(np.array([1, NaN, 3, -Infinity])), 3).map(owned);
    expect(withNaN!.js()).toEqual([NaN, 3, 1]);
  });

  test("and their derivatives, which go where they came from", () => {
    const x = owned(owned(np.array(values)).reshape([3, 5]));
    const weights = owned(np.array([1, 10, 100]));
    const f = (a: JaxArray): JaxArray => np.sum(np.square(lax.topK(a, 3)[0]).mul(weights));
    const slope = owned(grad(f)(x));
    const want = values.map((v, e) => {
      const rank = placesOf(values.slice(e - (e % 5), e - (e % 5) + 5), 3).indexOf(e % 5);
      return rank < 0 ? 0 : 2 * v * 10 ** rank;
    });
    expect([...slope.dataSync()]).toEqual(want);
    const [, along] = jvp((a: JaxArray) => lax.topK(a, 2)[0], [x], [x]).map(owned) as [JaxArray, JaxArray];
    expect(along.js()).toEqual([0, 1, 2].map((i) => placesOf(values.slice(5 * i, 5 * i + 5), 2).map((j) => values[5 * i + j]))); // prettier-ignore
    const each = owned(vmap(grad((row: JaxArray) => np.sum(lax.topK(row, 1)[0])))(x));
    expect(each.js()).toEqual([0, 1, 2].map((i) => [0, 1, 2, 3, 4].map((j) => (placesOf(values.slice(5 * i, 5 * i + 5), 1)[0] === j ? 1 : 0)))); // prettier-ignore
  });
});

describe("a scatter", () => {
  test("adds values of a formula at places of a formula", () => {
    const n = 5000;
    const f = jit((x: JaxArray, i: JaxArray) => {
      const place = np.round(np.sin(i).mul(3)).astype("int32").add(3) as JaxArray;
      return np.bincount(place, { weights: np.exp(x), length: 7 }) as JaxArray;
    });
    const x = Array.from({ length: n }, (_, i) => (i % 11) / 4 - 1);
    const i = x.map((_, k) => k % 50);
    const want = new Array<number>(7).fill(0);
    x.forEach((v, k) => (want[Math.round(Math.sin(i[k]!) * 3) + 3]! += Math.exp(v)));
    const got = owned(f(owned(np.array(x)), owned(np.array(i)))).js() as number[];
    want.forEach((w, k) => expect(Math.abs(got[k]! - w)).toBeLessThan(1e-4 * w));
  });
});
