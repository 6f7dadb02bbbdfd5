/**
 * Random functions under random stacks of up to four transformations, against plain JavaScript: the reference computes
 * values with numbers and loops, and derivatives by central differences.
 */
import {
  type Array as JaxArray,
  checkpoint,
  defaultDevice,
  grad,
  init,
  jit,
  jvp,
  lax,
  numpy as np,
  vmap,
} from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { randomNumbers } from "./run-program";
import { testDevices } from "./devices";

leavesArraysToCollector("hundreds of programs; leaks are measured elsewhere");

const N = 3;
/** Of differences; `reference` sets it. */
let step = NaN;
type Vector = readonly number[];
type Plain = (x: Vector) => number[];
type Traced = (x: JaxArray) => JaxArray;

/** The same function twice. */
interface Pair {
  readonly name: string;
  readonly plain: Plain;
  readonly traced: Traced;
  /** Number of derivatives inside: differences of differences of differences are too rough. */
  readonly order: number;
}

const array = (values: readonly unknown[]): JaxArray => np.array(values as number[], { dtype: "float64" });
const map2 = (a: Vector, b: Vector, f: (x: number, y: number) => number): number[] => a.map((x, i) => f(x, b[i]!));
const sum = (x: Vector): number => x.reduce((s, v) => s + v, 0);

function leaf(random: () => number): Pair {
  const v = Array.from({ length: N }, () => random() * 2 - 1);
  const m = Array.from({ length: N }, () => Array.from({ length: N }, () => random() - 0.5));
  const choices: Pair[] = [
    { name: "sin(x)+v", order: 0, plain: (x) => map2(x, v, (a, b) => Math.sin(a) + b), traced: (x) => np.sin(x).add(array(v)) },
    { name: "tanh(m x)", order: 0, plain: (x) => m.map((row) => Math.tanh(sum(map2(row, x, (a, b) => a * b)))), traced: (x) => np.tanh(np.dot(array(m), x)) },
    { name: "x*v/(1+x²)", order: 0, plain: (x) => map2(x, v, (a, b) => (a * b) / (1 + a * a)), traced: (x) => x.mul(array(v)).div(x.mul(x).add(1)) },
    { name: "softmax", order: 0, plain: (x) => { const e = x.map(Math.exp); return e.map((y) => y / sum(e)); }, traced: (x) => np.exp(x).div(np.exp(x).sum()) },
    { name: "cumsum(cos)", order: 0, plain: (x) => { let s = 0; return x.map((a) => (s += Math.cos(a))); }, traced: (x) => np.cumsum(np.cos(x)) },
  ]; // prettier-ignore
  return choices[Math.floor(random() * choices.length)]!;
}

const differences = (f: (x: Vector) => number, x: Vector): number[] =>
  x.map((_, i) => {
    const at = (h: number): number => f(x.map((v, k) => (k === i ? v + h : v)));
    return (at(step) - at(-step)) / (2 * step);
  });

const TRANSFORMATIONS: readonly ((p: Pair, random: () => number) => Pair)[] = [
  (p) => ({ ...p, name: `jit(${p.name})`, traced: jit(p.traced) }),
  (p) => ({ ...p, name: `checkpoint(${p.name})`, traced: checkpoint(p.traced) }),
  (p) => ({
    name: `grad(${p.name})`,
    order: p.order + 1,
    plain: (x) => differences((y) => sum(p.plain(y)), x),
    traced: grad((x: JaxArray) => p.traced(x).sum()),
  }),
  (p, random) => {
    const v = Array.from({ length: N }, () => random() * 2 - 1);
    const along = (x: Vector, h: number): number[] => p.plain(map2(x, v, (a, b) => a + h * b));
    return {
      name: `jvp(${p.name})`,
      order: p.order + 1,
      plain: (x) => map2(along(x, step), along(x, -step), (a, b) => (a - b) / (2 * step)),
      traced: (x) => jvp(p.traced, [x], [array(v)])[1] as JaxArray,
    };
  },
  (p) => ({
    ...p,
    name: `vmap(${p.name})`,
    plain: (x) => {
      const parts = [p.plain(x), p.plain(x.map((a) => -a)), p.plain(x.map((a) => 0.5 * a))];
      return x.map((_, i) => parts[0]![i]! + parts[1]![i]! + parts[2]![i]!);
    },
    traced: (x) => vmap(p.traced)(np.stack([x, x.neg(), x.mul(0.5)])).sum(0),
  }),
  (p) => ({
    ...p,
    name: `scan(${p.name})`,
    plain: (x) => {
      let c = [...x];
      const out = x.map(() => 0);
      for (let t = 0; t < 3; t++) {
        const y = p.plain(c).map((a) => 0.5 * a);
        y.forEach((a, i) => (out[i]! += a * (t + 1)));
        c = map2(y, x, (a, b) => a + 0.1 * b);
      }
      return map2(out, c, (a, b) => a + b);
    },
    traced: (x) => {
      const step = (c: JaxArray, w: JaxArray): [JaxArray, JaxArray] => {
        const y = p.traced(c).mul(0.5);
        return [y.add(x.mul(0.1)), y.mul(w)];
      };
      const [last, ys] = lax.scan(step, x, array([1, 2, 3])) as [JaxArray, JaxArray];
      return ys.sum(0).add(last);
    },
  }),
  (p) => ({
    ...p,
    name: `cond(${p.name})`,
    plain: (x) => (x[0]! > 0.05 ? p.plain(x) : p.plain(x.map((a) => -2 * a)).map((a) => a + 1)),
    traced: (x) =>
      lax.cond(x.slice(0).greater(0.05), p.traced, (y: JaxArray) => p.traced(y.mul(-2)).add(1), x) as JaxArray,
  }),
  (p) => ({
    ...p,
    name: `fori(${p.name})`,
    plain: (x) => p.plain(p.plain(x)),
    traced: (x) => lax.foriLoop(0, 2, (_: JaxArray, y: JaxArray) => p.traced(y), x) as JaxArray,
  }),
];

