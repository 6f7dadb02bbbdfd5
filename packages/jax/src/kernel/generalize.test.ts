import { describe, expect, it } from "vitest";
import { ScalarBuilder } from "./build";
import { type GenericKernel, generalize } from "./generalize";
import type { LoopKernel } from "./program";
import type { Scalar } from "./scalar";
import type { ScalarOp } from "./scalar-op";

/** One store over axes of these sizes, row-major, of a value made from the axes. */
function map(
  sizes: readonly number[],
  value: (b: ScalarBuilder, axes: Scalar[]) => Scalar,
  firstBuffer = 0,
): LoopKernel {
  const b = new ScalarBuilder();
  const axes = sizes.map((size, id) => ({ id: id + firstBuffer, size }));
  const at = axes.map(({ id, size }) => b.axis(id, size));
  const strides = sizes.map((_, i) => sizes.slice(i + 1).reduce((p, n) => p * n, 1));
  const stores = [{ buffer: 9, index: b.dot(at, strides), value: value(b, at) }];
  return { kind: "loop", axes, stages: [{ axes: [], reductions: [], stores }] };
}

const generic = (kernel: LoopKernel): GenericKernel => generalize(kernel, () => "float32");
const keyOf = (kernel: LoopKernel): string => generic(kernel).key;
const strided =
  (strides: readonly number[], offset = 0) =>
  (b: ScalarBuilder, axes: Scalar[]) =>
    b.load(0, b.dot(axes, strides, offset), null, "float32");

describe("generalize", () => {
  it("gives kernels of different sizes one key and their own parameters", () => {
    const small = generic(map([8], strided([1])));
    const large = generic(map([100], strided([1])));
    expect(small.key).toBe(large.key);
    expect(small.skeleton).toEqual(large.skeleton);
    expect([small.params, large.params]).toEqual([[8], [100]]);
    expect([...small.buffers].sort()).toEqual([0, 9]);
  });

  it("takes strides and offsets as parameters", () => {
    const a = generic(map([8, 10], strided([20, 2], 3)));
    const b = generic(map([5, 7], strided([30, 4], 9)));
    expect(a.key).toBe(b.key);
    expect(a.params).toEqual(expect.arrayContaining([8, 10, 20, 2, 3]));
    expect(b.params).toEqual(expect.arrayContaining([5, 7, 30, 4, 9]));
  });

  it("keeps strides of 0, 1 and -1 in the key", () => {
    const keys = [[20, 1], [20, 0], [20, -1], [20, 2]].map((s) => keyOf(map([8, 10], strided(s, 9)))); // prettier-ignore
    expect(new Set(keys).size).toBe(4);
  });

  it("keeps short axes of nests, and takes the length of the only axis of a map", () => {
    expect(keyOf(map([100, 3], strided([1, 200])))).not.toBe(keyOf(map([100, 2], strided([1, 200]))));
    expect(keyOf(map([3], strided([1])))).toBe(keyOf(map([2], strided([1]))));
  });

  it("does not take constants of values", () => {
    const plus =
      (value: number) =>
      (b: ScalarBuilder, [i]: Scalar[]) =>
        b.op("add", [b.load(0, i!, null, "int32"), b.int(value)], "int32");
    expect(keyOf(map([8], plus(5)))).not.toBe(keyOf(map([8], plus(6))));
    const scaled =
      (value: number) =>
      (b: ScalarBuilder, [i]: Scalar[]) =>
        b.op("mul", [b.load(0, i!, null, "float32"), b.const(value, "float32")], "float32");
    expect(keyOf(map([8], scaled(0)))).not.toBe(keyOf(map([8], scaled(-0))));
  });

  it("takes bounds of conditions on axes, and divisors", () => {
    const before =
      (limit: number) =>
      (b: ScalarBuilder, [i]: Scalar[]) =>
        b.op(
          "select",
          [b.rawOp("lt", [i!, b.int(limit)], "bool"), b.const(1, "float32"), b.const(2, "float32")],
          "float32",
        );
    expect(keyOf(map([8], before(5)))).toBe(keyOf(map([9], before(6))));
    const divided =
      (op: ScalarOp, by: number) =>
      (b: ScalarBuilder, [i]: Scalar[]) =>
        b.load(0, b.rawOp(op, [i!, b.int(by)], "int32"), null, "float32");
    expect(keyOf(map([64], divided("div", 5)))).toBe(keyOf(map([99], divided("div", 6))));
    expect(keyOf(map([64], divided("div", 5)))).not.toBe(keyOf(map([64], divided("rem", 5))));
    expect(keyOf(map([64], divided("shr_logical", 2)))).not.toBe(keyOf(map([64], divided("shr_logical", 3))));
  });

  it("does not depend on the numbers of axes and buffers", () => {
    expect(keyOf(map([8, 9], strided([9, 1]), 0))).toBe(keyOf(map([8, 9], strided([9, 1]), 40)));
  });
});
