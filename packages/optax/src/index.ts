/** Gradient transformations, optimizers, losses and schedules for jax-js, as pure functions. */
export {
  type EmptyState,
  type ExtraArgs,
  type GradientTransformationExtraArgs,
  type OptState,
  type Params,
  type Scalar,
  type ScalarOrSchedule,
  type Schedule,
  type TransformInitFn,
  type TransformUpdateExtraArgsFn,
  type TransformUpdateFn,
  type Updates,
  GradientTransformation,
  stateless,
} from "./base";
export { type SafeNormOptions, safeIncrement, safeInt32Increment, safeNorm, safeRootMeanSquares } from "./numerics";
export { applyUpdates, incrementalUpdate, periodicUpdate } from "./update";
export * from "./assignment/index";
export * from "./contrib/index";
export * from "./linear-algebra/index";
export * from "./linesearch/index";
export * from "./losses/index";
export * from "./microbatching/index";
export * from "./optimizers/index";
export * from "./perturbations/index";
export * from "./projections/index";
export * from "./schedules/index";
export * from "./second-order/index";
export * from "./transforms/index";
export * from "./tree/index";
export * as assignment from "./assignment/index";
export * as contrib from "./contrib/index";
export * as losses from "./losses/index";
export * as microbatching from "./microbatching/index";
export * as perturbations from "./perturbations/index";
export * as projections from "./projections/index";
export * as schedules from "./schedules/index";
export * as secondOrder from "./second-order/index";
export * as transforms from "./transforms/index";
export * as tree from "./tree/short";
export * as treeUtils from "./tree/index";
