/** Losses of embeddings. */
import { type Array, ShapeError, lax, numpy as np } from "@jax-js/jax";
import { type Scalar, pure } from "../base";
import { type Rest, named } from "../named";
import { like, plus } from "../scalars";
import { needFloat } from "./checks";
import { cosineSimilarity } from "./regression";

/**
 * Normalized temperature-scaled cross entropy: embeddings of equal labels attract, others repel each other.
 *
 * Arguments: embeddings, labels, temperature = 0.07.
 * Shapes: `f[n, features] x i[n] -> f[]`.
 * Errors: DTypeError if the embeddings are not floats, ShapeError for different numbers of labels and embeddings.
 * Source: Chen et al., "A simple framework for contrastive learning of visual representations", 2020; optax.ntxent.
 * @example
 * const labels = np.array([0, 0, 1, 1], { dtype: "int32" });
 * ntxent(np.array([[1, 0], [1, 0], [0, 1], [0, 1]]), labels, 1).item(); // => 0.551445
 */
export function ntxent(embeddings: Array, labels: Array, ...rest: Rest<{ temperature?: Scalar }>): Array {
  const { temperature = 0.07 } = named<{ temperature?: Scalar }>("ntxent", ["temperature"], rest);
  needFloat("ntxent", "embeddings", embeddings);
  const n = embeddings.shape[0]!;
  if (labels.shape[0] !== n) {
    throw new ShapeError(`ntxent: expected a label for each of ${n} embeddings, got shape [${labels.shape}]`);
  }
  return pure(() => {
    const epsilon = np.finfo(embeddings.dtype as "float32").eps;
    const pairs = [np.expandDims(embeddings, 0), np.expandDims(embeddings, 1)] as const;
    const scores = cosineSimilarity(...pairs, { epsilon }).div(like(temperature, embeddings)); // [n, n]
    const same = np.expandDims(labels, 1).equal(np.expandDims(labels, 0));
    const matches = np.logicalAnd(same, np.logicalNot(np.eye(n, { dtype: "bool" })));
    const apart = np.where(same, -Infinity, scores);
    const together = np.where(matches, scores, -Infinity);
    const top = lax.stopGradient(np.max(np.maximum(apart, together), 1, { keepdims: true }));
    const shifted = together.sub(top);
    const denominator = np.sum(np.exp(apart.sub(top)), 1, { keepdims: true }).add(np.exp(shifted));
    const logs = shifted.sub(np.log(denominator));
    return np
      .sum(np.where(matches, logs, 0))
      .neg()
      .div(np.sum(matches.astype(embeddings.dtype)));
  }, [embeddings, labels]);
}

export interface TripletMarginLossOptions {
  axis?: number;
  /** Degree of the norm; 2. */
  normDegree?: number;
  /** Distance wanted between positives and negatives; 1. */
  margin?: Scalar;
  /** Added before the root; 1e-6. */
  eps?: Scalar;
}

/**
 * `max(distance(anchor, positive) - distance(anchor, negative) + margin, 0)`.
 *
 * Options: axis = -1, normDegree = 2, margin = 1, eps = 1e-6; by position too.
 * Shapes: `[..., n] x [..., n] x [..., n] -> [...]`. Dtypes: floats.
 * Errors: DTypeError for other dtypes.
 * Source: Balntas et al., "Learning local feature descriptors with triplets", 2016; optax.losses.triplet_margin_loss.
 * @example
 * tripletMarginLoss(np.array([0, 0]), np.array([3, 4]), np.array([0, 2])).item(); // => 4
 */
export function tripletMarginLoss(
  anchors: Array,
  positives: Array,
  negatives: Array,
  ...rest: Rest<TripletMarginLossOptions>
): Array {
  const names = ["axis", "normDegree", "margin", "eps"] as const;
  const options = named<TripletMarginLossOptions>("tripletMarginLoss", names, rest);
  const { axis = -1, normDegree = 2, margin = 1, eps = 1e-6 } = options;
  Object.entries({ anchors, positives, negatives }).forEach(([name, x]) => needFloat("tripletMarginLoss", name, x));
  const distance = (x: Array): Array => {
    const powers = np.sum(np.power(anchors.sub(x), normDegree), axis);
    return np.power(plus(powers, eps), 1 / normDegree);
  };
  return pure(
    () => np.maximum(plus(distance(positives).sub(distance(negatives)), margin), 0),
    [anchors, positives, negatives],
  );
}
