/** Losses of real numbers: elementwise, without a reduction. */
import { type Array, numpy as np } from "@jax-js/jax";
import { type Scalar, pure } from "../base";
import { type Rest, named } from "../named";
import { like, times } from "../scalars";
import { type AxisOptions, axisNames } from "./axis-options";
import { needEqualShapes, needFloat } from "./checks";

const difference = (predictions: Array, targets: Array | undefined): Array =>
  targets === undefined || targets === null ? predictions : predictions.sub(targets);

/**
 * `(predictions - targets) ** 2`; without targets, of the predictions themselves.
 *
 * Shapes: any, equal. Dtypes: floats.
 * Errors: DTypeError for other dtypes, ShapeError for different shapes.
 * Source: optax.squared_error.
 * @example
 * squaredError(np.array([3]), np.array([1])).js(); // => [4]
 */
export function squaredError(predictions: Array, targets?: Array): Array {
  needFloat("squaredError", "predictions", predictions);
  if (targets) needEqualShapes("squaredError", "predictions and targets", predictions, targets);
  return pure(() => np.square(difference(predictions, targets)), [predictions, targets]);
}

/**
 * Half of the squared error, so that its gradient is the difference.
 *
 * Shapes: any, equal. Dtypes: floats.
 * Errors: as squaredError.
 * Source: optax.l2_loss.
 * @example
 * l2Loss(np.array([3]), np.array([1])).js(); // => [2]
 */
export function l2Loss(predictions: Array, targets?: Array): Array {
  return pure(() => squaredError(predictions, targets).mul(0.5), [predictions, targets]);
}

/**
 * Half of the squared error up to errors of `delta`, beyond them linear: `delta * (|e| - delta / 2)`.
 *
 * Arguments: predictions, targets = none, delta = 1; delta by name too.
 * Shapes: any, that broadcast. Dtypes: floats.
 * Errors: DTypeError for other dtypes.
 * Source: Huber, "Robust estimation of a location parameter", 1964; optax.huber_loss.
 * @example
 * huberLoss(np.array([0.5, 3]), np.array([0, 0])).js(); // => [0.125, 2.5]
 */
export function huberLoss(predictions: Array, targets?: Array, ...rest: Rest<{ delta?: Scalar }>): Array {
  const { delta = 1 } = named<{ delta?: Scalar }>("huberLoss", ["delta"], rest);
  needFloat("huberLoss", "predictions", predictions);
  return pure(() => {
    const errors = np.abs(difference(predictions, targets));
    const quadratic = np.minimum(errors, like(delta, errors));
    return np
      .square(quadratic)
      .mul(0.5)
      .add(times(errors.sub(quadratic), delta));
  }, [predictions, targets]);
}

/**
 * `log(cosh(predictions - targets))`: as half of the squared error for small errors, as the absolute error for large ones.
 *
 * Shapes: any, that broadcast. Dtypes: floats.
 * Errors: DTypeError for other dtypes.
 * Source: Chen et al., "Log hyperbolic cosine loss improves variational auto-encoder", 2019; optax.log_cosh.
 * @example
 * logCosh(np.array([1]), np.array([0])).js(); // => [0.433781]
 */
export function logCosh(predictions: Array, targets?: Array): Array {
  needFloat("logCosh", "predictions", predictions);
  return pure(() => {
    const errors = difference(predictions, targets);
    return np.logaddexp(errors, errors.neg()).sub(Math.LN2);
  }, [predictions, targets]);
}

export interface CosineOptions extends AxisOptions {
  /** Least squared norm; 0. */
  epsilon?: Scalar;
}

const cosineNames = ["epsilon", ...axisNames] as const;

/**
 * Cosine of the angle between predictions and targets along an axis, the last.
 *
 * Options: epsilon = 0 (least squared norm), axis = -1, where.
 * Shapes: `[..., n] x [..., n] -> [...]`. Dtypes: floats.
 * Errors: DTypeError for other dtypes.
 * Source: optax.cosine_similarity.
 * @example
 * cosineSimilarity(np.array([3, 4]), np.array([0, 2])).item(); // => 0.8
 */
export function cosineSimilarity(predictions: Array, targets: Array, ...rest: Rest<CosineOptions>): Array {
  const { epsilon = 0, axis = -1, where } = named<CosineOptions>("cosineSimilarity", cosineNames, rest);
  needFloat("cosineSimilarity", "predictions", predictions);
  needFloat("cosineSimilarity", "targets", targets);
  const unit = (x: Array): Array => {
    const norm2 = np.sum(np.square(x), axis, { keepdims: true, where });
    return x.div(np.sqrt(np.maximum(norm2, like(epsilon, x))));
  };
  return pure(() => np.sum(unit(predictions).mul(unit(targets)), axis, { where }), [predictions, targets]);
}

/**
 * `1 - cosineSimilarity(predictions, targets)`.
 *
 * Options, shapes, errors: as cosineSimilarity.
 * Source: optax.cosine_distance.
 * @example
 * cosineDistance(np.array([3, 4]), np.array([0, 2])).item(); // => 0.2
 */
export function cosineDistance(predictions: Array, targets: Array, ...rest: Rest<CosineOptions>): Array {
  return pure(
    () =>
      cosineSimilarity(predictions, targets, named<CosineOptions>("cosineDistance", cosineNames, rest))
        .neg()
        .add(1),
    [predictions, targets],
  );
}
