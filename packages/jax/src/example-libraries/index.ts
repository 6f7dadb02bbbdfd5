/** `jax.example_libraries`: layers and optimizers, each a few functions. */
export * as optimizers from "./optimizers";
export * as stax from "./stax";
