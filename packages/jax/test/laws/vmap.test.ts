/** The law of vmap: it is a loop over examples, whichever arguments are mapped and wherever their axes are. */
import { vmap } from "@jax-js/jax";
import { describe } from "vitest";
import { insertAt, prod, range } from "../../src/base/list";
import type { Tracer } from "../../src/core/tracer";
import type { DeviceName } from "../../src/kernel/device";
import { itOn, testDevices } from "../devices";
import { Owner } from "../owner";
import { type Plain, expectSame, makeArray, makeInputs, readAll, runsOn } from "./arrays";
import { type Input, type Sample, sampleName } from "./sample";
import { samplesByRecord } from "./samples";

const SIZE = 2;

/** Examples joined along a new axis; `parts[i]` are the elements of example i, each of this shape. */
function stacked(parts: readonly (readonly number[])[], shape: readonly number[], axis: number): number[] {
  const inner = prod(shape.slice(axis));
  return range(prod(shape.slice(0, axis))).flatMap((o) => parts.flatMap((p) => p.slice(o * inner, (o + 1) * inner)));
}

/** Which arguments are mapped: every combination up to three arguments, else all, and each alone. */
function combinations(n: number): boolean[][] {
  if (n > 3) return [range(n).map(() => true), ...range(n).map((i) => range(n).map((k) => k === i))];
  return range(1, 2 ** n).map((bits) => range(n).map((i) => (bits >> i) % 2 === 1));
}

/** Axes of the mapped arguments: all in front, all last, and mixed. */
function positions(inputs: readonly Input[], mapped: readonly boolean[]): (number | null)[][] {
  const at = (choose: (ndim: number, i: number) => number) =>
    inputs.map((x, i) => (mapped[i] ? choose(x.shape.length, i) : null));
  const all = [at(() => 0), at((ndim) => ndim), at((ndim, i) => (i % 2 === 0 ? Math.min(1, ndim) : 0))];
  return all.filter((a, i) => all.findIndex((b) => b.join() === a.join()) === i);
}

function batched(x: Input, axis: number, device: DeviceName): Tracer {
  const data = stacked(range(SIZE).map((e) => x.elements(e)), x.shape, axis); // prettier-ignore
  return makeArray({ ...x, shape: insertAt(x.shape, axis, SIZE) }, data, device);
}

/** The loop: results of each example, stacked in front. */
async function loop(s: Sample, mapped: readonly boolean[], device: DeviceName): Promise<Plain[]> {
  using own = new Owner();
  const first = own.of(makeInputs(s, device, 0));
  const examples: Plain[][] = [];
  for (const e of range(SIZE)) {
    const own1 = own.of(makeInputs(s, device, e));
    examples.push(await readAll(own.run(() => s.call(first.map((x, i) => (mapped[i] ? own1[i]! : x))))));
  }
  return examples[0]!.map((y, k) => ({
    dtype: y.dtype,
    shape: [SIZE, ...y.shape],
    data: examples.flatMap((ys) => ys[k]!.data),
  }));
}

async function check(s: Sample, device: DeviceName): Promise<void> {
  for (const mapped of combinations(s.inputs.length)) {
    const want = await loop(s, mapped, device);
    for (const axes of positions(s.inputs, mapped)) {
      using own = new Owner();
      const xs = own.of(
        s.inputs.map((x, i) => (axes[i] === null ? makeArray(x, x.elements(0), device) : batched(x, axes[i]!, device))),
      );
      const got = own.of(vmap((...args: Tracer[]) => s.call(args), axes)(...xs));
      expectSame(`${sampleName(s)} inAxes [${axes.map(String).join()}]`, await readAll(got), want, s.slack);
    }
  }
}

for (const device of testDevices) {
  describe(`vmap = loop on ${device}`, () => {
    for (const [record, samples] of samplesByRecord) {
      const some = samples.filter((s) => s.inputs.length > 0);
      if (some.length === 0) continue;
      itOn(device, record.name)(record.name, async () => {
        for (const s of some) if (runsOn(device, s)) await check(s, device);
      });
    }
  });
}
