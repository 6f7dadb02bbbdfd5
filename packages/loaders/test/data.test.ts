/** Data sets: every example once an epoch, orders that depend on seed and epoch alone, positions that can be taken up. */
import { type Array as JaxArray, random, tree } from "@jax-js/jax";
import { LoaderError, data } from "@jax-js/loaders";
import { describe, expect, test } from "vitest";

const all = async <T>(set: AsyncIterable<T>): Promise<T[]> => {
  const out: T[] = [];
  for await (const x of set) out.push(x);
  return out;
};

const numbers = { collate: (xs: number[]) => xs };

describe("shuffle", () => {
  test("is a permutation, for any length", async () => {
    for (const n of [1, 2, 3, 5, 16, 17, 100, 1000]) {
      const order = await all(data.MapDataset.range(n).shuffle(n));
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    }
  });

  test("depends on the seed, a number or a key, and on the epoch", async () => {
    using key = random.key(5);
    const order = (seed: Parameters<data.MapDataset<number>["shuffle"]>[0]) =>
      all(data.MapDataset.range(50).shuffle(seed));
    expect(await order(5)).toEqual(await order(key));
    expect(await order(5)).toEqual(await order(Uint32Array.of(0, 5)));
    expect(await order(5)).not.toEqual(await order(6));
    const epochs = await all(data.MapDataset.range(50).shuffle(5).repeat(3));
    const parts = [epochs.slice(0, 50), epochs.slice(50, 100), epochs.slice(100)];
    for (const part of parts) expect(new Set(part).size).toBe(50);
    expect(parts[0]).not.toEqual(parts[1]);
    expect(parts[1]).not.toEqual(parts[2]);
    expect(parts[0]).toEqual(await order(5));
  });

  test("every order is as likely as another", async () => {
    const counts = new Map<string, number>();
    const n = 6000;
    for (let seed = 0; seed < n; seed++) {
      const set = data.MapDataset.range(4).shuffle(seed);
      const order = [0, 1, 2, 3].map((i) => set.at(i)).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const expected = n / 24;
    const chiSquare = [...counts.values()].reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
    // The 99.9th percentile of chi-square with 23 degrees of freedom.
    expect(chiSquare).toBeLessThan(49.7);
  });

  test("places are as likely in a long set", async () => {
    const n = 1000;
    const bins = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 500; seed++)
      bins[Math.floor((data.MapDataset.range(n).shuffle(seed).at(0) as number) / 100)]!++;
    const chiSquare = bins.reduce((sum, c) => sum + (c - 50) ** 2 / 50, 0);
    expect(chiSquare).toBeLessThan(27.9);
  });
});

