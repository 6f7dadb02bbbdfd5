/** A small classifier of 8 x 8 digits, and its training step. */
import { type Array, jit, nn, numpy as np, random, tree, valueAndGrad } from "@jax-js/jax";
import { adam, applyUpdates } from "@jax-js/optax";
import type { Digits } from "./digits";

export interface Params {
  w1: Array;
  b1: Array;
  w2: Array;
  b2: Array;
}

const HIDDEN = 128;
const BATCH = 64;

function initial(seed: number): Params {
  const [k1, k2] = random.split(random.key(seed), 2);
  return {
    w1: random.normal(k1!, [64, HIDDEN]).mul(Math.sqrt(2 / 64)),
    b1: np.zeros([HIDDEN]),
    w2: random.normal(k2!, [HIDDEN, 10]).mul(Math.sqrt(2 / HIDDEN)),
    b2: np.zeros([10]),
  };
}

/** Logits [n, 10] of images [n, 64]. */
function apply(p: Params, x: Array): Array {
  const h = nn.relu(np.matmul(x, p.w1).add(p.b1)); // [n, HIDDEN]
  return np.matmul(h, p.w2).add(p.b2); // [n, 10]
}

/** A classifier in training. Every step is one call of a jitted program. */
export class Classifier {
  private readonly optimizer = adam(2e-3);
  private readonly loss = (p: Params, x: Array, y: Array): Array =>
    nn.logSoftmax(apply(p, x)).mul(nn.oneHot(y, 10)).sum(-1).mean().neg();
  private readonly jitStep = jit((p: Params, state: unknown, x: Array, y: Array) => {
    const [loss, grads] = valueAndGrad(this.loss)(p, x, y);
    const [updates, next] = this.optimizer.update(grads as Params, state, p);
    return [applyUpdates(p, updates), next, loss] as [Params, unknown, Array];
  });
  private readonly probabilities = jit((p: Params, x: Array) => nn.softmax(apply(p, x)));
  private readonly train: Digits;
  private params: Params;
  private state: unknown;
  private seed: number;
  private position = 0;

  constructor(train: Digits, seed = 0) {
    this.train = train;
    this.seed = seed + 1;
    this.params = initial(seed);
    this.state = this.optimizer.init(this.params);
  }

  /** Trains on the next batch; resolves to its loss. */
  async step(): Promise<number> {
    const { train } = this;
    const pixels = new Float32Array(BATCH * 64);
    const labels = new Int32Array(BATCH);
    for (let i = 0; i < BATCH; i++) {
      // A full-period linear congruential walk visits the images in a scattered order.
      this.position = (this.position + 769) % train.count;
      const at = this.position;
      pixels.set(train.pixels.subarray(at * 64, at * 64 + 64), i * 64);
      labels[i] = train.labels[at]!;
    }
    const x = np.array(pixels, { shape: [BATCH, 64] });
    const y = np.array(labels);
    const [params, state, loss] = this.jitStep(this.params, this.state, x, y);
    tree.dispose([this.params, this.state, x, y] as never);
    this.params = params;
    this.state = state;
    const value = (await loss.data())[0]!;
    loss.dispose();
    return value;
  }

  /** Probabilities of the ten digits for images [n * 64], row by row. */
  async predict(pixels: Float32Array): Promise<Float32Array> {
    const x = np.array(pixels, { shape: [pixels.length / 64, 64] });
    const p = this.probabilities(this.params, x);
    const data = (await p.data()) as Float32Array;
    tree.dispose([x, p] as never);
    return data;
  }

  dispose(): void {
    tree.dispose([this.params, this.state] as never);
    this.jitStep.dispose();
    this.probabilities.dispose();
  }
}

/** Index of the greatest of ten probabilities of row `row`. */
export function mostLikely(probabilities: Float32Array, row = 0): number {
  let best = 0;
  for (let d = 1; d < 10; d++) if (probabilities[row * 10 + d]! > probabilities[row * 10 + best]!) best = d;
  return best;
}
