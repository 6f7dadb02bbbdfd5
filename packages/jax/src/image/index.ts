/** Resampling of images, as jax.image. */
export { ResizeMethod, type ResizeMethodName } from "./methods";
export { type ResizeOptions, type ScaleAndTranslateOptions, resize, scaleAndTranslate } from "./resize";
