/** Formulas of float64 beside the host's functions: everywhere, and in vectors as at single points. */
import { expect, it } from "vitest";
import { createWasmDevice } from "../../devices/wasm/device";
import { hostMath } from "../../devices/wasm/host-math";
import { K, loop, runOn, store } from "../../devices/wasm/test-programs";
import type { ScalarOp } from "../../kernel/scalar-op";
import { wasmFeatures } from "./features";

const host = hostMath();
/** One for all: an engine has room for some hundred memories. */
const devices = { relaxed: createWasmDevice(), strict: createWasmDevice({ deterministic: true }) };

const SPECIAL = [
  0, -0, 1, -1, Infinity, -Infinity, NaN, 5e-324, -5e-324, 1e-310, -1e-310, 2 ** -1022, 2 ** -1020, 2 ** -53, -(2 ** -54),
  1.7976931348623157e308, -1.7976931348623157e308, -1 + 2 ** -53, 709.782712893384, 709.7827128933841, -745.1332191019411,
  -745.1332191019412, -744.4, -708.5, 710.4, -1074, -1075.5, 1023.9, 1024, 99999.9, 1e5, -1e6, 1e22,
]; // prettier-ignore

/** An odd number of points: special ones, then a range. */
function points(low: number, high: number): Float64Array {
  const n = 4001;
  return Float64Array.from({ length: n }, (_, i) => SPECIAL[i] ?? low + (high - low) * ((i * 0.6180339887498949) % 1));
}

function compute(op: ScalarOp, relaxed: boolean, ...args: readonly Float64Array[]): ArrayLike<number> {
  const length = args[0]!.length;
  const k = new K();
  const i = k.axis(0, length);
  const value = k.op(op, "float64", ...args.map((_, b) => k.load("float64", b, i, null)));
  const buffers = [...args.map((data) => ({ dtype: "float64" as const, length, data }))];
  return runOn(
    relaxed ? devices.relaxed : devices.strict,
    [...buffers, { dtype: "float64", length }],
    [loop([length], [store(args.length, i, value)])],
  )[0]!;
}

/** Distance in units of the last place, denormal numbers included. */
function ulps(got: number, want: number): number {
  if (Object.is(got, want)) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(want) || want === 0) return Infinity;
  const exponent = Math.max(-1022, Math.floor(Math.log2(Math.abs(want))));
  return Math.abs(got - want) / 2 ** (exponent - 52);
}

const RANGES: readonly (readonly [ScalarOp, ...(readonly [number, number])[]])[] = [
  ["exp", [-746, 710], [-1, 1]],
  ["exp2", [-1075, 1024], [-1, 1]],
  ["expm1", [-38, 710], [-1, 1]],
  ["log", [0, 4], [0, 1e308]],
  ["log2", [0, 4], [0, 1e308]],
  ["log1p", [-1, 1], [0, 1e5]],
  ["logistic", [-746, 40], [-4, 4]],
  ["sin", [-7, 7], [-1.1e5, 1.1e5]],
  ["cos", [-7, 7], [-1.1e5, 1.1e5]],
  ["tan", [-7, 7], [-1.1e5, 1.1e5]],
  ["erf", [-6, 6], [-1, 1]],
  ["tanh", [-20, 20], [-1, 1]],
  ["sinh", [-710, 710], [-2, 2]],
  ["cosh", [-710, 710], [-2, 2]],
];

const modes = wasmFeatures().relaxed ? [false, true] : [false];

for (const [op, ...ranges] of RANGES)
  it(`${op} is within 3 units of the host's`, () => {
    for (const relaxed of modes)
      for (const [low, high] of ranges) {
        const xs = points(low, high);
        const got = compute(op, relaxed, xs);
        xs.forEach((x, i) => {
          const want = host[op]!(x, 0);
          expect(ulps(got[i]!, want), `${op}(${x}): got ${got[i]}, the host has ${want}`).toBeLessThanOrEqual(3);
        });
        // The last point alone is no vector.
        expect(compute(op, relaxed, xs.slice(-1))[0]).toBe(got[xs.length - 1]);
      }
  });

it("pow is within 3 units of the host's", () => {
  const n = SPECIAL.length;
  const random = [points(0, 20).subarray(n), points(-3, 3).subarray(n), points(-50, 50).subarray(n)] as const;
  const pairs = Array.from({ length: n * n }, (_, i) => [SPECIAL[i % n]!, SPECIAL[Math.floor(i / n)]!] as const);
  random[0].forEach((x, i) => pairs.push([x, random[2][(7 * i) % 3000]!], [random[1][i]!, Math.round(random[2][i]!)]));
  const xs = Float64Array.from(pairs, ([x]) => x);
  const ys = Float64Array.from(pairs, ([, y]) => y);
  for (const relaxed of modes) {
    const got = compute("pow", relaxed, xs, ys);
    pairs.forEach(([x, y], i) => {
      const want = host["pow"]!(x, y);
      expect(ulps(got[i]!, want), `pow(${x}, ${y}): got ${got[i]}, the host has ${want}`).toBeLessThanOrEqual(3);
    });
  }
});
