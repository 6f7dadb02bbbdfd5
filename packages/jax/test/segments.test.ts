/** Segment reductions and interpolation on grids against jax: oracles/interpolate.py wrote the expected values. */
import {
  type Array as JaxArray,
  ShapeError,
  defaultDevice,
  grad,
  jit,
  numpy as np,
  ops,
  scipy,
  vmap,
} from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { syncDevices } from "./devices";
import oracle from "./oracles/interpolate.json";

leavesArraysToCollector("values of many small calls");

type Spelled = number | string;
interface Plain {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly Spelled[];
}
const SPELLED: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity, nan: NaN };
const value = (v: Spelled): number => (typeof v === "string" ? SPELLED[v]! : v);
const array = ({ dtype, shape, data }: Plain): JaxArray =>
  np.array(data.map(value), { dtype: dtype as "float32", shape: [...shape] });
const flat = (x: unknown): number[] => (Array.isArray(x) ? x.flatMap(flat) : [Number(x)]);

function expectNear(got: JaxArray, want: Plain, tolerance: number): void {
  expect(got.dtype).toBe(want.dtype);
  expect(got.shape).toEqual(want.shape);
  flat(got.js()).forEach((x, i) => {
    const y = value(want.data[i]!);
    const near = Object.is(x, y) || x === y || Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y));
    if (!near) expect.fail(`element ${i} is ${x}, expected ${y}`);
  });
}

const CALLS = {
  segment_sum: ops.segmentSum,
  segment_prod: ops.segmentProd,
  segment_max: ops.segmentMax,
  segment_min: ops.segmentMin,
};
interface Grid {
  readonly points: readonly Plain[];
  readonly values: Plain;
  readonly xi: Plain;
  readonly method: "linear" | "nearest";
  readonly fill: number | "nan" | null;
  readonly expected: Plain;
  readonly inside?: Plain;
  readonly slopes?: readonly [Plain, Plain];
}

for (const device of syncDevices) {
  describe(`segments and grids on ${device}`, () => {
    beforeAll(() => void defaultDevice(device));
    afterAll(() => void defaultDevice("wasm"));

    test("segment reductions equal jax's", () => {
      for (const c of oracle.segments) {
        const { num_segments, bucket_size, mode } = c.options as Record<string, number> & { mode?: "clip" };
        const options = { numSegments: num_segments, bucketSize: bucket_size, mode };
        const f = CALLS[c.fn as keyof typeof CALLS];
        expectNear(f(array(c.data), array(c.ids), options), c.expected, 1e-6);
      }
    }, 60000);

    test("interpolation equals jax's", () => {
      for (const c of oracle.grids as unknown as Grid[]) {
        const fillValue = c.fill === "nan" ? NaN : c.fill;
        const grids = c.points.map(array);
        const f = new scipy.interpolate.RegularGridInterpolator(grids, array(c.values), {
          method: c.method,
          fillValue,
        });
        expectNear(f(array(c.xi)), c.expected, 1e-6);
        expectNear(jit(f)(array(c.xi)), c.expected, 1e-6);
        if (c.slopes === undefined) continue;
        const total = (values: JaxArray, xi: JaxArray): JaxArray =>
          np.sin(scipy.interpolate.RegularGridInterpolator(grids, values, c.method, false, fillValue)(xi)).sum();
        const [dValues, dPoints] = grad(total, { argnums: [0, 1] })(array(c.values), array(c.inside!));
        expectNear(dValues, c.slopes[0], 2e-6);
        expectNear(dPoints, c.slopes[1], 4e-6);
      }
    }, 60000);

    test("under transformations", () => {
      const ids = np.array([0, 2, 2, 1], { dtype: "int32" });
      const sum = (x: JaxArray): JaxArray => ops.segmentSum(x, ids, 3);
      const rows = np.arange(8).astype("float32").reshape([2, 4]);
      expect(vmap(sum)(rows).js()).toEqual([
        [0, 3, 3],
        [4, 7, 11],
      ]);
      const largest = (x: JaxArray): JaxArray => ops.segmentMax(x, ids, 3).sum();
      expect(grad(largest)(np.array([2, 3, 5, 7])).js()).toEqual([1, 0, 1, 1]);
      expect(jit(grad(largest))(np.array([2, 5, 5, 7])).js()).toEqual([1, 0.5, 0.5, 1]);
    });
  });
}

test("errors say what was wrong", () => {
  const ids = np.array([0, 1], { dtype: "int32" });
  expect(() => ops.segmentSum(np.ones([3]), ids)).toThrow(ShapeError);
  expect(() => ops.segmentSum(np.ones([2]), np.ones([2]))).toThrow(/integers/);
  expect(() => jit((i: JaxArray) => ops.segmentSum(np.ones([2]), i))(ids)).toThrow(/traced/);
  const grid = new scipy.interpolate.RegularGridInterpolator([[0, 1, 2]], np.ones([2]));
  expect(() => grid(0)).toThrow(/lengths of the axes/);
  expect(() => scipy.interpolate.RegularGridInterpolator([[0, 1]], np.ones([2]), "cubic" as never)).toThrow(/unknown/);
});
