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
  /** Before and behind rows, then columns; one number for all. */
  readonly pad?: number | readonly (readonly [number, number])[];
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
  { batch: 1, groups: 2, space: [4, 66], window: [3, 3], pad: 1 }, // a row that ends with two results by themselves
  {
    batch: 1,
    groups: 2,
    space: [5, 50],
    window: [3, 3],
    strides: [2, 2],
    pad: [
      [0, 1],
      [0, 1],
    ],
  },
  {
    batch: 2,
    groups: 2,
    space: [6, 37],
    window: [5, 5],
    strides: [2, 2],
    pad: [
      [2, 2],
      [1, 2],
    ],
  },
  { batch: 1, groups: 3, space: [4, 4], window: [3, 3], pad: 1 },
  { batch: 1, groups: 2, space: [7, 7], window: [5, 5], pad: 2 },
  {
    batch: 1,
    groups: 2,
    space: [3, 41],
    window: [2, 4],
    pad: [
      [1, 0],
      [3, 0],
    ],
  },
  {
    batch: 1,
    groups: 2,
    space: [3, 20],
    window: [1, 3],
    pad: [
      [2, 1],
      [5, 9],
    ],
  }, // results of nothing but padding
  {
    batch: 1,
    groups: 2,
    space: [9, 40],
    window: [3, 3],
    pad: [
      [-1, 1],
      [-2, -3],
    ],
  },
  { batch: 1, groups: 2, space: [8, 35], window: [3, 3], dilation: 3, pad: 3 },
  { batch: 1, groups: 2, space: [9, 12], window: [6, 6], pad: 3 }, // too many terms
  { batch: 1, groups: 2, space: [9, 24], window: [3, 3], strides: [1, 3] }, // too far apart
];

function padsOf({ pad = 0 }: Case): (readonly [number, number])[] {
  return typeof pad === "number" ? [[pad, pad], [pad, pad]] : [...pad]; // prettier-ignore
}

/** One result: a sum in float64. */
function reference(c: Case, x: readonly number[], w: readonly number[]): number[] {
  const { batch, groups, space, window, strides = [1, 1], dilation = 1 } = c;
  const [height, width] = space;
  const pads = padsOf(c);
  const out = space.map((n, i) => {
    const [low, high] = pads[i]!;
    return Math.floor((n + low + high - (window[i]! - 1) * dilation - 1) / strides[i]!) + 1;
  });
  const results: number[] = [];
  for (let image = 0; image < batch * groups; image++) {
    for (let i = 0; i < out[0]! * out[1]!; i++) {
      let sum = 0;
      for (let k = 0; k < window[0] * window[1]; k++) {
        const y = Math.floor(i / out[1]!) * strides[0] + Math.floor(k / window[1]) * dilation - pads[0]![0];
        const z = (i % out[1]!) * strides[1] + (k % window[1]) * dilation - pads[1]![0];
        const inside = y >= 0 && y < height && z >= 0 && z < width;
        if (inside) sum += x[(image * height + y) * width + z]! * w[(image % groups) * window[0] * window[1] + k]!;
      }
      results.push(sum);
    }
  }
  return results;
}

function convolve(c: Case) {
  const { groups, strides = [1, 1], dilation = 1 } = c;
  const padding = padsOf(c);
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
          expect(flat(convolve(c)(a, b))).toEqual(want.map((v) => v * scale ** 2));
          const biased = jit((p: JaxArray, q: JaxArray) => np.maximum(convolve(c)(p, q).add(3), 0).mul(2));
          expect(flat(biased(a, b))).toEqual(want.map((v) => 2 * Math.max(v * scale ** 2 + 3, 0)));
        }
      });
    }
  });
}

/** The same of images [n, ...space, c], between operations on them. */
function channelsLast(c: Case) {
  const { groups, strides = [1, 1], dilation = 1 } = c;
  const options = {
    featureGroupCount: groups,
    rhsDilation: [dilation, dilation],
    dimensionNumbers: ["NHWC", "HWIO", "NHWC"] as [string, string, string],
  };
  return (x: JaxArray, w: JaxArray): JaxArray =>
    np.maximum(lax.convGeneralDilated(x.mul(2), w, strides, padsOf(c), options).add(3), 0);
}

for (const device of syncDevices) {
  describe(`short filters of images with channels last on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    // Few channels, and enough of them to lie side by side in the lanes.
    for (const c of CASES.flatMap((few) => [few, { ...few, groups: 15 + few.groups }])) {
      test(`${c.groups} of ${c.space.join("x")} by ${c.window.join("x")}, every ${c.strides?.join(", ") ?? 1}`, () => {
        const { x, w, xShape, wShape } = operands(c);
        const a = owned(owned(owned(np.array(x)).reshape(xShape)).transpose([0, 2, 3, 1]));
        const b = owned(owned(owned(np.array(w)).reshape(wShape)).transpose([2, 3, 1, 0]));
        const want = reference(c, x, w).map((v) => Math.max(2 * v + 3, 0));
        for (const f of [jit(channelsLast(c)), channelsLast(c)])
          expect(flat(owned(owned(f(a, b)).transpose([0, 3, 1, 2])))).toEqual(want);
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
    expect(kinds).toEqual([...CASES.slice(2).map(() => "loop"), "contract", "contract"]);
  });
});
