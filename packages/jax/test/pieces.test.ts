/** Maps that choose by place (rolls, padding, joined and interleaved arrays) at sizes where they are cut into pieces. */
import { type Array as JaxArray, defaultDevice, grad, lax, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import { randomNumbers } from "./run-program";
import { jit, owned, test } from "./scoped";

type Read = (i: number, j: number) => number;

interface Case {
  readonly name: string;
  readonly f: (x: JaxArray) => JaxArray;
  readonly shape: readonly [number, number];
  /** Element (i, j) of the result, with `x` the elements of the argument. */
  readonly want: (i: number, j: number, x: Read) => number;
}

const [ROWS, COLUMNS] = [74, 90];
const wrap = (i: number, n: number): number => ((i % n) + n) % n;
const inside = (i: number, j: number): boolean => i >= 0 && j >= 0 && i < ROWS && j < COLUMNS;
const around: Read = (i, j) => wrap(i, ROWS) * COLUMNS + wrap(j, COLUMNS);

const CASES: readonly Case[] = [
  {
    name: "rolls along both axes",
    f: (x) =>
      np
        .roll(np.roll(x, 3, 0), -2, 1)
        .mul(2)
        .add(np.roll(x, 1, 1)),
    shape: [ROWS, COLUMNS],
    want: (i, j, x) => 2 * x(...ij(around(i - 3, j + 2))) + x(...ij(around(i, j - 1))),
  },
  {
    name: "a stencil of a padded array",
    f: (x) => {
      const p = np.pad(x, 1);
      const at = (i: number, j: number): JaxArray => lax.slice(p, [i, j], [i + ROWS, j + COLUMNS]);
      return at(0, 1).add(at(2, 1)).add(at(1, 0)).add(at(1, 2)).sub(x.mul(4));
    },
    shape: [ROWS, COLUMNS],
    want: (i, j, x) => {
      const or0: Read = (p, q) => (inside(p, q) ? x(p, q) : 0);
      return or0(i - 1, j) + or0(i + 1, j) + or0(i, j - 1) + or0(i, j + 1) - 4 * x(i, j);
    },
  },
  {
    name: "padding with the edge",
    f: (x) => np.pad(x, [[2, 40], [1, 3]], { mode: "edge" }), // prettier-ignore
    shape: [ROWS + 42, COLUMNS + 4],
    want: (i, j, x) => x(Math.min(Math.max(i - 2, 0), ROWS - 1), Math.min(Math.max(j - 1, 0), COLUMNS - 1)),
  },
  {
    name: "joined along the last axis",
    f: (x) => np.concatenate([x, x.mul(2), np.flip(x, 1)], 1),
    shape: [ROWS, 3 * COLUMNS],
    want: (i, j, x) => (j < COLUMNS ? x(i, j) : j < 2 * COLUMNS ? 2 * x(i, j - COLUMNS) : x(i, 3 * COLUMNS - 1 - j)),
  },
  {
    name: "joined in many short parts",
    f: (x) =>
      np.concatenate(
        [0, 1, 2, 3, 4].map((k) => lax.slice(x, [k, k], [ROWS, COLUMNS - 4 + k]).mul(k)),
        0,
      ),
    shape: [5 * ROWS - 10, COLUMNS - 4],
    want: (i, j, x) => {
      let k = 0;
      for (; i >= ROWS - k; k++) i -= ROWS - k;
      return k * x(i + k, j + k);
    },
  },
  {
    name: "interleaved",
    f: (x) => np.stack([x, x.mul(2), x.sub(1)], -1).reshape([ROWS, 3 * COLUMNS]),
    shape: [ROWS, 3 * COLUMNS],
    want: (i, j, x) => {
      const value = x(i, Math.floor(j / 3));
      return [value, 2 * value, value - 1][j % 3]!;
    },
  },
  {
    name: "interleaved along both axes, of odd lengths",
    f: (x) => {
      const pairs = (a: JaxArray, b: JaxArray): JaxArray =>
        lax.slice(np.stack([a, b], -1).reshape([ROWS, 2 * COLUMNS]), [0, 0], [ROWS, 2 * COLUMNS - 1]);
      const rows = np.stack([pairs(x, x.mul(2)), pairs(x.sub(1), x.mul(3))], 1);
      return lax.slice(rows.reshape([2 * ROWS, 2 * COLUMNS - 1]), [0, 0], [2 * ROWS - 1, 2 * COLUMNS - 1]);
    },
    shape: [2 * ROWS - 1, 2 * COLUMNS - 1],
    want: (i, j, x) => {
      const value = x(i >> 1, j >> 1);
      return [value, 2 * value, value - 1, 3 * value][2 * (i % 2) + (j % 2)]!;
    },
  },
  {
    name: "interleaved by three, cut short",
    f: (x) => {
      const whole = np.stack([x, x.mul(2), x.sub(1)], -1).reshape([ROWS, 3 * COLUMNS]);
      return lax.slice(whole, [0, 0], [ROWS, 3 * COLUMNS - 2]);
    },
    shape: [ROWS, 3 * COLUMNS - 2],
    want: (i, j, x) => {
      const value = x(i, Math.floor(j / 3));
      return [value, 2 * value, value - 1][j % 3]!;
    },
  },
  {
    name: "pairs turned",
    f: (x) => {
      const half = (k: number): JaxArray => lax.slice(x, [0, k], [ROWS, COLUMNS], [1, 2]);
      const [a, b] = [half(0), half(1)];
      return np.stack([a.mul(3).sub(b.mul(4)), a.mul(4).add(b.mul(3))], -1).reshape([ROWS, COLUMNS]);
    },
    shape: [ROWS, COLUMNS],
    want: (i, j, x) => (j % 2 === 0 ? 3 * x(i, j) - 4 * x(i, j + 1) : 4 * x(i, j - 1) + 3 * x(i, j)),
  },
  {
    name: "repeated along both axes",
    f: (x) => np.repeat(np.repeat(x, 2, 0), 4, 1).add(1),
    shape: [2 * ROWS, 4 * COLUMNS],
    want: (i, j, x) => x(i >> 1, j >> 2) + 1,
  },
  {
    name: "in tiles",
    f: (x) => np.tile(x, [2, 3]).mul(2),
    shape: [2 * ROWS, 3 * COLUMNS],
    want: (i, j, x) => 2 * x(i % ROWS, j % COLUMNS),
  },
  {
    name: "repeated heads",
    f: (x) => np.repeat(x.reshape([ROWS, 9, 10]), 7, 1).reshape([ROWS, 630]),
    shape: [ROWS, 630],
    want: (i, j, x) => x(i, 10 * Math.floor(j / 70) + (j % 10)),
  },
  {
    name: "an axis of one element between zeros",
    f: (x) => lax.pad(x.reshape([ROWS, 1, COLUMNS]), 0, [[0, 0, 0], [1, 0, 1], [0, 0, 0]]).reshape([ROWS, 2 * COLUMNS]), // prettier-ignore
    shape: [ROWS, 2 * COLUMNS],
    want: (i, j, x) => (j < COLUMNS ? 0 : x(i, j - COLUMNS)),
  },
  {
    name: "the diagonal and the first column",
    f: (x) => {
      const i = lax.broadcastedIota("int32", [ROWS, COLUMNS], 0);
      const j = lax.broadcastedIota("int32", [ROWS, COLUMNS], 1);
      return np.where(i.equal(j), 5, np.where(j.equal(0), x.mul(2), x));
    },
    shape: [ROWS, COLUMNS],
    want: (i, j, x) => (i === j ? 5 : j === 0 ? 2 * x(i, j) : x(i, j)),
  },
  {
    name: "the gradient of pooling",
    f: (x) => {
      const pooled = (y: JaxArray): JaxArray => lax.reduceWindow(y, 0, lax.add, [2, 2], [2, 2], "VALID");
      return grad((y: JaxArray) => np.sum(np.square(pooled(y))))(x);
    },
    shape: [ROWS, COLUMNS],
    want: (i, j, x) => {
      const [p, q] = [i - (i % 2), j - (j % 2)];
      return 2 * (x(p, q) + x(p, q + 1) + x(p + 1, q) + x(p + 1, q + 1));
    },
  },
];

function ij(at: number): [number, number] {
  return [Math.floor(at / COLUMNS), at % COLUMNS];
}

for (const device of syncDevices) {
  describe(`maps in pieces on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const { name, f, shape, want } of CASES) {
      test(name, () => {
        const random = randomNumbers(5);
        // 1/16ths of whole numbers: sums of them are exact
        const data = Float32Array.from({ length: ROWS * COLUMNS }, () => Math.round((random() - 0.5) * 256) / 16);
        const x = owned(owned(np.array(data)).reshape([ROWS, COLUMNS]));
        const read: Read = (i, j) => data[i * COLUMNS + j]!;
        const expected = Array.from({ length: shape[0] * shape[1] }, (_, at) =>
          want(Math.floor(at / shape[1]), at % shape[1], read),
        );
        const y = owned(jit(f)(x));
        expect(y.shape).toEqual(shape);
        expect(Array.from(y.dataSync() as Float32Array)).toEqual(expected);
      });
    }
  });
}

/** Maps of a few points, which are written out: everything there is of x, in shapes with 2 to 16 elements. */
const FEW: readonly { readonly name: string; readonly f: (x: JaxArray) => JaxArray; readonly want: (x: number[], columns: number) => number[] }[] = [
  {
    name: "stacked scalars",
    f: (x) => {
      const flat = x.reshape([-1]);
      const [a, b] = [flat.slice(0), flat.slice(1)];
      return np.stack([a.add(b), a.mul(b), b.sub(a).mul(3)]);
    },
    want: ([a, b]) => [a! + b!, a! * b!, (b! - a!) * 3],
  },
  {
    name: "rolled and weighted by place",
    f: (x) => np.roll(x, 1, 1).mul(np.arange(x.shape[1]!)).add(x),
    want: (x, n) => x.map((v, i) => x[i - (i % n) + wrap((i % n) - 1, n)]! * (i % n) + v),
  },
  {
    name: "a triangle of an outer product",
    f: (x) => np.tril(np.outer(x.slice(0, []), x.slice(0, [])).sub(1)),
    want: (x, n) => Array.from({ length: n * n }, (_, i) => (i % n > Math.floor(i / n) ? 0 : x[i % n]! * x[Math.floor(i / n)]! - 1)),
  },
  {
    name: "repeated",
    f: (x) => np.repeat(x, 2, 0).neg(),
    want: (x, n) => Array.from({ length: 2 * x.length }, (_, i) => -x[Math.floor(i / (2 * n)) * n + (i % n)]!),
  },
]; // prettier-ignore

for (const device of syncDevices) {
  describe(`maps of a few points on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const { name, f, want } of FEW) {
      test(name, () => {
        for (const [rows, columns] of [
          [1, 2],
          [2, 2],
          [1, 3],
          [3, 1],
          [2, 3],
          [4, 2],
          [2, 4],
          [1, 4],
          [3, 5],
          [4, 4],
        ] as const) {
          if (rows * columns < 2) continue;
          const values = Array.from({ length: rows * columns }, (_, i) => ((i * 5) % 7) - 2);
          const x = np.array(values).reshape([rows, columns]);
          const run = owned(jit(f));
          expect(
            [...run(x).dataSync()].map((v) => v + 0),
            `${rows} x ${columns}`,
          ).toEqual(want(values, columns).map((v) => v + 0));
        }
      });
    }

    test("in a loop that carries them", () => {
      const turn = owned(
        jit(
          (x: JaxArray) =>
            lax.foriLoop(
              0,
              5,
              (_: JaxArray, [p, q]: [JaxArray, JaxArray]) => [
                np.roll(p, 1).add(q),
                np.stack([p.slice(0), q.slice(2), p.slice(1)]),
              ],
              [x, x.mul(2)],
            ) as JaxArray[],
        ),
      );
      let [p, q] = [[1, 2, 3], [2, 4, 6]]; // prettier-ignore
      for (let i = 0; i < 5; i++) {
        const next = [0, 1, 2].map((k) => p[wrap(k - 1, 3)]! + q[k]!);
        q = [p[0]!, q[2]!, p[1]!];
        p = next;
      }
      const [gotP, gotQ] = turn(np.array([1, 2, 3])) as [JaxArray, JaxArray];
      expect([...gotP.dataSync()]).toEqual(p);
      expect([...gotQ.dataSync()]).toEqual(q);
    });
  });
}
