/** SciPy, one namespace a topic, as jax.scipy names them. */
export * as fft from "./fft";
export * as integrate from "./integrate";
export * as interpolate from "./interpolate";
export * as linalg from "./linalg/index";
export * as ndimage from "./ndimage";
export * as optimize from "./optimize/index";
export * as signal from "./signal/index";
export * as sparse from "./sparse/index";
export * as special from "./special";
export * as stats from "./stats/index";
