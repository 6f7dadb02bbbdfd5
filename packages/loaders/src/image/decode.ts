/** Pictures of any kind that the browser knows. */
import { checkOptions } from "../option-names";
import { type ByteSource, readBytes } from "../bytes/source";
import { HostArray } from "../data/examples";
import { FormatError, LoaderError } from "../errors";
import { decodePng } from "./png";
import { isPng } from "./png-chunks";

async function decodeByBrowser(bytes: Uint8Array): Promise<HostArray> {
  if (typeof createImageBitmap === "undefined" || typeof OffscreenCanvas === "undefined") {
    throw new LoaderError("image.decode: only PNG files are decoded outside of a page");
  }
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>]), {
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
    });
  } catch {
    throw new FormatError("image", "it is of no kind that this browser decodes");
  }
  try {
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
    context.drawImage(bitmap, 0, 0);
    return new HostArray(new Uint8Array(context.getImageData(0, 0, width, height).data.buffer), [height, width, 4]);
  } finally {
    bitmap.close();
  }
}

export interface DecodeImageOptions {
  /** 1 gives luma (ITU-R 601), 3 leaves alpha out. Default 3. */
  readonly channels?: 1 | 3 | 4;
}

/**
 * The pixels of a picture: PNG everywhere, in a page all that the browser shows.
 *
 * Shapes: u8[height, width, channels]
 * Errors: FormatError if it cannot be decoded; LoaderError outside of a page for other than PNG.
 * @example
 * const bytes = await image.encodePng(new data.HostArray(new Uint8Array(12), [2, 2, 3]));
 * (await image.decode(bytes)).shape; // => [2, 2, 3]
 */
export async function decode(source: ByteSource, options: DecodeImageOptions = {}): Promise<HostArray> {
  checkOptions("image.decode", options, { channels: true });
  const bytes = await readBytes(source);
  const rgba = isPng(bytes) ? await decodePng(bytes) : await decodeByBrowser(bytes);
  return toChannels(eightBits(rgba), options.channels ?? 3);
}

function eightBits(picture: HostArray): HostArray {
  if (!(picture.data instanceof Uint16Array)) return picture;
  return new HostArray(
    Uint8Array.from(picture.data, (v) => Math.round(v / 257)),
    picture.shape,
  );
}

function toChannels({ data, shape }: HostArray, nChannels: 1 | 3 | 4): HostArray {
  if (nChannels === 4) return new HostArray(data, shape);
  const nPixels = data.length / 4;
  const out = new Uint8Array(nPixels * nChannels);
  for (let i = 0; i < nPixels; i++) {
    const [r, g, b] = [data[4 * i]!, data[4 * i + 1]!, data[4 * i + 2]!];
    if (nChannels === 3) out.set([r, g, b], 3 * i);
    // As Pillow rounds it.
    else out[i] = (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
  }
  return new HostArray(out, [shape[0]!, shape[1]!, nChannels]);
}
