/** The fast comparison of `setup.ts` says of long arrays what `toEqual` says of short ones. */
import { expect, it } from "vitest";

it("equal arrays of numbers", () => {
  const values = [1, NaN, Infinity, -0, 0.1];
  expect(values).toEqual([...values]);
  expect(Float32Array.from(values)).toEqual(Float32Array.from(values));
  expect([values, [values]]).toEqual([[...values], [[...values]]]);
});

it("what differs in a value, a sign, the length or the kind", () => {
  expect([1, 2, 3]).not.toEqual([1, 2, 4]);
  expect([1, 0]).not.toEqual([1, -0]);
  expect([1, NaN]).not.toEqual([1, 0]);
  expect([1, 2]).not.toEqual([1, 2, 3]);
  expect(new Float32Array([1, 2])).not.toEqual([1, 2]);
  expect(new Float32Array([1, 2])).not.toEqual(new Int32Array([1, 2]));
  expect([1, undefined]).not.toEqual([1, 2]);
});

it("arrays that are not all numbers", () => {
  expect([1, "a", { b: [2] }]).toEqual([1, expect.any(String), { b: [2] }]);
  expect([1, "a"]).not.toEqual([1, "b"]);
});
