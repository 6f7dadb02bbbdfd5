/** For tests: a small network, its loss, and one training step. */
import { type Array as JaxArray, nn, numpy as np } from "@jax-js/jax";

export interface MlpParams {
  readonly w1: JaxArray;
  readonly b1: JaxArray;
  readonly w2: JaxArray;
  readonly b2: JaxArray;
}

/** Reproducible numbers in (-0.5, 0.5). */
const numbers = (n: number, seed: number): number[] =>
  Array.from({ length: n }, (_, i) => ((i + 1) * 0.6180339887 + seed * 0.7548776662) % 1).map((u) => u - 0.5);

export const matrix = (m: number, n: number, seed: number): JaxArray =>
  np.array(numbers(m * n, seed), { shape: [m, n] });

export function mlpParams(inputs: number, hidden: number, outputs: number): MlpParams {
  return {
    w1: matrix(inputs, hidden, 1),
    b1: np.zeros([hidden]),
    w2: matrix(hidden, outputs, 2),
    b2: np.zeros([outputs]),
  };
}

export const mlp = (p: MlpParams, x: JaxArray): JaxArray => nn.relu(x.dot(p.w1).add(p.b1)).dot(p.w2).add(p.b2);

export const mlpLoss = (p: MlpParams, x: JaxArray, y: JaxArray): JaxArray => np.square(mlp(p, x).sub(y)).mean();
