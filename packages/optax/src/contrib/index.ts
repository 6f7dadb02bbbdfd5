/** Optimizers and transformations that are not among the usual ones. */
export { type AcpropOptions, type ScaleByAcpropOptions, acprop, scaleByAcprop } from "./acprop";
export {
  type AdemamixOptions,
  type ScaleByAdemamixOptions,
  type ScaleByAdemamixState,
  type ScaleBySimplifiedAdEMAMixOptions,
  type ScaleBySimplifiedAdEMAMixState,
  type SimplifiedAdemamixOptions,
  ademamix,
  scaleByAdemamix,
  scaleBySimplifiedAdemamix,
  simplifiedAdemamix,
} from "./ademamix";
export { type ScaleByAdoptOptions, adopt, scaleByAdopt } from "./adopt";
export { type CocobOptions, type COCOBState, type ScaleByCocobOptions, cocob, scaleByCocob } from "./cocob";
export { type DAdaptAdamWOptions, type DAdaptAdamWState, dadaptAdamw } from "./dadapt-adamw";
export { type DimensionNumbersOptions, type DimensionNumbersOrFn } from "./dimension-numbers";
export { type DoGInitStep, type DoGOptions, type DoGState, type DoWGOptions, type DoWGState, dog, dowg } from "./dog";
export {
  type GaloreOptions,
  type GaLoreState,
  type ScaleByGaloreOptions,
  GaLoreDimensionNumbers,
  galore,
  scaleByGalore,
} from "./galore";
export { type MadgradOptions, type MadgradState, type ScaleByMadgradOptions, madgrad, scaleByMadgrad } from "./madgrad";
export { type MechanicState, type MechanizeOptions, mechanize } from "./mechanic";
export { type MomoAdamOptions, type MomoAdamState, type MomoOptions, type MomoState, momo, momoAdam } from "./momo";
export {
  type MuonOptions,
  type MuonState,
  type NewtonSchulzCoefficients,
  type ScaleByMuonOptions,
  MuonDimensionNumbers,
  muon,
  scaleByMuon,
} from "./muon";
export {
  type DifferentiallyPrivateAggregateState,
  type DpsgdOptions,
  type KeyOptions,
  differentiallyPrivateAggregate,
  dpsgd,
} from "./privacy";
export { type ProdigyOptions, type ProdigyState, prodigy } from "./prodigy";
export { type ReduceLROnPlateauState, type ReduceOnPlateauOptions, reduceOnPlateau } from "./reduce-on-plateau";
export { type SamOptions, type SAMState, normalize, sam } from "./sam";
export {
  type ScheduleFreeAdamwOptions,
  type ScheduleFreeOptions,
  type ScheduleFreeSgdOptions,
  type ScheduleFreeState,
  scheduleFree,
  scheduleFreeAdamw,
  scheduleFreeEvalParams,
  scheduleFreeSgd,
} from "./schedule-free";
export {
  type HutchinsonState,
  type ScaleBySophiaOptions,
  type SophiaOptions,
  type SophiaState,
  hutchinsonEstimatorDiagHessian,
  sophia,
} from "./sophia";
