/** Factors of gradients on their way back. */
import { type Array, customGradient, lax } from "@jax-js/jax";
import { type Scalar, mapLeaves, pure } from "../base";
import { times } from "../scalars";

/**
 * The inputs, whose gradients are multiplied by `scale`.
 *
 * Source: optax.scale_gradient.
 * @example
 * grad((x) => np.sum(scaleGradient(x, -2)))(np.array([1, 5])).js(); // => [-2, -2]
 */
export function scaleGradient<P>(inputs: P, scale: Scalar): P {
  if (scale === 1) return pure(() => inputs, [inputs]);
  if (scale === 0) return pure(() => mapLeaves((x) => lax.stopGradient(x), inputs), [inputs]);
  const scaled = customGradient((x: Array) => [x, (ct: Array) => times(ct, scale)]);
  return pure(() => mapLeaves((x) => scaled(x) as Array, inputs), [inputs]);
}
