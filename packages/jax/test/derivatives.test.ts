/** Gradients and tangents of calls at points where they are easily lost are those that JAX has. */
import type * as jax from "@jax-js/jax";
import { defaultDevice, grad, jit, jvp, numpy as np, scipy, tree } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { SPACES, argument, difference } from "./calls-case";
import { syncDevices } from "./devices";
import oracle from "./oracles/calls/derivatives.json";
import { test } from "./scoped";
import { leavesArraysToCollector } from "../../../test/leak-rule";

leavesArraysToCollector("values are the subject here");

type A = jax.Array;
interface Case {
  readonly f: string;
  readonly x: readonly unknown[];
  /** Which arguments are differentiated. */
  readonly at: readonly number[];
  readonly gradient: unknown;
  readonly tangents: unknown;
  readonly t?: number;
}
const spaces: typeof SPACES = {
  ...SPACES,
  logistic: scipy.stats.logistic,
  pareto: scipy.stats.pareto,
  poisson: scipy.stats.poisson,
};

/** Fixed numbers, as the script makes them too. */
function weights(shape: readonly number[], k: number): A {
  const n = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: n }, (_, i) => (((i * 37 + 11 * k) % 64) - 31.5) / 32);
  return np.array(values, { shape: [...shape] });
}

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));
    for (const { f, x, at, gradient, tangents, t } of oracle.cases as unknown as readonly Case[]) {
      test(`${f} of ${JSON.stringify(x).slice(0, 60)}`, () => {
        const [space, name] = f.split(".") as [string, string];
        const fn = spaces[space]![name] as (...args: unknown[]) => unknown;
        const given = argument(x, []) as unknown[];
        const results = (...xs: A[]): A[] => {
          const args = [...given];
          at.forEach((i, k) => (args[i] = xs[k]));
          return tree.leaves<A>(fn(...args) as A).filter((y) => y.dtype === "float32");
        };
        const loss = (...xs: A[]): A =>
          results(...xs).reduce<A>((sum, y, i) => sum.add(np.sum(y.mul(weights(y.shape, i)))), np.array(0));
        const xs = at.map((i) => given[i] as A);
        const slope = (...ys: A[]): A[] => jvp(results, ys, ys.map((y, i) => weights(y.shape, i + 3)))[1] as A[]; // prettier-ignore
        const argnums = at.map((_, i) => i);
        expect(difference(grad(loss, { argnums })(...xs), gradient, t)).toBeNull();
        expect(difference(jit(grad(loss, { argnums }))(...xs), gradient, t)).toBeNull();
        expect(difference(slope(...xs), tangents, t)).toBeNull();
      });
    }
  });
}
