/** The greatest elements of rows, of every kind of row, against an order made here. */
import { type Array, defaultDevice, grad, jit, lax, numpy as np } from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { syncDevices } from "../devices";
import { Owner } from "../owner";

type Kind = "mixed" | "ascending" | "descending" | "ties" | "equal" | "NaN" | "infinite" | "least";
const KINDS: readonly Kind[] = ["mixed", "ascending", "descending", "ties", "equal", "NaN", "infinite", "least"];
const LEAST = -(2 ** 31);

/** Numbers below 1 by a linear congruence. */
function elements(kind: Kind, n: number): number[] {
  let state = 12345;
  return globalThis.Array.from({ length: n }, (_, i) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    const r = (state >>> 8) / 2 ** 23;
    switch (kind) {
      case "mixed":
        return Math.floor((r - 0.5) * 2e6);
      case "ascending":
        return i;
      case "descending":
        return -i;
      case "ties":
        return Math.floor(r * 8) - 4;
      case "equal":
        return 7;
      case "NaN":
        return r < 0.03 ? NaN : r < 0.5 ? -0 : r < 0.97 ? 0 : Math.floor(r * 1000);
      case "infinite":
        return r < 0.98 ? -Infinity : r > 0.995 ? Infinity : Math.floor(r * 1000);
      case "least":
        return r < 0.98 ? LEAST : Math.floor(r * 1000);
    }
  });
}

/** Positions from the greatest down: NaN first, the first of equal ones first. */
function order(row: readonly number[]): number[] {
  const rank = (v: number): number => (Number.isNaN(v) ? 1 : 0);
  const before = (p: number, q: number): number =>
    rank(row[q]!) - rank(row[p]!) || (row[p] === row[q] || rank(row[p]!) === 1 ? p - q : row[p]! < row[q]! ? 1 : -1);
  return row.map((_, i) => i).sort(before);
}

const SIZES: readonly [n: number, ks: readonly number[]][] = [
  [1, [1]],
  [41, [1, 5, 41]],
  [64, [1, 8]],
  [100, [1, 10, 12, 100]],
  [257, [1, 14, 15, 32]],
  [1000, [3, 14, 20, 57, 65, 125]],
  [2600, [1, 58, 64]],
];

for (const device of syncDevices) {
  describe(`topK on ${device}`, () => {
    beforeAll(() => void defaultDevice(device));
    afterAll(() => void defaultDevice("wasm"));

    for (const kind of KINDS) {
      test(`rows: ${kind}`, { timeout: 120_000 }, () => {
        const whole = !["NaN", "infinite"].includes(kind);
        const dtypes = [...["float32", "float16"], ...(whole ? ["int32"] : [])] as const;
        for (const [n, ks] of SIZES) {
          const data = elements(kind, 2 * n);
          for (const dtype of dtypes as readonly ("float32" | "int32")[]) {
            using own = new Owner();
            const x = own.of(np.array(data, { dtype, shape: [2, n] }));
            const rows = x.js() as number[][];
            const orders = rows.map(order);
            for (const k of ks) {
              const [values, places] = own.of(lax.topK(x, k)) as [Array, Array];
              const expected = orders.map((o) => o.slice(0, k));
              expect(places.js()).toEqual(expected);
              // 0 and -0 are equal; which of them it is the places say
              const picked = expected.map((o, r) => o.map((i) => rows[r]![i]!));
              expect(values.js()).toEqual(picked);
            }
          }
        }
      });
    }

    test("along another axis, of the values alone, and its derivative", () => {
      using own = new Owner();
      const data = elements("mixed", 300 * 5);
      const x = own.of(np.array(data, { shape: [300, 5] }));
      const columns = [0, 1, 2, 3, 4].map((c) => data.filter((_, i) => i % 5 === c));
      const places = columns.map((column) => order(column).slice(0, 6));
      const f = own.of(jit((y: Array) => lax.topK(y, 6, 0)[0]));
      const turned = own.of(own.of(f(x)).transpose());
      expect(turned.js()).toEqual(places.map((p, c) => p.map((i) => columns[c]![i]!)));
      const g = own.of(own.of(jit(grad((y: Array) => lax.topK(y, 6, 0)[0].sum())))(x));
      const ones = data.map((_, i) => (places[i % 5]!.includes(Math.floor(i / 5)) ? 1 : 0));
      expect(own.of(g.reshape([-1])).js()).toEqual(ones);
    });
  });
}
