/** Libraries with the interface of jax-js: ours, and the one from npm. */
import { jaxKernels } from "./jax-kernels";
import { jaxModels } from "./jax-models";
import { jaxTrain } from "./jax-train";
import { type Jax, JaxTools, type NdArray } from "./jax-tools";
import type { Peer } from "./peer";

export async function createJaxPeer(jax: Jax, version: string, threads: number): Promise<Peer> {
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  // The library from npm has no such functions.
  const counts = jax as Partial<Pick<Jax, "numThreads" | "setNumThreads">>;
  counts.setNumThreads?.(threads);
  const tools = new JaxTools(jax);

  return {
    info: { version, device: jax.defaultDevice(), threads: counts.numThreads?.() ?? "not said" },
    makers: {
      ...jaxKernels(tools),
      ...jaxModels(tools),
      mlp: (inputs) => jaxTrain(tools, inputs),

      eagerAdds: (inputs, { count }) => {
        const x = tools.upload(inputs.x!);
        const adds = (): NdArray => {
          let sum = tools.hold(x);
          for (let k = 0; k < count; k++) {
            const next = sum.add(tools.hold(x));
            if (k > 0) tools.drop(sum);
            sum = next;
          }
          return sum;
        };
        return tools.runner(adds, tools.read.bind(tools), () => x.dispose());
      },

      jitCalls: (inputs, { count, wait }) => {
        const x = tools.upload(inputs.x!);
        const f = jax.jit((value: NdArray) => value.mul(0.5).add(1));
        const calls = async (): Promise<NdArray> => {
          let value = tools.hold(x);
          for (let k = 0; k < count; k++) {
            const next = f(value);
            if (k > 0) tools.drop(value);
            value = next;
            if (wait === "each") await value.blockUntilReady();
          }
          return value;
        };
        const dispose = (): void => {
          x.dispose();
          f.dispose();
        };
        return tools.runner(calls, tools.read.bind(tools), dispose);
      },
    },
  };
}
