/** Long products of few rows, which are cut along their depth, against sums in float64. */
import { type Array as JaxArray, defaultDevice, init, jit, nn, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { testDevices } from "./devices";
import { programOf } from "./program-of";
import { randomNumbers } from "./run-program";

leavesArraysToCollector("values are the subject here");

beforeAll(() => init());

interface Case {
  readonly name: string;
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  readonly f: (x: JaxArray, a: JaxArray) => JaxArray;
  /** The same of a sum. */
  readonly after?: (sum: number) => number;
  /** [rows, columns] or [columns, rows]. */
  readonly swapped?: boolean;
  readonly kinds: readonly string[];
}

const cut = ["contract", "loop"];
const cases: Case[] = [
  { name: "a row", rows: 1, depth: 1024, columns: 600, f: (x, a) => np.matmul(x, a), kinds: cut },
  {
    name: "rows, with what comes after",
    rows: 3,
    depth: 516,
    columns: 1030,
    f: (x, a) => nn.relu(np.matmul(x, a).mul(2).sub(1)),
    after: (sum) => Math.max(0, 2 * sum - 1),
    kinds: cut,
  },
  {
    name: "a transposed matrix by columns",
    rows: 2,
    depth: 2048,
    columns: 300,
    f: (x, a) => np.matmul(a.transpose(), x.transpose()),
    swapped: true,
    kinds: cut,
  },
  { name: "a depth that has no quarter", rows: 1, depth: 1023, columns: 600, f: (x, a) => np.matmul(x, a), kinds: ["contract"] }, // prettier-ignore
];

for (const device of testDevices) {
  describe(`long products of few rows on ${device}`, () => {
    beforeAll(() => defaultDevice(device));
    for (const { name, rows, depth, columns, f, after = (sum: number) => sum, swapped = false, kinds } of cases) {
      it(`${name}: ${rows} x ${depth} x ${columns}`, async () => {
        const next = randomNumbers(1);
        const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => next() - 0.5);
        const [xs, as] = [numbers(rows * depth), numbers(depth * columns)];
        const x = np.array(xs).reshape([rows, depth]);
        const a = np.array(as).reshape([depth, columns]);
        expect(programOf(f, x, a).kernels.map((k) => k.kind)).toEqual(kinds);
        const out = await jit(f)(x, a).data();
        let worst = 0;
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) {
            let sum = 0;
            for (let k = 0; k < depth; k++) sum += xs[i * depth + k]! * as[k * columns + j]!;
            const got = Number(out[swapped ? j * rows + i : i * columns + j]);
            worst = Math.max(worst, Math.abs(got - after(sum)));
          }
        }
        expect(worst).toBeLessThan(2e-4);
      });
    }
  });
}
