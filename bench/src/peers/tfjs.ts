/** TensorFlow.js on its WebAssembly backend. */
import * as wasm from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { moments } from "../float64";
import type { Peer, PeerInfo } from "./peer";
import { tfModels, tfNorm } from "./tfjs-models";
import { type TfTensor, TfTools } from "./tfjs-tools";

/** @param assets where its `.wasm` files are */
export async function createTfPeer(assets: string, threads: number): Promise<Peer> {
  wasm.setWasmPaths(assets);
  wasm.setThreadsCount(threads);
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js has no wasm backend here");
  await tf.ready();
  const tools = new TfTools();

  return {
    info: await info(),
    makers: {
      ...tfModels(tools),
      matmul: (inputs) => tools.kernel(inputs, (a, b) => tf.matMul(a!, b!)),
      chain: (inputs) => tools.kernel(inputs, (x, y, z) => tf.tanh(x!.mul(y!).add(z!)).mul(tf.sigmoid(x!))),
      exp: (inputs) => tools.kernel(inputs, (x) => tf.exp(x!)),
      add: (inputs) => tools.kernel(inputs, (x, y) => tf.add(x!, y!)),
      sum: (inputs) => tools.kernel(inputs, (x) => tf.sum(x!)),
      rowSums: (inputs) => tools.kernel(inputs, (x) => tf.sum(x!, 1)),
      padReflect: (inputs) => tools.kernel(inputs, (x) => tf.mirrorPad(x!, [[1, 1], [1, 1]], "reflect")), // prettier-ignore
      resize: (inputs, { side }) =>
        tools.kernel(inputs, (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [side, side], false, true)),
      dwconvLast: (inputs, { stride }) => {
        const [x, w] = [tools.upload(inputs.x!), tools.upload(inputs.w!)] as [tf.Tensor4D, tf.Tensor4D];
        // The window of each channel by itself is [height, width, channels, 1] here.
        const byChannel = tf.transpose(w, [0, 1, 3, 2]);
        return tools.runner(() => tf.depthwiseConv2d(x, byChannel, stride, "same"), [x, w, byChannel]);
      },
      softmax: (inputs) => tools.kernel(inputs, (x) => tf.softmax(x!, -1)),
      layernorm: (inputs) => tools.kernel(inputs, (x, gain, bias) => tfNorm(x!, gain!, bias!)),
      argmax: (inputs) => tools.kernel(inputs, (x) => tf.argMax(x!, 1)),
      cumsum: (inputs) => tools.kernel(inputs, (x) => tf.cumsum(x!)),
      gather: (inputs) => tools.kernel(inputs, (table, ids) => tf.gather(table!, ids as tf.Tensor1D, 0)),
      sort: (inputs) =>
        tools.kernel(inputs, (x) => tf.neg(tf.topk(tf.neg(x!), x!.size, true).values), "no sort: topk of all"),

      conv: (inputs, { groups }) => {
        // The layouts that this library has, made outside of the measurement.
        const x = tf.tidy(() => tools.upload(inputs.x!).transpose([0, 2, 3, 1])) as tf.Tensor4D;
        const order = groups === 1 ? [2, 3, 1, 0] : [2, 3, 0, 1];
        const w = tf.tidy(() => tools.upload(inputs.w!).transpose(order)) as tf.Tensor4D;
        const compute = (): TfTensor =>
          groups === 1 ? tf.conv2d(x, w, 1, "same") : tf.depthwiseConv2d(x, w, 1, "same");
        return tools.runner(compute, [x, w], {
          note: "NHWC",
          values: async () => tf.tidy(() => compute().transpose([0, 3, 1, 2])).data(),
        });
      },

      eagerAdds: (inputs, { count }) => {
        const x = tools.upload(inputs.x!);
        const adds = async (): Promise<TfTensor> => {
          let sum = x;
          for (let k = 0; k < count; k++) {
            const next = tf.add(sum, x);
            if (k > 0) sum.dispose();
            sum = next;
          }
          await sum.data();
          return sum;
        };
        return tools.runner(adds, [x]);
      },

      jitCalls: (inputs, { count, wait }) => {
        const x = tools.upload(inputs.x!);
        const calls = async (): Promise<TfTensor> => {
          let value = x;
          for (let k = 0; k < count; k++) {
            const next = tf.tidy(() => value.mul(0.5).add(1));
            if (k > 0) value.dispose();
            value = next;
            if (wait === "each") await value.data();
          }
          return value;
        };
        return tools.runner(calls, [x], { note: "no jit: two operations" });
      },

      normal: (_, { n }) => {
        let seed = 1;
        const sample = (): TfTensor => tf.randomNormal([n], 0, 1, "float32", seed++);
        return tools.runner(sample, [], {
          values: async () => {
            const x = sample();
            const values = moments((await x.data()) as Float32Array);
            x.dispose();
            return values;
          },
        });
      },
    },
  };
}

async function info(): Promise<PeerInfo> {
  return {
    version: tf.version_core,
    backend: tf.getBackend(),
    simd: Boolean(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")),
    threads: wasm.getThreadsCount(),
  };
}
