/** Losses of segmentations: overlaps of predicted and true regions. */
import { checkNames } from "../named";
import { type Array, nn, numpy as np } from "@jax-js/jax";
import { type Scalar, pure } from "../base";
import { plus, times } from "../scalars";
import { needEqualShapes, needRank, needArray } from "./checks";

const DICE_OPTIONS = [
  "classWeights", "smooth", "alpha", "beta", "applySoftmax", "reduction", "ignoreBackground", "axis",
] as const; // prettier-ignore

export interface DiceLossOptions {
  /** Weights of classes; 1. */
  classWeights?: Array | null;
  /** Added to numerator and denominator; 1. */
  smooth?: Scalar;
  /** Weight of false positives; 0.5. */
  alpha?: Scalar;
  /** Weight of false negatives; 0.5. */
  beta?: Scalar;
  /** Predictions are logits: softmax of several classes, sigmoid of one; true. */
  applySoftmax?: boolean;
  /** Over classes; "mean". */
  reduction?: "mean" | "sum" | "none";
  /** Leave out class 0; false. */
  ignoreBackground?: boolean;
  /** Axes of the image; all but the first and the last. */
  axis?: number | number[] | null;
}

/**
 * One minus the overlap of predicted and true regions:
 * `1 - (TP + smooth) / (TP + alpha * FP + beta * FN + smooth)` for each class; with alpha = beta = 0.5 the Dice loss, else
 * the Tversky loss.
 *
 * Options: classWeights, smooth = 1, alpha = 0.5, beta = 0.5, applySoftmax = true, reduction = "mean",
 * ignoreBackground = false, axis.
 * Shapes: `[batch, ..., classes] x [batch, ..., classes] -> [batch]`; a missing axis of classes is one class.
 * Errors: ShapeError for different shapes, RangeError for another reduction.
 * Source: Milletari et al., "V-Net", 2016; Salehi et al., "Tversky loss function", 2017; optax.losses.dice_loss.
 * @example
 * const targets = np.array([[[1], [0]]]);
 * diceLoss(targets, targets, { applySoftmax: false }).js(); // => [0]
 */
export function diceLoss(predictions: Array, targets: Array, options: DiceLossOptions = {}): Array {
  checkNames("diceLoss", DICE_OPTIONS, options);
  needArray("diceLoss", "predictions", predictions);
  needArray("diceLoss", "targets", targets);
  const { classWeights = null, smooth = 1, alpha = 0.5, beta = 0.5, applySoftmax = true } = options;
  const { reduction = "mean", ignoreBackground = false, axis = null } = options;
  return pure(() => {
    const x = predictions.ndim === targets.ndim - 1 ? np.expandDims(predictions, -1) : predictions;
    const y = targets.ndim === x.ndim - 1 ? np.expandDims(targets, -1) : targets;
    needEqualShapes("diceLoss", "predictions and targets", x, y);
    if (classWeights !== null) needRank("diceLoss", "classWeights", classWeights, 1);
    const nClasses = x.shape[x.ndim - 1]!;
    const p = !applySoftmax ? x : nClasses === 1 ? nn.sigmoid(x) : nn.softmax(x, -1);
    const over = axis ?? x.shape.map((_, i) => i).slice(1, -1);
    const both = np.sum(p.mul(y), over);
    const onlyPredicted = np.sum(p, over).sub(both);
    const onlyTrue = np.sum(y, over).sub(both);
    const denominator = both.add(times(onlyPredicted, alpha)).add(times(onlyTrue, beta));
    const loss = plus(both, smooth).div(plus(denominator, smooth)).neg().add(1); // [batch, classes]
    const weighted = classWeights === null ? loss : loss.mul(classWeights);
    return reduced(ignoreBackground && nClasses > 1 ? withoutFirst(weighted) : weighted, reduction);
  }, [predictions, targets, classWeights]);
}

const withoutFirst = (x: Array): Array => np.split(x, [1], -1)[1]!;

function reduced(loss: Array, reduction: string): Array {
  if (reduction === "mean") return np.mean(loss, -1);
  if (reduction === "sum") return np.sum(loss, -1);
  if (reduction === "none") return loss;
  throw new RangeError(`diceLoss: expected a reduction "mean", "sum" or "none", got ${JSON.stringify(reduction)}`);
}

export type GeneralizedDiceLossOptions = Pick<DiceLossOptions, "smooth" | "applySoftmax" | "ignoreBackground">;

/**
 * Dice loss whose classes weigh by the inverse of their squared size; a scalar.
 *
 * Options: smooth = 1, applySoftmax = true, ignoreBackground = false.
 * Shapes: `[batch, ..., classes] x [batch, ..., classes] -> []`.
 * Errors: ShapeError for different shapes.
 * Source: Sudre et al., "Generalised dice overlap", 2017; optax.losses.multiclass_generalized_dice_loss.
 * @example
 * const targets = np.array([[[1, 0], [0, 1]]]);
 * multiclassGeneralizedDiceLoss(targets, targets, { applySoftmax: false }).item(); // => 0
 */
export function multiclassGeneralizedDiceLoss(
  predictions: Array,
  targets: Array,
  options: GeneralizedDiceLossOptions = {},
): Array {
  needEqualShapes("multiclassGeneralizedDiceLoss", "predictions and targets", predictions, targets);
  return pure(() => {
    const axes = targets.shape.map((_, i) => i).slice(0, -1);
    const inverse = np.reciprocal(np.square(np.sum(targets, axes)).add(1e-7)); // [classes]
    const classWeights = inverse.div(np.sum(inverse)).mul(inverse.size);
    return np.mean(diceLoss(predictions, targets, { ...options, classWeights, reduction: "none" }));
  }, [predictions, targets]);
}

export interface BinaryDiceLossOptions {
  smooth?: Scalar;
  /** Predictions are logits; true. */
  applySigmoid?: boolean;
}

/**
 * Dice loss of one class.
 *
 * Options: smooth = 1, applySigmoid = true.
 * Shapes: `[batch, ...] x [batch, ...] -> [batch]`, with or without a last axis of size 1.
 * Errors: ShapeError for different shapes.
 * Source: optax.losses.binary_dice_loss.
 * @example
 * binaryDiceLoss(np.array([[1, 0]]), np.array([[1, 0]]), { applySigmoid: false }).js(); // => [0]
 */
export function binaryDiceLoss(predictions: Array, targets: Array, options: BinaryDiceLossOptions = {}): Array {
  checkNames("binaryDiceLoss", ["smooth", "applySigmoid"], options);
  needArray("binaryDiceLoss", "predictions", predictions);
  needArray("binaryDiceLoss", "targets", targets);
  const { smooth = 1, applySigmoid = true } = options;
  return pure(() => {
    const bare = predictions.ndim === targets.ndim && predictions.shape[predictions.ndim - 1] !== 1;
    const [x, y] = bare ? [np.expandDims(predictions, -1), np.expandDims(targets, -1)] : [predictions, targets];
    return diceLoss(x, y, { smooth, applySoftmax: applySigmoid });
  }, [predictions, targets]);
}
