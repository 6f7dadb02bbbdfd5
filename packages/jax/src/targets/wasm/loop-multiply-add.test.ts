/** Which sums are multiplications and additions in one. */
import { describe, expect, it } from "vitest";
import { K, loop, store } from "../../devices/wasm/test-programs";
import type { LoopKernel } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import { withMultiplyAdd } from "./loop-multiply-add";

const k = new K();
const i = k.axis(0, 8);
const [x, y, z] = [0, 1, 2].map((buffer) => k.load("float32", buffer, i, null)) as [Scalar, Scalar, Scalar];
const op = (name: "add" | "sub" | "mul" | "fma" | "neg", ...args: Scalar[]): Scalar => k.op(name, "float32", ...args);
const product = op("mul", x, y);

/** What a map stores that stored these. */
function stored(...values: readonly Scalar[]): readonly Scalar[] {
  const kernel: LoopKernel = loop(
    [8],
    values.map((value, n) => store(3 + n, i, value)),
  );
  return withMultiplyAdd(kernel).stages.map((stage) => stage.stores[0]!.value);
}

describe("multiplication and addition in one", () => {
  it("of a product and something, in either order", () => {
    expect(stored(op("add", product, z))).toEqual([op("fma", x, y, z)]);
    expect(stored(op("add", z, product))).toEqual([op("fma", x, y, z)]);
    const more = op("add", op("mul", y, z), op("add", product, z));
    expect(stored(more)).toEqual([op("fma", y, z, op("fma", x, y, z))]);
  });

  it("not of a product that something else needs", () => {
    expect(stored(op("add", product, product))).toEqual([op("add", product, product)]);
    expect(stored(op("add", product, z), op("neg", product))).toEqual([op("add", product, z), op("neg", product)]);
    expect(stored(op("add", product, z), product)).toEqual([op("add", product, z), product]);
  });

  it("not of differences or integers", () => {
    expect(stored(op("sub", z, product))).toEqual([op("sub", z, product)]);
    const n = k.load("int32", 0, i, null);
    const sum = k.op("add", "int32", k.op("mul", "int32", n, n), n);
    expect(stored(sum)).toEqual([sum]);
  });
});
