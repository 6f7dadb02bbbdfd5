/** Laws of first derivatives: jvp is the limit of differences, vjp its transpose, linearize the same as jvp. */
import { DifferentiationError, jvp, linearize, vjp } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import type { Tracer } from "../../src/core/tracer";
import { isFloat } from "../../src/aval/dtype";
import type { DeviceName } from "../../src/kernel/device";
import { itOn, testDevices } from "../devices";
import { Owner } from "../owner";
import { type Plain, expectSame, makeInputs, readAll, runsOn } from "./arrays";
import { centralDifference, floatInputs, inner, smoothFunction } from "./directions";
import { type Sample, sampleName } from "./sample";
import { allRecords, samplesByRecord } from "./samples";

type Results = readonly Tracer[];

const isDouble = (s: Sample): boolean => floatInputs(s).every((i) => s.inputs[i]!.dtype === "float64");
/** Its derivative is not that of its values, on purpose. */
const isOpaque = (s: Sample): boolean => s.record.name === "stop_gradient";

async function check(s: Sample, device: DeviceName): Promise<void> {
  using own = new Owner();
  const smooth = smoothFunction(s, device, own);
  if (smooth === null) return;
  const { f, xs, tangents, weights } = smooth;
  const name = sampleName(s);
  const before = await readAll(xs);

  const [outs, dys] = own.of(jvp(f, xs, tangents) as [Results, Results]);
  const plain = await readAll(outs);
  const forward = await readAll(dys);
  expectSame(`${name} value of jvp`, plain, await readAll(own.run(() => f(...xs))), s.slack);
  if (isDouble(s) && !isOpaque(s) && s.record.name !== "convert_element_type") {
    expectSame(
      `${name} jvp against differences`,
      forward,
      await centralDifference(s, device, smooth, f),
      s.slack,
      2e-7,
    );
  }

  const [linearOuts, fLin] = linearize(f, xs) as [Results, ((...ts: Results) => Results) & Disposable];
  own.of([linearOuts]);
  own.of([fLin]);
  expectSame(`${name} value of linearize`, await readAll(linearOuts), plain, s.slack);
  expectSame(`${name} linearize against jvp`, await readAll(own.of(fLin(...tangents))), forward, s.slack);
  if (!s.reversible) {
    const [ys, back] = vjp(f, xs) as [Results, ((ct: Results) => Results) & Disposable];
    own.of([ys]);
    own.of([back]);
    expect(() => back(weights), name).toThrow(DifferentiationError);
    expectSame(`${name} arguments afterwards`, await readAll(xs), before, 0);
    return;
  }

  const [vjpOuts, vjpFn] = vjp(f, xs) as [Results, ((ct: Results) => Results) & Disposable];
  own.of([vjpOuts]);
  own.of([vjpFn]);
  expectSame(`${name} value of vjp`, await readAll(vjpOuts), plain, s.slack);
  const backward = await readAll(own.of(vjpFn(weights)));
  backward.forEach((ct, i) => {
    expect([ct.dtype, ...ct.shape], `${name} cotangent ${i}`).toEqual([xs[i]!.dtype, ...xs[i]!.shape]);
  });
  expectSame(`${name} arguments afterwards`, await readAll(xs), before, 0);
  const [a, b] = [inner(await readAll(weights), forward), inner(backward, await readAll(tangents))];
  const unit = Math.max(...[...plain, ...xs].map((x) => UNITS[x.dtype]!));
  expect(Math.abs(a - b), `${name}: <ct, J t> = ${a} and <transposed J ct, t> = ${b}`).toBeLessThanOrEqual(
    unit * s.slack * magnitude(forward, backward),
  );
}

const UNITS: Partial<Record<string, number>> = { float64: 1e-11, float32: 2e-5, float16: 1e-2, bfloat16: 1e-1 };
const magnitude = (...lists: readonly Plain[][]): number =>
  1 + lists.flat().reduce((sum, x) => sum + x.data.reduce((t, v) => t + Math.abs(v), 0), 0);

/** Null if all are zero, else the first that is not. */
const nonZero = (xs: readonly Plain[]): number | null => xs.flatMap((x) => x.data).find((v) => v !== 0) ?? null;

for (const device of testDevices) {
  describe(`jvp, linearize and vjp on ${device}`, () => {
    for (const [record, samples] of samplesByRecord) {
      const { derivative } = record;
      if (derivative.kind === "refused") continue;
      const some = samples.filter((s) => floatInputs(s).length > 0 && runsOn(device, s) && !isUndefined(s));
      if (some.length === 0) continue;
      itOn(device, record.name)(`${record.name} (${derivative.kind})`, async () => {
        for (const s of some) await check(s, device);
      });
    }
  });
}

/** Full factors of matrices that are not square, for which no derivative is known. */
function isUndefined(s: Sample): boolean {
  const { full } = s.params as { full?: boolean };
  return full === true;
}

describe("records without derivative", () => {
  for (const record of allRecords) {
    const { derivative } = record;
    if (derivative.kind !== "zero" && derivative.kind !== "refused") continue;
    it(`${record.name} (${derivative.kind})`, async () => {
      expect(derivative.because.length).toBeGreaterThan(5);
      for (const s of samplesByRecord.get(record)!) {
        if (floatInputs(s).length === 0) continue;
        using own = new Owner();
        const xs = own.of(makeInputs(s, "cpu"));
        const at = floatInputs(s);
        const f = (...floats: Tracer[]): Tracer[] =>
          s.call(xs.map((x, i) => (at.includes(i) ? floats[at.indexOf(i)]! : x)));
        const floats = at.map((i) => xs[i]!);
        if (derivative.kind === "refused") {
          const attempt = (): unknown => jvp(f, floats, floats);
          expect(attempt).toThrow(DifferentiationError);
          expect(attempt).toThrow(`${record.name}: has no derivative: ${derivative.because}`);
          expect((await readAll(xs)).length).toBe(xs.length);
          continue;
        }
        const [, dys] = own.of(jvp(f, floats, floats) as [Results, Results]);
        expect(nonZero(await readAll(dys))).toBeNull();
        const outs = own.run(() => f(...floats));
        if (!outs.every((y) => isFloat(y.dtype))) continue;
        const [, back] = own.of(vjp(f, floats) as [Results, (ct: Results) => Results]);
        own.of([back]);
        expect(nonZero(await readAll(own.of(back(outs))))).toBeNull();
      }
    });
  }
});
