/** Pixels as numbers that networks take. */
import { checkOptions } from "../option-names";
import { HostArray } from "../data/examples";
import { LoaderError } from "../errors";

export interface NormalizeOptions {
  /** Of each channel, or of all, after scaling. Default 0. */
  readonly mean?: number | readonly number[];
  /** Default 1. */
  readonly std?: number | readonly number[];
  /** Goes before mean and deviation. Default: 1 / 255 for bytes, else 1. */
  readonly scale?: number;
  /** "HWC" keeps channels last, "CHW" puts them first. Default "HWC". */
  readonly layout?: "HWC" | "CHW";
}

/** Mean and deviation of ImageNet, which most vision models expect. */
export const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/**
 * (x * scale - mean) / std.
 *
 * Shapes: [height, width, channels] -> f32 of the same, or [channels, height, width]
 * Errors: LoaderError if there are not as many means or deviations as channels.
 * @example
 * const picture = new data.HostArray(new Uint8Array([255, 0]), [1, 2, 1]);
 * image.normalize(picture, { mean: 0.5, std: 0.5 }).data; // => [1, -1]
 */
export function normalize(picture: HostArray, options: NormalizeOptions = {}): HostArray {
  checkOptions("image.normalize", options, { mean: true, std: true, scale: true, layout: true });
  const { data, shape } = picture;
  const [height = 0, width = 0, nChannels = 0] = shape;
  if (shape.length !== 3)
    throw new LoaderError(`normalize: expected [height, width, channels], got [${shape.join(", ")}]`);
  const perChannel = (name: string, value: number | readonly number[]): readonly number[] => {
    if (typeof value === "number") return new Array<number>(nChannels).fill(value);
    if (value.length !== nChannels)
      throw new LoaderError(`normalize: ${value.length} values of ${name} for ${nChannels} channels`);
    return value;
  };
  const mean = perChannel("mean", options.mean ?? 0);
  const std = perChannel("std", options.std ?? 1);
  const isBytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  const scale = options.scale ?? (isBytes ? 1 / 255 : 1);
  const isPlanar = options.layout === "CHW";
  const nPixels = height * width;
  const out = new Float32Array(data.length);
  for (let c = 0; c < nChannels; c++) {
    const [m, s] = [mean[c]!, std[c]!];
    for (let i = 0; i < nPixels; i++) {
      out[isPlanar ? c * nPixels + i : i * nChannels + c] = (data[i * nChannels + c]! * scale - m) / s;
    }
  }
  return new HostArray(out, isPlanar ? [nChannels, height, width] : shape);
}
