/** onnxruntime-web, on a model that this library writes. */
import { type Array, defaultDevice, init, numpy as np, tree } from "@jax-js/jax";
import { exportOnnx } from "@jax-js/onnx";
import type * as Ort from "onnxruntime-web";
import type { Contestant, Setting } from "./contestant";
import { PLAIN_FUNCTIONS } from "./functions";
import type { Input } from "./workload";

/** The model of a workload: what is fed are its inputs, weights its constants. */
async function model({ workload, fed, weights }: Setting): Promise<Uint8Array> {
  await init("wasm");
  defaultDevice("wasm");
  const upload = (inputs: readonly Input[]): Array[] =>
    inputs.map(({ data, shape }) => np.array(data, { shape: [...shape], device: "wasm" }));
  const [examples, constants] = [upload(fed), upload(weights)];
  const f = PLAIN_FUNCTIONS[workload];
  const inputNames = fed.map((_, i) => `x${i}`);
  const options = { name: workload, inputNames, outputNames: ["y"] };
  try {
    return exportOnnx((...xs: Array[]) => f(...xs, ...constants), options)(...examples);
  } finally {
    tree.dispose([examples, constants]);
  }
}

async function runtime(device: Setting["device"], threads: number): Promise<typeof Ort> {
  const { ort, paths } = device === "webgpu" ? await import("./ort-webgpu") : await import("./ort-wasm");
  ort.env.wasm.wasmPaths = paths;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  return ort;
}

export async function prepare(setting: Setting): Promise<Contestant> {
  const ort = await runtime(setting.device, setting.threads);
  const session = await ort.InferenceSession.create(await model(setting), {
    executionProviders: [setting.device],
    logSeverityLevel: 3,
  });
  const feeds = Object.fromEntries(
    setting.fed.map(({ data, shape }, i) => [`x${i}`, new ort.Tensor("float32", data, shape)]),
  );
  return {
    version: ort.env.versions.web ?? "",
    run: async () => {
      const { y } = await session.run(feeds);
      return y!.data as Float32Array;
    },
    dispose: () => session.release(),
  };
}
