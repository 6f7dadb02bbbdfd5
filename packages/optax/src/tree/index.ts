/** Functions of trees of arrays. */
export {
  biasCorrection,
  treeUnwrapRandomKeyData,
  updateInfinityMoment,
  updateMoment,
  updateMomentPerElemNorm,
} from "./deprecated";
export {
  type Sampler,
  treeBatchShape,
  treeFullLike,
  treeOnesLike,
  treeRandomLike,
  treeSplitKeyLike,
  treeZerosLike,
} from "./make";
export {
  treeAdd,
  treeAddScalarMul,
  treeAddScale,
  treeCast,
  treeCastLike,
  treeClip,
  treeConj,
  treeDiv,
  treeDtype,
  treeMul,
  treeReal,
  treeScalarMul,
  treeScale,
  treeSub,
  treeWhere,
} from "./math";
export { treeBiasCorrection, treeUpdateInfinityMoment, treeUpdateMoment, treeUpdateMomentPerElemNorm } from "./moments";
export { type TreeMapParamsOptions, treeMapParams } from "./params";
export {
  type NormOrd,
  globalNorm,
  treeAllclose,
  treeL1Norm,
  treeL2Norm,
  treeLinfNorm,
  treeMax,
  treeMin,
  treeNorm,
  treeSize,
  treeSum,
  treeVdot,
} from "./reduce";
export { type Filtering, type KeyPath, treeGet, treeGetAllWithPath, treeSet } from "./search";
