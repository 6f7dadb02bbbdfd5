/**
 * Runs the cases of oracles/scipy-*.json. A value is right if it is within 16 units in the last place of float32 of the
 * truth (float64), or not much farther from it than what jax gives in float32, or is the truth of arguments that are a few
 * units away (the functions of statistics: where a function is steep, (x - loc) / scale has rounded before it is called).
 * Where jax gives NaN or an infinity, that or the truth is wanted; for NaN an infinity will do.
 */
import { Array as JaxArray, grad, numpy as np, scipy, vmap } from "@jax-js/jax";
import { expect } from "vitest";

type Spelled = number | string;

export interface ScipyCase {
  /** Namespace under `scipy`. */
  readonly space: string;
  readonly fn: string;
  /** Leading arguments that are JS numbers. */
  readonly statics?: readonly number[];
  readonly args: readonly (readonly Spelled[])[];
  /** Shapes of the arguments, if they are not vectors. */
  readonly shapes?: readonly (readonly number[])[];
  /** Positions of arguments that are int32. */
  readonly integers?: readonly number[];
  readonly options?: Readonly<Record<string, unknown>>;
  /** Which of several results. */
  readonly pick?: number | string;
  readonly part?: "real" | "imag";
  /** A method of what the function makes of the first argument. */
  readonly method?: string;
  /** The method's arguments: numbers, or the samples of another estimate. */
  readonly operands?: readonly number[];
  readonly jax: readonly Spelled[];
  readonly truth: readonly Spelled[];
  /** What the error is compared with, if not the truth: the size of a complex number, of a sum. */
  readonly scale?: readonly number[];
  /** How much the value changes when one argument does, times that argument. */
  readonly condition?: readonly number[];
  readonly grads?: readonly {
    readonly arg: number;
    readonly jax: readonly Spelled[] | null;
    readonly truth: readonly Spelled[];
    readonly condition?: readonly number[];
  }[];
}

export interface Allowance {
  /** Numbers smaller than this are judged as if they were this: the function passes through 0. */
  readonly floor?: number;
  /** Units for each unit of the value's logarithm: the function is the exponential of a sum. */
  readonly logs?: number;
  /** Units in place of 16. */
  readonly ulps?: number;
}

const UNITS = 16;
/** How much farther than jax. */
const BESIDE_JAX = 1.5;
/** How many units in the last place the arguments may be away. */
const ARGUMENT_UNITS = 2;

const SPELLED: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity, nan: NaN };
const value = (v: Spelled): number => (typeof v === "string" ? SPELLED[v]! : v);

/** Unit in the last place of float32; of denormal numbers that of the least normal one, since devices flush them. */
function ulp(x: number): number {
  const size = Math.max(Math.abs(x), 2 ** -126);
  return 2 ** (Math.floor(Math.log2(size)) - 23);
}

const same = (a: number, b: number): boolean => Object.is(a, b) || a === b;

interface Point {
  readonly ours: number;
  /** The truth if jax says nothing. */
  readonly jax: number;
  readonly truth: number;
  readonly scale: number;
  readonly condition: number;
}

/** Units in the last place that a value is too far away; 0 if it is right. */
export function excess(
  { ours, jax, truth, scale, condition }: Point,
  { floor = 0, logs = 0, ulps = UNITS }: Allowance,
): number {
  const unit = ulp(Math.max(Math.abs(truth), scale, floor));
  const distance = Math.abs(ours - truth) / unit;
  const moved = (ARGUMENT_UNITS * 2 ** -23 * condition) / unit;
  const slack = ulps + moved + (truth === 0 ? 0 : logs * Math.abs(Math.log(Math.abs(truth))));
  if (Number.isNaN(jax) && !Number.isFinite(ours)) return 0;
  if (!(Number.isFinite(jax) && Number.isFinite(truth)) && same(ours, jax)) return 0;
  if (same(ours, truth) || distance <= slack || Math.abs(ours - truth) < 2 ** -125) return 0;
  // Too large for float32.
  if (Math.abs(ours) === Infinity && Math.abs(truth) > 3.4e38 && ours > 0 === truth > 0) return 0;
  const beside = (BESIDE_JAX * Math.abs(jax - truth)) / unit;
  return distance <= beside ? 0 : Number.isNaN(distance) ? Infinity : distance;
}

type AnyFunction = (...args: unknown[]) => unknown;