describe("steps", () => {
  test("map, filter, slice, repeat", async () => {
    const set = data.MapDataset.source([5, 6, 7, 8, 9]);
    expect(await all(set.map((x) => x * 2))).toEqual([10, 12, 14, 16, 18]);
    expect(await all(set.map(async (x) => x * 2))).toEqual([10, 12, 14, 16, 18]);
    expect(await all(set.mapWithIndex((i, x) => i * 100 + x))).toEqual([5, 106, 207, 308, 409]);
    expect(await all(set.filter((x) => x % 2 === 1))).toEqual([5, 7, 9]);
    expect(await all(set.filter(async (x) => x % 2 === 1))).toEqual([5, 7, 9]);
    expect(await all(set.slice(1, -1))).toEqual([6, 7, 8]);
    expect(await all(set.slice(1, undefined, 2))).toEqual([6, 8]);
    expect(await all(set.repeat(2).slice(3, 7))).toEqual([8, 9, 5, 6]);
    expect(await all(set.slice(1, 3).repeat(2))).toEqual([6, 7, 6, 7]);
    expect(await all(data.MapDataset.range(3, 6))).toEqual([3, 4, 5]);
    expect(set.repeat().length).toBe(Infinity);
    expect(set.repeat().at(12)).toBe(7);
  });

  test("shares of workers are disjoint and make up the whole", async () => {
    const set = data.MapDataset.range(17).shuffle(3);
    const shares = await Promise.all([0, 1, 2].map((worker) => all(set.slice(worker, undefined, 3))));
    expect(shares.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 17 }, (_, i) => i));
  });

  test("random numbers are the example's own, and new in each epoch", async () => {
    const set = data.MapDataset.source(["a", "b"]).randomMap((x, seed) => `${x}${seed}`, 7);
    const once = await all(set.repeat(2));
    expect(new Set(once).size).toBe(4);
    expect(await all(set.repeat(2))).toEqual(once);
  });

  test("batches", async () => {
    const set = data.MapDataset.range(7);
    expect(await all(set.batch<number[]>(3, numbers))).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(await all(set.batch<number[]>(3, { ...numbers, dropRemainder: true }))).toEqual([[0, 1, 2], [3, 4, 5]]); // prettier-ignore
    expect(await all(set.map(async (x) => x).batch<number[]>(4, numbers))).toEqual([[0, 1, 2, 3], [4, 5, 6]]); // prettier-ignore
    const filtered = set.filter((x) => x % 3 !== 0);
    expect(await all(filtered.batch<number[]>(3, numbers))).toEqual([[1, 2], [4, 5]]); // prettier-ignore
    expect(await all(filtered.toIterDataset().batch<number[]>(3, numbers))).toEqual([[1, 2, 4], [5]]);
    expect(await all(set.repeat(2).batch<number[]>(5, numbers))).toEqual([[0, 1, 2, 3, 4], [5, 6, 0, 1, 2], [3, 4, 5, 6]]); // prettier-ignore
  });

  test("batches of trees of arrays", async () => {
    const source = data.arraySource({
      image: new data.HostArray(Uint8Array.from({ length: 24 }, (_, i) => i), [4, 2, 3]), // prettier-ignore
      label: Int32Array.of(3, 1, 4, 1),
    });
    const set = data.MapDataset.source(source).batch<{ image: JaxArray; label: JaxArray }>(3);
    const [first, second] = await all(set);
    expect([first!.image.shape, first!.image.dtype, first!.label.js()]).toEqual([[3, 2, 3], "uint8", [3, 1, 4]]);
    expect(second!.image.js()).toEqual([[[18, 19, 20], [21, 22, 23]]]); // prettier-ignore
    expect(second!.label.dtype).toBe("int32");
    tree.dispose([first, second]);
  });

  test("batches of numbers, booleans and texts", async () => {
    const set = data.MapDataset.source([{ a: 1, b: true, c: "x", d: [1, 2] }, { a: 2, b: false, c: "y", d: [3, 4] }]); // prettier-ignore
    const batch = await set.batch<Record<string, JaxArray> & { c: string[]; d: JaxArray[] }>(2).at(0);
    expect([batch!.a!.js(), batch!.b!.dtype, batch!.c, batch!.d.map((x) => x.js())]).toEqual([[1, 2], "bool", ["x", "y"], [[1, 3], [2, 4]]]); // prettier-ignore
    tree.dispose([batch!.a, batch!.b, batch!.d]);
    const onHost = data.stackOnHost([{ x: Float64Array.of(1) }, { x: Float64Array.of(2) }]) as { x: data.HostArray };
    expect([onHost.x.data, onHost.x.shape]).toEqual([Float64Array.of(1, 2), [2, 1]]);
  });

  test("examples that do not fit are named", () => {
    expect(() => data.stackExamples([{ a: Int8Array.of(1) }, { a: Int8Array.of(1, 2) }])).toThrow(
      /example 1 has Int8Array\[2\], the first Int8Array\[1\]/,
    );
    expect(() =>
      data.stackExamples([
        { b: Float32Array.of(0), a: Int8Array.of(1) },
        { b: Float32Array.of(0), a: "text" },
      ]),
    ).toThrow(/example 1 has string/);
    expect(() => data.stackExamples([{ a: 1 }, { b: 1 }])).toThrow(LoaderError);
    expect(() => data.arraySource({ a: Int8Array.of(1), b: Int8Array.of(1, 2) })).toThrow(/first axes differ: 1, 2/);
    expect(() => new data.HostArray(Int8Array.of(1, 2), [3])).toThrow(/2 elements do not fill shape \[3\]/);
  });

  test("wrong arguments", () => {
    const set = data.MapDataset.range(3);
    for (const wrong of [
      () => set.batch(0),
      () => set.at(-1),
      () => set.repeat(0),
      () => set.slice(0, 3, 0),
      () => set.repeat().shuffle(1),
      () => data.MapDataset.range(0).at(0),
    ]) {
      expect(wrong).toThrow(LoaderError);
    }
  });
});

