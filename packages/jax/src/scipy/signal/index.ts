/** Signal processing, as jax.scipy.signal. Complex arrays are pairs `{ real, imag }`. */
export * from "./convolve";
export { type DetrendOptions, type TrendType, detrend } from "./detrend";
export type { Boundary, Detrend, SegmentOptions } from "./segments";
export * from "./stft";
export * from "./welch";
export type { WindowName } from "./windows";
