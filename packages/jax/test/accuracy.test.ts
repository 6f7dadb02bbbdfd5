/**
 * Errors of elementary functions in units of the last place: float32 at many points against JS's float64, float64 and
 * special functions against 30 digits (oracles/accuracy.py). The tables are printed.
 */
import { type Array as JaxArray, type Device, defaultDevice, lax, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { UNARY, type Worst, note32, nothing, points, unitOf64, words } from "./accuracy-points";
import { syncDevices } from "./devices";
import oracle from "./oracles/accuracy.json";
import { owned, test } from "./scoped";

/** Functions whose error is counted in units of 1 where they are smaller: near their zeros no digits are promised. */
const WITH_ZEROS = ["lgamma", "digamma"];

/** Units allowed where it is not 2. */
const BOUND: Readonly<Record<string, number>> = { tan: 4, power: 4 };

type Unary = (x: JaxArray) => JaxArray;
type Binary = (x: JaxArray, y: JaxArray) => JaxArray;
const functionOf = (name: string): unknown =>
  (np as unknown as Record<string, unknown>)[name] ?? (lax as unknown as Record<string, unknown>)[name];
const read = (x: JaxArray): ArrayLike<number> => owned(x).dataSync();

/** How many points: the reference device takes longer. More were tried: with 1e6 the bounds hold too. */
const COUNT: Partial<Record<Device, number>> = { cpu: 2 ** 13, wasm: 2 ** 16 };
const N_PAIRS: Partial<Record<Device, number>> = { cpu: 2 ** 12, wasm: 2 ** 16 };

function unary(name: string, n: number): Worst {
  const xs = points(n, 7);
  const got = read((functionOf(name) as Unary)(np.array(xs)));
  const worst = nothing();
  for (let i = 0; i < n; i++) note32(worst, got[i]!, UNARY[name]!(xs[i]!), [xs[i]!]);
  return worst;
}

/** Bases of every kind to exponents that do not leave the range at once. */
function powerPoints(n: number): [Float32Array, Float32Array] {
  const next = words(5);
  const unit = (): number => next() / 2 ** 32;
  const [bases, exponents] = [points(n, 3), points(n, 4)];
  for (let i = 0; i < n; i++) {
    if (i % 4 === 3) continue;
    if (i % 4 > 0) bases[i] = Math.abs(bases[i]!);
    const size = (2 * unit() - 1) * 10 ** (3 * unit() - 1);
    exponents[i] = i % 4 === 0 ? Math.round(size) : size;
  }
  return [bases, exponents];
}

const BINARY: Readonly<Record<string, (x: number, y: number) => number>> = {
  power: Math.pow,
  arctan2: Math.atan2,
  hypot: Math.hypot,
};

function binary(name: string, n: number): Worst {
  const [xs, ys] = name === "power" ? powerPoints(n) : [points(n, 3), points(n, 11).reverse()];
  const got = read((functionOf(name) as Binary)(np.array(xs), np.array(ys)));
  const worst = nothing();
  for (let i = 0; i < n; i++) note32(worst, got[i]!, BINARY[name]!(xs[i]!, ys[i]!), [xs[i]!, ys[i]!]);
  return worst;
}

function print(title: string, rows: Readonly<Record<string, Worst>>): void {
  const lines = Object.entries(rows).map(
    ([name, { ulp, at }]) => `  ${name.padEnd(10)} ${ulp.toFixed(2).padStart(7)}  at ${at.join(", ")}`,
  );
  console.info(`${title}\n${lines.join("\n")}`);
}

/** Errors beyond the bounds, as texts. */
const beyond = (
  rows: Readonly<Record<string, Worst>>,
  bounds: Readonly<Record<string, number>>,
  other: number,
): string[] =>
  Object.entries(rows).flatMap(([name, { ulp, at, wrong }]) =>
    wrong > 0 || !(ulp <= (bounds[name] ?? other))
      ? [`${name}: ${ulp} units, ${wrong} wrong, at ${at.join(", ")}`]
      : [],
  );

function exactRows(name: string, rows: readonly (readonly number[])[]): Worst {
  const nArgs = rows[0]!.length - 2;
  const args = Array.from({ length: nArgs }, (_, k) => np.array(Float64Array.from(rows, (r) => r[k]!)));
  const got = read((functionOf(name) as (...xs: JaxArray[]) => JaxArray)(...args));
  const worst = nothing();
  rows.forEach((r, i) => {
    const [y, rest] = r.slice(nArgs) as [number, number];
    const shown = WITH_ZEROS.includes(name) ? unitOf64(Math.max(1, Math.abs(y))) : unitOf64(y);
    const ulp = (Math.abs((got[i]! - y) / unitOf64(y) - rest) * unitOf64(y)) / shown;
    if (Number.isNaN(ulp)) worst.wrong++;
    if (!(ulp <= worst.ulp)) Object.assign(worst, { ulp, at: r.slice(0, nArgs) });
  });
  return worst;
}

const SPECIAL = Object.keys(oracle.f32);

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    test("float32", () => {
      const rows: Record<string, Worst> = {};
      for (const name of Object.keys(UNARY)) rows[name] = unary(name, COUNT[device]!);
      for (const name of Object.keys(BINARY)) rows[name] = binary(name, N_PAIRS[device]!);
      print(`float32 on ${device}: largest error in units of the last place`, rows);
      expect(beyond(rows, BOUND, 2)).toEqual([]);
    });

    test("float64", () => {
      const rows: Record<string, Worst> = {};
      for (const [name, cases] of Object.entries(oracle.f64))
        if (!SPECIAL.includes(name)) rows[name] = exactRows(name, cases);
      print(`float64 on ${device}`, rows);
      expect(beyond(rows, {}, 2)).toEqual([]);
    });

    test("special functions", () => {
      const double: Record<string, Worst> = {};
      const single: Record<string, Worst> = {};
      for (const name of SPECIAL) {
        double[name] = exactRows(name, oracle.f64[name as "erf"]);
        const cases = oracle.f32[name as "erf"] as [number, number][];
        const got = read((functionOf(name) as Unary)(np.array(Float32Array.from(cases, (r) => r[0]))));
        const worst = (single[name] = nothing());
        cases.forEach(([x, y], i) => {
          const shift = WITH_ZEROS.includes(name) && Math.abs(y) < 1 ? Math.sign(y) : 0;
          note32(worst, got[i]! + shift, y + shift, [x]);
        });
      }
      print(`special functions in float32 on ${device}`, single);
      print(`special functions in float64 on ${device}`, double);
      expect([...beyond(single, { erf: 2 }, 16), ...beyond(double, { erf: 2 }, 16)]).toEqual([]);
    });
  });
}
