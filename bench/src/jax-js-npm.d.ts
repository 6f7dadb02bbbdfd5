/** The library of that name on npm has the interface that this project started from. */
declare module "jax-js-npm" {
  export * from "@jax-js/jax";
}
