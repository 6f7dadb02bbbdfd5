/** What loops compute that does not change from round to round: before them, once, with the results that they had. */
import { type Array as JaxArray, debug, defaultDevice, grad, init, jit, lax, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import type { Kernel, Program } from "../src/kernel/program";
import { testDevices } from "./devices";
import { programOf } from "./program-of";

leavesArraysToCollector("values are the subject here");

beforeAll(() => init());

const decay = (rate: JaxArray, x: JaxArray): JaxArray =>
  lax.foriLoop(0, 5, (_, y: JaxArray) => y.mul(np.exp(rate)).add(np.sin(rate)), x);

const rates = [0.1, -0.3, 0.2];
const decayed = (x: number, rate: number): number => {
  for (let i = 0; i < 5; i++) x = x * Math.exp(rate) + Math.sin(rate);
  return x;
};

for (const device of testDevices) {
  describe(`loop invariants on ${device}`, () => {
    beforeAll(() => defaultDevice(device));
    const close = async (x: JaxArray, expected: readonly number[]): Promise<void> => {
      const got = [...(await x.data())].map(Number);
      expect(got.length).toBe(expected.length);
      got.forEach((v, i) => expect(Math.abs(v - expected[i]!)).toBeLessThan(2e-5 * (1 + Math.abs(expected[i]!))));
    };

    it("of parameters, jitted or not", async () => {
      const x = np.array([1, 2, 3]);
      const expected = [1, 2, 3].map((v, i) => decayed(v, rates[i]!));
      await close(decay(np.array(rates), x), expected);
      await close(jit(decay)(np.array(rates), x), expected);
    });

    it("of loops in loops, out of all of them", async () => {
      const f = (rate: JaxArray, x: JaxArray): JaxArray =>
        lax.foriLoop(
          0,
          3,
          (i: JaxArray, y: JaxArray) =>
            lax.foriLoop(0, 2, (_, z: JaxArray) => z.mul(np.exp(rate)).add(np.cos(y).sum()), y).add(i),
          x,
        );
      let x = [1, 2, 3];
      for (let i = 0; i < 3; i++) {
        const inner = x.reduce((sum, v) => sum + Math.cos(v), 0);
        for (let k = 0; k < 2; k++) x = x.map((v, at) => v * Math.exp(rates[at]!) + inner);
        x = x.map((v) => v + i);
      }
      await close(jit(f)(np.array(rates), np.array([1, 2, 3])), x);
    });

    it("of conditions, and of loops that are not run", async () => {
      const f = (limit: JaxArray, x: JaxArray): JaxArray =>
        lax.whileLoop(
          (y: JaxArray) => np.less(np.max(y), np.max(np.exp(limit))),
          (y: JaxArray) => y.add(np.sqrt(np.exp(limit).sum())),
          x,
        );
      let x = [0, 1];
      const limit = [2, 1];
      const step = Math.sqrt(Math.exp(2) + Math.E);
      while (Math.max(...x) < Math.exp(2)) x = x.map((v) => v + step);
      await close(jit(f)(np.array(limit), np.array([0, 1])), x);
      await close(jit(f)(np.array(limit), np.array([100, 1])), [100, 1]);
      // the invariant of a loop that is not run may be infinite
      await close(jit(f)(np.array([-1000, 1]), np.array([100, 1])), [100, 1]);
    });

    it("that are results themselves, and broadcast ones", async () => {
      const f = (p: JaxArray, x: JaxArray): [JaxArray, JaxArray] =>
        lax.scan(
          (c: JaxArray, row: JaxArray): [JaxArray, JaxArray] => [np.exp(p), c.add(row).mul(np.exp(p).sum())],
          p,
          x,
        ) as unknown as [JaxArray, JaxArray];
      const p = [0.5, -0.5];
      const e = p.map(Math.exp);
      const total = e[0]! + e[1]!;
      const [last, rows] = jit(f)(np.array(p), np.array([[1, 2], [3, 4]])); // prettier-ignore
      await close(last, e);
      await close(rows, [(0.5 + 1) * total, (-0.5 + 2) * total, (e[0]! + 3) * total, (e[1]! + 4) * total]);
    });

    it("in branches, products, and derivatives", async () => {
      const a = [[1, 2], [3, 5]]; // prettier-ignore
      const f = (m: JaxArray, x: JaxArray): JaxArray =>
        lax.scan(
          (c: JaxArray, t: JaxArray): [JaxArray, JaxArray] => {
            const next = lax.cond(np.greater(t, 0.5), (v: JaxArray) => np.matmul(np.matmul(m, m), v), (v: JaxArray) => np.matmul(np.tanh(m), v), c); // prettier-ignore
            return [next, next];
          },
          x,
          np.array([1, 0, 1]),
        )[0] as unknown as JaxArray;
      const times = (m: number[][], v: number[]): number[] => m.map((row) => row[0]! * v[0]! + row[1]! * v[1]!);
      const run = (m: number[][]): number[] => {
        const twice = (v: number[]): number[] => times(m, times(m, v));
        return twice(times(m.map((row) => row.map(Math.tanh)), twice([1, -1]))); // prettier-ignore
      };
      await close(jit(f)(np.array(a), np.array([1, -1])), run(a));
      const slope = jit(grad((m: JaxArray) => f(m, np.array([1, -1])).sum()))(np.array(a));
      const h = 1e-5;
      const sum = (i: number, j: number, by: number): number =>
        run(a.map((row, p) => row.map((v, q) => (p === i && q === j ? v + by : v)))).reduce((s, v) => s + v);
      const wanted = [0, 1].flatMap((i) => [0, 1].map((j) => (sum(i, j, h) - sum(i, j, -h)) / (2 * h)));
      const got = [...(await slope.data())].map(Number);
      got.forEach((v, i) => expect(Math.abs(v - wanted[i]!)).toBeLessThan(1e-3 * (1 + Math.abs(wanted[i]!))));
    });

    it("that are shown to the host stay where they are shown", async () => {
      const seen: number[] = [];
      const f = jit((p: JaxArray, x: JaxArray) =>
        lax.foriLoop(
          0,
          3,
          (_, y: JaxArray) => {
            const e = np.exp(p);
            debug.callback((v: JaxArray) => void seen.push(Math.round(v.item() as number)), e.sum());
            return y.add(e);
          },
          x,
        ),
      );
      await close(f(np.array([0, 0]), np.array([1, 2])), [4, 5]);
      expect(seen).toEqual([2, 2, 2]);
    });
  });
}

describe("programs of loops", () => {
  beforeAll(() => defaultDevice("wasm"));
  const bodies = (program: Program): Program[] =>
    program.kernels.flatMap((k: Kernel) => (k.kind === "scan" || k.kind === "while" ? [k.body.program] : []));
  const text = (kernels: readonly Kernel[]): string =>
    JSON.stringify(kernels, (_, v: unknown) => (v instanceof Set || v instanceof Map ? [...v] : v));

  it("have the exponentials of parameters before the loop", () => {
    const program = programOf(decay, np.array(rates), np.ones([3]));
    const [body] = bodies(program);
    expect(text(program.kernels.filter((k) => k.kind === "loop"))).toMatch(/"exp/);
    expect(text(body!.kernels)).not.toMatch(/"exp|"sin/);
  });

  it("keep in the loop what depends on the round, and what costs next to nothing", () => {
    const f = (p: JaxArray, x: JaxArray): JaxArray =>
      lax.foriLoop(0, 5, (i: JaxArray, y: JaxArray) => y.mul(np.exp(p.mul(i))).add(p.mul(2)), x);
    const [body] = bodies(programOf(f, np.array(rates), np.ones([3])));
    expect(text(body!.kernels)).toMatch(/"exp/);
    expect(body!.inputs.length).toBe(3); // p, the round, y
  });

  it("make in the loop what is only numbers of the program", () => {
    const f = (x: JaxArray): JaxArray => {
      const [step, ramp] = [np.full([3], 0.5), np.arange(3).mul(2)];
      return lax.foriLoop(
        0,
        5,
        (i: JaxArray, y: JaxArray) => lax.foriLoop(0, i, (_, z: JaxArray) => z.mul(step).add(ramp), y),
        x,
      );
    };
    const program = programOf(f, np.ones([3]));
    const [body] = bodies(program);
    expect(program.kernels.filter((k) => k.kind === "loop" && k.axes.length > 0)).toEqual([]);
    expect(body!.inputs.length).toBe(2); // the round, y
    expect(bodies(body!)[0]!.inputs.length).toBe(2);
    let x = [1, 1, 1];
    for (let i = 0; i < 5; i++) for (let k = 0; k < i; k++) x = x.map((v, at) => v * 0.5 + 2 * at);
    expect([...jit(f)(np.ones([3])).dataSync()]).toEqual(x.map(Math.fround));
  });
});
