/** Softening of labels. */
import { type Array, numpy as np } from "@jax-js/jax";
import { type Scalar, pure } from "../base";
import { type Rest, named } from "../named";
import { div, like, sub, times } from "../scalars";
import { type AxisOptions, axisNames } from "./axis-options";
import { needFloat } from "./checks";

/**
 * `(1 - alpha) * labels + alpha / classes`.
 *
 * Options: axis = -1 (of classes), where.
 * Shapes: `[..., classes] -> [..., classes]`. Dtypes: floats.
 * Errors: DTypeError for other dtypes.
 * Source: Müller et al., "When does label smoothing help?", 2019; optax.smooth_labels.
 * @example
 * smoothLabels(np.array([1, 0]), 0.5).js(); // => [0.75, 0.25]
 */
export function smoothLabels(labels: Array, alpha: Scalar, ...rest: Rest<AxisOptions>): Array {
  const { axis = -1, where } = named<AxisOptions>("smoothLabels", axisNames, rest);
  needFloat("smoothLabels", "labels", labels);
  return pure(() => {
    const axes = axis === null ? labels.shape.map((_, i) => i) : [axis].flat();
    const n: Scalar =
      where === undefined
        ? axes.reduce((size, a) => size * labels.shape[a < 0 ? a + labels.ndim : a]!, 1)
        : np.sum(where.astype(labels.dtype), axis, { keepdims: true });
    return times(labels, sub(1, alpha)).add(like(div(alpha, n), labels));
  }, [labels, where]);
}
