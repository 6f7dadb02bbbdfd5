/** One call of an oracle (oracles/cases.py): makes its arguments, runs it, compares, and disposes what it was given. */
import * as jax from "@jax-js/jax";
import { expect } from "vitest";
import { Owner } from "./owner";

const { numpy: np } = jax;
type Tensor = InstanceType<typeof jax.Array>;
type AnyFunction = (...args: unknown[]) => unknown;

/** An array as the scripts write it. */
interface Plain {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}
type Tree = Plain | { readonly real: Plain; readonly imag: Plain } | readonly Tree[];

export interface OracleCase {
  readonly space: string;
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly out: Tree;
  /** Relative to the largest element of the result, or to 1. */
  readonly tol: number;
  /** The number of the one result that is compared. */
  readonly pick?: number;
  readonly transform?: "grad" | "vmap";
  /** Of grad. */
  readonly argnums?: readonly number[];
  /** Of vmap. */
  readonly axes?: readonly (number | null)[];
}

const SPELLED: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity, nan: NaN, "-0": -0 };
const valueOf = (v: number | string): number => (typeof v === "string" ? SPELLED[v]! : v);
const isPlain = (x: unknown): x is Plain => typeof x === "object" && x !== null && "data" in x && "shape" in x;

function arrayOf({ dtype, shape, data }: Plain): Tensor {
  const values = data.map(valueOf);
  return np.array(dtype === "float64" ? Float64Array.from(values) : values, {
    dtype: dtype as "float32",
    shape: [...shape],
  });
}

/** Functions that arguments name. */
export type Functions = Readonly<Record<string, unknown>>;

function decode(x: unknown, functions: Functions): unknown {
  if (isPlain(x)) return arrayOf(x);
  if (Array.isArray(x)) return x.map((v) => decode(v, functions));
  if (typeof x !== "object" || x === null) return x;
  if ("function" in x) return functions[x.function as string];
  if ("number" in x) return SPELLED[x.number as string];
  return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, decode(v, functions)]));
}

function functionOf(space: string, name: string): AnyFunction {
  const found = space.split(".").reduce((x: unknown, k) => (x as Record<string, unknown>)[k], jax);
  const f = (found as Record<string, unknown> | undefined)?.[name];
  if (typeof f !== "function") throw new Error(`there is no ${space}.${name}`);
  return f as AnyFunction;
}

/** All arrays of a result, pairs as real part and imaginary part. */
function leavesOf(x: unknown): Tensor[] {
  if (x instanceof jax.Array) return [x];
  if (Array.isArray(x)) return x.flatMap(leavesOf);
  if (typeof x !== "object" || x === null || ArrayBuffer.isView(x)) return [];
  return "real" in x && "imag" in x ? [...leavesOf(x.real), ...leavesOf(x.imag)] : Object.values(x).flatMap(leavesOf);
}

/** The sum of all elements with the weights of oracles/cases.py. */
function weighted(out: unknown): Tensor {
  const parts = leavesOf(out).filter((x) => x.dtype.startsWith("float"));
  const terms = parts.map((x) => {
    const weights = Float64Array.from({ length: x.size }, (_, i) => Math.cos(0.7 * i + 0.3));
    return np.sum(np.ravel(x).mul(np.array(weights, { dtype: x.dtype })));
  });
  return terms.reduce((a, b) => a.add(b));
}

function run(c: OracleCase, whole: AnyFunction, args: readonly unknown[], own: Owner): unknown {
  const f: AnyFunction = (...xs) => {
    const out = whole(...xs);
    if (c.pick === undefined) return out;
    (out as unknown[]).forEach((x, k) => k === c.pick || leavesOf(x).forEach((y) => own.of(y)));
    return (out as unknown[])[c.pick];
  };
  if (c.transform === "vmap") {
    const at = c.axes!.flatMap((a, i) => (a === null ? [] : [i]));
    const g = (...xs: unknown[]): unknown => f(...args.map((a, i) => (at.includes(i) ? xs[at.indexOf(i)] : a)));
    return jax.vmap(g)(...at.map((i) => args[i]));
  }
  if (c.transform !== "grad") return f(...args);
  // Arguments that are not differentiated may be no arrays.
  const at = c.argnums!;
  const loss = (...xs: unknown[]): Tensor =>
    jax.owned(() => weighted(f(...args.map((a, i) => (at.includes(i) ? xs[at.indexOf(i)] : a)))));
  return jax.grad(loss, { argnums: at.map((_, k) => k) })(...at.map((i) => args[i]));
}

/** The leaves of an expected result, as those of `leavesOf`. */
function expectedLeaves(out: Tree): Plain[] {
  if (isPlain(out)) return [out];
  if (Array.isArray(out)) return (out as readonly Tree[]).flatMap(expectedLeaves);
  const pair = out as { real: Plain; imag: Plain };
  return [pair.real, pair.imag];
}

const flat = (x: unknown): number[] => (Array.isArray(x) ? x.flatMap(flat) : [Number(x)]);

function difference(want: Plain, got: Tensor, tol: number): string | null {
  if (got.dtype !== want.dtype) return `dtype ${got.dtype}, expected ${want.dtype}`;
  if (got.shape.join() !== want.shape.join()) return `shape [${got.shape.join()}], expected [${want.shape.join()}]`;
  const [have, wanted] = [flat(got.js()), want.data.map(valueOf)];
  const scale = wanted.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 1);
  for (let i = 0; i < wanted.length; i++) {
    const [x, y] = [have[i]!, wanted[i]!];
    if (Object.is(x, y) || x === y || Math.abs(x - y) <= tol * scale) continue;
    return `element ${i} is ${x}, expected ${y}`;
  }
  return null;
}

/** What is wrong with the result of a case; null if nothing is. */
export function failure(
  c: OracleCase,
  functions: Functions = {},
  wrap = (f: AnyFunction): AnyFunction => f,
): string | null {
  using own = new Owner();
  const args = c.args.map((a) => decode(a, functions));
  for (const a of args) for (const x of leavesOf(a)) own.of(x);
  let leaves: Tensor[];
  try {
    leaves = leavesOf(run(c, wrap(functionOf(c.space, c.fn)), args, own)).map((x) => own.of(x));
  } catch (error) {
    return String(error).slice(0, 300);
  }
  const wanted = expectedLeaves(c.out);
  if (leaves.length !== wanted.length) return `${leaves.length} arrays, expected ${wanted.length}`;
  for (const [k, want] of wanted.entries()) {
    const wrong = difference(want, leaves[k]!, c.tol);
    if (wrong !== null) return `result ${k}: ${wrong}`;
  }
  return null;
}

/** Runs the cases of one function and expects no failure. */
export function expectCases(cases: readonly OracleCase[], functions: Functions = {}): void {
  const failures = cases.flatMap((c, i) => {
    const wrong = failure(c, functions);
    return wrong === null
      ? []
      : [`${c.fn} ${c.transform ?? ""} ${i}: ${wrong} (${JSON.stringify(c.args.slice(1)).slice(0, 120)})`];
  });
  expect(failures).toEqual([]);
}

/** Cases by the function they call. */
export function byFunction(cases: readonly OracleCase[]): Map<string, OracleCase[]> {
  const out = new Map<string, OracleCase[]>();
  for (const c of cases) out.set(`${c.space}.${c.fn}`, [...(out.get(`${c.space}.${c.fn}`) ?? []), c]);
  return out;
}
