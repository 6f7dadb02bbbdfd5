/** Cross entropies of several classes. */
import { type Array, nn, numpy as np } from "@jax-js/jax";
import { type Scalar, pure } from "../base";
import { type Rest, named } from "../named";
import { times } from "../scalars";
import { type AxisOptions, alongAxis, axisNames } from "./axis-options";
import { needFloat, needInteger } from "./checks";

/**
 * `-sum(labels * logSoftmax(logits))` along an axis, the last; labels are probabilities, one-hot for instance.
 *
 * Options: axis = -1, where.
 * Shapes: `[..., classes] x [..., classes] -> [...]`. Dtypes: logits floats.
 * Errors: DTypeError if the logits are not floats.
 * Source: optax.softmax_cross_entropy.
 * @example
 * softmaxCrossEntropy(np.array([[0, 0]]), np.array([[1, 0]])).js(); // => [0.693147]
 */
export function softmaxCrossEntropy(logits: Array, labels: Array, ...rest: Rest<AxisOptions>): Array {
  const { axis = -1, where } = named<AxisOptions>("softmaxCrossEntropy", axisNames, rest);
  needFloat("softmaxCrossEntropy", "logits", logits);
  return pure(() => {
    const mask = alongAxis(where, logits, axis);
    const logs = nn.logSoftmax(logits, axis, { where: mask });
    return np.sum(labels.mul(logs), axis, { where: mask }).neg();
  }, [logits, labels, where]);
}

/**
 * As softmaxCrossEntropy along the last axis, but `0 * log 0` is 0: logits of -Infinity may have labels 0.
 *
 * Shapes: `[..., classes] x [..., classes] -> [...]`. Dtypes: logits floats.
 * Errors: DTypeError if the logits are not floats.
 * Source: optax.safe_softmax_cross_entropy.
 * @example
 * safeSoftmaxCrossEntropy(np.array([[0, -Infinity]]), np.array([[1, 0]])).js(); // => [0]
 */
export function safeSoftmaxCrossEntropy(logits: Array, labels: Array): Array {
  needFloat("safeSoftmaxCrossEntropy", "logits", logits);
  return pure(() => {
    const logs = nn.logSoftmax(logits);
    const nothing = np.logicalAnd(labels.equal(0), logs.equal(-Infinity));
    return np.sum(labels.mul(np.where(nothing, 0, logs)), -1).neg();
  }, [logits, labels]);
}

/**
 * Softmax cross entropy where each label is the number of a class.
 *
 * Options: axis = -1 (with a list of axes, a label is an index into them together), where.
 * Shapes: `[..., classes] x [...] -> [...]`. Dtypes: logits floats, labels integers.
 * Errors: DTypeError for other dtypes.
 * Source: optax.softmax_cross_entropy_with_integer_labels.
 * @example
 * const labels = np.array([1], { dtype: "int32" });
 * softmaxCrossEntropyWithIntegerLabels(np.array([[0, 0]]), labels).js(); // => [0.693147]
 */
export function softmaxCrossEntropyWithIntegerLabels(
  logits: Array,
  labels: Array,
  ...rest: Rest<Omit<AxisOptions, "axis"> & { axis?: number | number[] }>
): Array {
  const op = "softmaxCrossEntropyWithIntegerLabels";
  const { axis = -1, where } = named<AxisOptions>(op, axisNames, rest);
  needFloat(op, "logits", logits);
  needInteger(op, "labels", labels);
  if (axis === null) throw new TypeError(`${op}: axis must be a number or a list of numbers, got null`);
  return pure(() => {
    const classesLast = (x: Array): Array => lastAxes(x, axis);
    const scores = classesLast(logits); // [..., classes]
    const mask = alongAxis(where, logits, axis);
    const used = mask === undefined ? undefined : classesLast(np.broadcastTo(mask, logits.shape));
    const right = np.squeeze(np.takeAlongAxis(scores, np.expandDims(labels, -1), -1), -1);
    const loss = nn.logsumexp(scores, -1, { where: used }).sub(right);
    return used === undefined ? loss : np.where(np.any(used, -1), loss, 0);
  }, [logits, labels, where]);
}

/** The axes moved to the end, as one axis. */
function lastAxes(x: Array, axis: number | number[]): Array {
  if (typeof axis === "number") return np.moveaxis(x, axis, -1);
  const axes = axis.map((a) => (a < 0 ? a + x.ndim : a));
  const others = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  return np.transpose(x, [...others, ...axes]).reshape([...others.map((i) => x.shape[i]!), -1]);
}

export interface PolyLossOptions extends AxisOptions {
  /** Coefficient of the first term of the polynomial; 2. */
  epsilon?: Scalar;
}

/**
 * Softmax cross entropy plus `epsilon * (1 - p)`, where p is the probability of the right class.
 *
 * Options: epsilon = 2, axis = -1, where.
 * Shapes: `[..., classes] x [..., classes] -> [...]`. Dtypes: floats.
 * Errors: DTypeError for other dtypes.
 * Source: Leng et al., "PolyLoss", 2022; optax.losses.poly_loss_cross_entropy.
 * @example
 * polyLossCrossEntropy(np.array([[0, 0]]), np.array([[1, 0]])).js(); // => [1.693147]
 */
export function polyLossCrossEntropy(logits: Array, labels: Array, ...rest: Rest<PolyLossOptions>): Array {
  const options = named<PolyLossOptions>("polyLossCrossEntropy", ["epsilon", ...axisNames], rest);
  const { epsilon = 2, axis = -1, where } = options;
  needFloat("polyLossCrossEntropy", "logits", logits);
  needFloat("polyLossCrossEntropy", "labels", labels);
  return pure(() => {
    const mask = alongAxis(where, logits, axis);
    const wrong = nn.softmax(logits, axis, { where: mask }).neg().add(1);
    const entropy = softmaxCrossEntropy(logits, labels, { axis, ...(mask === undefined ? {} : { where: mask }) });
    return entropy.add(times(np.sum(labels.mul(wrong), axis, { where: mask }), epsilon));
  }, [logits, labels, where]);
}
