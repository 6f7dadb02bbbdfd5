/** Other sizes: each output pixel is a weighted mean of inputs, first down the columns, then along the rows. */
import { checkOptions } from "../option-names";
import { HostArray, type HostData } from "../data/examples";
import { LoaderError } from "../errors";

export type ResizeMethod = "nearest" | "bilinear" | "bicubic" | "lanczos3" | "lanczos5";

export interface ResizeOptions {
  /** Default "bilinear". */
  readonly method?: ResizeMethod;
  /** Where the picture shrinks, all inputs count, not only the nearest. Default true. */
  readonly antialias?: boolean;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const lanczos = (radius: number) => (x: number): number => (x > radius ? 0 : sinc(x) * sinc(x / radius)); // prettier-ignore

/** Weights by distance, in pixels. */
const KERNELS: Readonly<Record<Exclude<ResizeMethod, "nearest">, { radius: number; weight: (x: number) => number }>> = {
  bilinear: { radius: 1, weight: (x) => Math.max(0, 1 - x) },
  // Keys' cubic with a = -0.5.
  bicubic: {
    radius: 2,
    weight: (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0),
  },
  lanczos3: { radius: 3, weight: lanczos(3) },
  lanczos5: { radius: 5, weight: lanczos(5) },
};

/** For one output place: the first input, and the weights from there on. */
interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

function tapsOf(nIn: number, nOut: number, method: ResizeMethod, antialias: boolean): Taps[] {
  const scale = nIn / nOut;
  return Array.from({ length: nOut }, (_, i) => {
    const center = (i + 0.5) * scale - 0.5;
    if (method === "nearest")
      return { first: Math.min(nIn - 1, Math.floor((i + 0.5) * scale)), weights: Float64Array.of(1) };
    const { radius, weight } = KERNELS[method];
    const stretch = antialias ? Math.max(1, scale) : 1;
    const first = Math.max(0, Math.ceil(center - radius * stretch));
    const last = Math.min(nIn - 1, Math.floor(center + radius * stretch));
    const weights = Float64Array.from({ length: last - first + 1 }, (_, k) =>
      weight(Math.abs(first + k - center) / stretch),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((w) => w / sum) };
  });
}

/** Weighted means along the middle axis of [nBefore, nIn, nAfter]. */
function along(
  data: ArrayLike<number>,
  taps: readonly Taps[],
  nBefore: number,
  nIn: number,
  nAfter: number,
): Float32Array {
  const out = new Float32Array(nBefore * taps.length * nAfter);
  let to = 0;
  for (let b = 0; b < nBefore; b++) {
    for (const { first, weights } of taps) {
      const from = (b * nIn + first) * nAfter;
      for (let k = 0; k < weights.length; k++) {
        const w = weights[k]!;
        const row = from + k * nAfter;
        for (let a = 0; a < nAfter; a++) out[to + a]! += w * data[row + a]!;
      }
      to += nAfter;
    }
  }
  return out;
}

/**
 * A picture in another size.
 *
 * Shapes: [height, width, channels] -> [size[0], size[1], channels]
 * Dtypes: kept; integers are rounded, and cut off at their limits.
 * Errors: LoaderError for a picture or size that is none.
 * Source: jax.image.resize
 * @example
 * const picture = new data.HostArray(new Float32Array([0, 1, 2, 3]), [2, 2, 1]);
 * image.resize(picture, [1, 1]).data; // => [1.5]
 */
export function resize(
  picture: HostArray,
  size: readonly [height: number, width: number],
  options: ResizeOptions = {},
): HostArray {
  checkOptions("image.resize", options, { method: true, antialias: true });
  const { method = "bilinear", antialias = true } = options;
  const [height, width, nChannels] = picture.shape;
  if (picture.shape.length !== 3 || !height || !width || !nChannels) {
    throw new LoaderError(`resize: expected [height, width, channels], got [${picture.shape.join(", ")}]`);
  }
  for (const n of size)
    if (!Number.isSafeInteger(n) || n < 1) throw new LoaderError(`resize: ${size.join(" x ")} is not a size`);
  if (method !== "nearest" && KERNELS[method] === undefined)
    throw new LoaderError(`resize: ${String(method)} is not a method`);
  const down = along(picture.data, tapsOf(height, size[0], method, antialias), 1, height, width * nChannels);
  const both = along(down, tapsOf(width, size[1], method, antialias), size[0], width, nChannels);
  return new HostArray(asKind(picture.data, both), [...size, nChannels]);
}

/** Values in the dtype of the input. */
function asKind(like: HostData, values: Float32Array): HostData {
  if (like instanceof Float32Array) return values;
  const Kind = like.constructor as {
    new (n: number): HostData;
    readonly BYTES_PER_ELEMENT: number;
    readonly name: string;
  };
  const out = new Kind(values.length);
  if (like instanceof Float64Array) {
    out.set(values);
    return out;
  }
  const bits = 8 * Kind.BYTES_PER_ELEMENT;
  const [low, high] = Kind.name.startsWith("U") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  for (let i = 0; i < values.length; i++) out[i] = Math.min(high, Math.max(low, Math.round(values[i]!)));
  return out;
}

/**
 * The middle of a picture.
 *
 * Errors: LoaderError if it is smaller than `size`.
 * @example
 * const picture = new data.HostArray(new Uint8Array([1, 2, 3]), [1, 3, 1]);
 * image.centerCrop(picture, [1, 1]).data; // => [2]
 */
export function centerCrop(picture: HostArray, size: readonly [height: number, width: number]): HostArray {
  const [height = 0, width = 0, nChannels = 0] = picture.shape;
  const [h, w] = size;
  if (!(h >= 1 && w >= 1 && h <= height && w <= width)) {
    throw new LoaderError(`centerCrop: ${h} x ${w} does not fit into ${height} x ${width}`);
  }
  const top = Math.floor((height - h) / 2);
  const left = Math.floor((width - w) / 2);
  const Kind = picture.data.constructor as new (n: number) => HostData;
  const out = new Kind(h * w * nChannels);
  for (let y = 0; y < h; y++) {
    const from = ((top + y) * width + left) * nChannels;
    out.set(picture.data.subarray(from, from + w * nChannels) as never, y * w * nChannels);
  }
  return new HostArray(out, [h, w, nChannels]);
}
