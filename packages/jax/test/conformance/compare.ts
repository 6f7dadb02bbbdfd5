/** Whether results are the expected ones. Every check throws an Error that says what is different. */
import { Array as JaxArray, type DType } from "@jax-js/jax";
import { type Case, type Distribution, type Expected, type Tensor, type Value, numbersOf } from "./cases";

export interface Host {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export async function read(x: Tensor): Promise<Host> {
  const { dtype, shape } = x;
  return { dtype, shape: [...shape], data: Array.from(await x.data(), Number) };
}

const isTensor = (x: unknown): x is Tensor => x instanceof JaxArray;

const fail = (why: string): never => {
  throw new Error(why);
};

export interface Tolerance {
  readonly rtol?: number;
  readonly atol?: number;
}

export function near(got: number, want: number, { rtol = 0, atol = 0 }: Tolerance): boolean {
  return Number.isNaN(want) ? Number.isNaN(got) : got === want || Math.abs(got - want) <= atol + rtol * Math.abs(want);
}

const list = (xs: readonly unknown[]): string =>
  `[${xs.slice(0, 8).map(String).join(", ")}${xs.length > 8 ? ", ..." : ""}]`;

export async function compare(got: unknown, expected: Expected, c: Case, path = ""): Promise<void> {
  if (expected.a !== undefined) await compareArray(got, expected.a, c, path);
  else if (expected.chk !== undefined) await comparePoints(got, expected.chk, c);
  else if (expected.l !== undefined) {
    if (typeof got !== "object" || got === null || isTensor(got) || !(Symbol.iterator in got))
      fail(`${path} is no list`);
    const items = [...(got as Iterable<unknown>)];
    if (items.length !== expected.l.length) fail(`${path} has ${items.length} items, not ${expected.l.length}`);
    for (const [i, e] of expected.l.entries()) await compare(items[i], e, c, `${path}[${i}]`);
  } else if (expected.o !== undefined) {
    for (const [k, e] of Object.entries(expected.o))
      await compare((got as Record<string, unknown>)[k], e, c, `${path}.${k}`);
  } else await compareLiteral(got, expected.v, c, path);
}

async function compareArray(got: unknown, [dtype, shape, flat]: NonNullable<Value["a"]>, c: Case, path: string) {
  const want = numbersOf(flat).map((v) => (dtype === "float32" ? Math.fround(v) : v));
  if (!isTensor(got)) return fail(`${path} is ${String(got)}, not an array`);
  const g = await read(got);
  if (g.shape.join() !== shape.join()) fail(`${path} has shape [${g.shape}], not [${shape}]`);
  const i = want.findIndex((e, k) => !near(g.data[k]!, e, c));
  if (i >= 0) fail(`${path}[${i}] is ${g.data[i]}, not ${want[i]}; got ${list(g.data)}, expected ${list(want)}`);
  if (g.dtype !== dtype && c.anyDtype !== true) fail(`${path} has dtype ${g.dtype}, not ${dtype}`);
}

async function comparePoints(got: unknown, [dtype, shape, points]: NonNullable<Expected["chk"]>, c: Case) {
  const g = await read(got as Tensor);
  if (g.shape.join() !== shape.join() || g.dtype !== dtype) fail(`is ${g.dtype}[${g.shape}], not ${dtype}[${shape}]`);
  for (const [i, want] of points) if (!near(g.data[i]!, want, c)) fail(`[${i}] is ${g.data[i]}, not ${want}`);
}

/** A JS value; an array with that content is as good. */
async function compareLiteral(got: unknown, want: unknown, c: Case, path: string): Promise<void> {
  let value = got;
  if (isTensor(got)) {
    const { dtype, shape, data } = await read(got);
    const js = dtype === "bool" ? data.map((v) => v !== 0) : data;
    value = shape.length === 0 ? js[0] : js;
  }
  const equal = (x: unknown, y: unknown): boolean => {
    if (Array.isArray(y)) return Array.isArray(x) && x.length === y.length && y.every((v, i) => equal(x[i], v));
    return typeof y === "number" ? near(Number(x), y, c) : x === y;
  };
  if (!equal(value, want)) fail(`${path} is ${JSON.stringify(value)}, not ${JSON.stringify(want)}`);
}

/** Empirical mean and distribution function, within five standard errors. */
export async function compareDistribution(got: unknown, s: Distribution): Promise<void> {
  const { dtype, shape, data } = await read(got as Tensor);
  if (shape.join() !== s.shape.join()) fail(`has shape [${shape}], not [${s.shape}]`);
  const sorted = [...data].sort((a, b) => a - b);
  const n = sorted.length;
  const mean = sorted.reduce((a, b) => a + b, 0) / n;
  if (s.mean !== undefined && s.mean !== null && Math.abs(mean - s.mean) > (5 * s.sd!) / Math.sqrt(n) + 1e-6) {
    fail(`has mean ${mean}, not ${s.mean}`);
  }
  for (const [p, v] of s.q ?? []) {
    const empirical = sorted.filter((x) => x <= v).length / n;
    if (Math.abs(empirical - p) > 5 * Math.sqrt((p * (1 - p)) / n) + 1e-3)
      fail(`P(x <= ${v}) is ${empirical}, not ${p}`);
  }
  if (s.lo !== undefined && sorted[0]! < s.lo) fail(`has ${sorted[0]} below ${s.lo}`);
  if (s.hi !== undefined && sorted[n - 1]! > s.hi) fail(`has ${sorted[n - 1]} above ${s.hi}`);
  if (s.dtype && dtype !== s.dtype) fail(`has dtype ${dtype}, not ${s.dtype}`);
}
