/** Products of operands that are converted, scaled or unpacked as they are read, against sums of whole numbers. */
import { type Array as JaxArray, type DType, defaultDevice, grad, init, jit, numpy as np } from "@jax-js/jax";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { testDevices } from "./devices";
import {
  type Matrix,
  arrayOf,
  at,
  flat,
  formsOf,
  generator,
  mapMatrix,
  productOf,
  randomMatrix,
  transposed,
  turn,
  turned,
} from "./matrix-case";
import { wasmProgramOf } from "./program-of";

leavesArraysToCollector("values are the subject here");

beforeAll(() => init());

/** Rows, depth, columns: few rows, odd sizes, several blocks of rows, of columns and of the depth. */
const SIZES = [
  [1, 130, 67],
  [2, 64, 64],
  [3, 259, 101],
  [4, 71, 66],
  [7, 391, 85],
  [50, 401, 67],
  [34, 65, 1101],
  [9, 801, 70],
] as const;

const DTYPES: readonly DType[] = ["bfloat16", "float16", "int8", "uint8", "int16", "int32", "bool"];

for (const device of testDevices) {
  describe(`operands computed as they are read, on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    const lowest = (dtype: DType): number => (dtype === "bool" || dtype === "uint8" ? 0 : -9);
    const greatest = (dtype: DType): number => (dtype === "bool" ? 1 : 9);

    it.each(DTYPES)("of %s", async (dtype) => {
      const random = generator(1);
      for (const [m, k, n] of SIZES) {
        for (const form of formsOf(m * k * n)) {
          const x = randomMatrix(m, k, [-9, 9], random);
          const w = randomMatrix(k, n, [lowest(dtype), greatest(dtype)], random);
          const [a, b] = [arrayOf(turned(form, 0, x), "float32"), arrayOf(turned(form, 1, w), dtype)];
          const f = jit((p: JaxArray, q: JaxArray) => np.matmul(turn(form, 0, p), turn(form, 1, q.astype("float32"))));
          expect(await flat(f(a, b)), `${m}x${k}x${n} ${form}`).toEqual(productOf(x, w));
        }
      }
    });

    it("with a zero point and a scale for each column, as either operand, with an epilogue", async () => {
      const random = generator(2);
      for (const [m, k, n] of SIZES) {
        const x = randomMatrix(m, k, [-9, 9], random);
        const w = randomMatrix(k, n, [-128, 127], random);
        const zero = randomMatrix(1, n, [-3, 3], random);
        const scale = randomMatrix(1, n, [-4, 4], random);
        const real = mapMatrix(w, (v, _, j) => (v - at(zero, 0, j)) * at(scale, 0, j));
        const weights = (q: JaxArray, z: JaxArray, s: JaxArray): JaxArray =>
          q.astype("float32").sub(z.astype("float32")).mul(s);
        const right = jit((p: JaxArray, ...w: [JaxArray, JaxArray, JaxArray]) =>
          np.maximum(np.matmul(p, weights(...w)).add(1), 0),
        );
        const left = jit((p: JaxArray, ...w: [JaxArray, JaxArray, JaxArray]) => np.matmul(weights(...w).T, p.T));
        const args = [
          arrayOf(x, "float32"),
          arrayOf(w, "int8"),
          arrayOf(zero, "int8"),
          arrayOf(scale, "float32"),
        ] as const;
        expect(await flat(right(...args)), `right ${m}x${k}x${n}`).toEqual(
          productOf(x, real).map((v) => Math.max(v + 1, 0)),
        );
        expect(await flat(left(...args)), `left ${m}x${k}x${n}`).toEqual(productOf(transposed(real), transposed(x)));
      }
    });

    // Numbers of a byte: neighbours, or as far apart as the block has bytes.
    const LAYOUTS = [2, 4, 8].flatMap((bits) => (["neighbours", "pieces"] as const).map((order) => ({ bits, order })));

    it.each(LAYOUTS)("unpacked from $bits bits in $order, with scales for blocks along k", async ({ bits, order }) => {
      const random = generator(3);
      const perByte = 8 / bits;
      const cases = [
        [1, 128, 67, 32],
        [3, 64, 65, 16],
        [4, 256, 33, 64],
        [5, 320, 70, 32],
        [50, 832, 99, 32],
        [7, 128, 64, 128],
        [2, 96, 50, 24],
      ] as const;
      for (const [m, k, n, block] of cases) {
        const nBytes = block / perByte;
        const x = randomMatrix(m, k, [-9, 9], random);
        const packed = randomMatrix(n, k / perByte, [0, 255], random);
        const scale = randomMatrix(n, k / block, [1, 9], random);
        const zero = randomMatrix(n, k / block, [0, 2 ** bits - 1], random);
        const real = mapMatrix({ rows: n, columns: k, values: new Array<number>(n * k).fill(0) }, (_, i, j) => {
          const [number, place] = [Math.floor(j / block), j % block];
          const [byte, part] = order === "pieces" ? [place % nBytes, Math.floor(place / nBytes)] : [Math.floor(place / perByte), place % perByte]; // prettier-ignore
          const q = (at(packed, i, number * nBytes + byte) >> (bits * part)) & (2 ** bits - 1);
          return (q - at(zero, i, number)) * at(scale, i, number);
        });
        const perBlock = (z: JaxArray): JaxArray => np.expandDims(z.astype("float32"), -1);
        const weights = (q: JaxArray, z: JaxArray, s: JaxArray): JaxArray => {
          const bytes = q.reshape([n, k / block, nBytes]);
          const from = order === "pieces" ? bytes : bytes.astype("int32");
          const parts = Array.from({ length: perByte }, (_, i) =>
            np.bitwiseAnd(np.rightShift(from, i * bits), 2 ** bits - 1),
          );
          const whole = order === "pieces" ? np.concatenate(parts, -1) : np.stack(parts, -1);
          const numbers = whole.reshape([n, k / block, block]).astype("float32");
          return numbers.sub(perBlock(z)).mul(perBlock(s)).reshape([n, k]); // prettier-ignore
        };
        const right = jit((p: JaxArray, ...w: [JaxArray, JaxArray, JaxArray]) => np.matmul(p, weights(...w).T));
        const left = jit((p: JaxArray, ...w: [JaxArray, JaxArray, JaxArray]) => np.matmul(weights(...w), p.T));
        const args = [
          arrayOf(x, "float32"),
          arrayOf(packed, "uint8"),
          arrayOf(zero, "uint8"),
          arrayOf(scale, order === "pieces" ? "float16" : "float32"),
        ] as const;
        expect(await flat(right(...args)), `right ${m}x${k}x${n}`).toEqual(productOf(x, transposed(real)));
        expect(await flat(left(...args)), `left ${m}x${k}x${n}`).toEqual(productOf(real, transposed(x)));
      }
    });

    it("in batches, both operands, and from pieces of arrays", async () => {
      const random = generator(4);
      const [nBatch, m, k, n] = [3, 66, 70, 65];
      const xs = Array.from({ length: nBatch }, () => randomMatrix(m, k, [-9, 9], random));
      const ws = Array.from({ length: nBatch }, () => randomMatrix(n, 2 * k, [-9, 9], random));
      const stack = (all: readonly Matrix[], dtype: DType): JaxArray => np.stack(all.map((x) => arrayOf(x, dtype)));
      const f = jit((x: JaxArray, w: JaxArray) => {
        const every = w.slice([], [], [null, null, -2]).astype("float32"); // from the last one, every other
        return np.einsum("bik,bjk->bij", x.astype("float32").mul(2), every.sub(1));
      });
      const want = xs.flatMap((x, b) => {
        const w = ws[b]!;
        const taken = mapMatrix({ rows: n, columns: k, values: new Array<number>(n * k).fill(0) }, (_, i, j) =>
          at(w, i, 2 * k - 1 - 2 * j),
        );
        return productOf(
          mapMatrix(x, (v) => 2 * v),
          transposed(mapMatrix(taken, (v) => v - 1)),
        );
      });
      expect(await flat(f(stack(xs, "bfloat16"), stack(ws, "int8")))).toEqual(want);
    });

    it("of a long matrix by few rows, in parts of its depth", async () => {
      const random = generator(6);
      for (const rows of [1, 3]) {
        const [x, w] = [randomMatrix(rows, 1028, [-9, 9], random), randomMatrix(1028, 517, [-9, 9], random)];
        const scale = randomMatrix(1, 517, [-4, 4], random);
        const f = jit((a: JaxArray, b: JaxArray, s: JaxArray) => np.matmul(a, b.astype("float32").mul(s)).add(1));
        const want = productOf(
          x,
          mapMatrix(w, (v, _, j) => v * at(scale, 0, j)),
        ).map((v) => v + 1);
        expect(await flat(f(arrayOf(x, "float32"), arrayOf(w, "int8"), arrayOf(scale, "float32")))).toEqual(want);
      }
    });

    it("in products of integers with few rows, and in gradients", async () => {
      const random = generator(5);
      const [x, w] = [randomMatrix(3, 100, [-128, 127], random), randomMatrix(100, 77, [-128, 127], random)];
      const ints = jit((a: JaxArray, b: JaxArray) => np.matmul(a.astype("int32"), b.astype("int32")));
      const got = await ints(arrayOf(x, "int8"), arrayOf(w, "int8")).data();
      expect(Array.from(got)).toEqual(productOf(x, w));

      const c = randomMatrix(9, 77, [-9, 9], random);
      const loss = (a: JaxArray, b: JaxArray, ct: JaxArray): JaxArray =>
        np.matmul(a, b.astype("float32")).mul(ct).sum();
      const args = [np.zeros([9, 100]), arrayOf(w, "int8"), arrayOf(c, "float32")] as const;
      expect(await flat(jit(grad(loss))(...args))).toEqual(productOf(c, transposed(w)));
    });
  });
}

describe("what is computed as it is read", () => {
  const x = (): JaxArray => np.ones([5, 128]);
  const w = (): JaxArray => np.ones([128, 96]).astype("bfloat16");
  const kinds = (f: (...args: JaxArray[]) => unknown, ...args: JaxArray[]): string[] =>
    wasmProgramOf(f, ...args).kernels.map((kernel) => kernel.kind);

  it("conversions and scales take no memory", () => {
    const scaled = (a: JaxArray, b: JaxArray, s: JaxArray): JaxArray => np.matmul(a, b.astype("float32").mul(s));
    for (const rows of [1, 5]) {
      const program = wasmProgramOf(scaled, np.ones([rows, 128]), w(), np.ones([96]));
      expect(program.kernels.map((k) => k.kind)).toEqual(["contract"]);
      expect(program.arenaBytes).toBe(0);
    }
    // Blocks of numbers of 4 bits: the rows are put in the order of the numbers, then all is one loop.
    const blocks = (a: JaxArray, q: JaxArray, s: JaxArray): JaxArray => {
      const parts = [np.bitwiseAnd(q, 15), np.rightShift(q, 4)].map((part) => part.astype("float32").sub(8));
      const weights = np.stack(parts, -1).reshape([96, 4, 32]).mul(s); // prettier-ignore
      return np.matmul(a, weights.reshape([96, 128]).T);
    };
    const quarters = wasmProgramOf(blocks, np.ones([1, 128]), np.ones([96, 64]).astype("uint8"), np.ones([96, 4, 1]));
    expect(quarters.kernels.map((k) => k.kind)).toEqual(["loop", "loop"]);
    expect(quarters.arenaBytes).toBeLessThanOrEqual(4 * 128);
    // rows of what lies along k are summed up in a loop
    expect(kinds((a, b) => np.matmul(a, b.astype("float32").T), np.ones([1, 96]), w())).toEqual(["loop"]);
  });

  it("costly work, results, windows and what other products are done with are not", () => {
    expect(kinds((a, b) => np.matmul(a, np.exp(b.astype("float32"))), x(), w())).toEqual(["loop", "contract"]);
    const also = (a: JaxArray, b: JaxArray): JaxArray[] => {
      const wide = b.astype("float32");
      return [np.matmul(a, wide), wide];
    };
    expect(kinds(also, x(), w())).toEqual(["loop", "contract"]);
    // the epilogue of the first product
    const two = (a: JaxArray, b: JaxArray): JaxArray => np.matmul(np.maximum(np.matmul(a, b), 0), np.ones([64, 8]));
    const program = wasmProgramOf(two, np.ones([128, 128]), np.ones([128, 64]));
    expect(program.kernels.every((k) => k.kind !== "contract" || !k.lhs.computed)).toBe(true);
  });
});