function functionOf(c: ScipyCase): AnyFunction {
  const space = c.space.split(".").reduce((o: unknown, k) => (o as Record<string, unknown>)[k], scipy);
  const f = (space as Record<string, AnyFunction>)[c.fn]!;
  const trailing = c.options === undefined ? [] : "d" in c.options ? [c.options["d"]] : [c.options];
  const { method } = c;
  if (method !== undefined) {
    const operands = method === "integrateKde" ? [f(np.array(c.operands!))] : (c.operands ?? []);
    return (x, ...xs) => (f(x, ...trailing) as Record<string, AnyFunction>)[method]!(...xs, ...operands);
  }
  return (...xs) => {
    const args = c.fn === "wofz" ? [{ real: xs[0], imag: xs[1] }] : [...(c.statics ?? []), ...xs, ...trailing];
    const out = f(...args);
    if (c.part !== undefined) return (out as Record<string, JaxArray>)[c.part];
    if (c.pick === undefined) return out;
    return out instanceof JaxArray ? out.slice(c.pick as number) : (out as Record<number | string, JaxArray>)[c.pick];
  };
}

/** Vectors get one of a few lengths, so that compiled programs are used again. */
function padded(xs: readonly number[]): number[] {
  const n = [256, 1024].find((size) => size >= xs.length) ?? xs.length;
  return [...xs, ...Array<number>(n - xs.length).fill(xs[0]!)];
}

const flat = (x: unknown): number[] => (Array.isArray(x) ? x.flatMap(flat) : [Number(x)]);

/** Arguments of a case as arrays. */
const argumentsOf = (c: ScipyCase): JaxArray[] =>
  c.args.map((a, i) => {
    const shape = c.shapes?.[i];
    const x = shape === undefined ? np.array(padded(a.map(value))) : np.array(a.map(value), { shape: [...shape] });
    return c.integers?.includes(i) ? x.astype("int32") : x;
  });

/** One line for each element of a value, or of the derivative in an argument (its label), that is wrong. */
function judge(
  c: ScipyCase,
  label: string,
  got: readonly number[],
  { jax, truth, condition = [] }: Pick<NonNullable<ScipyCase["grads"]>[number], "jax" | "truth" | "condition">,
  allow: (name: string) => Allowance,
): string[] {
  const name = `${c.space}.${c.fn}`;
  const wanted = truth.map(value);
  if (c.shapes !== undefined || c.args.length === 0) expect(got.length, `${name}${label}`).toBe(wanted.length);
  return got.slice(0, wanted.length).flatMap((ours, i) => {
    // A derivative where the value is not a number, or where nobody knows it.
    if (label !== "" && (Number.isNaN(wanted[i]) || !Number.isFinite(value(c.truth[i]!)))) return [];
    const point: Point = {
      ours,
      jax: jax === null ? wanted[i]! : value(jax[i]!),
      truth: wanted[i]!,
      scale: c.scale?.[i] ?? 0,
      condition: condition[i] ?? 0,
    };
    const far = excess(point, allow(`${c.fn}${label}`));
    if (far === 0) return [];
    const at = [...(c.statics ?? []), ...c.args.map((a) => a[i] ?? a[0]), ...Object.values(c.options ?? {})];
    return [
      `${name}${label}(${at.join(", ")}) is ${ours}, the truth ${wanted[i]}, jax ${jax?.[i]}: ${far.toPrecision(3)} units`,
    ];
  });
}

/** Errors of values of cases: one line for each wrong element. */
export async function wrongValues(cases: readonly ScipyCase[], allow: (name: string) => Allowance): Promise<string[]> {
  const out: string[] = [];
  for (const c of cases) {
    const got = functionOf(c)(...argumentsOf(c)) as JaxArray;
    out.push(...judge(c, "", flat(await got.jsAsync()), c, allow));
  }
  return out;
}

/** Errors of their derivatives. */
export async function wrongDerivatives(
  cases: readonly ScipyCase[],
  allow: (name: string) => Allowance,
): Promise<string[]> {
  const out: string[] = [];
  for (const c of cases) {
    const grads = c.grads ?? [];
    if (grads.length === 0) continue;
    const slopesOf = vmap(grad(functionOf(c) as never, { argnums: grads.map((g) => g.arg) })) as unknown;
    const slopes = (slopesOf as (...xs: JaxArray[]) => JaxArray[])(...argumentsOf(c));
    for (const [i, g] of grads.entries()) {
      out.push(...judge(c, `'${g.arg}`, flat(await slopes[i]!.jsAsync()), g, allow));
    }
  }
  return out;
}

export const hasDerivatives = (cases: readonly ScipyCase[]): boolean => cases.some((c) => (c.grads ?? []).length > 0);

export function byFunction(cases: readonly ScipyCase[]): Map<string, ScipyCase[]> {
  const groups = new Map<string, ScipyCase[]>();
  for (const c of cases) {
    const name = `${c.space}.${c.fn}`;
    groups.set(name, [...(groups.get(name) ?? []), c]);
  }
  return groups;
}
