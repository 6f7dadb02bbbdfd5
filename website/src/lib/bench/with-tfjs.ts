/** TensorFlow.js. */
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import threadedUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import simdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import plainUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import * as tf from "@tensorflow/tfjs-core";
import type { Contestant, Setting } from "./contestant";
import type { Input, WorkloadName } from "./workload";

type Computation = (...inputs: tf.Tensor[]) => tf.Tensor;

const FUNCTIONS: Readonly<Record<WorkloadName, Computation>> = {
  matmul: (a, b) => tf.matMul(a!, b!),
  matvec: (x, w) => tf.matMul(x!, w!),
  conv2d: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same"),
  attention: (q, k, v) => {
    const scores = tf.mul(tf.matMul(q!, k!, false, true), 1 / Math.sqrt(q!.shape[2]!));
    return tf.matMul(tf.softmax(scores), v!);
  },
};

/** Its convolutions have the channels last. */
const LAYOUTS: Partial<Record<WorkloadName, readonly (readonly number[])[]>> = {
  conv2d: [
    [0, 2, 3, 1],
    [2, 3, 1, 0],
  ],
};

let isSetUp = false;

async function setUp(device: Setting["device"], threads: number): Promise<void> {
  if (device === "webgpu") await import("@tensorflow/tfjs-backend-webgpu");
  if (!isSetUp) {
    setWasmPaths({
      "tfjs-backend-wasm.wasm": plainUrl,
      "tfjs-backend-wasm-simd.wasm": simdUrl,
      "tfjs-backend-wasm-threaded-simd.wasm": threadedUrl,
    });
    setThreadsCount(threads);
    isSetUp = true;
  }
  if (!(await tf.setBackend(device))) throw new Error(`TensorFlow.js cannot use ${device} here`);
  await tf.ready();
}

export async function prepare({ workload, device, threads, fed, weights }: Setting): Promise<Contestant> {
  await setUp(device, threads);
  const upload = ({ data, shape }: Input, i: number): tf.Tensor =>
    tf.tidy(() => {
      const x = tf.tensor(data, [...shape]);
      const layout = LAYOUTS[workload]?.[i];
      return layout === undefined ? x : tf.transpose(x, [...layout]);
    });
  const inputs = [...fed, ...weights].map(upload);
  const f = FUNCTIONS[workload];
  return {
    version: tf.version_core,
    run: async () => {
      const y = tf.tidy(() => f(...inputs));
      const values = await y.data<"float32">();
      y.dispose();
      return values;
    },
    dispose: () => tf.dispose(inputs),
  };
}
