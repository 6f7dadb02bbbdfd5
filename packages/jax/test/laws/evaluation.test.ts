/** Laws of evaluation: every road to a value gives the same one, of the promised type, and leaves arguments alone. */
import { jit, makeJaxpr } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { type Tracer } from "../../src/core/tracer";
import { checkJaxpr } from "../../src/jaxpr/check";
import { evalJaxpr } from "../../src/jaxpr/evaluate";
import type { DeviceName } from "../../src/kernel/device";
import { itOn, testDevices } from "../devices";
import { Owner } from "../owner";
import { expectSame, makeInputs, readAll, runsOn } from "./arrays";
import { type Sample, sampleName } from "./sample";
import { allRecords, samplesByRecord } from "./samples";

describe("samples", () => {
  it("exist for every record", () => {
    const without = allRecords.filter((r) => samplesByRecord.get(r)!.length === 0);
    expect(without.map((r) => r.name)).toEqual([]);
  });
  it("have an empty array or a single element for every record of arrays", () => {
    const small = (s: Sample): boolean =>
      s.inputs.length === 0 || s.inputs.some((x) => x.shape.includes(0) || x.shape.every((n) => n === 1));
    const without = allRecords.filter((r) => !samplesByRecord.get(r)!.some(small));
    // Integer operations are one family, tried empty in clz and the logical ones.
    const family = /^(not|population_count|shift_\w+|nextafter)$/;
    expect(without.map((r) => r.name).filter((name) => !family.test(name))).toEqual([]);
  });
});

async function check(s: Sample, device: DeviceName): Promise<void> {
  const name = sampleName(s);
  using own = new Owner();
  const xs = own.of(makeInputs(s, device));
  const before = await readAll(xs);
  const outs = own.run(() => s.call(xs));
  const eager = await readAll(outs);

  // The type rule promises what comes out.
  const promised = s.record.type(
    xs.map((x) => x.aval),
    s.params,
  );
  expect(
    outs.map((y) => y.aval.toString()),
    name,
  ).toEqual(promised.map(String));

  const f = (...args: Tracer[]): Tracer[] => s.call(args);
  const { jaxpr } = makeJaxpr(f)(...xs);
  checkJaxpr(jaxpr.jaxpr);
  const evaluated = own.run(() => evalJaxpr(jaxpr.jaxpr, [...jaxpr.consts, ...xs]));
  expectSame(`${name} evaluated Jaxpr`, await readAll(evaluated), eager, s.slack);
  using compiled = jit(f);
  expectSame(`${name} jit`, await readAll(own.of(compiled(...xs))), eager, s.slack);

  // Arguments are as they were, held once.
  expectSame(`${name} arguments afterwards`, await readAll(xs), before, 0);
  expect(
    xs.every((x) => x.refCount === 1),
    name,
  ).toBe(true);
}

for (const device of testDevices) {
  describe(`eager = evaluated Jaxpr = jit on ${device}`, () => {
    for (const [record, samples] of samplesByRecord) {
      itOn(device, record.name)(record.name, async () => {
        for (const s of samples) if (runsOn(device, s)) await check(s, device);
      });
    }
  });
}
