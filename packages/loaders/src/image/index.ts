/** Pictures: decoding, other sizes, numbers for networks. */
export { type DecodeImageOptions, decode } from "./decode";
export { IMAGENET, type NormalizeOptions, normalize } from "./normalize";
export { decodePng, encodePng } from "./png";
export { type ResizeMethod, type ResizeOptions, centerCrop, resize } from "./resize";
