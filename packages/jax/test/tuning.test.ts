/** Register tiles of matrix products: how they are chosen, and that results do not depend on them, to the last bit. */
import { type Array as JaxArray, jit, numpy as np, random, scipy, setTuning, tuning } from "@jax-js/jax";
import { afterEach, describe, expect, it } from "vitest";
import { prod } from "../src/base/list";
import { measureTiles } from "../src/devices/wasm/measure-tiles";
import { TileTuning } from "../src/devices/wasm/tuning";
import type { Kernel } from "../src/kernel/program";
import {
  chooseTiles,
  NARROW_ROWS,
  type RegisterTiles,
  tableTiles,
  WIDE_ROWS,
} from "../src/targets/wasm/register-tiles";

type A = JaxArray;

afterEach(() => setTuning("off"));

const all: readonly RegisterTiles[] = NARROW_ROWS.flatMap((narrow) =>
  [0, ...WIDE_ROWS].map((wide) => ({ narrow, wide })),
);

const bitsOf = (x: A): string => [...new Uint32Array(x.dataSync().slice().buffer)].join();

/** The results' bits of `f` with every choice of tiles, as a set. */
function distinct(f: (...args: A[]) => A, ...args: A[]): Set<string> {
  return new Set(
    all.map((tiles) => {
      setTuning(tiles);
      using jitted = jit(f);
      using y = jitted(...args);
      return bitsOf(y);
    }),
  );
}

const SIZES = [
  [5, 7, 3],
  [13, 33, 64],
  [50, 64, 65],
  [97, 130, 400],
] as const;

describe("results", () => {
  for (const dtype of ["float32", "float64", "int32"] as const)
    for (const [m, n, k] of SIZES)
      it(`of ${m} x ${k} by ${k} x ${n} ${dtype} have the same bits with all tiles`, () => {
        const of = (shape: number[]): A =>
          np
            .sin(np.arange(prod(shape)))
            .mul(100)
            .reshape(shape)
            .astype(dtype);
        const [a, b, bias] = [jit(() => of([m, k]))(), jit(() => of([k, n]))(), jit(() => of([n]))()];
        const layer = (x: A, y: A, z: A): A => np.tanh(np.matmul(x, y).add(z).mul(0.01)).mul(1000).astype(dtype);
        expect(distinct(layer, a, b, bias).size).toBe(1);
        using at = a.transpose();
        using bt = b.transpose();
        expect(distinct((y, x) => np.matmul(y, x), bt, at).size).toBe(1);
        for (const x of [a, b, bias]) x.dispose();
      });

  it("of factorizations have the same bits with all tiles", () => {
    using key = random.key(0);
    using x = random.normal(key, [70, 70]);
    const solve = (a: A): A => np.linalg.inv(np.matmul(a, a.transpose()).add(np.eye(70)));
    expect(distinct(solve, x).size).toBe(1);
    expect(distinct((a) => np.linalg.qr(a)[0], x).size).toBe(1);
    expect(distinct((a) => scipy.linalg.cholesky(np.matmul(a, a.transpose()).add(np.eye(70))), x).size).toBe(1);
  });
});

describe("setTuning", () => {
  it("is said by tuning", () => {
    expect(tuning().mode).toBe("off");
    setTuning({ narrow: 8, wide: 4 });
    expect(tuning()).toEqual({ mode: "set", narrow: 8, wide: 4 });
    setTuning("auto");
    expect(tuning().mode).toBe("auto");
  });

  it("changes what is compiled after", () => {
    using x = np.ones([64, 64]);
    using f = jit((a: A) => np.matmul(a, a));
    const code = (): string => f.lower(x).compile().asText();
    setTuning({ narrow: 4, wide: 0 });
    expect(code()).toContain("of_4x8");
    setTuning({ narrow: 8, wide: 0 });
    expect(code()).toContain("of_8x8");
    setTuning({ narrow: 4, wide: 6 });
    expect(code()).toContain("of_6x16");
  });

  it("refuses what is no tile", () => {
    const message = /^setTuning: expected "auto", "off", or \{ narrow: 4 \| 6 \| 8, wide: 0 \| 2 \| 4 \| 6 \}, got /;
    for (const bad of ["on", null, {}, { narrow: 7, wide: 0 }, { narrow: 6 }]) {
      expect(() => setTuning(bad as "auto")).toThrow(RangeError);
      expect(() => setTuning(bad as "auto")).toThrow(message);
    }
  });
});

