/** Schedules: numbers as functions of the step count. */
export {
  type CosineDecayScheduleOptions,
  type CountSchedule,
  type ExponentialDecayOptions,
  type LinearScheduleOptions,
  type PolynomialScheduleOptions,
  constantSchedule,
  cosineDecaySchedule,
  exponentialDecay,
  joinSchedules,
  linearSchedule,
  polynomialSchedule,
} from "./basic";
export {
  type InjectHyperparamsOptions,
  type InjectHyperparamsState,
  type InjectStatefulHyperparamsState,
  type StatefulSchedule,
  type WrappedScheduleState,
  WrappedSchedule,
  injectHyperparams,
  injectStatefulHyperparams,
} from "./inject-hyperparams";
export {
  type BoundariesAndScales,
  type CosineOnecycleOptions,
  type LinearOnecycleOptions,
  type PiecewiseInterpolateOptions,
  type PiecewiseScheduleOptions,
  cosineOnecycleSchedule,
  linearOnecycleSchedule,
  piecewiseConstantSchedule,
  piecewiseInterpolateSchedule,
} from "./piecewise";
export {
  type WarmupConstantOptions,
  type WarmupCosineOptions,
  type WarmupExponentialOptions,
  sgdrSchedule,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
  warmupExponentialDecaySchedule,
} from "./warmup";
