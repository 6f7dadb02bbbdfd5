/** The transformations. */
export { type GradOptions, grad, valueAndGrad } from "./grad";
export { hessian, jacfwd, jacobian, jacrev } from "./jacobian";
export { type JitOptions, jit } from "./jit";
export { jvp } from "./jvp";
export { type OwnedFunction, linearize } from "./linearize";
export { ShapeDtypeStruct, evalShape, makeJaxpr } from "./make-jaxpr";
export { Mesh, NamedSharding, P, PartitionSpec, type SpecEntry, makeMesh } from "./mesh";
export { type CheckpointOptions, type CheckpointPolicy, checkpoint, checkpointName, checkpointPolicies } from "./remat";
export { type PmapOptions, type ShardMapOptions, type SpecTree, pmap, shardMap } from "./shard-map";
export { vjp } from "./vjp";
export { type AxesSpec, type VmapOptions, vmap } from "./vmap";