describe("the choice", () => {
  const rates = (of: Record<string, number>) => (tile: { rows: number; vectors: number }) =>
    of[`${tile.rows}x${4 * tile.vectors}`] ?? 1;

  it("stands unless another is clearly faster", () => {
    for (const fused of [false, true]) {
      expect(chooseTiles(fused, () => 1)).toEqual(tableTiles(fused));
      const { narrow, wide } = tableTiles(fused);
      const near = rates({ [`${wide || narrow}x${wide ? 16 : 8}`]: 1.02, "8x8": 1.07, "4x16": 1.07 });
      expect(chooseTiles(fused, near)).toEqual(tableTiles(fused));
    }
  });

  // GF/s that were measured; the first two in V8 11.3, the others in 14.6, the last one with revectorization.
  it.each([
    [
      false,
      { "4x8": 49.8, "6x8": 32.2, "8x8": 25.5, "2x16": 57.5, "4x16": 30.5, "6x16": 37.9 },
      { narrow: 4, wide: 2 },
    ],
    [true, { "4x8": 58.1, "6x8": 30.6, "8x8": 29.2, "2x16": 57.9, "4x16": 33.9, "6x16": 39.4 }, { narrow: 4, wide: 0 }],
    [true, { "4x8": 57.6, "6x8": 63.1, "8x8": 36.7, "2x16": 58.4, "4x16": 39.4, "6x16": 46.4 }, { narrow: 6, wide: 0 }],
    [
      true,
      { "4x8": 65.2, "6x8": 89.9, "8x8": 105.9, "2x16": 63.9, "4x16": 114, "6x16": 123.9 },
      { narrow: 8, wide: 6 },
    ],
  ] as const)("fused %s, %j is %j", (fused, measured, expected) => {
    expect(chooseTiles(fused, rates(measured))).toEqual(expected);
  });

  it("of wide tiles is dropped where a narrow one is clearly faster", () => {
    expect(chooseTiles(false, rates({ "8x8": 1.2 }))).toEqual({ narrow: 8, wide: 0 });
  });
});

/** What is kept, in memory; counts. */
class MemoryStore {
  reads = 0;
  kept: unknown;
  constructor(kept: unknown) {
    this.kept = kept;
  }
  read(): unknown {
    this.reads++;
    return this.kept;
  }
  write(what: object): void {
    this.kept = what;
  }
}

const product = (n: number): Kernel[] => [
  {
    kind: "contract",
    dtype: "float32",
    batch: [],
    m: [n],
    n: [n],
    k: [n],
    lhs: { buffer: 0, offset: 0, batchStrides: [], outerStrides: [n], kStrides: [1] },
    rhs: { buffer: 1, offset: 0, batchStrides: [], outerStrides: [1], kStrides: [n] },
    out: 2,
    epilogue: null,
  },
];

describe("what was found", () => {
  const odd: RegisterTiles = { narrow: 8, wide: 4 };

  it("is found again", () => {
    const tiles = new TileTuning("auto", new MemoryStore({ plain: odd }));
    tiles.want(false, product(100));
    expect(tiles.tiles(false)).toEqual(odd);
    expect(tiles.tiles(true)).toEqual(tableTiles(true));
  });

  it("is measured after the first large product, and kept", async () => {
    const store = new MemoryStore(null);
    const tiles = new TileTuning("auto", store);
    tiles.want(false, product(10));
    expect(store.reads).toBe(0);
    tiles.want(false, product(100));
    tiles.want(false, product(100));
    expect(store.reads).toBe(1);
    expect(tiles.tiles(false)).toEqual(tableTiles(false));
    await tiles.settled();
    // Engines with a coarse clock find nothing.
    if (store.kept !== null) expect(store.kept).toEqual({ plain: tiles.tiles(false) });
    expect(all).toContainEqual(tiles.tiles(false));
  });

  it("is not looked for when off", async () => {
    const store = new MemoryStore({ plain: odd });
    const tiles = new TileTuning("off", store);
    tiles.want(false, product(100));
    await tiles.settled();
    expect(store.reads).toBe(0);
    expect(tiles.tiles(false)).toEqual(tableTiles(false));
  });

  it.each([7, "text", {}, { plain: null }, { plain: { narrow: 1000, wide: 0 } }, { plain: { narrow: "8" } }])(
    "and is not understood (%j) counts as nothing",
    (kept) => {
      const tiles = new TileTuning("auto", new MemoryStore(kept));
      tiles.want(false, product(100));
      expect(tiles.tiles(false)).toEqual(tableTiles(false));
    },
  );

  it("measuring gives the event loop a turn before every sample", async () => {
    let turns = 0;
    const found = await measureTiles(false, async () => void turns++);
    if (found !== null) expect(turns).toBeGreaterThan(NARROW_ROWS.length + WIDE_ROWS.length);
  });
});
