/** SciPy, one namespace a topic, as jax.scipy names them. */
export * as fft from "./fft";
export * as integrate from "./integrate";
export * as interpolate from "./interpolate";
export * as ndimage from "./ndimage";
export * as special from "./special";
export * as stats from "./stats/index";
