import { describe, expect, it } from "vitest";
import { createWasmDevice } from "../../devices/wasm/device";
import { hostMath } from "../../devices/wasm/host-math";
import { K, runOn } from "../../devices/wasm/test-programs";
import type { Scalar } from "../../kernel/scalar";
import type { ScalarOp } from "../../kernel/scalar-op";
import { wasmFeatures } from "./features";

const N = 1 << 14;
const host = hostMath();

/** Error in units of the last place of float32 at the right value. */
function ulps(got: number, want: number): number {
  if (Number.isNaN(want)) return Number.isNaN(got) ? 0 : Infinity;
  const rounded = Math.fround(want);
  if (Object.is(got, rounded)) return 0;
  if (!Number.isFinite(rounded) || !Number.isFinite(got)) {
    // the last finite number next to the first that rounds to infinity
    return Math.abs(Math.abs(want) - 2 ** 128) < 2 ** 105 && Math.abs(got) > 2 ** 127 ? 1 : Infinity;
  }
  if (want === 0) return got === 0 ? (Object.is(got, want) ? 0 : Infinity) : Infinity;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(want))));
  return Math.abs(got - want) / 2 ** (exponent - 23);
}

const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  Infinity,
  -Infinity,
  NaN,
  1e-45,
  -1e-45,
  1e-40,
  1.17549435e-38,
  3.4028235e38,
  -3.4028235e38,
  1e-5,
  1e6,
  16367173 * 2 ** 72,
];

function points(kind: "bits" | readonly [number, number], n = N): Float32Array {
  const out = new Float32Array(n);
  const bits = new Uint32Array(out.buffer);
  let seed = 2463534242;
  for (let i = 0; i < n; i++) {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    if (kind === "bits") bits[i] = seed >>> 0;
    else out[i] = kind[0] + ((kind[1] - kind[0]) * (seed >>> 0)) / 2 ** 32;
  }
  if (kind === "bits") out.set(SPECIAL);
  return out;
}

/** One for all: an engine has room for some hundred memories. */
const devices = { relaxed: createWasmDevice(), strict: createWasmDevice({ deterministic: true }) };

function compute(
  op: ScalarOp,
  args: readonly Float32Array[],
  relaxed: boolean,
  of: (k: K, x: Scalar) => Scalar = (_, x) => x,
): ArrayLike<number> {
  const wasm = relaxed ? devices.relaxed : devices.strict;
  const n = args[0]!.length;
  const k = new K();
  const i = k.axis(0, n);
  const value = k.op(op, "float32", ...args.map((_, b) => of(k, k.load("float32", b, i, null))));
  return runOn(
    wasm,
    [...args.map((data) => ({ dtype: "float32" as const, length: n, data })), { dtype: "float32", length: n }],
    [
      {
        kind: "loop",
        axes: [{ id: 0, size: n }],
        stages: [{ axes: [], reductions: [], stores: [{ buffer: args.length, index: i, value }] }],
      },
    ],
  )[0]!;
}

/** Largest error of an operation over sets of points; [error, where]. */
function worst(
  op: ScalarOp,
  sets: readonly (readonly Float32Array[])[],
  f: (x: number, y: number) => number,
  relaxed = false,
): [number, string] {
  let most = 0;
  let where = "";
  for (const args of sets) {
    const got = compute(op, args, relaxed);
    for (let i = 0; i < got.length; i++) {
      const error = ulps(got[i]!, f(args[0]![i]!, args[1]?.[i] ?? 0));
      if (error > most) {
        most = error;
        where = `${op}(${args.map((a) => a[i]).join(", ")}): got ${got[i]}, expected ${f(args[0]![i]!, args[1]?.[i] ?? 0)}`;
      }
    }
  }
  return [most, where];
}

type Row = readonly [op: ScalarOp, ulp: number, ...ranges: (readonly [number, number])[]];

/** Bound on the error over all floats and more points in the ranges. */
const TABLE: readonly Row[] = [
  ["exp", 1.01, [-104, 89], [-1, 1]],
  ["exp2", 1.3, [-150, 128], [-1, 1]],
  ["expm1", 2, [-18, 89], [-1, 1]],
  ["log", 1, [0, 4], [0, 1e-38]],
  ["log2", 1.5, [0, 4], [0.9, 1.1]],
  ["log1p", 2, [-1, 4], [-0.1, 0.1]],
  ["logistic", 3, [-104, 20], [-2, 2]],
  ["sin", 2, [-7, 7], [-3300, 3300], [-1e6, 1e6]],
  ["cos", 2, [-7, 7], [-3300, 3300], [-1e6, 1e6]],
  ["tan", 4, [-7, 7], [-3300, 3300], [-1e6, 1e6]],
  ["asin", 3, [-1, 1]],
  ["acos", 3, [-1, 1]],
  ["atan", 2, [-3, 3]],
  ["sinh", 2, [-90, 90], [-2, 2]],
  ["cosh", 2, [-90, 90], [-2, 2]],
  ["tanh", 2, [-10, 10], [-1, 1]],
  ["asinh", 3, [-10, 10], [-1, 1]],
  ["acosh", 3, [1, 10], [1, 1.1]],
  ["atanh", 3, [-1, 1]],
  ["cbrt", 1.5, [-10, 10]],
  ["rsqrt", 1.5, [0, 10]],
  ["erf", 2, [-4.5, 4.5], [-1, 1]],
  ["erfc", 4, [-4, 10.2], [-1, 1]],
];

