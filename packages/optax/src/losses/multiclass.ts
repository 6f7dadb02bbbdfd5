/** Margin losses of several classes; labels are numbers of classes. */
import { type Array, nn, numpy as np } from "@jax-js/jax";
import { pure } from "../base";
import { unitSimplex } from "../projections/simplex";

const oneHotOf = (labels: Array, scores: Array): Array =>
  nn.oneHot(labels, scores.shape[scores.ndim - 1]!, { dtype: scores.dtype });

/**
 * `max(scores + 1 - oneHot(labels)) - scores[labels]`: how much the best wrong class comes within 1 of the right one.
 *
 * Shapes: `[..., classes] x [...] -> [...]`. Dtypes: scores floats, labels integers.
 * Source: Crammer and Singer, 2001; optax.losses.multiclass_hinge_loss.
 * @example
 * multiclassHingeLoss(np.array([[2, 1.5]]), np.array([0], { dtype: "int32" })).js(); // => [0.5]
 */
export function multiclassHingeLoss(scores: Array, labels: Array): Array {
  return pure(() => {
    const hot = oneHotOf(labels, scores);
    return np.max(scores.add(1).sub(hot), -1).sub(np.sum(scores.mul(hot), -1));
  }, [scores, labels]);
}

/**
 * `max(scores) - scores[labels]`.
 *
 * Shapes: `[..., classes] x [...] -> [...]`. Dtypes: scores floats, labels integers.
 * Source: Collins, "Discriminative training methods for hidden Markov models", 2002; optax.losses.multiclass_perceptron_loss.
 * @example
 * multiclassPerceptronLoss(np.array([[2, 5]]), np.array([0], { dtype: "int32" })).js(); // => [3]
 */
export function multiclassPerceptronLoss(scores: Array, labels: Array): Array {
  return pure(() => np.max(scores, -1).sub(np.sum(scores.mul(oneHotOf(labels, scores)), -1)), [scores, labels]);
}

/**
 * Multiclass sparsemax loss: zero only where the projection of the scores on the simplex is the label.
 *
 * Shapes: `[..., classes] x [...] -> [...]`. Dtypes: scores floats, labels integers.
 * Source: Martins and Astudillo, "From softmax to sparsemax", 2016; optax.losses.multiclass_sparsemax_loss.
 * @example
 * multiclassSparsemaxLoss(np.array([[0, 0]]), np.array([0], { dtype: "int32" })).js(); // => [0.25]
 */
export function multiclassSparsemaxLoss(scores: Array, labels: Array): Array {
  return pure(() => {
    const p = unitSimplex(scores); // [..., classes]
    const right = np.sum(scores.mul(oneHotOf(labels, scores)), -1, { keepdims: true });
    const gain = np.sum(p.mul(scores.sub(right)), -1);
    return gain.add(np.sum(np.square(p), -1).neg().add(1).mul(0.5));
  }, [scores, labels]);
}
