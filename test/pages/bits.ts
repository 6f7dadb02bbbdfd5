/** The bits of a computation, to compare engines with. */
import { type Array as JaxArray, jit, lax, nn, numpy as np, random } from "@jax-js/jax";

const model = (x: JaxArray, y: JaxArray): JaxArray => {
  const product = np.tanh(np.matmul(x, y));
  const sums = nn
    .softmax(product, -1)
    .add(np.exp(x.mul(0.5)))
    .sum(0);
  return np.concatenate([sums, np.cumsum(lax.logistic(product).mean(1)), np.sqrt(np.log1p(np.square(sums)))]);
};

/** FNV-1a of what the model gives. */
export function deterministicBits(): string {
  const f = jit(model);
  const both = random.normal(random.key(3), [2, 96, 96]);
  const out = f(both.slice(0), both.slice(1));
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array((out.dataSync() as Float32Array).slice().buffer)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  f.dispose();
  return (hash >>> 0).toString(16);
}
