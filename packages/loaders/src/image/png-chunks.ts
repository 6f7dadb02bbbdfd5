/** The parts of a PNG file. */
import { crc32 } from "../bytes/crc32";
import { joinChunks } from "../bytes/source";
import { FormatError } from "../errors";

export const FORMAT = "png";
const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** 1, 2, 4, 8 or 16. */
  readonly bitDepth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
  readonly colorType: number;
  readonly isInterlaced: boolean;
}

export interface PngParts {
  readonly header: PngHeader;
  /** Compressed rows. */
  readonly data: Uint8Array;
  readonly palette: Uint8Array | null;
  /** Alpha of palette entries, or the colour that is transparent. */
  readonly transparency: Uint8Array | null;
}

export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((b, i) => bytes[i] === b);

/** Bit depths of each colour type. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

function readHeader(view: DataView, at: number): PngHeader {
  const width = view.getUint32(at);
  const height = view.getUint32(at + 4);
  const [bitDepth, colorType, compression, filter, interlace] = [8, 9, 10, 11, 12].map((k) => view.getUint8(at + k)) as [
    number, number, number, number, number,
  ]; // prettier-ignore
  if (width === 0 || height === 0 || width * height > 2 ** 28)
    throw new FormatError(FORMAT, `a picture of ${width} x ${height}`, at);
  if (!DEPTHS[colorType]?.includes(bitDepth))
    throw new FormatError(FORMAT, `colour type ${colorType} with ${bitDepth} bits`, at + 8);
  if (compression !== 0 || filter !== 0 || interlace > 1)
    throw new FormatError(FORMAT, "an unknown way of packing", at + 10);
  return { width, height, bitDepth, colorType, isInterlaced: interlace === 1 };
}

/** Errors: FormatError naming the byte. */
export function readParts(bytes: Uint8Array): PngParts {
  if (!isPng(bytes)) throw new FormatError(FORMAT, "it does not begin as PNG files do", 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: PngHeader | null = null;
  let palette: Uint8Array | null = null;
  let transparency: Uint8Array | null = null;
  const data: Uint8Array[] = [];
  for (let at = 8; ;) {
    if (at + 12 > bytes.length) throw new FormatError(FORMAT, "it ends before its last part", at);
    const n = view.getUint32(at);
    const end = at + 8 + n;
    if (end + 4 > bytes.length) throw new FormatError(FORMAT, `a part of ${n} bytes goes beyond the end`, at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const part = bytes.subarray(at + 8, end);
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end))
      throw new FormatError(FORMAT, `the checksum of ${JSON.stringify(name)} is wrong`, at);
    if (header === null && (name !== "IHDR" || n !== 13))
      throw new FormatError(FORMAT, "it does not begin with its header", at);
    if (name === "IHDR") header = readHeader(view, at + 8);
    else if (name === "PLTE") palette = part;
    else if (name === "tRNS") transparency = part;
    else if (name === "IDAT") data.push(part);
    else if (name === "IEND") break;
    // A capital letter: who does not know the part cannot show the picture.
    else if (!(bytes[at + 4]! & 32)) throw new FormatError(FORMAT, `part ${JSON.stringify(name)} is not known`, at);
    at = end + 4;
  }
  if (header!.colorType === 3 && palette === null) throw new FormatError(FORMAT, "it has no palette");
  return { header: header!, data: joinChunks(data), palette, transparency };
}

/** A file of these parts. */
export function writeParts(parts: readonly (readonly [name: string, bytes: Uint8Array])[]): Uint8Array<ArrayBuffer> {
  const out: Uint8Array[] = [Uint8Array.from(SIGNATURE)];
  for (const [name, bytes] of parts) {
    const part = new Uint8Array(12 + bytes.length);
    const view = new DataView(part.buffer);
    view.setUint32(0, bytes.length);
    part.set(
      Array.from(name, (c) => c.charCodeAt(0)),
      4,
    );
    part.set(bytes, 8);
    view.setUint32(8 + bytes.length, crc32(part.subarray(4, 8 + bytes.length)));
    out.push(part);
  }
  return joinChunks(out) as Uint8Array<ArrayBuffer>;
}
