/** Quotients and remainders of integers, by arrays and by numbers of the program, against BigInt: XLA's meaning, which never traps. */
import { type Array as JaxArray, type DType, defaultDevice, lax, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { syncDevices } from "./devices";
import { jit, owned, test } from "./scoped";

const RANGES = {
  int8: [-(2 ** 7), 2 ** 7 - 1],
  uint8: [0, 2 ** 8 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  uint16: [0, 2 ** 16 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
} as const;
type Integer = keyof typeof RANGES;

/** The ends of the range, and what lies beside multiples of the divisors, where a quotient that is rounded goes wrong. */
function dividends([least, most]: readonly [number, number], divisors: readonly number[]): number[] {
  const near = divisors
    .filter((d) => d !== 0)
    .flatMap((d) => [1, 2, 3, Math.trunc(most / d), Math.trunc(least / d), Math.trunc(most / d / 2)].map((q) => q * d));
  const all = [least, most, 0, ...near].flatMap((x) => [x - 1, x, x + 1]);
  return [...new Set(all)].filter((x) => x >= least && x <= most);
}

function divisorsOf([least, most]: readonly [number, number]): number[] {
  const some = [0, 1, 2, 3, 5, 7, 10, 13, 49, 100, 103, 641, 1000, 46341, 65535, 65536, 65537, 2 ** 31 - 1];
  return [...new Set([...some, ...some.map((d) => 0 - d), least, most, most - 1])].filter(
    (d) => d >= least && d <= most,
  );
}

const wrap = (dtype: Integer, x: bigint): number => {
  const bits = Number(/\d+/.exec(dtype)![0]);
  return Number(dtype.startsWith("u") ? BigInt.asUintN(bits, x) : BigInt.asIntN(bits, x));
};
const quotient = (dtype: Integer, x: number, y: number): number =>
  wrap(dtype, y === 0 ? -1n : BigInt(x) / BigInt(y)); // prettier-ignore
const rest = (x: number, y: number): number => (y === 0 ? x : Number(BigInt(x) % BigInt(y)));

const arrayOf = (values: readonly number[], dtype: DType): JaxArray => owned(np.array(values, { dtype }));

for (const device of syncDevices) {
  describe(`division of integers on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (const dtype of Object.keys(RANGES) as Integer[]) {
      const divisors = divisorsOf(RANGES[dtype]);
      const xs = dividends(RANGES[dtype], divisors);

      test(`${dtype} by arrays`, () => {
        const pairs = xs.flatMap((x) => divisors.map((y) => [x, y] as const));
        const [a, b] = [0, 1].map((i) => arrayOf(pairs.map((p) => p[i]!), dtype)) as [JaxArray, JaxArray]; // prettier-ignore
        const both = jit((x: JaxArray, y: JaxArray) => [lax.div(x, y), lax.rem(x, y)]);
        const [q, r] = both(a, b).map((x) => owned(x).js());
        expect(q).toEqual(pairs.map(([x, y]) => quotient(dtype, x, y)));
        expect(r).toEqual(pairs.map(([x, y]) => rest(x, y)));
      });

      test(`${dtype} by numbers`, () => {
        const a = arrayOf(xs, dtype);
        for (const y of divisors) {
          const both = jit((x: JaxArray) => [lax.div(x, lax.fullLike(x, y)), lax.rem(x, lax.fullLike(x, y))]);
          const [q, r] = both(a).map((x) => owned(x).js());
          expect([y, q]).toEqual([y, xs.map((x) => quotient(dtype, x, y))]);
          expect([y, r]).toEqual([y, xs.map((x) => rest(x, y))]);
        }
      });

      test(`${dtype} rounded down`, () => {
        const pairs = xs.flatMap((x) => divisors.filter((y) => y !== 0).map((y) => [x, y] as const));
        const [a, b] = [0, 1].map((i) => arrayOf(pairs.map((p) => p[i]!), dtype)) as [JaxArray, JaxArray]; // prettier-ignore
        const down = (x: number, y: number): number => {
          const q = BigInt(x) / BigInt(y);
          return wrap(dtype, BigInt(x) % BigInt(y) !== 0n && x < 0 !== y < 0 ? q - 1n : q);
        };
        expect(owned(np.floorDivide(a, b)).js()).toEqual(pairs.map(([x, y]) => down(x, y)));
      });
    }
  });
}
