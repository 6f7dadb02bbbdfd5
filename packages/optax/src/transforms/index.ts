/** Gradient transformations. */
export {
  type ApplyEvery,
  type EmaOptions,
  type EmaState,
  type TraceOptions,
  type TraceState,
  applyEvery,
  ema,
  trace,
} from "./accumulation";
export {
  type AddDecayedWeightsOptions,
  type AddDecayedWeightsState,
  type AddNoiseOptions,
  type AddNoiseState,
  addDecayedWeights,
  addNoise,
} from "./adding";
export { chain, namedChain } from "./chain";
export {
  type AdaptiveGradClipOptions,
  adaptiveGradClip,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  perExampleGlobalNormClip,
  perExampleLayerNormClip,
  unitwiseClip,
  unitwiseNorm,
} from "./clipping";
export {
  type ApplyIfFiniteState,
  type ConditionallyMaskState,
  type ConditionallyTransformState,
  type ConditionFn,
  type ConditionOptions,
  applyIfFinite,
  conditionallyMask,
  conditionallyTransform,
} from "./conditional";
export { type ZeroNansState, keepParamsNonnegative, zeroNans } from "./constraining";
export { flatten } from "./flatten";
export { type LookaheadState, LookaheadParams, lookahead } from "./lookahead";
export { type MaskedNode, type MaskedOptions, type MaskedState, type MaskFn, type MaskOrFn, masked } from "./masking";
export { type Measure, type MonitorState, type SnapshotState, measureWithEma, monitor, snapshot } from "./monitoring";
export {
  type MultiStepsOptions,
  type MultiStepsState,
  type ShouldSkipUpdateFunction,
  MultiSteps,
  skipLargeUpdates,
  skipNotFinite,
} from "./multi-steps";
export {
  type MultiTransformState,
  type PartitionState,
  freeze,
  multiTransform,
  partition,
  selectiveTransform,
} from "./partition";
export {
  type ScaleByAdamaxOptions,
  type ScaleByAdamOptions,
  type ScaleByAdamState,
  type ScaleByAmsgradOptions,
  type ScaleByAmsgradState,
  type ScaleByBeliefOptions,
  type ScaleByBeliefState,
  type ScaleByYogiOptions,
  scaleByAdam,
  scaleByAdamax,
  scaleByAmsgrad,
  scaleByBelief,
  scaleByYogi,
} from "./scale-by-adam";
export { type FactoredState, type ScaleByFactoredRmsOptions, scaleByFactoredRms } from "./scale-by-factored-rms";
export {
  type ScaleByNovogradOptions,
  type ScaleByNovogradState,
  type ScaleBySm3Options,
  type ScaleBySM3State,
  scaleByNovograd,
  scaleBySm3,
} from "./scale-by-layer";
export { type ScaleByLbfgsOptions, type ScaleByLBFGSState, scaleByLbfgs } from "./scale-by-lbfgs";
export {
  type ScaleByDistanceOverGradientsOptions,
  type ScaleByDistanceOverGradientsState,
  type ScaleByPolyakOptions,
  scaleByDistanceOverGradients,
  scaleByPolyak,
} from "./scale-by-loss";
export {
  type MinScaleOptions,
  type NormalizeByUpdateNormOptions,
  type ScaleByTrustRatioOptions,
  normalizeByUpdateNorm,
  scaleByParamBlockNorm,
  scaleByParamBlockRms,
  scaleByTrustRatio,
} from "./scale-by-params";
export {
  type ScaleByAdanOptions,
  type ScaleByAdanState,
  type ScaleByRadamOptions,
  scaleByAdan,
  scaleByRadam,
} from "./scale-by-radam";
export {
  type ScaleByAdadeltaOptions,
  type ScaleByAdaDeltaState,
  type ScaleByRmsOptions,
  type ScaleByRmsState,
  type ScaleByRssOptions,
  type ScaleByRssState,
  type ScaleByRStdDevState,
  scaleByAdadelta,
  scaleByRms,
  scaleByRss,
  scaleByStddev,
} from "./scale-by-rms";
export {
  type ScaleByLionOptions,
  type ScaleByLionState,
  type ScaleByOptimisticGradientOptions,
  type ScaleByOptimisticGradientState,
  type ScaleByRpropOptions,
  type ScaleByRpropState,
  scaleByLion,
  scaleByOptimisticGradient,
  scaleByRprop,
} from "./scale-by-sign";
export { type ScaleByScheduleState, scaleByLearningRate, scaleBySchedule } from "./schedule";
export {
  centralize,
  identity,
  initEmptyState,
  scale,
  scaleBySign,
  setToZero,
  statelessWithTreeMap,
  withExtraArgsSupport,
} from "./simple";
