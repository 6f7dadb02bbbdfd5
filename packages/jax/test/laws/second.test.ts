/** Laws of transformations of gradients: with jit on either side, with vmap, and derivatives of derivatives. */
import { grad, jit, jvp, vmap } from "@jax-js/jax";
import { describe } from "vitest";
import { range } from "../../src/base/list";
import type { Tracer } from "../../src/core/tracer";
import type { DeviceName } from "../../src/kernel/device";
import { broadcastInDim } from "../../src/ops/index";
import { itOn, testDevices } from "../devices";
import { Owner } from "../owner";
import { expectSame, readAll, runsOn } from "./arrays";
import { centralDifference, floatInputs, smoothFunction, weighted } from "./directions";
import { type Sample, sampleName } from "./sample";
import { samplesByRecord } from "./samples";

type Results = readonly Tracer[];

const COPIES = 2;
/** x as a batch of equal examples. */
const copies = (x: Tracer): Tracer => broadcastInDim(x, [COPIES, ...x.shape], range(1, x.ndim + 1));

async function check(s: Sample, device: DeviceName, second: boolean): Promise<void> {
  using own = new Owner();
  const smooth = smoothFunction(s, device, own);
  if (smooth === null) return;
  const { f, xs, tangents, weights } = smooth;
  const name = sampleName(s);
  const loss = weighted(f, weights);
  const argnums = range(xs.length);
  const gradient = grad(loss, { argnums }) as unknown as (...args: Results) => Results;
  const grads = await readAll(own.of(own.run(() => gradient(...xs))));

  using compiledLoss = jit(loss);
  const ofJit = grad(compiledLoss, { argnums }) as unknown as typeof gradient;
  expectSame(`${name} grad(jit(f))`, await readAll(own.of(ofJit(...xs))), grads, s.slack);
  using compiled = jit(gradient);
  expectSame(`${name} jit(grad(f))`, await readAll(own.of(compiled(...xs))), grads, s.slack);
  const batch = own.run(() => vmap(gradient)(...xs.map(copies)));
  const wide = grads.map((g) => ({ ...g, shape: [COPIES, ...g.shape], data: range(COPIES).flatMap(() => g.data) }));
  expectSame(`${name} vmap(grad(f))`, await readAll(own.of(batch)), wide, s.slack);
  if (!second) return;

  const [, along] = own.of(own.run(() => jvp(gradient, xs, tangents) as [Results, Results]));
  const differences = await centralDifference(s, device, smooth, gradient);
  expectSame(`${name} second derivatives`, await readAll(along), differences, s.slack, 1e-6);
}

for (const device of testDevices) {
  describe(`transformed gradients on ${device}`, () => {
    for (const [record, samples] of samplesByRecord) {
      const { kind } = record.derivative;
      if (kind === "refused" || kind === "zero") continue;
      const usable = samples.filter(
        (s) =>
          s.reversible &&
          floatInputs(s).length > 0 &&
          runsOn(device, s) &&
          (s.params as { full?: boolean }).full !== true,
      );
      // In float64 all laws; of the others one is enough here, the first derivatives have tried them.
      const doubles = usable.filter(
        (s) =>
          floatInputs(s).every((i) => s.inputs[i]!.dtype === "float64") && s.record.name !== "convert_element_type",
      );
      if (usable.length === 0) continue;
      const single = usable.find((s) => !doubles.includes(s));
      itOn(device, record.name)(record.name, async () => {
        for (const s of doubles) await check(s, device, s.smooth);
        if (single !== undefined) await check(single, device, false);
      });
    }
  });
}
