/** Gradient transformations and optimizers for jax-js, as pure pairs of functions. */
export {
  type GradientTransformation,
  type OptState,
  type ScalarOrSchedule,
  type Schedule,
  identity,
  setToZero,
} from "./base";
export { chain } from "./combine";
export { l2Loss, squaredError } from "./losses";
export { type AdamWOptions, type SgdOptions, adam, adamw, sgd } from "./optimizers";
export {
  type AddDecayedWeightsOptions,
  type MaskFn,
  type ScaleByAdamOptions,
  type TraceOptions,
  addDecayedWeights,
  clipByGlobalNorm,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  scaleBySchedule,
  trace,
} from "./transforms";
export {
  type NormOrd,
  treeBiasCorrection,
  treeMax,
  treeNorm,
  treeOnesLike,
  treeSum,
  treeUpdateMoment,
  treeZerosLike,
} from "./tree-utils";
export { applyUpdates } from "./update";
