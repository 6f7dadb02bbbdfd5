// Two classifiers of 8 x 8 images as pure functions: init(key) -> params, apply(params, x[n, 64]) -> logits[n, 10].
import { lax, nn, numpy as np, random } from "@jax-js/jax";

/** @typedef {import("@jax-js/jax").Array} Array */

/**
 * Normal weights scaled for ReLU (He et al., 2015).
 *
 * @param {Array | undefined} key @param {number[]} shape @param {number} fanIn
 */
function heNormal(key, shape, fanIn) {
  return random.normal(/** @type {Array} */ (key), shape).mul(Math.sqrt(2 / fanIn));
}

export const mlp = {
  name: "MLP 64-128-64-10",
  /** @param {Array} key */
  init(key) {
    const [k1, k2, k3] = random.split(key, 3);
    return {
      w1: heNormal(k1, [64, 128], 64),
      b1: np.zeros([128]),
      w2: heNormal(k2, [128, 64], 128),
      b2: np.zeros([64]),
      w3: heNormal(k3, [64, 10], 64),
      b3: np.zeros([10]),
    };
  },
  /** @param {any} p @param {Array} x */
  apply(p, x) {
    const h1 = nn.relu(np.matmul(x, p.w1).add(p.b1)); // [n, 128]
    const h2 = nn.relu(np.matmul(h1, p.w2).add(p.b2)); // [n, 64]
    return np.matmul(h2, p.w3).add(p.b3); // [n, 10]
  },
};

export const convNet = {
  name: "conv net 8-16-10",
  /** @param {Array} key */
  init(key) {
    const [k1, k2, k3] = random.split(key, 3);
    return {
      c1: heNormal(k1, [8, 1, 3, 3], 9),
      c2: heNormal(k2, [16, 8, 3, 3], 72),
      w: heNormal(k3, [16 * 4 * 4, 10], 16 * 4 * 4),
      b: np.zeros([10]),
    };
  },
  /** @param {any} p @param {Array} x */
  apply(p, x) {
    const image = x.reshape([-1, 1, 8, 8]); // [n, channel, row, column]
    const h1 = nn.relu(lax.convGeneralDilated(image, p.c1, [1, 1], "SAME")); // [n, 8, 8, 8]
    const h2 = nn.relu(lax.convGeneralDilated(h1, p.c2, [2, 2], "SAME")); // [n, 16, 4, 4]
    return np.matmul(h2.reshape([-1, 16 * 4 * 4]), p.w).add(p.b); // [n, 10]
  },
};
