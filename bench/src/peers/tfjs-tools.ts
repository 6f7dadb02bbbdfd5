/** What the parts of the TensorFlow.js adapter share. */
import * as tf from "@tensorflow/tfjs-core";
// The methods of tensors, and the derivatives.
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import type { Inputs, Tensor } from "../workload";
import type { Runner } from "./peer";

export type TfTensor = tf.Tensor;

export class TfTools {
  upload({ data, shape }: Tensor): TfTensor {
    return tf.tensor(data, [...shape], data instanceof Int32Array ? "int32" : "float32");
  }

  uploadAll(inputs: Inputs): Record<string, TfTensor> {
    return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, this.upload(tensor)]));
  }

  /** A runner of `compute`; kernels of the wasm backend are complete when the call returns. */
  runner(compute: () => TfTensor | Promise<TfTensor>, owned: TfTensor[], more: Partial<Runner> = {}): Runner {
    return {
      run: async () => (await compute()).dispose(),
      values: async () => {
        const result = await compute();
        const values = await result.data();
        result.dispose();
        return values;
      },
      dispose: () => tf.dispose(owned),
      ...more,
    };
  }

  /** A runner of a function of the inputs, in their order. */
  kernel(inputs: Inputs, f: (...xs: TfTensor[]) => TfTensor, note?: string): Runner {
    const tensors = Object.values(this.uploadAll(inputs));
    return this.runner(() => tf.tidy(() => f(...tensors)), tensors, { note });
  }
}
