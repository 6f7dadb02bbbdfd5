/** One call recorded from JAX (oracles/calls/record.py): its arguments as ours, and whether our result is JAX's. */
import * as jax from "@jax-js/jax";
import { JaxError, image, lax, nn, numpy as np, ops, random, scipy } from "@jax-js/jax";

type A = jax.Array;
export interface Plain {
  readonly a: string;
  readonly s: readonly number[];
  readonly v: readonly (number | string)[];
}
export interface Call {
  readonly f: string;
  readonly x: readonly unknown[];
  readonly e: unknown;
  /** Relative tolerance, and absolute times it. */
  readonly t?: number;
}
type AnyFunction = (...args: unknown[]) => unknown;
type Space = Readonly<Record<string, unknown>>;

export const SPACES: Readonly<Record<string, Space>> = {
  numpy: np, linalg: np.linalg, fft: np.fft, lax, laxLinalg: lax.linalg, nn, random, initializers: nn.initializers,
  special: scipy.special, image, ops, scipyLinalg: scipy.linalg, signal: scipy.signal, stats: scipy.stats.norm, scipyFft: scipy.fft, ndimage: scipy.ndimage,
}; // prettier-ignore

const SPELLED: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity, nan: NaN, "-0.0": -0 };
const number = (v: number | string): number => (typeof v === "string" ? SPELLED[v]! : v);
const isPlain = (x: object): x is Plain => "a" in x && "s" in x;

/** A recorded argument as a value of ours; `{ r }` is the number of an array of the file. */
export function argument(x: unknown, arrays: readonly Plain[]): unknown {
  if (typeof x !== "object" || x === null) return x;
  if (Array.isArray(x)) return x.map((v) => argument(v, arrays));
  if (isPlain(x)) {
    const values = x.v.map(number);
    return np.array(Float64Array.from(values), { dtype: x.a as "float32", shape: [...x.s] });
  }
  const { l, o, n, r, key } = x as { l?: unknown[]; o?: object; n?: string; r?: number; key?: number };
  if (r !== undefined) return argument(arrays[r], arrays);
  if (l !== undefined) return argument(l, arrays);
  if (n !== undefined) return SPELLED[n];
  if (key !== undefined) return random.key(key);
  return Object.fromEntries(Object.entries(o ?? x).map(([k, v]) => [k, argument(v, arrays)]));
}

/** Places past the point that a dtype holds. */
const TOLERANCE: Readonly<Record<string, number>> = {
  float64: 2e-13, float32: 1e-5, float16: 2e-3, bfloat16: 1.6e-2,
}; // prettier-ignore

export function difference(got: unknown, want: unknown, tol: number | undefined): string | null {
  if (typeof want === "object" && want !== null && !Array.isArray(want)) {
    if (isPlain(want)) return arrayDifference(got, want, tol);
    if ("l" in want) return listDifference(got, want.l as unknown[], tol);
    if ("n" in want) return Object.is(got, SPELLED[want.n as string]) ? null : `is ${String(got)}`;
    for (const [k, v] of Object.entries("o" in want ? (want.o as object) : want)) {
      const d = difference((got as Record<string, unknown>)[k], v, tol);
      if (d !== null) return `.${k} ${d}`;
    }
    return null;
  }
  if (Array.isArray(want)) return listDifference(got, want, tol);
  const value = got instanceof jax.Array ? (got.js() as unknown) : got;
  const near = typeof value === "number" && typeof want === "number" && Math.abs(value - want) <= 1e-6 * Math.abs(want);
  return value === want || near ? null : `is ${String(value)}, not ${String(want)}`;
}

function listDifference(got: unknown, want: readonly unknown[], tol: number | undefined): string | null {
  if (got instanceof jax.Array) return `is ${got.aval}, not a list of ${want.length}`;
  const items =
    typeof got === "object" && got !== null
      ? Symbol.iterator in got
        ? [...(got as Iterable<unknown>)]
        : Object.values(got)
      : [];
  if (items.length !== want.length) return `has ${items.length} items, not ${want.length}`;
  for (const [i, w] of want.entries()) {
    const d = difference(items[i], w, tol);
    if (d !== null) return `[${i}] ${d}`;
  }
  return null;
}

function arrayDifference(got: unknown, want: Plain, tol: number | undefined): string | null {
  if (want.s.length === 0 && (typeof got === "number" || typeof got === "boolean"))
    return Number(got) === number(want.v[0]!) ? null : `is ${String(got)}, not ${want.v[0]}`;
  if (!(got instanceof jax.Array)) return `is ${String(got)}, not an array`;
  if (got.dtype !== want.a) return `has dtype ${got.dtype}, not ${want.a}`;
  if (got.shape.join() !== want.s.join()) return `has shape [${got.shape}], not [${want.s}]`;
  const data = Array.from(got.dataSync(), Number);
  const r = tol ?? TOLERANCE[want.a] ?? 0;
  for (const [i, spelled] of want.v.entries()) {
    const w = number(spelled);
    const g = data[i]!;
    const same = Object.is(g, w) || (g === w && w !== 0) || (w === 0 && g === 0 && !Object.is(w, -0));
    if (!same && !(Math.abs(g - w) <= r * Math.max(1, Math.abs(w)) && !(w === 0 && g === 0)))
      return `[${i}] is ${Object.is(g, -0) ? "-0" : g}, not ${spelled}: [${data.slice(0, 12).join(", ")}] for [${want.v.slice(0, 12).join(", ")}]`;
  }
  return null;
}

const text = (x: unknown, arrays: readonly Plain[]): string => {
  const { r } = (x ?? {}) as { r?: number };
  const { a, s, v } = (r === undefined ? (x ?? {}) : arrays[r]!) as Partial<Plain>;
  return a === undefined ? JSON.stringify(x) : `${a}[${s!.join()}]{${v!.slice(0, 8).join()}}`;
};

/** What is wrong with our result; null if nothing is. */
export function check({ f, x, e, t }: Call, arrays: readonly Plain[]): string | null {
  const [space, name] = f.split(".") as [string, string];
  const call = `${f}(${x.map((v) => text(v, arrays)).join(", ")})`;
  const fn = SPACES[space]![name] as AnyFunction | undefined;
  if (typeof fn !== "function") return `there is no ${f}`;
  const throws = typeof e === "object" && e !== null && "throws" in e;
  let out: unknown;
  try {
    out = fn(...(argument(x, arrays) as unknown[]));
  } catch (error) {
    if (throws && error instanceof JaxError) return null;
    return `${call} threw ${String(error).slice(0, 200)}`;
  }
  if (throws) return `${call} should throw, gave ${(out as A)?.aval ?? String(out)}`;
  const d = difference(out, e, t);
  return d === null ? null : `${call} ${d}`;
}