/** As relative error for functions with zeros that no floats hit: |error| <= bound * (|value| + 1). */
function closeTo(
  op: ScalarOp,
  bound: number,
  sets: readonly (readonly Float32Array[])[],
  f: (x: number, y: number) => number,
): void {
  for (const args of sets) {
    const got = compute(op, args, wasmFeatures().relaxed);
    for (let i = 0; i < got.length; i++) {
      const want = Math.fround(f(args[0]![i]!, args[1]?.[i] ?? 0));
      if (Object.is(got[i], want) || Math.abs(got[i]! - want) <= bound * (1 + Math.abs(want))) continue;
      expect.fail(`${op}(${args.map((a) => a[i]).join(", ")}): got ${got[i]}, expected ${want}`);
    }
  }
}

/** All pairs of special values, then pairs from the ranges. */
function pairs(
  x: "bits" | readonly [number, number],
  y: "bits" | readonly [number, number],
): [Float32Array, Float32Array] {
  const a = points(x);
  const b = points(y).reverse();
  const special = [...SPECIAL, 3, -3, 2.5, 4, 1e10, -1e10];
  special.forEach((u, i) =>
    special.forEach((v, j) => {
      a[i * special.length + j] = u;
      b[i * special.length + j] = v;
    }),
  );
  return [a, b];
}

const showUlp = typeof process !== "undefined" && process.env["SHOW_ULP"] !== undefined;

describe("float32 functions", () => {
  const show = (op: string, [error, where]: [number, string]): [number, string] => {
    if (showUlp) console.log(op, error.toFixed(3), where);
    return [error, where];
  };

  it("pow within 4 ulp", () => {
    const sets = [
      pairs("bits", "bits"),
      pairs([0, 10], [-40, 40]),
      pairs([0.9, 1.1], [-900, 900]),
      pairs("bits", [-3, 3]),
      pairs([-4, 4], [-2, 2]),
    ];
    for (const relaxed of wasmFeatures().relaxed ? [false, true] : [false]) {
      const [error, where] = show("pow", worst("pow", sets, host["pow"]!, relaxed));
      expect(error, where).toBeLessThanOrEqual(4);
    }
  });

  it("atan2 within 3 ulp", () => {
    const [error, where] = show("atan2", worst("atan2", [pairs("bits", "bits"), pairs([-2, 2], [-2, 2])], Math.atan2));
    expect(error, where).toBeLessThanOrEqual(3);
  });

  it("rem and nextafter exactly", () => {
    const sets = [pairs("bits", "bits"), pairs([-1e6, 1e6], [-3, 3]), pairs([-8, 8], [-2, 2])];
    const [error, where] = worst("rem", sets, (x, y) => x % y);
    expect(error, where).toBe(0);
    const up = new Int32Array(1);
    const value = new Float32Array(up.buffer);
    const next = (x: number, y: number): number => {
      if (x !== x || y !== y) return NaN;
      if (x === y) return y;
      value[0] = x;
      if (x === 0) up[0] = y > 0 ? 1 : -0x7fffffff;
      else up[0]! += y > x === x > 0 ? 1 : -1;
      return value[0]!;
    };
    const [wrong, at] = worst("nextafter", sets, next);
    expect(wrong, at).toBe(0);
  });

  it("lgamma, digamma and erf_inv", () => {
    const ones = (r: readonly [number, number]) => [points(r)];
    const positive = [ones([0, 10]), ones([0.5, 3]), ones([1, 1e6])];
    const [error, where] = show("lgamma", worst("lgamma", positive, host["lgamma"]!));
    expect(error, where).toBeLessThanOrEqual(8);
    closeTo("lgamma", 2e-6, [ones([-20, 0]), [new Float32Array(SPECIAL)]], host["lgamma"]!);
    closeTo(
      "digamma",
      4e-6,
      [ones([-4, 0]), ones([0, 20]), ones([1, 1e6]), [new Float32Array(SPECIAL)]],
      host["digamma"]!,
    );
    const [inverse, at] = show(
      "erf_inv",
      worst("erf_inv", [ones([-1, 1]), ones([0.99, 1]), [points("bits")]], host["erf_inv"]!),
    );
    expect(inverse, at).toBeLessThanOrEqual(8);
  });

  it("expm1 of what is written as not positive within 2 ulp", () => {
    const forms: ((k: K, x: Scalar) => Scalar)[] = [
      (k, x) => k.op("min", "float32", x, k.const(0, "float32")),
      (k, x) => k.op("select", "float32", k.op("lt", "bool", k.const(0, "float32"), x), k.const(0, "float32"), x),
    ];
    for (const form of forms) {
      for (const relaxed of wasmFeatures().relaxed ? [false, true] : [false]) {
        for (const x of [points("bits"), points([-18, 1]), points([-1, 0])]) {
          const got = compute("expm1", [x], relaxed, form);
          x.forEach((v, i) => {
            if (ulps(got[i]!, Math.expm1(Math.min(v, 0))) > 2) expect.fail(`of ${v}: got ${got[i]}`);
          });
        }
        const small = new Float32Array([-0, -1e-45, -1e-38, -1e-30]);
        expect([...(compute("expm1", [small], relaxed, form) as Float32Array)]).toEqual([...small]);
      }
    }
  });

  for (const [op, bound, ...ranges] of TABLE) {
    const f = op === "rsqrt" ? (x: number) => 1 / Math.sqrt(x) : host[op]!;
    const reference =
      op === "sin" || op === "cos" || op === "tan" ? (x: number) => (Number.isFinite(x) ? host[op]!(x, 0) : NaN) : f;
    it(`${op} within ${bound} ulp`, () => {
      const sets = [points("bits"), ...ranges.map((r) => points(r))].map((x) => [x]);
      for (const relaxed of wasmFeatures().relaxed ? [false, true] : [false]) {
        const [error, where] = worst(op, sets, reference, relaxed);
        if (showUlp) console.log(op, relaxed, error.toFixed(3), where);
        expect(error, where).toBeLessThanOrEqual(bound);
      }
    });
  }
});
