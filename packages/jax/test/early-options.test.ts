/** Options where optional positional arguments were left out, as JAX takes them by name. */
import { type Array as JaxArray, grad, lax, nn, numpy as np, random } from "@jax-js/jax";
import { describe, expect } from "vitest";
import { owned, test } from "./scoped";

const value = (x: JaxArray): unknown => owned(x).js() as unknown;

describe("lax.scan", () => {
  const count = (c: JaxArray): [JaxArray, JaxArray] => [c.add(1), c];
  test("with a length and without xs", () => {
    const [last, seen] = lax.scan(count, np.array(0), { length: 3 }) as [JaxArray, JaxArray];
    expect([value(last), value(seen)]).toEqual([3, [0, 1, 2]]);
    const [, back] = lax.scan(count, np.array(0), { length: 3, reverse: true }) as [JaxArray, JaxArray];
    expect(value(back)).toEqual([2, 1, 0]);
  });
  test("with xs among them", () => {
    const xs = owned(np.array([1, 2]));
    const step = (c: JaxArray, x: JaxArray): [JaxArray, JaxArray] => [c.add(x), c];
    const [last, seen] = lax.scan(step, np.array(0), { xs, reverse: true }) as [JaxArray, JaxArray];
    expect([value(last), value(seen)]).toEqual([3, [2, 0]]);
  });
  test("with xs that is an object of arrays with such a key", () => {
    const add = (c: JaxArray, x: { length: JaxArray }): [JaxArray, null] => [c.add(x.length), null];
    expect(value((lax.scan(add as never, np.array(0), { length: np.array([1, 2]) }) as [JaxArray, null])[0])).toBe(3);
  });
});

describe("lax.customLinearSolve", () => {
  const solve = (matvec: (x: JaxArray) => JaxArray, b: JaxArray): JaxArray => b.div(matvec(np.ones([2])));
  const b = [1, 2];
  const total = (...rest: never[]) =>
    grad((a: JaxArray) => (lax.customLinearSolve((x: JaxArray) => x.mul(a), np.array(b), solve, ...rest) as JaxArray).sum()); // prettier-ignore
  for (const [how, rest] of [
    ["as options", [{ symmetric: true }]],
    ["after an argument left out", [null, { symmetric: true }]],
    ["by position", [null, true]],
    ["with the transposed solver by name", [{ transposeSolve: solve }]],
  ] as const) {
    test(how, () => {
      expect(value(total(...(rest as unknown as never[]))(owned(np.array([1, 2]))))).toEqual([-1, -0.5]);
    });
  }
});

test("mode and distribution of varianceScaling by name", () => {
  const { varianceScaling } = nn.initializers;
  const key = owned(random.key(0));
  const named = varianceScaling(2, { mode: "fan_in", distribution: "normal" })(key, [2, 3]);
  expect(value(named)).toEqual(value(varianceScaling(2, "fan_in", "normal")(key, [2, 3])));
  expect(() => varianceScaling(2, "fan" as never, "normal")).toThrow(/varianceScaling: mode must be one of fan_in, fan_out/); // prettier-ignore
  expect(() => varianceScaling(2, "fan_in")).toThrow(/distribution must be one of truncated_normal, .* got undefined/);
});

test("the dtype of joined arrays", () => {
  const x = owned(np.ones([2]));
  const joined = [np.vstack, np.hstack, np.dstack].map((join) => owned(join([x, x], { dtype: "float16" })).dtype);
  expect(joined).toEqual(["float16", "float16", "float16"]);
});

test("the axis of updates by name", () => {
  const x = owned(np.zeros([2, 2]));
  expect(value(lax.dynamicUpdateSliceInDim(x, np.ones([2, 1]), 1, { axis: 1 }))).toEqual([[0, 1], [0, 1]]); // prettier-ignore
  expect(value(lax.dynamicUpdateIndexInDim(x, np.ones([2]), 0, { axis: 1 }))).toEqual([[1, 0], [1, 0]]); // prettier-ignore
});
