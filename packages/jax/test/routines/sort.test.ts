/** Sorts against JavaScript's own stable sort: every dtype, row length, axis, ties, NaN and -0 bit by bit. */
import { type DType, init, jit, lax, numpy as np } from "@jax-js/jax";
import { describe, expect, it } from "vitest";

await init("cpu", "wasm");

type View = Float32Array | Float64Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;

const VIEWS = {
  float32: Float32Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array, int16: Int16Array,
  uint16: Uint16Array, int8: Int8Array, uint8: Uint8Array,
} as const; // prettier-ignore
const DTYPES = Object.keys(VIEWS) as (keyof typeof VIEWS)[];

function randomSource(seed: number): () => number {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return (seed >>> 4) / 2 ** 28;
  };
}

const random = randomSource(7);

/** Values with many ties, NaN, both zeros and infinities among them. */
function values(dtype: keyof typeof VIEWS, length: number, kind: "wild" | "ties" | "plain"): View {
  const out = new VIEWS[dtype](length);
  const isFloat = dtype.startsWith("float");
  const special = [NaN, -0, 0, Infinity, -Infinity, 1e-310, -1e-40];
  for (let i = 0; i < length; i++) {
    if (kind === "wild" && isFloat && random() < 0.3) out[i] = special[Math.floor(random() * special.length)]!;
    else if (kind === "ties") out[i] = Math.floor(random() * 7) - (isFloat || dtype.startsWith("i") ? 3 : 0);
    else out[i] = isFloat ? (random() - 0.5) * 10 ** (20 * random() - 10) : (random() - 0.5) * 2 ** 33;
  }
  // NaN with a sign and with a payload
  if (kind === "wild" && dtype === "float32" && length > 3)
    new Uint32Array(out.buffer).set([0xffc00001, 0x7fc00abc], 1);
  return out;
}

/** Ascending, NaN last, -0 equal to 0. */
const compare = (x: number, y: number): number =>
  x !== x ? (y !== y ? 0 : 1) : y !== y ? -1 : x < y ? -1 : x > y ? 1 : 0;

function orderOf(keys: readonly View[], at: (i: number) => number, n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  return order.sort((i, j) => {
    for (const key of keys) {
      const c = compare(key[at(i)]!, key[at(j)]!);
      if (c !== 0) return c;
    }
    return i - j;
  });
}

const bytesOf = (x: View): Uint8Array => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);

/** All operands in the order of the first nKeys along the middle axis. */
function expected(xs: readonly View[], nKeys: number, outer: number, n: number, inner: number): View[] {
  const outs = xs.map((x) => x.slice());
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const at = (k: number): number => (o * n + k) * inner + i;
      const order = orderOf(xs.slice(0, nKeys), at, n);
      xs.forEach((x, k) => {
        const size = x.BYTES_PER_ELEMENT;
        // Bits, not numbers: NaN has many.
        order.forEach((from, to) => {
          bytesOf(outs[k]!).set(bytesOf(x).subarray(at(from) * size, (at(from) + 1) * size), at(to) * size);
        });
      });
    }
  }
  return outs;
}

async function check(xs: readonly View[], nKeys: number, shape: readonly number[], axis: number): Promise<void> {
  const arrays = xs.map((x) => np.array(x, { dtype: dtypeOf(x), shape, device: "wasm" }));
  const sorted = lax.sort(arrays, axis, true, nKeys);
  const [outer, n, inner] = [product(shape.slice(0, axis)), shape[axis]!, product(shape.slice(axis + 1))] as const;
  const want = expected(xs, nKeys, outer, n, inner);
  for (const [k, s] of sorted.entries()) {
    const got = (await s.data()) as View;
    expect(sameBytes(bytesOf(got), bytesOf(want[k]!)), `operand ${k} of ${shape} along ${axis}`).toBe(true);
  }
  for (const x of [...arrays, ...sorted]) x.dispose();
}

const dtypeOf = (x: View): DType => DTYPES.find((d) => x instanceof VIEWS[d])!;
const product = (xs: readonly number[]): number => xs.reduce((p, x) => p * x, 1);
const sameBytes = (x: Uint8Array, y: Uint8Array): boolean => x.length === y.length && x.every((b, i) => b === y[i]);

