/** JAX's lax: operations as they are, without promotion of dtypes. */
export * from "./analysis";
export {
  type ConvDimensionNumbers, type ConvOptions, type ConvTransposeOptions, type PaddingType, conv, convGeneralDilated,
  convGeneralDilatedPatches, convTranspose, convWithGeneralPadding, padtypeToPads,
} from "./conv"; // prettier-ignore
export * from "./control";
export * from "./convert";
export * from "./dot";
export * from "./elementwise";
export * as linalg from "./linalg";
export * from "./order";
export * from "./structure";
export * from "./window";
