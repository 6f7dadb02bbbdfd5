/** The quickstart in a page, shortened: a few steps on the real digits. */
import { type Array as JaxArray, isDeterministic, jit, nn, numThreads, numpy as np, random, setDeterministic, tree, valueAndGrad } from "@jax-js/jax"; // prettier-ignore
import { adam, applyUpdates } from "@jax-js/optax";
import type { WasmDevice } from "../../packages/jax/src/devices/wasm/device";
import { getDevice } from "../../packages/jax/src/runtime/registry";
import { mlp } from "../../examples/quickstart/models.js";
import { deterministicBits } from "./bits";
import { report } from "./report";

type Params = ReturnType<typeof mlp.init>;
type Grads = [JaxArray, Params];

async function main(): Promise<object> {
  const { pixels, labels } = (await (await fetch("digits.json")).json()) as { pixels: number[]; labels: number[] };
  const x = np.array(pixels, { shape: [labels.length, 64] });
  const y = np.array(Int32Array.from(labels));
  const optimizer = adam(5e-3);
  const loss = (params: Params): JaxArray =>
    nn.logSoftmax(mlp.apply(params, x)).mul(nn.oneHot(y, 10)).sum(-1).mean().neg();
  let params = mlp.init(random.key(0));
  let state = optimizer.init(params);
  const step = jit((p: Params, s: typeof state) => {
    const [value, grads] = valueAndGrad(loss)(p) as unknown as Grads;
    const [updates, next] = optimizer.update(grads, s, p);
    return [applyUpdates(p, updates), next, value] as [Params, typeof state, JaxArray];
  });
  const losses: number[] = [];
  for (let i = 0; i < 30; i++) {
    // Both ways of calling.
    const [nextParams, nextState, value] = i % 2 === 0 ? step(params, state) : await step.async(params, state);
    losses.push(value.item());
    tree.dispose([params, state, value]);
    [params, state] = [nextParams, nextState];
  }
  const wasm = getDevice("wasm") as WasmDevice;
  setDeterministic(true);
  const bits = isDeterministic() ? deterministicBits() : "";
  return {
    losses,
    bits,
    threads: numThreads(),
    driverRuns: wasm.driver?.nRuns ?? 0,
    teamRuns: wasm.team?.nShared ?? 0,
  };
}

void report(main);
