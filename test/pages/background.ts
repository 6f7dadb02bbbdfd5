/** A page that trains in the background, and watches its own frames. */
import { type Array as JaxArray, jit, lax, nn, numpy as np, random, tree, valueAndGrad } from "@jax-js/jax";
import type { WasmDevice } from "../../packages/jax/src/devices/wasm/device";
import { getDevice } from "../../packages/jax/src/runtime/registry";
import { report } from "./report";

type A = JaxArray;
type Params = { conv: A; w1: A; w2: A };

const WARM_UP = 3;
const MILLISECONDS = 3000;

const network = ({ conv, w1, w2 }: Params, x: A): A => {
  const h = nn.relu(lax.convGeneralDilated(x, conv, [1, 1], "SAME")); // [n, 16, 28, 28]
  return np.matmul(nn.relu(np.matmul(h.reshape([x.shape[0]!, -1]), w1)), w2);
};

/** Milliseconds of a direct call from which on it would be a long task, with some room. */
const LONG = 70;

async function main(): Promise<object> {
  for (let images = 256; ; images *= 2) {
    const seen = await watch(images);
    if (seen !== null) return seen;
  }
}

/** Trains on so many images; null where a step takes no long time. */
async function watch(images: number): Promise<object | null> {
  const x = random.normal(random.key(0), [images, 1, 28, 28]);
  const y = np.sign(x.sum([1, 2, 3]));
  const loss = (p: Params): A => np.square(network(p, x).ravel().sub(y)).mean();
  const step = jit((p: Params) => {
    const [value, grads] = valueAndGrad(loss)(p) as unknown as [A, Params];
    const next = tree.map((w: A, g: A) => w.sub(g.mul(1e-3)), p as never, grads as never) as unknown as Params;
    return [next, value] as [Params, A];
  });
  const scaled = (i: number, shape: number[]): A => random.normal(random.key(i), shape).mul(0.02);
  let params: Params = {
    conv: scaled(1, [16, 1, 3, 3]),
    w1: scaled(2, [16 * 28 * 28, 64]),
    w2: scaled(3, [64, 1]),
  };
  const longTasks: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) longTasks.push(Math.round(entry.duration));
  });
  const losses: number[] = [];
  const train = async (): Promise<void> => {
    const [next, value] = await step.async(params);
    losses.push(value.item());
    tree.dispose([params, value]);
    params = next;
  };
  for (let i = 0; i < WARM_UP; i++) await train();
  const before = performance.now();
  tree.dispose(step(params));
  tree.dispose(step(params));
  const callTime = (performance.now() - before) / 2;
  if (callTime < LONG) return null;
  // That was a long task itself, which ends here.
  await new Promise((resolve) => setTimeout(resolve, 100));
  observer.observe({ type: "longtask" });
  let frames = 0;
  let longestFrame = 0;
  let last = performance.now();
  let running = true;
  const draw = (): void => {
    const now = performance.now();
    longestFrame = Math.max(longestFrame, now - last);
    last = now;
    frames++;
    if (running) requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
  const start = performance.now();
  while (performance.now() - start < MILLISECONDS) await train();
  running = false;
  await new Promise((resolve) => setTimeout(resolve, 100));
  observer.disconnect();
  const { driver } = getDevice("wasm") as WasmDevice;
  const steps = losses.length - WARM_UP;
  return {
    longTasks,
    frames,
    longestFrame,
    callTime,
    steps,
    losses: [losses[0], losses.at(-1)],
    driverRuns: driver?.nRuns ?? 0,
  };
}

void report(main);
