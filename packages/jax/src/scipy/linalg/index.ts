/** Linear algebra, as jax.scipy.linalg. Complex matrices are pairs `{ real, imag }`. */
export * from "./banded";
export * from "./constants";
export * from "./expm";
export {
  type HessenbergOptions, type LowerOption, type QrMode, type ScipyEighOptions, type ScipyQrOptions, choFactor, cholesky, det, eigh,
  hessenberg, inv, lu, qr, svd,
} from "./factor"; // prettier-ignore
export * from "./functions";
export * from "./orthogonal";
export { type SchurOptions, rsf2csf, schur } from "./schur";
export * from "./solve";
export * from "./sylvester";