describe("positions", () => {
  const sets = {
    plain: data.MapDataset.range(30).shuffle(1).repeat(2).toIterDataset(),
    "made ahead by number": data.MapDataset.range(30).shuffle(1).map(async (x) => x).toIterDataset({ prefetch: 4 }), // prettier-ignore
    "filtered and batched": data.MapDataset.range(60).filter((x) => x % 3 !== 0).toIterDataset().batch(4, numbers), // prettier-ignore
    "mapped and made ahead": data.MapDataset.range(30).toIterDataset().filter((x) => x % 2 === 0).map((x) => -x).prefetch(3), // prettier-ignore
    "made ahead twice": data.MapDataset.range(30).toIterDataset({ prefetch: 2 }).batch(2, numbers).prefetch(2), // prettier-ignore
  } as Record<string, data.IterDataset<unknown>>;

  test.each(Object.entries(sets))("%s: goes on exactly", async (_, set) => {
    const whole = await all(set);
    for (const nBefore of [0, 1, 5, 7]) {
      const first = set[Symbol.asyncIterator]();
      const before: unknown[] = [];
      for (let i = 0; i < nBefore; i++) before.push(((await first.next()) as IteratorYieldResult<unknown>).value);
      const state = JSON.parse(JSON.stringify(first.getState())) as data.IteratorState;
      await first.return!();
      const second = set[Symbol.asyncIterator]();
      second.setState(state);
      expect([...before, ...(await all(second))]).toEqual(whole);
      // And once more with an iterator that was elsewhere.
      const third = set[Symbol.asyncIterator]();
      await third.next();
      await third.next();
      third.setState(state);
      expect([...before, ...(await all(third))]).toEqual(whole);
    }
  });

  test("a foreign state", () => {
    for (const set of Object.values(sets)) {
      for (const state of [null, {}, { next: -1 }, { next: "1" }, { inner: 3 }, 7]) {
        expect(() => set[Symbol.asyncIterator]().setState(state as never)).toThrow(LoaderError);
      }
    }
  });
});

describe("making ahead", () => {
  test("begins examples before they are asked for, in order, and so many", async () => {
    const begun: number[] = [];
    let running = 0;
    let most = 0;
    const slow = data.MapDataset.range(12).map(async (x) => {
      begun.push(x);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return x;
    });
    const iterator = slow.toIterDataset({ prefetch: 3 })[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(begun).toEqual([0, 1, 2, 3]);
    expect(await all(iterator)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(most).toBeLessThanOrEqual(3);
    expect(most).toBeGreaterThan(1);
  });

  test("a loop that is left early keeps no array", async () => {
    const batches = data.MapDataset.range(40).batch<JaxArray>(4);
    for (const set of [batches.toIterDataset({ prefetch: 3 }), batches.toIterDataset().prefetch(2)]) {
      let n = 0;
      for await (const x of set) {
        x.dispose();
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (++n === 3) break;
      }
    }
  });

  test("an error comes in its turn", async () => {
    const set = data.MapDataset.range(5).map((x) => {
      if (x === 2) throw new Error("no example 2");
      return x;
    });
    for (const iterable of [set.toIterDataset({ prefetch: 4 }), set.toIterDataset().prefetch(4)]) {
      const iterator = iterable[Symbol.asyncIterator]();
      expect([(await iterator.next()).value, (await iterator.next()).value]).toEqual([0, 1]);
      await expect(iterator.next()).rejects.toThrow("no example 2");
      await iterator.return!();
    }
  });
});
