/** Functions of trees of arrays. */
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
  type TreeClipOptions,
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
export {
  biasCorrection,
  treeUnwrapRandomKeyData,
  updateInfinityMoment,
  updateMoment,
  updateMomentPerElemNorm,
} from "./older-names";
export { type TreeMapParamsOptions, treeMapParams } from "./params";
export {
  type AllcloseOptions,
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
