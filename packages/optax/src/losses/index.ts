/** Losses. */
export { type AxisOptions } from "./axis-options";
export {
  type SigmoidFocalLossOptions,
  hingeLoss,
  perceptronLoss,
  sigmoidBinaryCrossEntropy,
  sigmoidFocalLoss,
  sparsemaxLoss,
} from "./binary";
export { type CtcLossOptions, ctcLoss, ctcLossWithForwardProbs } from "./ctc";
export { convexKlDivergence, generalizedKlDivergence, klDivergence, klDivergenceWithLogTargets } from "./divergence";
export { type MaxFun, makeFenchelYoungLoss } from "./fenchel-young";
export { multiclassHingeLoss, multiclassPerceptronLoss, multiclassSparsemaxLoss } from "./multiclass";
export { type RankingSoftmaxLossOptions, type ReduceFn, rankingSoftmaxLoss } from "./ranking";
export {
  type CosineOptions,
  cosineDistance,
  cosineSimilarity,
  huberLoss,
  l2Loss,
  logCosh,
  squaredError,
} from "./regression";
export {
  type BinaryDiceLossOptions,
  type DiceLossOptions,
  type GeneralizedDiceLossOptions,
  binaryDiceLoss,
  diceLoss,
  multiclassGeneralizedDiceLoss,
} from "./segmentation";
export { type TripletMarginLossOptions, ntxent, tripletMarginLoss } from "./self-supervised";
export { smoothLabels } from "./smoothing";
export {
  type PolyLossOptions,
  polyLossCrossEntropy,
  safeSoftmaxCrossEntropy,
  softmaxCrossEntropy,
  softmaxCrossEntropyWithIntegerLabels,
} from "./softmax";
