/**
 * Makes `toEqual` fast for long arrays of numbers, where it takes some microseconds for each of them: equal ones are
 * found by one loop, which is the same comparison (Object.is of elements). Others are left to `toEqual`.
 */
import { expect } from "vitest";

type Numbers = ArrayLike<unknown>;

const isNumbers = (x: unknown): x is Numbers => Array.isArray(x) || (ArrayBuffer.isView(x) && !(x instanceof DataView));

function equalNumbers(a: unknown, b: unknown): true | undefined {
  if (!isNumbers(a) || !isNumbers(b) || a.length !== b.length) return undefined;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return undefined;
  for (let i = 0; i < a.length; i++) {
    if (typeof a[i] !== "number" || !Object.is(a[i], b[i])) return undefined;
  }
  return true;
}

expect.addEqualityTesters([equalNumbers]);
