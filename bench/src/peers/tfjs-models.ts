/** The transformer block, the training step and the recurrent unit in TensorFlow.js. */
import * as tf from "@tensorflow/tfjs-core";
import type { Inputs } from "../workload";
import { BLOCK } from "../workloads/transformer";
import { GRU } from "../workloads/gru";
import { MLP, WEIGHTS } from "../workloads/train";
import type { Makers, Runner } from "./peer";
import type { TfTensor, TfTools } from "./tfjs-tools";

type Weights = Record<string, TfTensor>;

export function tfNorm(x: TfTensor, gain: TfTensor, bias: TfTensor): TfTensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return x
    .sub(mean)
    .mul(tf.rsqrt(variance.add(1e-5)))
    .mul(gain)
    .add(bias);
}

export function tfModels(tools: TfTools): Makers {
  const dense = (a: TfTensor, b: TfTensor, bias: TfTensor): TfTensor =>
    tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, bias });
  const gelu = (x: TfTensor): TfTensor => {
    const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
    return x.mul(0.5).mul(tf.tanh(inner).add(1));
  };

  function block(p: Weights): TfTensor {
    const { S, D, H } = BLOCK;
    const qkv = dense(tfNorm(p.x!, p.gain1!, p.bias1!), p.wqkv!, p.bqkv!);
    const heads = tf.split(qkv, 3, 1).map((part) => part.reshape([S, H, D / H]).transpose([1, 0, 2])); // [H, S, size]
    const [q, k, v] = heads as [TfTensor, TfTensor, TfTensor];
    const weights = tf.softmax(tf.matMul(q, k, false, true).mul(1 / Math.sqrt(D / H)), -1);
    const mixed = tf.matMul(weights, v).transpose([1, 0, 2]).reshape([S, D]);
    const x1 = dense(mixed, p.wo!, p.bo!).add(p.x!);
    return dense(gelu(dense(tfNorm(x1, p.gain2!, p.bias2!), p.w1!, p.c1!)), p.w2!, p.c2!).add(x1);
  }

  function unit({ x, w, u, bw, bu }: Weights): TfTensor {
    const { T, B, I, H } = GRU;
    const projected = dense(x!.reshape([T * B, I]), w!, bw!).reshape([T, B, 3 * H]);
    const states: TfTensor[] = [];
    let h: TfTensor = tf.zeros([B, H]);
    for (const a of tf.unstack(projected)) {
      h = tf.tidy(() => {
        const [az, ar, an] = tf.split(a, 3, 1) as [TfTensor, TfTensor, TfTensor];
        const [cz, cr, cn] = tf.split(dense(h, u!, bu!), 3, 1) as [TfTensor, TfTensor, TfTensor];
        const z = tf.sigmoid(az.add(cz));
        const n = tf.tanh(an.add(tf.sigmoid(ar.add(cr)).mul(cn)));
        return n.add(z.mul(h.sub(n)));
      });
      states.push(h);
    }
    return tf.stack(states);
  }

  function train(inputs: Inputs): Runner {
    const [x, y] = [tools.upload(inputs.x!), tools.upload(inputs.y!)];
    const start = () => ({
      weights: WEIGHTS.map((name) => tf.variable(tools.upload(inputs[name]!))),
      adam: tf.train.adam(MLP.rate, MLP.b1, MLP.b2, MLP.eps),
    });
    let { weights, adam } = start();
    const end = (): void => {
      tf.dispose(weights);
      adam.dispose();
    };
    const one = async (): Promise<number> => {
      const [w1, b1, w2, b2] = weights as [tf.Variable, tf.Variable, tf.Variable, tf.Variable];
      const loss = adam.minimize(
        () => {
          const h = tf.relu(tf.matMul(x, w1).add(b1));
          const logits = tf.matMul(h, w2).add(b2);
          return tf.logSoftmax(logits, -1).mul(y).sum(-1).mean().neg().asScalar();
        },
        true,
        weights,
      )!;
      const value = (await loss.data())[0]!;
      loss.dispose();
      return value;
    };
    return {
      run: async () => void (await one()),
      values: async () => {
        end();
        ({ weights, adam } = start());
        return [await one(), await one(), await one()];
      },
      dispose: () => {
        end();
        tf.dispose([x, y]);
      },
    };
  }

  const model = (inputs: Inputs, f: (weights: Weights) => TfTensor, note?: string): Runner => {
    const weights = tools.uploadAll(inputs);
    return tools.runner(() => tf.tidy(() => f(weights)), Object.values(weights), { note });
  };

  return {
    block: (inputs) => model(inputs, block),
    gru: (inputs, { form }) =>
      form === "scan" ? model(inputs, unit, "a loop of operations in JavaScript") : undefined,
    mlp: train,
  };
}
