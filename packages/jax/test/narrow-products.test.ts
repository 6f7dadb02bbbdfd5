/** Products of 8- and 16-bit integers with 32-bit results: exact for all values, whatever the strides. */
import { type Array as JaxArray, type DType, defaultDevice, init, jit, lax, numpy as np } from "@jax-js/jax";
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

const RANGES = { int8: [-128, 127], uint8: [0, 255], int16: [-32768, 32767], bool: [0, 1] } as const;
type Narrow = keyof typeof RANGES;
const NARROW = Object.keys(RANGES) as Narrow[];

const wide = (x: JaxArray): JaxArray => x.astype("int32");

/** Rows, depth, columns. */
const SIZES = [
  [5, 16, 5],
  [6, 17, 7],
  [7, 131, 66],
  [33, 100, 71],
  [8, 1591, 30],
  [98, 65, 40],
  [5, 33, 1045],
] as const;

for (const device of testDevices) {
  describe(`products of narrow integers on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    it.each(NARROW.flatMap((a) => NARROW.map((b) => [a, b] as const)))("of %s and %s", async (a, b) => {
      const random = generator(1);
      for (const [m, k, n] of SIZES) {
        const [x, w] = [randomMatrix(m, k, RANGES[a], random), randomMatrix(k, n, RANGES[b], random)];
        const want = productOf(x, w);
        for (const form of formsOf(m * k * n)) {
          const f = jit((p: JaxArray, q: JaxArray) => np.matmul(wide(turn(form, 0, p)), wide(turn(form, 1, q))));
          const got = f(arrayOf(turned(form, 0, x), a), arrayOf(turned(form, 1, w), b));
          expect(await flat(got), `${m}x${k}x${n} ${form}`).toEqual(want);
        }
      }
    });

    it("of the least values alone, whose sums wrap", async () => {
      for (const dtype of ["int8", "int16"] as const) {
        const [low] = RANGES[dtype];
        const x: Matrix = { rows: 6, columns: 40, values: new Array<number>(240).fill(low) };
        const f = jit((p: JaxArray) => lax.dot(p, p.T, { preferredElementType: "int32" }));
        expect(await flat(f(arrayOf(x, dtype)))).toEqual(productOf(x, transposed(x)));
      }
    });

    it("of int8 in int8, which wraps, and of uint8 in uint32", async () => {
      const random = generator(2);
      const [x, w] = [randomMatrix(7, 90, [-128, 127], random), randomMatrix(90, 13, [-128, 127], random)];
      const f = jit((p: JaxArray, q: JaxArray) => np.matmul(p, q));
      expect(await flat(f(arrayOf(x, "int8"), arrayOf(w, "int8")))).toEqual([...Int8Array.from(productOf(x, w))]);
      const [y, z] = [randomMatrix(7, 90, [0, 255], random), randomMatrix(90, 13, [0, 255], random)];
      const g = jit((p: JaxArray, q: JaxArray) => lax.dot(p, q, { preferredElementType: "uint32" }));
      expect(await flat(g(arrayOf(y, "uint8"), arrayOf(z, "uint8")))).toEqual(productOf(y, z));
    });

    it("with zero points, reversed, every other one, in batches", async () => {
      const random = generator(3);
      const [nBatch, m, k, n] = [3, 13, 37, 21];
      const xs = Array.from({ length: nBatch }, () => randomMatrix(2 * m, k, [0, 255], random));
      const ws = Array.from({ length: nBatch }, () => randomMatrix(k, n, [-128, 127], random));
      const zero = randomMatrix(1, n, [-128, 127], random);
      const stack = (all: readonly Matrix[], dtype: DType): JaxArray => np.stack(all.map((x) => arrayOf(x, dtype)));
      const f = jit((x: JaxArray, w: JaxArray, z: JaxArray) => {
        const rows = wide(x.slice([], [null, null, -2], [null, null, -1])).sub(121);
        return np.einsum("bik,bkj->bij", rows, wide(w).sub(wide(z)));
      });
      const want = xs.flatMap((x, b) => {
        const taken = mapMatrix({ rows: m, columns: k, values: new Array<number>(m * k).fill(0) }, (_, i, j) =>
          at(x, 2 * m - 1 - 2 * i, k - 1 - j),
        );
        const weights = mapMatrix(ws[b]!, (v, _, j) => v - at(zero, 0, j));
        return productOf(
          mapMatrix(taken, (v) => v - 121),
          weights,
        );
      });
      expect(await flat(f(stack(xs, "uint8"), stack(ws, "int8"), arrayOf(zero, "int8")))).toEqual(want);
    });

    it.each([
      { c: 5, size: [9, 11], o: 7, window: 3, stride: 1, pad: 1 },
      { c: 3, size: [12, 9], o: 6, window: 3, stride: 2, pad: 1 },
      { c: 17, size: [8, 8], o: 16, window: 1, stride: 1, pad: 0 },
      { c: 2, size: [20, 21], o: 9, window: 5, stride: 1, pad: 2 },
    ] as const)(
      "convolution of $c channels by windows of $window, every $stride",
      async ({ c, size, o, window, stride, pad }) => {
        const random = generator(4);
        const [height, width] = size;
        const image = randomMatrix(c, height * width, [0, 255], random);
        const kernel = randomMatrix(o, c * window * window, [-128, 127], random);
        const out = [height, width].map((s) => Math.floor((s + 2 * pad - window) / stride) + 1) as [number, number];
        const places: Matrix = { rows: kernel.columns, columns: out[0] * out[1], values: new Array<number>(kernel.columns * out[0] * out[1]).fill(0) }; // prettier-ignore
        const columns = mapMatrix(places, (_, term, place) => {
          const [channel, dy, dx] = [Math.floor(term / window ** 2), Math.floor(term / window) % window, term % window];
          const y = Math.floor(place / out[1]) * stride + dy - pad;
          const z = (place % out[1]) * stride + dx - pad;
          return y >= 0 && y < height && z >= 0 && z < width ? at(image, channel, y * width + z) - 3 : 0;
        });
        const f = jit(
          (x: JaxArray, w: JaxArray) =>
        lax.convGeneralDilated(wide(x).sub(3), wide(w), [stride, stride], [[pad, pad], [pad, pad]]), // prettier-ignore
        );
        const x = arrayOf(image, "uint8").reshape([1, c, height, width]);
        const w = arrayOf(kernel, "int8").reshape([o, c, window, window]);
        expect(await flat(f(x, w))).toEqual(productOf(kernel, columns));
      },
    );
  });
}

describe("operands of integer products", () => {
  const dtypes = (f: (a: JaxArray, b: JaxArray) => JaxArray, a: DType, b: DType) => {
    const program = wasmProgramOf(
      f as (...args: JaxArray[]) => JaxArray,
      np.ones([8, 40]).astype(a),
      np.ones([40, 9]).astype(b),
    );
    const [kernel] = program.kernels.filter((k) => k.kind === "contract");
    return [kernel!.lhs, kernel!.rhs].map(({ dtype, buffer }) => dtype ?? program.buffers[buffer]!.dtype);
  };
  const product = (a: JaxArray, b: JaxArray): JaxArray => np.matmul(wide(a), wide(b));

  it("are read as narrow as they are", () => {
    expect(dtypes(product, "int8", "uint8")).toEqual(["int8", "uint8"]);
    expect(dtypes(product, "int16", "bool")).toEqual(["int16", "int8"]);
    expect(dtypes((a, b) => np.matmul(wide(a).sub(7), wide(b)), "uint8", "int8")).toEqual(["int16", "int8"]);
  });

  it("are wide where they may not fit", () => {
    for (const [a, b] of [["int32", "int8"], ["uint16", "int8"]] as const) expect(dtypes(product, a, b)).toEqual(["int32", "int32"]); // prettier-ignore
    expect(dtypes((a, b) => np.matmul(wide(a).add(wide(a)), wide(b)), "int16", "int8")).toEqual(["int32", "int32"]);
    expect(dtypes((a, b) => np.matmul(wide(a).mul(3), wide(b)), "int8", "int8")).toEqual(["int32", "int32"]);
  });
});
