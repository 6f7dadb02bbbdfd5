/** Which arguments are differentiated: as JAX counts them, for every transformation that asks. */
import {
  DifferentiationError,
  type GradOptions,
  grad,
  hessian,
  jacfwd,
  jacrev,
  numpy as np,
  valueAndGrad,
} from "@jax-js/jax";
import { describe, expect } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { test } from "./scoped";

leavesArraysToCollector("values are the subject here");

// x^2 y at x = 2, y = 3: derivatives 12 and 4, second ones 6, 4, 4 and 0.
const f = (x: np.Array, y: np.Array): np.Array => np.multiply(np.multiply(x, x), y);
type Options = GradOptions | number | readonly number[];
type Derive = (g: typeof f, o?: Options) => (...args: unknown[]) => unknown;
const first = { grad, jacfwd, jacrev } as unknown as Readonly<Record<string, Derive>>;
const values = (x: unknown): unknown => (Array.isArray(x) ? x.map(values) : (x as np.Array).js());
const at = (derive: Derive, o?: Options): unknown => values(derive(f, o)(np.array(2), np.array(3)));

describe("argnums", () => {
  for (const [name, derive] of Object.entries(first)) {
    test(`${name}: from the end, in any order, and in place of the options`, () => {
      expect(at(derive, { argnums: -1 })).toBe(4);
      expect(at(derive, { argnums: [-1, 0] })).toEqual([4, 12]);
      expect(at(derive, 1)).toBe(4);
      expect(at(derive, [0, -1])).toEqual([12, 4]);
      for (const argnums of [2, -3, 0.5]) expect(() => at(derive, { argnums })).toThrow(DifferentiationError);
    });
  }

  test("valueAndGrad and hessian too", () => {
    expect(at(valueAndGrad as unknown as Derive, -1)).toEqual([12, 4]);
    expect(at(hessian as unknown as Derive, -1)).toBe(0);
    expect(at(hessian as unknown as Derive, { argnums: [-1, 0] })).toEqual([[0, 4], [4, 6]]); // prettier-ignore
    expect(() => at(hessian as unknown as Derive, 2)).toThrow("argument 2, but the function was called with 2");
  });
});
