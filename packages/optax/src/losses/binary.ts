/** Losses of two classes: elementwise, without a reduction. */
import { type Array, nn, numpy as np } from "@jax-js/jax";
import { type Scalar, pure } from "../base";
import { type Rest, named } from "../named";
import { like, sub, times } from "../scalars";
import { needEqualShapes, needFloat } from "./checks";

/**
 * Cross entropy of independent classes: `-labels * log(sigmoid(x)) - (1 - labels) * log(1 - sigmoid(x))`.
 *
 * Shapes: any, that broadcast. Dtypes: logits floats; labels, 0, 1 or probabilities, of any dtype.
 * Errors: DTypeError if the logits are not floats.
 * Source: optax.sigmoid_binary_cross_entropy.
 * @example
 * sigmoidBinaryCrossEntropy(np.array([0, 100]), np.array([1, 1])).js(); // => [0.693147, 0]
 */
export function sigmoidBinaryCrossEntropy(logits: Array, labels: Array): Array {
  needFloat("sigmoidBinaryCrossEntropy", "logits", logits);
  return pure(() => {
    const y = labels.astype(logits.dtype);
    const yes = y.mul(nn.logSigmoid(logits));
    const no = y.neg().add(1).mul(nn.logSigmoid(logits.neg()));
    return yes.add(no).neg();
  }, [logits, labels]);
}

export interface SigmoidFocalLossOptions {
  /** Weight of positive labels, negative ones have `1 - alpha`; no weights by default. */
  alpha?: Scalar | null;
  /** Exponent of the probability of the wrong class; 2. */
  gamma?: Scalar;
}

/**
 * Binary cross entropy times `(1 - p) ** gamma`, where p is the probability of the right class.
 *
 * Options: alpha = null, gamma = 2.
 * Shapes, dtypes, errors: as sigmoidBinaryCrossEntropy.
 * Source: Lin et al., "Focal loss for dense object detection", 2018; optax.sigmoid_focal_loss.
 * @example
 * sigmoidFocalLoss(np.array([0]), np.array([1])).js(); // => [0.173287]
 */
export function sigmoidFocalLoss(logits: Array, labels: Array, ...rest: Rest<SigmoidFocalLossOptions>): Array {
  const options = named<SigmoidFocalLossOptions>("sigmoidFocalLoss", ["alpha", "gamma"], rest);
  const { alpha = null, gamma = 2 } = options;
  needFloat("sigmoidFocalLoss", "logits", logits);
  return pure(() => {
    const y = labels.astype(logits.dtype);
    const no = y.neg().add(1);
    const logs = np.stack([nn.logSigmoid(logits), nn.logSigmoid(logits.neg())], -1);
    const logWrong = nn.logsumexp(logs, -1, { b: np.stack([no, y], -1) });
    const loss = sigmoidBinaryCrossEntropy(logits, y).mul(np.exp(times(logWrong, gamma)));
    if (alpha === null) return loss;
    return times(y, alpha)
      .add(times(no, sub(1, alpha)))
      .mul(loss);
  }, [logits, labels]);
}

/**
 * `max(0, 1 - predictorOutputs * targets)`; targets are -1 and 1.
 *
 * Shapes: any, that broadcast.
 * Source: optax.hinge_loss.
 * @example
 * hingeLoss(np.array([0.5, 2]), np.array([1, 1])).js(); // => [0.5, 0]
 */
export function hingeLoss(predictorOutputs: Array, targets: Array): Array {
  return pure(() => np.maximum(predictorOutputs.mul(targets).neg().add(1), 0), [predictorOutputs, targets]);
}

/**
 * `max(0, -predictorOutputs * targets)`; targets are -1 and 1.
 *
 * Shapes: any, equal.
 * Errors: ShapeError for different shapes.
 * Source: optax.perceptron_loss.
 * @example
 * perceptronLoss(np.array([0.5, 2]), np.array([-1, 1])).js(); // => [0.5, 0]
 */
export function perceptronLoss(predictorOutputs: Array, targets: Array): Array {
  needEqualShapes("perceptronLoss", "predictorOutputs and targets", predictorOutputs, targets);
  return pure(() => np.maximum(predictorOutputs.mul(targets).neg(), 0), [predictorOutputs, targets]);
}

/**
 * Binary sparsemax loss: zero only where `nn.sparseSigmoid(logits)` is the label. Labels are 0 and 1.
 *
 * Shapes: any, that broadcast.
 * Source: Blondel et al., "Learning with Fenchel-Young losses", 2020, section 4.4; optax.sparsemax_loss.
 * @example
 * sparsemaxLoss(np.array([0, 2]), np.array([1, 1])).js(); // => [0.25, 0]
 */
export function sparsemaxLoss(logits: Array, labels: Array): Array {
  return pure(() => nn.sparsePlus(np.where(labels.notEqual(like(0, labels)), logits.neg(), logits)), [logits, labels]);
}
