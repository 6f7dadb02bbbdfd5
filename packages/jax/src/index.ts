/** jax-js: arrays, automatic differentiation, vectorization and compilation in the browser. */
import "./runtime/install";

export { DType } from "./aval/dtype";
export {
  ConcretizationError,
  DTypeError,
  DeviceError,
  DeviceLostError,
  DifferentiationError,
  JaxError,
  LeakedTracerError,
  NaNError,
  OutOfMemoryError,
  ShapeError,
  TreeMismatchError,
  UnboundAxisError,
  UseAfterDisposeError,
} from "./base/errors";
export { exportStableHlo } from "./export/stablehlo";
export { ShapedArray } from "./aval/shaped-array";
export { Tracer as Array } from "./core/tracer";
export { ClosedJaxpr, Jaxpr } from "./jaxpr/jaxpr";
export type { DeviceName as Device } from "./kernel/device";
export { type LeakReport, checkLeaks } from "./runtime/leaks";
export { isDeterministic, setDeterministic } from "./runtime/deterministic";
export { defaultDevice, devices, init } from "./runtime/registry";
export { numThreads, setNumThreads } from "./runtime/threads";
export { setTuning, tuning } from "./runtime/tuning";
export { blockUntilReady, devicePut } from "./runtime/transfer";
export * from "./transforms/index";
export { type JsTree, JsTreeDef, Partial, registerPytreeNode } from "./tree/index";
export { disableJit } from "./lax/disable-jit";
export { ravelPytree } from "./lax/ravel-pytree";
export * as flattenUtil from "./lax/ravel-pytree";
export { owned } from "./numpy/owned";
export * as debug from "./lax/debug";
export * as dtypes from "./numpy/dtypes-index";
export * as exampleLibraries from "./example-libraries/index";
export * as image from "./image/index";
export * as lax from "./lax/index";
export * as nn from "./nn/index";
export * as numpy from "./numpy/index";
export * as ops from "./lax/segment-reductions";
export * as random from "./random/index";
export * as scipy from "./scipy/index";
export * as scipySpecial from "./scipy/special";
export * as testUtil from "./lax/test-util";
export * as tree from "./tree/index";
export * as treeUtil from "./tree/tree-util";
