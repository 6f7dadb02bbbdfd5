import { describe, expect, it } from "vitest";
import type { DType } from "../../aval/dtype";
import { createWasmDevice } from "../../devices/wasm/device";
import { K, loop, runOn, store } from "../../devices/wasm/test-programs";
import type { Scalar } from "../../kernel/scalar";

const wasm = createWasmDevice();
const NUMBERS: Partial<Record<DType, readonly number[]>> = {
  float32: [NaN, Infinity, -Infinity, 0, -0, 1.5, -1.5, 2 ** -149, 6],
  float64: [NaN, Infinity, -Infinity, 0, -0, 1.5, -1.5, 2 ** -1074, 6],
  int32: [0, 1, -1, 6, 2 ** 31 - 1, -(2 ** 31)],
  uint32: [0, 1, 6, 2 ** 31, 2 ** 32 - 1],
};
const COMPARE = { lt: (p: number, q: number) => p < q, le: (p: number, q: number) => p <= q };

describe.each(Object.entries(NUMBERS))("a select of %s gives one of its arms, bit for bit,", (name, numbers) => {
  const dtype = name as DType;
  // every pair, at the same place of two arrays
  const xs = numbers.flatMap((x) => numbers.map(() => x));
  const ys = numbers.flatMap(() => numbers);
  const k = new K();
  const i = k.axis(0, xs.length);
  const [x, y] = [k.load(dtype, 0, i, null), k.load(dtype, 1, i, null)];
  const check = (value: Scalar, want: readonly number[]): void => {
    const buffers = [
      { dtype, length: xs.length, data: xs },
      { dtype, length: xs.length, data: ys },
      { dtype, length: xs.length },
    ];
    const [got] = runOn(wasm, buffers, [loop([xs.length], [store(2, i, value)])]);
    expect(Array.from(got!)).toEqual(want);
  };

  it.each(["lt", "le"] as const)("where it is the %s", (op) => {
    const holds = COMPARE[op];
    check(
      k.op("select", dtype, k.op(op, "bool", x, y), x, y),
      xs.map((v, j) => (holds(v, ys[j]!) ? v : ys[j]!)),
    );
    check(
      k.op("select", dtype, k.op(op, "bool", x, y), y, x),
      xs.map((v, j) => (holds(v, ys[j]!) ? ys[j]! : v)),
    );
  });

  it.each([0, -0, 6])("of a number and %d", (given) => {
    const c = dtype.startsWith("float") ? given : Math.abs(given);
    const constant = k.const(c, dtype);
    for (const op of ["lt", "le"] as const) {
      const holds = COMPARE[op];
      const both = [
        [k.op(op, "bool", x, constant), (v: number) => holds(v, c)],
        [k.op(op, "bool", constant, x), (v: number) => holds(c, v)],
      ] as const;
      for (const [condition, isTrue] of both) {
        check(
          k.op("select", dtype, condition, x, constant),
          xs.map((v) => (isTrue(v) ? v : c)),
        );
        check(
          k.op("select", dtype, condition, constant, x),
          xs.map((v) => (isTrue(v) ? c : v)),
        );
        check(
          k.op("select", dtype, condition, constant, y),
          xs.map((v, j) => (isTrue(v) ? c : ys[j]!)),
        );
        check(
          k.op("select", dtype, condition, y, constant),
          xs.map((v, j) => (isTrue(v) ? ys[j]! : c)),
        );
      }
    }
  });
});
