/** The classifier of examples/quickstart learns real digits on WebGPU. */
import {
  type Array as JaxArray,
  defaultDevice,
  init,
  jit,
  nn,
  numpy as np,
  random,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import { adam, applyUpdates } from "@jax-js/optax";
import { afterAll, expect, test } from "vitest";
import { mlp } from "../../../examples/quickstart/models.js";
import { leavesArraysToCollector } from "../../../test/leak-rule";

leavesArraysToCollector("making the parameters leaves intermediate results");

const BATCH = 64;
type Params = Record<string, JaxArray>;

interface Digits {
  readonly count: number;
  readonly pixels: Float32Array;
  readonly labels: Int32Array;
}

async function loadDigits(): Promise<{ train: Digits; test: Digits }> {
  const response = await fetch(new URL("../../../examples/quickstart/data/digits.csv.gz", import.meta.url));
  const bytes = new Uint8Array(await response.arrayBuffer());
  const stream = new Blob([bytes]).stream();
  const text = await new Response(
    bytes[0] === 0x1f ? stream.pipeThrough(new DecompressionStream("gzip")) : stream,
  ).text();
  const rows = text
    .trim()
    .split("\n")
    .map((line) => line.split(",").map(Number));
  const part = (isTest: boolean): Digits => {
    const chosen = rows.filter((_, i) => (i % 5 === 4) === isTest);
    return {
      count: chosen.length,
      pixels: Float32Array.from(chosen.flatMap((r) => r.slice(0, 64).map((v) => v / 16))),
      labels: Int32Array.from(chosen, (r) => r[64]!),
    };
  };
  return { train: part(false), test: part(true) };
}

afterAll(() => void defaultDevice("wasm"));

test("the MLP reaches 90 % on images it has not seen", { timeout: 60_000 }, async () => {
  await init("webgpu");
  defaultDevice("webgpu");
  const { train, test } = await loadDigits();
  const optimizer = adam(1e-2);
  const apply = mlp.apply as (p: Params, x: JaxArray) => JaxArray;
  const loss = (p: Params, x: JaxArray, y: JaxArray): JaxArray =>
    nn.logSoftmax(apply(p, x)).mul(nn.oneHot(y, 10)).sum(-1).mean().neg();
  const step = jit((p: Params, state: unknown, x: JaxArray, y: JaxArray) => {
    const [value, grads] = valueAndGrad(loss)(p, x, y);
    const [updates, next] = optimizer.update(grads as Params, state as never, p);
    return [applyUpdates(p, updates), next, value] as [Params, unknown, JaxArray];
  });

  let params = (mlp.init as (key: JaxArray) => Params)(random.key(0));
  let state: unknown = optimizer.init(params);
  const losses: number[] = [];
  let waiting: JaxArray[] = [];
  for (let epoch = 0; epoch < 6; epoch++) {
    for (let at = 0; at + BATCH <= train.count; at += BATCH) {
      const x = np.array(train.pixels.subarray(at * 64, (at + BATCH) * 64), { shape: [BATCH, 64] });
      const y = np.array(train.labels.subarray(at, at + BATCH));
      const [next, nextState, value] = step(params, state, x, y);
      tree.dispose([params, state, x, y] as never);
      [params, state] = [next, nextState];
      waiting.push(value);
    }
    // Values are read once an epoch: waiting for each would leave the GPU idle between steps.
    const values = await Promise.all(waiting.map(async (v) => (await v.data())[0]!));
    losses.push(values.reduce((a, b) => a + b, 0) / values.length);
    tree.dispose(waiting);
    waiting = [];
  }
  expect(losses[losses.length - 1]!).toBeLessThan(losses[0]! / 4);

  const logits = apply(params, np.array(test.pixels, { shape: [test.count, 64] }));
  const right = np.argmax(logits, -1).equal(np.array(test.labels)).mean();
  expect((await right.data())[0]!).toBeGreaterThan(0.9);
  step.dispose();
});
