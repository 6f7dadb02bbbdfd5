/** Maps of bool, int8 and uint8, which wasm does sixteen at a time: against JavaScript's numbers in arrays of bytes. */
import { type Array as JaxArray, defaultDevice, lax, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import { jit, owned, test } from "./scoped";

type Byte = "int8" | "uint8";
type A = JaxArray;
type F = (a: A, b: A, mask: A, x: A) => A;
/** The same of numbers; what it gives is wrapped. */
type Plain = (a: number, b: number, mask: number, x: number) => number | boolean;

/** With rests of all kinds, and longer than a block of a row. */
const SIZES = [5, 16, 79, 4113];

const TYPED = { int8: Int8Array, uint8: Uint8Array };
const wrapped = (dtype: Byte, x: number): number => new TYPED[dtype]([x])[0]!;

const bytes = (dtype: Byte, n: number, at: (i: number) => number): Int8Array | Uint8Array =>
  new TYPED[dtype](Array.from({ length: n }, (_, i) => at(i)));

const cases: Record<string, readonly [F, Plain]> = {
  add: [(a, b) => np.add(a, b), (a, b) => a + b],
  subtract: [(a, b) => np.subtract(a, b), (a, b) => a - b],
  multiply: [(a, b) => np.multiply(a, b), (a, b) => a * b],
  maximum: [(a, b) => np.maximum(a, b), (a, b) => Math.max(a, b)],
  minimum: [(a, b) => np.minimum(a, b), (a, b) => Math.min(a, b)],
  and: [(a, b) => np.bitwiseAnd(a, b), (a, b) => a & b],
  or: [(a, b) => np.bitwiseOr(a, b), (a, b) => a | b],
  xor: [(a, b) => np.bitwiseXor(a, b), (a, b) => a ^ b],
  invert: [(a) => np.invert(a), (a) => ~a],
  negative: [(a) => np.negative(a), (a) => -a],
  abs: [(a) => np.abs(a), (a) => Math.abs(a)],
  "shift left by 3": [(a) => np.leftShift(a, 3), (a) => a << 3],
  "shift left by 9": [(a) => np.leftShift(a, 9), () => 0],
  "shift right by 3": [(a) => np.rightShift(a, 3), (a) => a >> 3],
  "shift right by 9": [(a) => np.rightShift(a, 9), (a) => (a < 0 ? -1 : 0)],
  "logical shift": [(a) => lax.shiftRightLogical(a, np.array(3, { dtype: a.dtype })), (a) => (a & 255) >> 3],
  "bits that are set": [(a) => lax.populationCount(a), (a) => (a & 255).toString(2).replaceAll("0", "").length],
  "remainder, which is no operation of bytes": [(a) => np.floorDivide(a, 7), (a) => Math.floor(a / 7)],
  "a formula of several": [(a, b) => a.mul(b).add(3).sub(np.maximum(a, b)), (a, b) => a * b + 3 - Math.max(a, b)],
  less: [(a, b) => np.less(a, b), (a, b) => a < b],
  "less or equal": [(a, b) => np.lessEqual(a, b), (a, b) => a <= b],
  equal: [(a, b) => np.equal(a, b), (a, b) => a === b],
  "not equal": [(a, b) => np.notEqual(a, b), (a, b) => a !== b],
  "less than a constant": [(a) => np.less(a, 100), (a) => a < 100],
  "to bool": [(a) => a.astype("bool"), (a) => a !== 0],
  "from bool": [(a, _, mask) => mask.astype(a.dtype), (_a, _b, mask) => mask],
  "the same bits": [
    (a) =>
      lax
        .bitcastConvertType(a, a.dtype === "int8" ? "uint8" : "int8")
        .astype("int32")
        .add(1)
        .astype(a.dtype),
    (a) => a + 1,
  ],
  "the same bits, compared with the other sign": [
    (a) => np.less(lax.bitcastConvertType(a, a.dtype === "int8" ? "uint8" : "int8"), 100),
    (a) => a >= 0 && (a > 127 || a < 100),
  ],
  where: [(a, b, mask) => np.where(mask, a, b), (a, b, mask) => (mask ? a : b)],
  "where, or a constant": [(a, _, mask) => np.where(mask, a, 7), (a, _b, mask) => (mask ? a : 7)],
  masks: [
    (a, b, mask) => np.logicalXor(np.logicalOr(np.less(a, b), mask), np.logicalNot(np.equal(a, 3))),
    (a, b, mask) => (a < b || mask === 1) !== (a !== 3),
  ],
  "a comparison of floats": [(_a, _b, _m, x) => np.greater(x, 0.5), (_a, _b, _m, x) => x > 0.5],
  "a long formula of floats": [
    (_a, _b, _m, x) => np.less(x.mul(x).sub(x.mul(3)).add(1).mul(x), np.abs(x).add(2).mul(x).sub(1)),
    (_a, _b, _m, x) => (x * x - 3 * x + 1) * x < (Math.abs(x) + 2) * x - 1,
  ],
  "floats and bytes": [
    (a, b, mask, x) => np.where(np.logicalAnd(np.greater(x, 0), mask), a.add(b), a.mul(3)),
    (a, b, mask, x) => (x > 0 && mask === 1 ? a + b : 3 * a),
  ],
  "from wider integers": [(a, _b, _m, x) => x.astype("int32").mul(100).astype(a.dtype), (_a, _b, _m, x) => 100 * x],
};

for (const device of syncDevices) {
  describe(`maps of bytes on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const [name, [f, plain]] of Object.entries(cases)) {
      test(name, () => {
        for (const dtype of ["int8", "uint8"] as const)
          for (const n of SIZES) {
            const a = bytes(dtype, n, (i) => 89 * i + 7);
            const b = bytes(dtype, n, (i) => (i % 3 === 0 ? a[i]! : 57 * i));
            const mask = Uint8Array.from({ length: n }, (_, i) => ((i * i) >> 1) & 1);
            const x = Float32Array.from({ length: n }, (_, i) => (i % 13) - 6);
            const bools = owned(np.array(mask).astype("bool"));
            const args = [owned(np.array(a)), owned(np.array(b)), bools, owned(np.array(x))] as const;
            for (const g of [f, jit(f)]) {
              const got = owned(g(...args));
              const isBool = got.dtype === "bool";
              const want = Array.from(a, (_, i) => Number(plain(a[i]!, b[i]!, mask[i]!, x[i]!)));
              expect(Array.from(got.dataSync(), Number), `${n} of ${dtype}`).toEqual(
                isBool ? want : want.map((w) => wrapped(dtype, w)),
              );
            }
          }
      });
    }

    test("rows of a game of life, with borders", () => {
      const [h, w] = [37, 83];
      const life = Uint8Array.from({ length: h * w }, (_, i) => ((i * i) % 7 < 3 ? 1 : 0));
      const at = (y: number, x: number): number => life[((y + h) % h) * w + ((x + w) % w)]!;
      const want = Array.from(life, (alive, i) => {
        const [y, x] = [Math.floor(i / w), i % w];
        let n = -alive;
        for (const dy of [-1, 0, 1]) for (const dx of [-1, 0, 1]) n += at(y + dy, x + dx);
        return Number(n === 3 || (n === 2 && alive === 1));
      });
      const step = jit((board: A) => {
        let n = np.zerosLike(board);
        for (const dy of [-1, 0, 1])
          for (const dx of [-1, 0, 1]) if (dy !== 0 || dx !== 0) n = n.add(np.roll(board, [dy, dx], [0, 1]));
        return np.logicalOr(np.equal(n, 3), np.logicalAnd(np.equal(n, 2), board)).astype(board.dtype);
      });
      for (const dtype of ["uint8", "int8"] as const) {
        const got = owned(step(owned(np.array(life).reshape([h, w]).astype(dtype))));
        expect(Array.from(got.dataSync(), Number), dtype).toEqual(want);
      }
    });
  });
}
