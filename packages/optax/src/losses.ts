/** Losses: elementwise, without a reduction. */
import { type Array, numpy as np } from "@jax-js/jax";

/**
 * `(predictions - targets) ** 2`; without targets, of the predictions themselves.
 *
 * Shapes: any, equal.
 * @example
 * squaredError(np.array([3]), np.array([1])).js(); // => [4]
 */
export function squaredError(predictions: Array, targets?: Array): Array {
  return np.square(targets === undefined ? predictions : predictions.sub(targets));
}

/**
 * Half of the squared error, so that its gradient is the difference.
 * @example
 * l2Loss(np.array([3]), np.array([1])).js(); // => [2]
 */
export function l2Loss(predictions: Array, targets?: Array): Array {
  return squaredError(predictions, targets).mul(0.5);
}
