/**
 * Exported StableHLO: the text of every record's samples is well formed. With STABLEHLO_OUT=file, programs with arguments
 * and our results are written for test/oracles/stablehlo.py, which runs them on XLA and compares.
 */
import { JaxError, exportStableHlo, grad, init, jit, lax, nn, numpy as np, random, vmap } from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import type { Tracer } from "../src/core/tracer";
import { makeInputs, readAll } from "./laws/arrays";
import { sampleName } from "./laws/sample";
import { samplesByRecord } from "./laws/samples";
import { Owner } from "./owner";
import { problemsOf } from "./stablehlo-grammar";

leavesArraysToCollector("texts are the subject here");

beforeAll(() => init());

interface Case {
  readonly name: string;
  readonly text: string;
  readonly args: unknown;
  readonly outs: unknown;
  readonly slack: number;
}
const cases: Case[] = [];

afterAll(async () => {
  const file = (globalThis as { process?: { env?: Record<string, string> } }).process?.env?.["STABLEHLO_OUT"];
  if (file === undefined) return;
  const { writeFileSync } = (await import("node:fs" as string)) as { writeFileSync(f: string, s: string): void };
  const plain = (_key: string, v: unknown): unknown =>
    typeof v === "number" && !Number.isFinite(v) ? String(v) : Object.is(v, -0) ? "-0" : v;
  writeFileSync(file, JSON.stringify(cases, plain));
});

type Flat = (...xs: Tracer[]) => Tracer[];

async function check(own: Owner, name: string, f: Flat, args: readonly Tracer[], slack: number): Promise<string> {
  const text = exportStableHlo(f)(...args);
  expect(problemsOf(text), text).toEqual([]);
  cases.push({ name, text, args: await readAll(args), outs: await readAll(own.run(() => f(...args))), slack });
  return text;
}

/** Operations that StableHLO does not have. */
const WITHOUT = new Set(["eig", "eigh", "geqrf", "hessenberg", "lu", "qr", "schur", "svd", "tridiagonal"]);

describe("samples of every record", () => {
  for (const [record, samples] of samplesByRecord) {
    it(record.name, async () => {
      for (const s of samples) {
        using own = new Owner();
        const xs = own.of(makeInputs(s, "cpu"));
        const f: Flat = (...args) => s.call(args);
        if (WITHOUT.has(record.name)) {
          const attempt = (): unknown => exportStableHlo(f)(...xs);
          expect(attempt).toThrow(JaxError);
          expect(attempt).toThrow(`exportStableHlo: ${record.name} is not an operation of StableHLO`);
        } else await check(own, sampleName(s), f, xs, s.slack);
      }
    });
  }
});

describe("functions", () => {
  it("a training step of a network with captured weights", async () => {
    using own = new Owner();
    const w1 = own.of(random.normal(random.key(0), [4, 8]));
    const x = own.of(np.linspace(-1, 1, 12).reshape([3, 4]));
    const w2 = own.of(np.linspace(0, 1, 16).reshape([8, 2]));
    const loss = (w: Tracer, y: Tracer): Tracer =>
      np.square(nn.logSoftmax(np.matmul(nn.gelu(np.matmul(y, w1)), w))).mean();
    const f: Flat = (w, y) => [jit(grad(loss))(w!, y!)];
    const text = await check(own, "training step", f, [w2, x], 4);
    expect(text).toContain("stablehlo.dot_general");
    expect(text.match(/stablehlo\.constant dense<"0x/g)).toHaveLength(1);
  });

  it("random numbers, scans and maps", async () => {
    using own = new Owner();
    const seed = own.of(np.array([0, 7], { dtype: "uint32" }));
    const x = own.of(np.linspace(-1, 1, 6).reshape([3, 2]));
    await check(own, "normal", (k) => [random.normal(random.wrapKeyData(k!), [5])], [seed], 4);
    const step = (c: Tracer, y: Tracer): [Tracer, Tracer] => [np.tanh(c.add(y)), c.mul(y)];
    const f: Flat = (y) => lax.scan(step, y!.sum(0), y!) as Tracer[];
    await check(own, "scan", f, [x], 4);
    await check(own, "grad of scan", (y) => [grad((z: Tracer) => f(z)[1]!.sum())(y!)], [x], 4);
    await check(own, "vmap of cond", (y) => [vmap((z: Tracer) => lax.cond(z.sum().greater(0), np.sin, np.cos, z) as Tracer)(y!)], [x], 4); // prettier-ignore
  });

  it("no results, no arguments, names", () => {
    expect(exportStableHlo(() => [])()).toContain("func.func public @main() -> () {\n    return\n");
    function twice(x: Tracer): Tracer {
      return x.mul(2);
    }
    using x = np.ones([2]);
    expect(exportStableHlo(twice)(x)).toMatch(/^module @twice \{/);
  });
});
