/** Model files, tokenizers, downloads, checkpoints and data sets for jax-js. */
export * from "./errors";
export * as safetensors from "./safetensors/index";
