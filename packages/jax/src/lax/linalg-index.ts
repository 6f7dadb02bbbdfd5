/** The namespace `lax.linalg`. */
export * from "./householder";
export * from "./linalg";
export * from "./polar";
export * from "./spectral";
export * from "./symmetric";
export * from "./tridiagonal-solve";
