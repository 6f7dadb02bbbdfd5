/** Reads the cases that the scripts in oracles/ write, and compares trees of arrays with theirs. */
import { type Array as JaxArray, type DType, numpy as np, random, tree } from "@jax-js/jax";
import * as optax from "@jax-js/optax";
import { expect } from "vitest";
import type { Owner } from "../../jax/test/owner";

export interface Plain {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

const SPELLED: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity, nan: NaN };
const value = (v: number | string): number => (typeof v === "string" ? SPELLED[v]! : v);

export const isPlain = (x: unknown): x is Plain => typeof x === "object" && x !== null && "dtype" in x && "data" in x;

/** Functions that arguments of cases name. */
const NAMED: Readonly<Record<string, unknown>> = {
  noVectors: (params: unknown) => tree.map(((x: JaxArray) => x.ndim !== 1) as never, params as never),
  convolution: () => ({ w: new optax.MuonDimensionNumbers({ reductionAxis: [0, 1], outputAxis: 3 }), v: null }),
  growing: (step: JaxArray) => step.add(1),
  skipNotFinite: optax.skipNotFinite,
  skipLarge: (updates: unknown, step: JaxArray, params: unknown) => optax.skipLargeUpdates(updates, step, params, 8),
  norm: (x: unknown) => optax.treeNorm(x),
  odd: (step: JaxArray) => np.mod(step, 2).equal(1),
};

export const optaxFunction = (name: string): ((...args: unknown[]) => never) => {
  const f = (optax as unknown as Record<string, unknown>)[name];
  if (typeof f !== "function") throw new TypeError(`optax has no function ${name}`);
  const isClass = /^class/.test(Function.prototype.toString.call(f));
  return (...args) => (isClass ? new (f as new (...a: unknown[]) => object)(...args) : f(...args)) as never;
};

/** An argument of a case: plain values, arrays, calls and named functions, in lists and objects. */
export function argument(x: unknown, own: Owner): unknown {
  if (typeof x !== "object" || x === null) return x;
  if (Array.isArray(x)) return x.map((v) => argument(v, own));
  if (isPlain(x)) return own.of(np.array(x.data.map(value), { dtype: x.dtype, shape: [...x.shape] }));
  if ("call" in x)
    return optaxFunction(x.call as string)(...(argument((x as { args?: unknown }).args, own) as unknown[]));
  if ("named" in x) return NAMED[x.named as string];
  if ("options" in x) return argument(x.options, own);
  if ("prngKey" in x) return own.of(random.key(x.prngKey as number));
  return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, argument(v, own)]));
}

const flat = (x: unknown): number[] => (Array.isArray(x) ? x.flatMap(flat) : [Number(x)]);

/** Relative to the larger of 1 and the value. */
function expectArray(got: unknown, want: Plain, tol: number, path: string): void {
  if (typeof got !== "object" || got === null || !("shape" in got)) expect.fail(`${path}: expected an array, got ${String(got)}`); // prettier-ignore
  const a = got as JaxArray;
  expect(`${a.dtype}[${a.shape}]`, path).toBe(`${want.dtype}[${want.shape}]`);
  const values = flat(a.js());
  want.data.map(value).forEach((w, i) => {
    const v = values[i]!;
    const near = v === w || Math.abs(v - w) <= tol * Math.max(1, Math.abs(w)) || (Number.isNaN(v) && Number.isNaN(w));
    if (!near) expect.fail(`${path}: element ${i} is ${v}, expected ${w} within ${tol}`);
  });
}

/** Fails where a tree differs from the expected one, in form or in value. */
export function expectTree(got: unknown, want: unknown, tol: number, path: string): void {
  if (isPlain(want)) return expectArray(got, want, tol, path);
  if (want === null) return expect(got ?? null, path).toBe(null);
  const names = (x: unknown): string[] =>
    Object.keys(x as object)
      .filter((k) => (x as Record<string, unknown>)[k] !== undefined)
      .sort();
  if (typeof got !== "object" || got === null) expect.fail(`${path}: expected ${names(want)}, got ${String(got)}`);
  expect(names(got), path).toEqual(names(want));
  for (const k of names(want)) {
    expectTree((got as Record<string, unknown>)[k], (want as Record<string, unknown>)[k], tol, `${path}.${k}`);
  }
}
