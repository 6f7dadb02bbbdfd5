/** Indices taken apart and put together again, as views of views do, and reductions that groups of points share. */
import { type Array as JaxArray, lax, makeJaxpr, numpy as np } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { compileExprs } from "../src/compile/index";
import { lowerJaxpr } from "../src/jaxpr/lower";
import { ScalarBuilder, topological } from "../src/kernel/build";
import { exprInput } from "../src/kernel/expr-build";
import type { LoopKernel } from "../src/kernel/program";
import type { Scalar } from "../src/kernel/scalar";
import { spec } from "./golden/show";
import { randomNumbers } from "./run-program";
import { jit, owned, test } from "./scoped";

/** The digits of x in mixed radices, last first, and their sum with the weights that they have in x. */
function rebuilt(b: ScalarBuilder, x: Scalar, radices: readonly number[]): Scalar {
  const digits: Scalar[] = [];
  let rest = x;
  for (const d of radices) {
    digits.push(b.op("rem", [rest, b.int(d)], "int32"));
    rest = b.op("div", [rest, b.int(d)], "int32");
  }
  const weights = radices.map((_, i) => radices.slice(0, i).reduce((p, d) => p * d, 1));
  return b.dot([...digits, rest], [...weights, radices.reduce((p, d) => p * d, 1)]);
}

describe("digits of an index", () => {
  it.each([[[7]], [[28, 28]], [[28, 28, 4]], [[3, 5, 2, 6]], [[1, 9, 1]]])(
    "%j put together are the index",
    (radices) => {
      const b = new ScalarBuilder();
      const i = b.axis(0, 10_000);
      expect(rebuilt(b, i, radices)).toBe(i);
      const sum = b.op("add", [b.op("mul", [b.axis(1, 50), b.int(10_000)], "int32"), i], "int32");
      expect(rebuilt(b, sum, radices)).toBe(sum);
    },
  );

  it("of others are not joined", () => {
    const b = new ScalarBuilder();
    const [i, j] = [b.axis(0, 1000), b.axis(1, 1000)];
    const rem = (x: Scalar, d: number): Scalar => b.op("rem", [x, b.int(d)], "int32");
    const div = (x: Scalar, d: number): Scalar => b.op("div", [x, b.int(d)], "int32");
    const isSum = (s: Scalar): boolean => s.tag === "op" && s.op === "add";
    expect(isSum(b.dot([rem(i, 7), div(j, 7)], [1, 7]))).toBe(true);
    expect(isSum(b.dot([rem(i, 7), div(i, 7)], [1, 8]))).toBe(true);
    expect(isSum(b.dot([rem(i, 7), rem(div(i, 6), 5)], [1, 7]))).toBe(true);
    expect(isSum(b.dot([rem(i, 7), div(rem(i, 20), 7)], [1, 7]))).toBe(true);
  });
});

const shape = [2, 6, 5, 4] as const;
const groupNorm = (x: JaxArray): JaxArray => {
  const y = x.reshape([2, 3, 40]);
  const [mean, variance] = [np.mean(y, 2, { keepdims: true }), np.var_(y, 2, { keepdims: true })];
  return y.sub(mean).mul(lax.rsqrt(variance.add(1e-5))).reshape(shape) as JaxArray; // prettier-ignore
};

describe("group normalization", () => {
  it("reduces each group once, as it lies in memory", () => {
    const closed = makeJaxpr(groupNorm)(spec([...shape])).jaxpr;
    const avals = closed.jaxpr.inBinders.map((v) => v.aval);
    const outs = lowerJaxpr(closed.jaxpr, [exprInput(0, avals[0]!)]);
    closed.dispose();
    const kernels = compileExprs([{ aval: avals[0]!, strides: null }], outs).kernels as LoopKernel[];
    const reductions = kernels.filter((k) => k.stages.some((s) => s.reductions.length > 0));
    expect(reductions.length).toBeGreaterThan(1);
    for (const { axes, stages } of reductions) {
      expect(axes.map((a) => a.size)).toEqual([6]);
      const values = topological(stages.flatMap((s) => s.reductions.map((r) => r.value)));
      const loads = values.flatMap((s) => (s.tag === "load" ? topological([s.index]) : []));
      expect(loads.some((s) => s.tag === "op" && (s.op === "div" || s.op === "rem"))).toBe(false);
    }
  });

  test("gives what JavaScript gives", () => {
    const random = randomNumbers(2);
    const x = Array.from({ length: 240 }, () => Math.fround(random()));
    const got = owned(owned(jit(groupNorm)(owned(np.array(x).reshape(shape)))).ravel()).js() as number[];
    for (let g = 0; g < 6; g++) {
      const group = x.slice(40 * g, 40 * g + 40);
      const mean = group.reduce((a, v) => a + v, 0) / 40;
      const deviation = Math.sqrt(group.reduce((a, v) => a + (v - mean) ** 2, 0) / 40 + 1e-5);
      group.forEach((v, i) => expect(got[40 * g + i]).toBeCloseTo((v - mean) / deviation, 4));
    }
  });
});
