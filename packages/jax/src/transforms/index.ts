/** The transformations. */
export { customGradient } from "./custom-gradient";
export { type CustomJvp, customJvp } from "./custom-jvp";
export { type CustomVjp, customVjp } from "./custom-vjp";
export { type CustomVmap, customBatching, customVmap, sequentialVmap } from "./custom-vmap";
export { type GradOptions, grad, valueAndGrad } from "./grad";
export { hessian, jacfwd, jacobian, jacrev } from "./jacobian";
export { ensureCompileTimeEval } from "./compile-time";
export { type JitFunction, type JitOptions, jit } from "./jit";
export { jvp } from "./jvp";
export { closureConvert, linearTranspose } from "./linear";
export { type OwnedFunction, linearize } from "./linearize";
export type { Compiled, Lowered } from "./lowered";
export { ShapeDtypeStruct, evalShape, makeJaxpr } from "./make-jaxpr";
export { Mesh, NamedSharding, P, PartitionSpec, type SpecEntry, makeMesh } from "./mesh";
export { clearCaches } from "./programs";
export {
  type CheckpointOptions,
  type CheckpointPolicy,
  checkpoint,
  checkpointName,
  checkpointPolicies,
  checkpoint as remat,
} from "./remat";
export { type PmapOptions, type ShardMapOptions, type SpecTree, pmap, shardMap } from "./shard-map";
export * from "./type-of";
export { vjp } from "./vjp";
export { type AxesSpec, type VmapOptions, vmap } from "./vmap";
