/** Softmax as one kernel: values against plain JavaScript at odd sizes, special values, and what may be simplified. */
import { type Array as JaxArray, defaultDevice, grad, makeJaxpr, nn, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compileExprs } from "../src/compile/index";
import { lowerJaxpr } from "../src/jaxpr/lower";
import { topological } from "../src/kernel/build";
import { exprInput } from "../src/kernel/expr-build";
import type { LoopKernel } from "../src/kernel/program";
import { syncDevices } from "./devices";
import { spec } from "./golden/show";
import { randomNumbers } from "./run-program";
import { jit, owned, test } from "./scoped";

function softmax(x: readonly number[]): number[] {
  const most = x.reduce((a, b) => (Number.isNaN(a) || a > b ? a : b), -Infinity);
  const e = x.map((v) => Math.exp(v - most));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
}

function expectNear(got: readonly number[], want: readonly number[], label: string): void {
  got.forEach((g, i) => {
    const w = want[i]!;
    // the rounding of x - max is an error of |x - max| / 2 ulp
    const close = Math.abs(g - w) <= 2 ** -23 * w * (4 - Math.log(w)) || (w < 2 ** -126 && g <= 2 ** -126);
    if (!close && !Object.is(g, w)) expect.fail(`${label} [${i}]: got ${g}, expected ${w}`);
  });
}

const transposed = (x: readonly (readonly number[])[]): number[][] => x[0]!.map((_, j) => x.map((row) => row[j]!));

for (const device of syncDevices) {
  describe(`softmax on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    test("of rows and columns of odd sizes", () => {
      const random = randomNumbers(5);
      for (const n of [1, 2, 3, 4, 5, 15, 16, 17, 31, 33, 67, 130, 4099]) {
        const rows = Array.from({ length: 3 }, () =>
          Array.from({ length: n }, () => Math.fround((random() - 0.5) * (random() < 0.1 ? 200 : 8))),
        );
        const want = rows.map(softmax);
        const along = (axis: number) => jit((x: JaxArray) => nn.softmax(x, axis));
        const got = owned(along(1)(owned(np.array(rows)))).js() as number[][];
        const columns = owned(along(0)(owned(np.array(transposed(rows))))).js() as number[][];
        expectNear(got.flat(), want.flat(), `rows of ${n}`);
        expectNear(columns.flat(), transposed(want).flat(), `columns of ${n}`);
      }
    });

    test("has a gradient at odd sizes", () => {
      const random = randomNumbers(8);
      for (const n of [1, 2, 5, 16, 33, 130]) {
        const [x, w] = [0, 1].map(() => Array.from({ length: 2 * n }, () => Math.fround(4 * (random() - 0.5))));
        const [ax, aw] = [x!, w!].map((v) => owned(np.array(v, { shape: [2, n] }))) as [JaxArray, JaxArray];
        const got = owned(jit(grad((a: JaxArray) => np.sum(nn.softmax(a, -1).mul(aw))))(ax)).js() as number[][];
        for (const row of [0, 1]) {
          const y = softmax(x!.slice(row * n, (row + 1) * n));
          const v = w!.slice(row * n, (row + 1) * n);
          const mean = y.reduce((sum, yi, i) => sum + yi * v[i]!, 0);
          y.forEach((yi, i) => expect(got[row]![i]).toBeCloseTo(yi * (v[i]! - mean), 6));
        }
      }
    });

    test("gives exact ones and zeros, and NaN for the whole row", () => {
      const f = jit((x: JaxArray) => nn.softmax(x, -1));
      const of = (...x: number[]): unknown => owned(f(owned(np.array(x)))).js();
      const wide = Array.from({ length: 37 }, () => -Infinity);
      expect(of(49)).toEqual([1]);
      expect(of(3, -Infinity, -200)).toEqual([1, 0, 0]);
      expect(of(...wide.with(20, -7))).toEqual(Array.from(wide, () => 0).with(20, 1));
      for (const x of [wide, wide.with(5, NaN), wide.map(() => 1).with(30, NaN), wide.with(3, Infinity)]) {
        expect(of(...x)).toEqual(x.map(() => NaN));
      }
    });

    test("keeps NaNs of a maximum that is used for more", () => {
      const f = jit((x: JaxArray) => nn.softmax(x, -1).add(np.max(x, { axis: -1, keepdims: true })));
      const g = jit((x: JaxArray) => np.exp(x.sub(np.max(x, { axis: -1, keepdims: true }))));
      const x = owned(np.array([[1, 2, NaN, 0, 1]]));
      for (const h of [f, g]) expect(owned(h(x)).js()).toEqual([[NaN, NaN, NaN, NaN, NaN]]);
    });
  });
}

describe("the kernel of softmax", () => {
  const kernelOf = (f: (x: JaxArray) => JaxArray): LoopKernel => {
    const closed = makeJaxpr(f)(spec([5, 40])).jaxpr;
    const avals = closed.jaxpr.inBinders.map((v) => v.aval);
    const outs = lowerJaxpr(closed.jaxpr, [exprInput(0, avals[0]!)]);
    closed.dispose();
    return compileExprs([{ aval: avals[0]!, strides: null }], outs).kernels[0] as LoopKernel;
  };
  const skips = (f: (x: JaxArray) => JaxArray): boolean =>
    kernelOf(f).stages.some((s) => s.reductions.some((r) => r.skipsNaN === true));

  it("divides once a row and finds NaNs by the sum", () => {
    const { stages } = kernelOf((x) => nn.softmax(x, -1));
    expect(stages.map((s) => [s.reductions.length, s.stores.length])).toEqual([[1, 0], [1, 1], [0, 1]]); // prettier-ignore
    const { value } = stages[2]!.stores[0]!;
    expect(value.tag === "op" && value.op).toBe("mul");
    expect(skips((x) => nn.softmax(x, -1))).toBe(true);
    expect(skips((x) => nn.softmax(x, -1).mul(2))).toBe(true);
  });

  it("computes exponentials once for value and gradient", () => {
    const { stages } = kernelOf((x) => grad((a: JaxArray) => np.sum(nn.softmax(a, -1).mul(x)))(x));
    const exps = stages.flatMap((s) =>
      topological([...s.reductions.map((r) => r.value), ...s.stores.map((t) => t.value)]).filter(
        (t) => t.tag === "op" && t.op === "exp",
      ),
    );
    expect(exps).toHaveLength(1);
  });

  it("leaves other maxima and other quotients as they are", () => {
    const max = (x: JaxArray): JaxArray => np.max(x, { axis: -1, keepdims: true });
    const sum = (x: JaxArray): JaxArray => np.sum(x, { axis: -1, keepdims: true });
    const e = (x: JaxArray): JaxArray => np.exp(x.sub(max(x)));
    const withMax = (x: JaxArray): JaxArray => {
      const m = max(x);
      const e = np.exp(x.sub(m));
      return e.div(sum(e)).add(m);
    };
    expect(skips(withMax)).toBe(false);
    expect(
      skips((x) =>
        e(x)
          .div(sum(e(x)))
          .add(e(x)),
      ),
    ).toBe(false);
    expect(skips((x) => nn.logSoftmax(x, -1))).toBe(false);
    expect(skips((x) => np.exp(x.sub(max(x.mul(2)))).div(sum(np.exp(x.sub(max(x.mul(2)))))))).toBe(false);
    const { stages } = kernelOf((x) => np.tanh(x).div(sum(np.tanh(x))));
    const { value } = stages.at(-1)!.stores[0]!;
    expect(value.tag === "op" && value.op).toBe("div");
  });
});
