/** Samplers and special functions against jax.random and jax.scipy.special: oracles/random.py wrote the expected values. */
import { type Array as JaxArray, grad, jit, numpy as np, random, scipySpecial, vmap } from "@jax-js/jax";
import { afterEach, describe, expect, test } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import oracle from "./oracles/random.json";

leavesArraysToCollector("hundreds of samples, written before the rule");

interface Plain {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}
interface Case {
  readonly space: "random" | "scipySpecial";
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly expected: Plain;
  /** Absolute and relative; 0 means equal. */
  readonly tol: number;
}
type AnyFunction = (...args: unknown[]) => JaxArray;

const SPELLED: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity, nan: NaN };
const value = (v: number | string | boolean): number => (typeof v === "string" ? SPELLED[v]! : Number(v));

function argument(x: unknown): unknown {
  if (typeof x !== "object" || x === null || Array.isArray(x)) return x;
  if ("key" in x) return random.key(x.key as number);
  if ("data" in x) {
    const { dtype, shape, data } = x as Plain;
    return np.array(data.map(value), { dtype: dtype as "float32", shape: [...shape] });
  }
  return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, argument(v)]));
}

const flat = (x: unknown): number[] => (Array.isArray(x) ? x.flatMap(flat) : [Number(x)]);

function check({ expected, tol, fn }: Case, out: ReturnType<AnyFunction>): void {
  expect(out.dtype, fn).toBe(expected.dtype);
  expect(out.shape, fn).toEqual(expected.shape);
  const got = flat(out.js());
  expected.data.map(value).forEach((want, i) => {
    const have = got[i]!;
    const near = Object.is(have, want) || have === want || Math.abs(have - want) <= tol * Math.max(1, Math.abs(want));
    if (!near && !(Number.isNaN(have) && Number.isNaN(want)))
      expect.fail(`${fn}: element ${i} is ${have}, expected ${want}`);
  });
}

const groups = new Map<string, Case[]>();
for (const c of oracle as unknown as Case[])
  groups.set(`${c.space}.${c.fn}`, [...(groups.get(`${c.space}.${c.fn}`) ?? []), c]);

/** Arrays of a test, disposed when it ends. */
const made: Disposable[] = [];
function keep<T>(x: T): T {
  if (typeof x === "object" && x !== null) {
    if (Symbol.dispose in x) made.push(x as unknown as Disposable);
    else Object.values(x).forEach(keep);
  }
  return x;
}
afterEach(() => made.splice(0).forEach((x) => x[Symbol.dispose]()));

describe("equals JAX", () => {
  for (const [name, cases] of groups) {
    test(name, () => {
      for (const c of cases) {
        const space = (c.space === "random" ? random : scipySpecial) as unknown as Record<string, AnyFunction>;
        check(c, keep(space[c.fn]!(...c.args.map((a) => keep(argument(a))))));
      }
    });
  }
});

describe("under transformations", () => {
  type A = ReturnType<typeof random.key>;

  test("samples of gamma distributions have derivatives in their parameters", () => {
    const k = keep(random.key(3));
    const near = (f: (x: A) => A, at: number | number[], want: number | number[]): void => {
      const got = flat(keep(grad(f)(keep(np.array(at)))).js());
      [want].flat().forEach((w, i) => expect(Math.abs(got[i]! - w)).toBeLessThan(2e-5 * Math.max(1, Math.abs(w))));
    };
    // What JAX 0.10.2 gives.
    near((a) => random.gamma(k, a, [3]).sum(), 0.3, 1.8386676);
    near((a) => random.gamma(k, a, [3]).sum(), 2, 3.0097742);
    near((a) => random.gamma(k, a, [3]).sum(), 50, 3.007997);
    near((a) => random.beta(k, a, 2), 0.5, 0.039809413);
    near((a) => random.dirichlet(k, a).slice(0), [1, 2, 3], [0.03837983, -0.00112413, -0.00272603]);
    near((a) => random.t(k, a), 3, 0.06862718);
    near((a) => random.chisquare(k, a), 3, 0.48968625);
    near((a) => random.f(k, a, 4), 3, 0.2165258);
    // Where x itself is 0 in float32 the derivative of its logarithm is that of the first term of a series.
    near((a) => random.loggamma(k, a, [3]).sum(), 0.01, 21953.28);
  });

  test("jit gives the same bits", () => {
    const f = (k: A) => random.uniform(k, [4]);
    const key = keep(random.key(3));
    const compiled = jit(f);
    expect(keep(compiled(key)).js()).toEqual(keep(f(key)).js());
    compiled.dispose();
  });

  test("rejection under jit", () => {
    const f = (k: A) => random.poisson(k, 30, [2000]);
    const key = keep(random.key(3));
    const compiled = jit(f);
    expect(keep(compiled(key)).js()).toEqual(keep(f(key)).js());
    compiled.dispose();
  });

  test("small, great, negative and missing rates side by side, as JAX 0.10.2 gives", () => {
    const rates = keep(np.array([0.5, 3, 9.9, 10, 50, 1000, NaN, 0, -1]));
    const drawn = keep(random.poisson(keep(random.key(0)), rates, [2, 9])).js();
    expect(drawn).toEqual([
      [0, 0, 11, 13, 43, 1012, -1, 0, -1],
      [1, 1, 12, 5, 50, 1001, -1, 0, -1],
    ]);
  });

  test("vmap of rejection is a loop over keys, whose samples take different numbers of rounds", () => {
    const keys = keep(random.split(keep(random.key(3)), 5));
    const rates = keep(np.array([2, 40, 7, 1000]));
    const fs = [
      (k: A) => random.poisson(k, rates, [3, 4]),
      (k: A) => random.binomial(k, rates, 0.4, [3, 4]),
      (k: A) => random.gamma(k, rates, [3, 4]),
    ];
    for (const f of fs) {
      const loop = [0, 1, 2, 3, 4].map((i) => keep(f(keep(keys.slice(i)))).js());
      expect(keep(vmap(f)(keys)).js()).toEqual(loop);
      using compiled = jit(vmap(f));
      expect(keep(compiled(keys)).js()).toEqual(loop);
    }
  });

  test("vmap over keys is a loop over keys", () => {
    const key = keep(random.key(3));
    const keys = keep(random.split(key, 3));
    const f = (k: A) => random.normal(k, [2]);
    const loop = [0, 1, 2].map((i) => keep(f(keep(keys.slice(i)))).js());
    expect(keep(vmap(f)(keys)).js()).toEqual(loop);
    expect(keep(random.normal(keys, [2])).js()).toEqual(loop);
  });

  test("gradients follow the parameters", () => {
    const key = keep(random.key(3));
    const slope = keep(grad((s: A) => random.rayleigh(key, s, []))(keep(np.array(2)))).item();
    expect(slope).toBeCloseTo(keep(random.rayleigh(key, 1, [])).item() as number, 5);
    const nowhere = keep(grad((x: A) => scipySpecial.xlogy(x, 0))(keep(np.array(0)))).item();
    expect(Number.isNaN(nowhere)).toBe(false);
  });
});

describe("errors", () => {
  test("a seed is no key", () => {
    expect(() => random.normal(keep(np.array(3)))).toThrow(/key is uint32\[2\]/);
  });
  test("too many draws without replacement", () => {
    const key = keep(random.key(0));
    expect(() => random.choice(key, 3, { shape: [4], replace: false })).toThrow(/without replacement/);
  });
  test("parameters that do not fit", () => {
    expect(() => random.gamma(keep(random.key(0)), keep(np.ones([3])), [2])).toThrow(/broadcast/);
  });
});
