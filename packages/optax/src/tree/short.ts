/** Functions of trees under the names that optax.tree has for them. */
export { treeZerosLike as zerosLike, treeOnesLike as onesLike, treeFullLike as fullLike } from "./make";
export { treeSplitKeyLike as splitKeyLike, treeRandomLike as randomLike, treeBatchShape as batchShape } from "./make";
export { treeAdd as add, treeSub as sub, treeMul as mul, treeDiv as div, treeScale as scale } from "./math";
export { treeAddScale as addScale, treeWhere as where, treeClip as clip, treeCast as cast } from "./math";
export { treeCastLike as castLike, treeDtype as dtype, treeReal as real, treeConj as conj } from "./math";
export { treeSum as sum, treeMax as max, treeMin as min, treeSize as size, treeVdot as vdot } from "./reduce";
export { treeNorm as norm, treeAllclose as allclose } from "./reduce";
export { treeUpdateMoment as updateMoment, treeBiasCorrection as biasCorrection } from "./moments";
export { treeUpdateInfinityMoment as updateInfinityMoment } from "./moments";
export { treeUpdateMomentPerElemNorm as updateMomentPerElemNorm } from "./moments";
export { treeGet as get, treeSet as set, treeGetAllWithPath as getAllWithPath } from "./search";
export { treeMapParams as mapParams } from "./params";
export { treeUnwrapRandomKeyData as unwrapRandomKeyData } from "./older-names";
