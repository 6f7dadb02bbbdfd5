/** Optimization, as jax.scipy.optimize. */
export { type MinimizeOptions, type OptimizeResults, minimize } from "./minimize";
