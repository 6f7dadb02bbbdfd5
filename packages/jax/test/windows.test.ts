/** Short filters (depthwise convolutions, one channel) become loops over their results: odd sizes against plain sums. */
import { type Array as JaxArray, defaultDevice, lax, makeJaxpr, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { compileExprs } from "../src/compile/index";
import { lowerJaxpr } from "../src/jaxpr/lower";
import { exprInput } from "../src/kernel/expr-build";
import { syncDevices } from "./devices";
import { randomNumbers } from "./run-program";
import { jit, owned, test } from "./scoped";

interface Case {
  readonly batch: number;
  readonly groups: number;
  readonly space: readonly [number, number];
  readonly window: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly pad?: number;
  readonly dilation?: number;
}

const CASES: readonly Case[] = [
  { batch: 1, groups: 5, space: [9, 11], window: [3, 3], pad: 1 },
  { batch: 2, groups: 3, space: [7, 30], window: [3, 5], pad: 2 },
  { batch: 1, groups: 4, space: [1, 67], window: [1, 7], pad: 3 },
  { batch: 3, groups: 1, space: [12, 13], window: [5, 5] },
  { batch: 1, groups: 3, space: [17, 19], window: [2, 2], strides: [2, 2] },
  { batch: 1, groups: 2, space: [20, 33], window: [3, 3], strides: [1, 2], pad: 1 },
  { batch: 1, groups: 2, space: [15, 21], window: [3, 3], dilation: 2, pad: 2 },
  { batch: 1, groups: 2, space: [9, 12], window: [6, 6], pad: 3 }, // too many terms
  { batch: 1, groups: 2, space: [9, 24], window: [3, 3], strides: [1, 3] }, // too far apart
];

/** One result: a sum in float64. */
function reference(c: Case, x: readonly number[], w: readonly number[]): number[] {
  const { batch, groups, space, window, strides = [1, 1], pad = 0, dilation = 1 } = c;
  const [height, width] = space;
  const out = space.map((n, i) => Math.floor((n + 2 * pad - (window[i]! - 1) * dilation - 1) / strides[i]!) + 1);
  const results: number[] = [];
  for (let image = 0; image < batch * groups; image++) {
    for (let i = 0; i < out[0]! * out[1]!; i++) {
      let sum = 0;
      for (let k = 0; k < window[0] * window[1]; k++) {
        const y = Math.floor(i / out[1]!) * strides[0] + Math.floor(k / window[1]) * dilation - pad;
        const z = (i % out[1]!) * strides[1] + (k % window[1]) * dilation - pad;
        const inside = y >= 0 && y < height && z >= 0 && z < width;
        if (inside) sum += x[(image * height + y) * width + z]! * w[(image % groups) * window[0] * window[1] + k]!;
      }
      results.push(sum);
    }
  }
  return results;
}

function convolve({ groups, strides = [1, 1], pad = 0, dilation = 1 }: Case) {
  const padding: [number, number][] = [
    [pad, pad],
    [pad, pad],
  ];
  const options = { featureGroupCount: groups, rhsDilation: [dilation, dilation] };
  return (x: JaxArray, w: JaxArray): JaxArray => lax.convGeneralDilated(x, w, strides, padding, options);
}

const numbers = (n: number, seed: number): number[] => {
  const random = randomNumbers(seed);
  return Array.from({ length: n }, () => Math.round((random() - 0.5) * 256) / 16);
};

function operands({ batch, groups, space, window }: Case) {
  const [xShape, wShape] = [
    [batch, groups, ...space],
    [groups, 1, ...window],
  ];
  const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  return { xShape, wShape, x: numbers(size(xShape), 3), w: numbers(size(wShape), 4) };
}

const flat = (x: JaxArray): number[] => Array.from(owned(owned(x).reshape([-1])).js() as number[]);

for (const device of syncDevices) {
  describe(`short filters on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const c of CASES) {
      const { groups, space, window, strides = [1, 1] } = c;
      test(`${groups} groups of ${space.join("x")} by ${window.join("x")}, every ${strides.join(", ")}`, () => {
        const { x, w, xShape, wShape } = operands(c);
        const want = reference(c, x, w);
        // 1/16ths of whole numbers: float32 sums of them are exact
        for (const dtype of ["float32", "int32"] as const) {
          const scale = dtype === "int32" ? 16 : 1;
          const of = (values: readonly number[], shape: readonly number[]): JaxArray =>
            owned(
              owned(
                np.array(
                  values.map((v) => v * scale),
                  { dtype },
                ),
              ).reshape(shape),
            );
          const [a, b] = [of(x, xShape), of(w, wShape)];
          expect(flat(jit(convolve(c))(a, b))).toEqual(want.map((v) => v * scale ** 2));
          const biased = jit((p: JaxArray, q: JaxArray) => np.maximum(convolve(c)(p, q).add(3), 0).mul(2));
          expect(flat(biased(a, b))).toEqual(want.map((v) => 2 * Math.max(v * scale ** 2 + 3, 0)));
        }
      });
    }
  });
}

describe("short filters", () => {
  test("are loops, and long ones products of matrices", () => {
    const kinds = CASES.map((c) => {
      const { xShape, wShape } = operands(c);
      const closed = makeJaxpr(convolve(c))(owned(np.zeros(xShape)), owned(np.zeros(wShape))).jaxpr;
      const avals = closed.jaxpr.inBinders.map((v) => v.aval);
      const outs = lowerJaxpr(
        closed.jaxpr,
        avals.map((a, i) => exprInput(i, a)),
      );
      closed.dispose();
      const program = compileExprs(
        avals.map((aval) => ({ aval, strides: null })),
        outs,
      );
      return program.kernels.at(-1)!.kind;
    });
    expect(kinds).toEqual(["loop", "loop", "loop", "loop", "loop", "loop", "loop", "contract", "contract"]);
  });
});