/** A pair, and as many points as are asked for. */
function randomPair(seed: number): { pair: Pair; point: () => number[] } {
  const random = randomNumbers(seed);
  let pair = leaf(random);
  for (let depth = 1 + Math.floor(random() * 4); depth > 0;) {
    const next = TRANSFORMATIONS[Math.floor(random() * TRANSFORMATIONS.length)]!(pair, random);
    if (next.order > 2) continue;
    pair = next;
    depth--;
  }
  // Away from the place where the branches change.
  return { pair, point: () => Array.from({ length: N }, () => (0.2 + 0.6 * random()) * (random() < 0.5 ? -1 : 1)) };
}

/**
 * The plain values; differences of two steps give those of none, as their error goes with the square of the step. Null
 * where they do not agree: a branch inside changes that near, and there is no derivative.
 */
function reference({ plain }: Pair, x: Vector): number[] | null {
  const [coarse, fine] = [1e-4, 5e-5].map((h) => {
    step = h;
    return plain(x);
  }) as [number[], number[]];
  const agree = coarse.every((c, i) => Math.abs(c - fine[i]!) <= 1e-3 * (1 + Math.abs(c)));
  return agree ? map2(coarse, fine, (c, f) => f + (f - c) / 3) : null;
}

const MOST_POINTS = 10;

function failure(seed: number): string | null {
  const { pair, point } = randomPair(seed);
  try {
    for (let tries = 0; tries < MOST_POINTS; tries++) {
      const x = point();
      const want = reference(pair, x);
      if (want === null) continue;
      const got = pair.traced(array(x)).js() as number[];
      const rough = pair.order === 2 ? 2e-4 : 1e-6;
      const bad = got.findIndex((g, i) => !(Math.abs(g - want[i]!) <= rough * (1 + Math.abs(want[i]!))));
      return bad < 0
        ? null
        : `seed ${seed}: ${pair.name} at ${x.join()}: element ${bad} is ${got[bad]}, expected ${want[bad]}`;
    }
    return `seed ${seed}: ${pair.name}: no point with a derivative in ${MOST_POINTS}`;
  } catch (error) {
    return `seed ${seed}: ${pair.name}: ${String(error)}`;
  }
}

beforeAll(() => init());

for (const device of testDevices.filter((d) => d !== "webgpu")) {
  describe(`random stacks of transformations on ${device}`, () => {
    for (let block = 0; block < 5; block++) {
      it(`seeds from ${block * 100}`, () => {
        defaultDevice(device);
        const seeds = Array.from({ length: 100 }, (_, i) => 1 + block * 100 + i);
        expect(seeds.map(failure).filter((f) => f !== null)).toEqual([]);
      });
    }
    const fresh = Math.floor(Math.random() * 2 ** 31);
    it(`20 seeds from the random ${fresh}`, () => {
      defaultDevice(device);
      const seeds = Array.from({ length: 20 }, (_, i) => fresh + i);
      expect(seeds.map(failure).filter((f) => f !== null)).toEqual([]);
    });
  });
}
