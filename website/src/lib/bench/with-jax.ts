/** This library. */
import { defaultDevice, init, jit, numThreads, numpy as np, setNumThreads, tree } from "@jax-js/jax";
import type { Contestant, Setting } from "./contestant";
import { FUNCTIONS } from "./functions";

export async function prepare({ workload, device, threads, fed, weights }: Setting): Promise<Contestant> {
  await init(device);
  defaultDevice(device);
  if (numThreads() !== threads) setNumThreads(threads);
  const inputs = [...fed, ...weights].map(({ data, shape }) => np.array(data, { shape: [...shape], device }));
  const f = jit(FUNCTIONS[workload]);
  return {
    version: "this build",
    run: async () => {
      const y = f(...inputs);
      const values = await y.data();
      y.dispose();
      return values as Float32Array;
    },
    dispose: () => {
      tree.dispose(inputs);
      f.dispose();
    },
  };
}
