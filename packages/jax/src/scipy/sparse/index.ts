/** Linear algebra of operators that are only applied, as jax.scipy.sparse. */
export * as linalg from "./linalg";
