/** JAX's lax: operations as they are, without promotion of dtypes. */
export * from "./analysis";
export * from "./associative-scan";
export * from "./collectives";
export {
  type ConvDimensionNumbers, type ConvOptions, type ConvTransposeOptions, type PaddingType, conv, convGeneralDilated,
  convGeneralDilatedPatches, convTranspose, convWithGeneralPadding, padtypeToPads,
} from "./conv"; // prettier-ignore
export * from "./complex";
export * from "./control";
export * from "./conv-shapes";
export * from "./convert";
export * from "./dot";
export * from "./elementwise";
export {
  type GatherDimensionNumbers,
  type GatherMode,
  type ScatterDimensionNumbers,
  gather,
  scatter,
  scatterAdd,
  scatterMax,
  scatterMin,
  scatterMul,
} from "../ops/index";
export * from "./implicit";
export * as linalg from "./linalg-index";
export * from "./linear-solve";
export * from "./order";
export * from "./permute";
export * from "./pieces";
export { type Monoid, reduce, reduceXor } from "./reduce";
export * from "./scatter-apply";
export type { ScanOptions } from "./scan-loop";
export { type MapOptions, map, scan } from "./segments";
export * from "./sharding";
export * from "./special";
export * from "./staging";
export * from "./structure";
export * from "./words";
export * from "./window";