describe("sort on wasm", () => {
  for (const dtype of DTYPES) {
    it(`sorts ${dtype} rows of all kinds of lengths`, async () => {
      for (const n of [1, 2, 3, 7, 40, 41, 100, 255, 256, 1000, 5999, 6001, 20011]) {
        for (const kind of ["wild", "ties", "plain"] as const) await check([values(dtype, n, kind)], 1, [n], 0);
      }
    });

    it(`sorts ${dtype} with others along`, async () => {
      for (const n of [1, 2, 39, 40, 41, 300, 7001]) {
        const x = values(dtype, n, "wild");
        await check([x, Int32Array.from({ length: n }, (_, i) => i)], 1, [n], 0);
        await check([values(dtype, n, "ties"), values("uint8", n, "plain"), values("float64", n, "wild")], 1, [n], 0);
        await check([values(dtype, n, "ties"), values("float64", n, "ties"), values("int16", n, "plain")], 2, [n], 0);
        await check([values("int8", n, "ties"), values(dtype, n, "wild")], 2, [n], 0);
      }
    });
  }

  it("sorts along any axis", async () => {
    for (const shape of [
      [3, 50, 4],
      [1, 60, 1],
      [5, 3, 7],
      [2, 1, 3],
      [64, 64, 1],
    ] as const) {
      for (const axis of [0, 1, 2]) {
        const size = product(shape);
        await check([values("float32", size, "wild")], 1, shape, axis);
        await check([values("float64", size, "ties"), values("uint16", size, "plain")], 1, shape, axis);
      }
    }
  });

  it("sorts 16-bit floats as their numbers", async () => {
    for (const dtype of ["float16", "bfloat16"] as const) {
      const numbers = [
        3,
        NaN,
        -1,
        Infinity,
        0,
        -0,
        -Infinity,
        2,
        -2.5,
        0.001,
        ...Array.from({ length: 60 }, () => Math.round(random() * 9 - 4)),
      ];
      using x = np.array(numbers, { dtype, device: "wasm" });
      using sorted = np.sort(x);
      using order = np.argsort(x);
      using wide = x.astype("float32");
      const exact = wide.js() as number[];
      const want = exact.map((_, i) => i).sort((i, j) => compare(exact[i]!, exact[j]!) || i - j);
      expect(order.js()).toEqual(want);
      using result = sorted.astype("float32");
      expect(result.js()).toEqual(want.map((i) => exact[i]));
    }
  });

  it("leaves empty arrays alone", async () => {
    for (const shape of [[0], [3, 0], [0, 3]]) await check([new Float32Array(0)], 1, shape, shape.length - 1);
    await check([new Float32Array(0), new Int32Array(0)], 1, [0, 4], 0);
  });

  it("gives the largest elements and their first places", () => {
    const x = values("float32", 5000, "ties") as Float32Array;
    using array = np.array(x, { device: "wasm" });
    const [largest, places] = lax.topK(array, 10);
    const order = Array.from(x.keys()).sort((i, j) => x[j]! - x[i]! || i - j);
    expect(places.js()).toEqual(order.slice(0, 10));
    expect(largest.js()).toEqual(order.slice(0, 10).map((i) => x[i]! + 0));
    largest.dispose();
    places.dispose();
  });
});

describe("the greatest few", () => {
  for (const [n, k] of [
    [10, 3],
    [50, 5],
    [1000, 1],
    [1000, 7],
    [5000, 100],
    [333, 333],
    [4097, 600],
  ] as const) {
    it.each(["wild", "ties", "plain"] as const)(`${k} of ${n}, %s`, (kind) => {
      for (const dtype of ["float32", "int32", "uint8", "float64"] as const) {
        const data = values(dtype, 2 * n, kind);
        const x = np.array(data, { dtype, shape: [2, n], device: "wasm" });
        for (const topK of [lax.topK, jit(lax.topK, { staticArgnums: [1] })]) {
          const [greatest, places] = topK(x, k);
          const got = [bytesOf(greatest.dataSync() as View), Array.from(places.dataSync())];
          const want = [0, 1].map((row) => {
            const order = Array.from({ length: n }, (_, i) => row * n + i);
            // descending; of equal ones the first comes first
            return order.sort((i, j) => compare(data[j]!, data[i]!) || i - j).slice(0, k);
          });
          const wanted = data.slice(0, 2 * k);
          const size = data.BYTES_PER_ELEMENT;
          want.flat().forEach((from, to) => {
            bytesOf(wanted).set(bytesOf(data).subarray(from * size, (from + 1) * size), to * size);
          });
          expect(got).toEqual([bytesOf(wanted), want.flatMap((row, r) => row.map((i) => i - r * n))]);
          greatest.dispose();
          places.dispose();
        }
        x.dispose();
      }
    });
  }
});
